"""A person's own copy of the record: what is about that person, own words opened and recorded."""

from collections.abc import Iterator
from typing import Annotated
from uuid import UUID, uuid4

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from api import documented
from api.auth import signed_in
from api.bodies import invalid
from api.cases import answer
from api.history import Line, lines
from api.looking import Looked, look_beside
from api.parts import Parts, parts_of
from api.query import CHECKED
from api.redacted import about
from domain.context import Who
from domain.execute import access_of, holds
from domain.ids import access_stream
from domain.interest import words_at
from domain.owners import sealed_fields
from domain.rules.disclosure import NO_REDISCLOSURE
from domain.rules.requests import may_have_copy
from domain.terms import Role
from domain.visibility import Part
from ledger import errors
from ledger.reveal import FieldRef, Wish
from ledger.store import Recorded

router = APIRouter(dependencies=CHECKED)
SignedIn = Annotated[Who, Depends(signed_in)]

_TRIES = 20


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """A person's copy: what is about that person, own words opened, all others as markers."""

    case: UUID
    party: UUID
    notice: str
    position: int | None
    events: list[Line]

    def __repr__(self) -> str:
        return f"Copied({self.position})"


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
        looked, beside = look_beside(request, who, case, Part.COPY)
        stands = access_of(parts.record, {access_stream(parts.record.id, case): beside}, case)
        may_have_copy(party_id, looked.case, stands, who, looked.seeing)
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


def _party(request: Request) -> UUID:
    try:
        return UUID(request.query_params.get("party", ""))
    except ValueError:
        invalid("party", "is missing or no UUID")


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
