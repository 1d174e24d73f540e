"""Persons, for the office alone, and the register of staff: ids and kinds, no names.

To everybody else there is no such person, and no such staff member.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from api import documented
from api.access import Audited, audited
from api.auth import signed_in
from api.cases import answer, plain
from api.commands import raw
from api.history import Line, lines
from api.parts import Parts, parts_of
from api.query import CHECKED
from api.reveal import Reveal, Revelation, asked_for, shown
from api.revealing import NOT_SEALED, Found, carry_out, now_of
from domain.context import Context, Who
from domain.errors import NotFound
from domain.events.office import CounselorListed
from domain.execute import always_read, context_of, events_of
from domain.ids import access_stream, natural
from domain.interest import OFFICE
from domain.owners import sealed_fields
from domain.reveal import ground_of_person
from domain.rules.known import valid
from domain.search import Known, cleared, walled
from domain.state import office as office_state
from domain.state import person as person_state
from domain.terms import Role
from ledger.reveal import FieldRef
from ledger.store import Reading, Recorded

router = APIRouter(dependencies=CHECKED)
SignedIn = Annotated[Who, Depends(signed_in)]


class PersonState(msgspec.Struct, frozen=True, kw_only=True):
    """A Person: links by id and capacity. `access`: who opened the words of it, and who may not."""

    person: UUID
    version: int
    state: dict[str, Any]
    events: list[Line]
    access: list[Audited]


class StaffState(msgspec.Struct, frozen=True, kw_only=True):
    """One of the staff: roles with their dates, training, declared relations."""

    staff: UUID
    version: int
    state: dict[str, Any]
    events: list[Line]


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One counselor of the register. The name is sealed."""

    counselor_id: UUID
    service: str
    audience: str


class Counselors(msgspec.Struct, frozen=True, kw_only=True):
    """The counselors whom `AssignCounselor` can name, in the order of their listing."""

    counselors: list[Listed]


@router.get("/people/{person}", responses=documented.answers(PersonState))
def person(request: Request, who: SignedIn, person: UUID) -> Response:
    """A person and its version, for the next command on it. What is sealed stands as a marker."""
    parts = parts_of(request)
    request.state.stream = person
    reading, context = _read(parts, who, person)
    rows = reading.streams[person]
    _known_to(OFFICE | {Role.AUDITOR}, rows, context)
    _not_behind_a_wall(parts, person, context)
    state = person_state.fold(events_of(rows, "person"))
    beside = access_stream(parts.record.id, person)
    found = PersonState(
        person=person,
        version=rows[-1].version,
        state=plain({name: getattr(state, name) for name in state.__struct_fields__}),
        events=lines(parts.record, rows),
        access=list(audited(parts.record, reading.streams[beside], rows)),
    )
    return answer(found, found.version, reading.head)


@router.post(
    "/people/{person}/reveal",
    responses=documented.answers(Revelation),
    openapi_extra=documented.reveal(Reveal),
)
def reveal(
    request: Request,
    who: SignedIn,
    body: Annotated[bytes, Depends(raw)],
    person: UUID,
) -> Response:
    """Open what is sealed of a person: the identity, or what a link leads to. Recorded first."""
    parts = parts_of(request)
    asked = asked_for(request, who, body, person)

    def look() -> Found:
        reading, context = _read(parts, who, person, asked.at)
        rows = reading.streams[person]
        _known_to(OFFICE, rows, context)
        gone = _not_behind_a_wall(parts, person, context)
        found = ground_of_person(asked.purpose, gone, context)
        sealed = _sealed(rows)
        valid(found.refused or sealed.issuperset(asked.refs), "fields", NOT_SEALED)
        return Found(reading, context, found, context.intake().policy)

    return shown(carry_out(parts.record, asked, ("person", person), look))


@router.get("/office/staff/{staff}", responses=documented.answers(StaffState))
def staff(request: Request, who: SignedIn, staff: UUID) -> Response:
    """A staff member, for the office, for auditors, and for that person."""
    parts = parts_of(request)
    request.state.stream = staff
    reading, context = _read(parts, who, staff)
    rows = reading.streams[staff]
    own = who.kind == "staff" and who.id == str(staff)
    may = context.office & (OFFICE | {Role.AUDITOR}) or (own and context.office)
    events = events_of(rows, "staff")
    if not may or not events:
        raise NotFound
    state = office_state.fold_staff(events)
    found = StaffState(
        staff=staff,
        version=rows[-1].version,
        state=plain({name: getattr(state, name) for name in state.__struct_fields__}),
        events=lines(parts.record, rows),
    )
    return answer(found, found.version, reading.head)


@router.get("/office/counselors", responses=documented.answers(Counselors))
def counselors(request: Request, who: SignedIn) -> Response:
    """The register of counselors, for the office and for auditors."""
    parts = parts_of(request)
    register = natural(parts.record.id, "counselors", "counselors")
    reading, context = _read(parts, who, register)
    if not context.office & (OFFICE | {Role.AUDITOR}):
        raise NotFound
    events = events_of(reading.streams[register], "counselors")
    listed = [
        Listed(counselor_id=one.counselor_id, service=one.service, audience=one.audience)
        for one in events
        if isinstance(one, CounselorListed)
    ]
    return answer(Counselors(counselors=listed), None, reading.head)


def _read(
    parts: Parts, who: Who, stream: UUID, at: datetime | None = None
) -> tuple[Reading, Context]:
    record = parts.record
    beside = access_stream(record.id, stream)
    reading = record.read(sorted({stream, beside, *always_read(record, who)}))
    return reading, context_of(record, reading.streams, now_of(reading, at), who, None)


def _known_to(roles: frozenset[Role], rows: list[Recorded], context: Context) -> None:
    """Errors: NotFound, the same for nobody and for somebody who must not know."""
    if not context.office & roles or not events_of(rows, "person"):
        raise NotFound


def _not_behind_a_wall(parts: Parts, person: UUID, context: Context) -> bool:
    """Was this person cleared in some case? Errors: NotFound where a conflict hides such a case.

    The links are sealed; the index tells where else the person is known.
    """
    found = parts.record.ledger.people.elsewhere(person, person, "person")
    streams = parts.record.read(sorted({one.stream for one in found})).streams
    if any(walled(rows, context) for rows in streams.values()):
        raise NotFound
    known = (Known(one.stream, one.owner_id, one.standing) for one in found)
    return any(cleared(one, streams[one.stream]) for one in known)


def _sealed(rows: list[Recorded]) -> set[FieldRef]:
    """Where the words of a person stand."""
    return {
        FieldRef(row.stream, row.version, field.path)
        for row in rows
        for field in sealed_fields(row.event, row.stream)
    }
