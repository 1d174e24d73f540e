"""The two logs beside a case: what was told to others, and who opened whose words."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from api import documented
from api.auth import signed_in
from api.bodies import invalid
from api.cases import AsOf, answer, as_of
from api.history import Line, lines
from api.looking import look_beside
from api.parts import parts_of
from api.query import CHECKED
from api.record import Record
from domain.context import Who
from domain.events.access import DisclosureRecorded, FinalResultsDisclosed
from domain.events.evidence import EvidenceAdded
from domain.execute import always_read, context_of
from domain.ids import office_access_stream
from domain.owners import sealed_fields
from domain.rules.disclosure import NO_REDISCLOSURE
from domain.terms import Role
from domain.visibility import Part, list_scope
from ledger.events import Field, IdentityRevealed, RevealDenied
from ledger.store import Recorded

router = APIRouter(dependencies=CHECKED)
SignedIn = Annotated[Who, Depends(signed_in)]

_PARTIES = frozenset({Role.COMPLAINANT, Role.RESPONDENT})


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
    as_of: AsOf
    notice: str
    disclosures: list[Told]


class Audited(Line, frozen=True, kw_only=True):
    """An event beside the case. `actor`: whose act, by id. `about`: whose words were asked for:
    ids of parties, reporters, witnesses, items of evidence, or of the case."""

    actor: str | None
    about: list[UUID]


class AccessLog(msgspec.Struct, frozen=True, kw_only=True):
    """Who may read what, and who did: every event beside the case, what is sealed as a marker."""

    case: UUID
    as_of: AsOf
    notice: str
    events: list[Audited]


class OfficeLog(msgspec.Struct, frozen=True, kw_only=True):
    """Every event beside no case: searches with their kinds, purpose and number of hits."""

    notice: str
    events: list[Audited]


@router.get(
    "/cases/{case}/disclosures",
    responses=documented.answers(Disclosures),
    openapi_extra=documented.read(),
)
def disclosures(request: Request, who: SignedIn, case: UUID) -> Response:
    """What was told of a case to others; a party sees what was told of itself."""
    looked, rows = look_beside(request, who, case, Part.DISCLOSURES)
    mine = None if looked.seeing - _PARTIES else UUID(who.id)
    told = Disclosures(
        case=case,
        as_of=as_of(looked),
        notice=NO_REDISCLOSURE,
        disclosures=list(_told(rows, mine)),
    )
    return answer(told, None, looked.head)


@router.get(
    "/cases/{case}/access",
    responses=documented.answers(AccessLog),
    openapi_extra=documented.read(
        {
            "name": "about",
            "in": "query",
            "description": "Who asked for words of this party, reporter or witness, or for texts,"
            " which may name anybody.",
            "schema": {"type": "string", "format": "uuid"},
        }
    ),
)
def access(request: Request, who: SignedIn, case: UUID) -> Response:
    """The access audit: grants, reveals with whose words they opened, refused reveals, requests."""
    looked, rows = look_beside(request, who, case, Part.ACCESS)
    record = parts_of(request).record
    events = list(audited(record, rows, [*looked.rows, *rows], case))
    if (text := request.query_params.get("about")) is not None:
        # Texts under the case's own key may name anybody.
        wanted = {_id(text), case}
        events = [one for one in events if wanted & set(one.about)]
    log = AccessLog(case=case, as_of=as_of(looked), notice=NO_REDISCLOSURE, events=events)
    return answer(log, None, looked.head)


@router.get("/office/access", responses=documented.answers(OfficeLog))
def office(request: Request, who: SignedIn) -> Response:
    """Who looked for people, who was refused, and what the index was made from; no case's audit."""
    record = parts_of(request).record
    reading = record.read(sorted({office_access_stream(record.id), *always_read(record, who)}))
    context = context_of(record, reading.streams, reading.now, who, None)
    list_scope(Part.ACCESS, context.office)
    rows = reading.streams[office_access_stream(record.id)]
    log = OfficeLog(notice=NO_REDISCLOSURE, events=list(audited(record, rows, rows)))
    return answer(log, None, reading.head)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        invalid("about", "is no UUID")


def audited(
    record: Record, rows: list[Recorded], known: Iterable[Recorded], case: UUID | None = None
) -> Iterator[Audited]:
    """`known`: the events of the case, or the person, that these stand beside; those of the case's
    evidence are read here."""
    events = {(row.stream, row.version): row.event for row in known}
    read = {stream for stream, _ in events}
    for line, row in zip(lines(record, rows), rows, strict=True):
        fields = row.event.fields if isinstance(row.event, IdentityRevealed | RevealDenied) else []
        for stream in {field.stream for field in fields} - read:
            read.add(stream)
            events |= _evidence(record, case, stream)
        about = {owner for field in fields if (owner := _whose(events, field))}
        yield Audited(**msgspec.structs.asdict(line), actor=row.envelope.actor, about=sorted(about))


def _evidence(record: Record, case: UUID | None, stream: UUID) -> dict[tuple[UUID, int], object]:
    """The events of an item of this case. What was asked for may lie anywhere, and was refused."""
    events = [(row, row.event) for row in record.ledger.history(stream)]
    added = next((event for _, event in events if isinstance(event, EvidenceAdded)), None)
    if added is None or added.case_id != case:
        return {}
    return {(stream, row.version): event for row, event in events}


def _whose(events: dict[tuple[UUID, int], object], field: Field) -> UUID | None:
    """Whose words stand at this place; None: nobody's, for somebody asked for what is not there."""
    event = events.get((field.stream, field.version))
    found = (one for one in sealed_fields(event, field.stream) if one.path == field.path)
    return next((one.owner_id for one in found), None)


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
