"""The two logs beside a case, and a person's own copy of the record."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated
from uuid import UUID, uuid4

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from api import documented
from api.auth import signed_in
from api.bodies import invalid
from api.cases import answer
from api.history import Line, lines
from api.looking import NOW, Looked, look
from api.parts import Parts, parts_of
from api.record import Record
from api.redacted import about
from domain.context import Who
from domain.errors import require
from domain.events.access import DisclosureRecorded, FinalResultsDisclosed
from domain.execute import access_of, holds
from domain.ids import access_stream
from domain.interest import words_at
from domain.owners import sealed_fields
from domain.refusals import No
from domain.rules.disclosure import NO_REDISCLOSURE
from domain.terms import Role
from domain.visibility import Part
from ledger import errors
from ledger.reveal import FieldRef, Wish
from ledger.store import Recorded

router = APIRouter()
SignedIn = Annotated[Who, Depends(signed_in)]

_PARTIES = frozenset({Role.COMPLAINANT, Role.RESPONDENT})
_TRIES = 20


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One disclosure: to whom and why, in the words of the record; the name stays sealed."""

    disclosure_id: UUID
    recorded_at: datetime
    position: int
    to: str
    interest: str | None
    basis: str
    items: list[str]
    advance_notice_on: date | None


class Disclosures(msgspec.Struct, frozen=True, kw_only=True):
    """What was told to others. `notice` holds for whoever reads it."""

    case: UUID
    notice: str
    disclosures: list[Told]


class AccessLog(msgspec.Struct, frozen=True, kw_only=True):
    """Who may read what, and who did: every event beside the case, what is sealed as a marker."""

    case: UUID
    notice: str
    events: list[Line]


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """A person's copy: what is about that person, own words opened, all others as markers."""

    case: UUID
    party: UUID
    notice: str
    position: int | None
    events: list[Line]

    def __repr__(self) -> str:
        return f"Copied({self.position})"


@router.get("/cases/{case}/disclosures", responses=documented.answers(Disclosures))
def disclosures(request: Request, who: SignedIn, case: UUID) -> Response:
    """What was told of a case to others; a party sees what was told of itself."""
    looked, rows = _beside(request, who, case, Part.DISCLOSURES)
    mine = None if looked.seeing - _PARTIES else UUID(who.id)
    told = Disclosures(case=case, notice=NO_REDISCLOSURE, disclosures=list(_told(rows, mine)))
    return answer(told, None, looked.head)


@router.get("/cases/{case}/access", responses=documented.answers(AccessLog))
def access(request: Request, who: SignedIn, case: UUID) -> Response:
    """The access audit: grants, reveals, refused reveals, approvals, requests."""
    looked, rows = _beside(request, who, case, Part.ACCESS)
    log = AccessLog(case=case, notice=NO_REDISCLOSURE, events=lines(parts_of(request).record, rows))
    return answer(log, None, looked.head)


@router.get(
    "/cases/{case}/copy",
    responses=documented.answers(Copied),
    openapi_extra={
        "parameters": [
            {
                "name": "party",
                "in": "query",
                "required": True,
                "schema": {"type": "string", "format": "uuid"},
            }
        ]
    },
)
def copy(request: Request, who: SignedIn, case: UUID) -> Response:
    """The record for one party that has asked for it. What it opens is recorded first."""
    parts = parts_of(request)
    party_id = _party(request)
    for _ in range(_TRIES):
        looked, beside = _beside(request, who, case, Part.COPY)
        _may_have(looked, parts.record, beside, who, party_id)
        rows = looked.rows
        own = list(_own(rows, party_id))
        try:
            found = _opened(parts, looked, beside, who, own) if own else None
        except (errors.WrongVersion, errors.GuardMoved, errors.DecideAgain):
            continue
        except errors.TimeRefused:
            if parts.record.clock == "real":
                raise
            continue  # The head went past the time that was read.
        texts, position = found or ({}, None)
        every = _with(lines(parts.record, rows), rows, texts)
        copied = Copied(
            case=case,
            party=party_id,
            notice=NO_REDISCLOSURE,
            position=position,
            events=list(about(every, party_id, looked.case)),
        )
        return answer(copied, None, looked.head)
    raise TimeoutError


def _beside(request: Request, who: Who, case: UUID, part: Part) -> tuple[Looked, list[Recorded]]:
    """The case as far as it may be seen, and the events beside it. Errors: as `look`."""
    record = parts_of(request).record
    request.state.stream = case
    looked = look(record, who, case, part, NOW)
    return looked, record.ledger.history(access_stream(record.id, case))


def _told(rows: list[Recorded], mine: UUID | None) -> Iterator[Told]:
    for row in rows:
        match row.event:
            case DisclosureRecorded() as event if mine is None or mine in event.about:
                yield Told(
                    disclosure_id=event.disclosure_id,
                    recorded_at=row.recorded_at,
                    position=row.position,
                    to=event.recipient_class,
                    interest=event.interest,
                    basis=event.basis,
                    items=list(event.items),
                    advance_notice_on=event.advance_notice_on,
                )
            case FinalResultsDisclosed() as event if mine in (None, event.party_id):
                yield Told(
                    disclosure_id=event.disclosure_id,
                    recorded_at=row.recorded_at,
                    position=row.position,
                    to=event.to_class,
                    interest=None,
                    basis="final_results",
                    items=["name", "violation", "sanction"],
                    advance_notice_on=None,
                )


def _party(request: Request) -> UUID:
    try:
        return UUID(request.query_params.get("party", ""))
    except ValueError:
        invalid("party")


def _may_have(
    looked: Looked, record: Record, beside: list[Recorded], who: Who, party_id: UUID
) -> None:
    """The office for a party that has asked, and that party itself. Errors: Refused."""
    if not looked.seeing - _PARTIES:
        require(str(party_id) == who.id, No.ROLE_NOT_ALLOWED)
    require(party_id in looked.case.parties, No.INPUT_INVALID, fields="party")
    case_id = looked.context.case_id
    assert case_id is not None
    stands = access_of(record, {access_stream(record.id, case_id): beside}, case_id)
    require(stands.asked_by(party_id), No.NO_INSTITUTIONAL_INTEREST)


def _own(rows: list[Recorded], party_id: UUID) -> Iterator[FieldRef]:
    """The sealed words of the case under this party's key; no link, which leads to other cases."""
    for row in rows:
        for field in sealed_fields(row.event, row.stream):
            words = words_at(row.event, row.stream, field.path)
            own = field.owner_kind == "party" and field.owner_id == party_id
            if own and words and words.scope != "links":
                yield FieldRef(row.stream, row.version, field.path)


def _opened(
    parts: Parts, looked: Looked, beside: list[Recorded], who: Who, refs: list[FieldRef]
) -> tuple[dict[FieldRef, str | None], int]:
    """The words, after it is recorded that they are read, and why."""
    case_id = looked.context.case_id
    assert case_id is not None
    simulated = parts.record.clock == "simulated"
    revealed = parts.record.ledger.reveal(
        Wish(
            command_id=uuid4(),
            actor=who.id,
            actor_role=next(role.value for role in Role if role in looked.seeing),
            access_stream=access_stream(parts.record.id, case_id),
            access_version=beside[-1].version,
            purpose="legal",
            basis="access_request",
            reason="34 CFR 99.10: the person asked to see the own record.",
            reason_owner=("case", case_id),
            fields=refs,
            guards={case_id: looked.version},
            holds=None if simulated else holds(looked.context),
            given_at=looked.context.now if simulated else None,
        )
    )
    return revealed.texts, revealed.position


def _with(shown: list[Line], rows: list[Recorded], texts: dict[FieldRef, str | None]) -> list[Line]:
    """The lines with these words in the place of their markers."""
    return [
        msgspec.structs.replace(
            line,
            fields={
                name: texts.get(FieldRef(row.stream, row.version, name)) or value
                for name, value in line.fields.items()
            },
        )
        for line, row in zip(shown, rows, strict=True)
    ]
