"""The clocks: what is due over all cases, and those of one case."""

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from api import documented
from api.auth import signed_in
from api.bodies import invalid
from api.cases import AsOf, answer, as_of_views, asked, look_for, position_of
from api.parts import parts_of
from api.query import CHECKED
from api.shown import come_to
from domain.context import Who
from domain.execute import always_read, context_of
from domain.terms import Role
from domain.visibility import Part, list_scope
from projections import deadlines
from projections.deadlines import Deadline
from projections.walls import hidden_from

router = APIRouter(dependencies=CHECKED)
SignedIn = Annotated[Who, Depends(signed_in)]

_AHEAD = timedelta(days=365)
_PARTIES = frozenset({Role.COMPLAINANT, Role.RESPONDENT})


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A clock. `not_before`: `due_on` is the first day of something, not the last. `overdue` is
    judged on the day of `as_of`, in the institution's zone."""

    case: UUID
    kind: str
    party: UUID | None
    due_on: date
    not_before: bool
    overdue: bool
    met: bool
    rule: str
    cite: str
    opened_by: int
    met_by: int | None


class Deadlines(msgspec.Struct, frozen=True, kw_only=True):
    as_of: AsOf
    deadlines: list[Due]


@router.get(
    "/deadlines",
    responses=documented.answers(Deadlines),
    openapi_extra=documented.read(
        {
            "name": "until",
            "in": "query",
            "description": "What is due up to this day; left out, a year ahead.",
            "schema": {"type": "string", "format": "date"},
        },
    ),
)
def due(request: Request, who: SignedIn) -> Response:
    """What runs in every case, the nearest first."""
    parts = parts_of(request)
    reading = parts.record.read(sorted(always_read(parts.record, who)))
    context = context_of(parts.record, reading.streams, reading.now, who, None)
    list_scope(Part.DIARY, context.office)
    point = asked(request, parts)
    with parts.shown.reading() as db:
        position = position_of(db, point)
        come = come_to(db)
        at = as_of_views(parts, reading, come, point, position)
        today = at.at.astimezone(ZoneInfo(parts.record.zone)).date()
        until = until_of(request, today + _AHEAD)
        found = deadlines.running(
            db, until=until, as_of=position, hidden=hidden_from(db, UUID(who.id))
        )
    said = Deadlines(as_of=at, deadlines=[_due(one, today) for one in found])
    return answer(said, None, at.position)


@router.get(
    "/cases/{case}/deadlines",
    responses=documented.answers(Deadlines),
    openapi_extra=documented.read(),
)
def due_in_case(request: Request, who: SignedIn, case: UUID) -> Response:
    """The clocks of one case, those that were met too. A party sees its own and the case's."""
    parts = parts_of(request)
    looked = look_for(request, who, case, Part.DEADLINES)
    with parts.shown.reading() as db:
        position = position_of(db, asked(request, parts))
        come = come_to(db)
        found = deadlines.of_case(db, case, as_of=position)
    if not looked.seeing - _PARTIES:
        found = [one for one in found if one.party_id is None or str(one.party_id) == who.id]
    head = min(looked.head, come)
    said = Deadlines(
        as_of=AsOf(position=head, at=looked.context.now),
        deadlines=[_due(one, looked.context.today) for one in found],
    )
    return answer(said, None, head)


def until_of(request: Request, otherwise: date) -> date:
    text = request.query_params.get("until")
    if text is None:
        return otherwise
    try:
        return date.fromisoformat(text)
    except ValueError:
        invalid("until", "is no date")


def _due(one: Deadline, today: date) -> Due:
    met = one.met_position is not None
    return Due(
        case=one.case_id,
        kind=one.kind,
        party=one.party_id,
        due_on=one.due_on,
        not_before=one.not_before,
        overdue=not met and not one.not_before and one.due_on < today,
        met=met,
        rule=one.rule,
        cite=one.cite,
        opened_by=one.from_position,
        met_by=one.met_position,
    )
