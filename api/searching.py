"""Looking for a person without opening anything: decided, recorded, and only then answered.

For HTTP and for stories.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from api.record import Record
from domain.context import Context, Who
from domain.errors import Conflict, DecideAgain, Refused, require
from domain.execute import Entry, always_read, context_of, holds
from domain.identifiers import NORMALIZERS
from domain.ids import office_access_stream
from domain.refusals import No
from domain.search import Known, cleared, may_count_priors, may_search, prior, tell, walled
from domain.terms import Role, SearchPurpose
from ledger.events import PartySearchDenied, PartySearchPerformed
from ledger.index import Found
from ledger.reveal import REPEATABLE
from ledger.seal import Term
from ledger.store import Appended, Reading

_HOUR = timedelta(hours=1)
_TRIES = 20


class KnownPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody is known. `case`: none for the register of the staff. `by`: through what."""

    case: UUID | None
    owner_id: UUID
    role: str
    since: date
    by: list[str]


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, and where it stands recorded that somebody looked."""

    position: int
    places: list[KnownPlace]


class PriorFindings(msgspec.Struct, frozen=True, kw_only=True):
    """Cases with a final finding against the same person. `name_only`: further ones whose
    respondent shares no more than the name, which proves nothing: look before they are counted."""

    position: int
    findings: int
    name_only: int


class _Looked(NamedTuple):
    """What the index and the streams say, and which streams at which versions were read."""

    rows: Reading
    found: list[Found]


class Asked(NamedTuple):
    """A search on its way. `allowed`: the role in which; `look`: what the index says; `told`: how
    many hits, and what becomes the answer once it is recorded."""

    kinds: list[str]
    purpose: SearchPurpose
    case: UUID | None
    allowed: Callable[[int, Context], Role]
    look: Callable[[], list[Found]]
    told: Callable[[_Looked, Context], tuple[int, Callable[[int], msgspec.Struct]]]


class Given(NamedTuple):
    """What makes it safe to ask again. `at`: a simulated ledger's time of it; None: its head."""

    command_id: UUID
    at: datetime | None
    mac: bytes


class Answer(NamedTuple):
    """Where it stands recorded, and what is told."""

    position: int
    said: msgspec.Struct


def by_terms(record: Record, purpose: SearchPurpose, terms: Sequence[Term]) -> Asked:
    """Whoever has any of these identifiers."""
    return Asked(
        kinds=sorted({term.kind for term in terms}),
        purpose=purpose,
        case=None,
        allowed=may_search,
        look=lambda: record.ledger.people.find(terms),
        told=_places,
    )


def by_respondent(record: Record, case: UUID, party: UUID) -> Asked:
    """Earlier final findings against the same person."""
    return Asked(
        kinds=sorted(NORMALIZERS),
        purpose="priors",
        case=case,
        allowed=lambda recent, context: may_count_priors(party, recent, context),
        look=lambda: record.ledger.people.elsewhere(case, party, "party"),
        told=_priors,
    )


def look_for(record: Record, who: Who, asked: Asked, given: Given) -> Answer:
    """Decide, look, record, answer. A refusal is recorded too; what is unknown leaves nothing.

    Errors: NotFound, Refused.
    """
    command_id, at, mac = given
    for _ in range(_TRIES):
        first = record.first_result(command_id, who.id, mac)
        reading, context = _read(record, who, asked.case, at)
        rows = reading.streams[office_access_stream(record.id)]
        if first is not None:
            return _again(record, asked, first, context)
        recent = sum(
            row.envelope.actor == who.id
            and isinstance(row.event, PartySearchPerformed)
            and row.recorded_at > context.now - _HOUR
            for row in rows
        )
        try:
            role, refused = asked.allowed(recent, context).value, None
        except Refused as why:
            role, refused = _first_role(context, who), why
        event: PartySearchPerformed | PartySearchDenied
        read = [reading]
        if refused:
            event = PartySearchDenied(
                kinds=asked.kinds, purpose=asked.purpose, code=refused.code, case=asked.case
            )
        else:
            looked = _look(record, asked)
            read.append(looked.rows)
            hits, said = asked.told(looked, context)
            event = PartySearchPerformed(
                kinds=asked.kinds, purpose=asked.purpose, hits=hits, case=asked.case
            )
        try:
            appended = _record(record, who, role, event, read, context, command_id, mac)
        except (Conflict, DecideAgain):
            continue
        if refused:
            raise refused
        return Answer(appended.last, said(appended.last))
    raise TimeoutError


def _again(record: Record, asked: Asked, first: Appended, context: Context) -> Answer:
    """The first answer, for whoever lost it: for some minutes, and only if it would be the same."""
    (row,) = record.between(first.first, first.last)
    event = row.event
    if isinstance(event, PartySearchDenied):
        raise Refused(No[event.code])
    assert isinstance(event, PartySearchPerformed)
    require(context.now - row.recorded_at <= REPEATABLE, No.COMMAND_ID_REUSED)
    asked.allowed(0, context)
    hits, said = asked.told(_look(record, asked), context)
    require(hits == event.hits, No.COMMAND_ID_REUSED)
    return Answer(row.position, said(row.position))


def _read(
    record: Record, who: Who, case: UUID | None, at: datetime | None
) -> tuple[Reading, Context]:
    wanted = {office_access_stream(record.id), *always_read(record, who)}
    reading = record.read(sorted(wanted | ({case} if case else set())))
    now = max(at or reading.now, reading.now)
    return reading, context_of(record, reading.streams, now, who, case)


def _look(record: Record, asked: Asked) -> _Looked:
    """The index first and the streams after it, each once, whatever there is to be found."""
    found = asked.look()
    return _Looked(record.read(sorted({one.stream for one in found})), found)


def _record(
    record: Record,
    who: Who,
    role: str,
    event: PartySearchPerformed | PartySearchDenied,
    read: Iterable[Reading],
    context: Context,
    command_id: UUID,
    mac: bytes,
) -> Appended:
    office = office_access_stream(record.id)
    versions = {
        stream: rows[-1].version if rows else 0
        for reading in read
        for stream, rows in reading.streams.items()
    }
    simulated = record.clock == "simulated"
    return record.append(
        command_id=command_id,
        actor=who.id,
        actor_role=role,
        entries=[Entry(office, versions.pop(office), [event])],
        guards=versions,
        holds=None if simulated else holds(context),
        given_at=context.now if simulated else None,
        request_mac=mac,
        occurred_on=None,
    )


def _first_role(context: Context, who: Who) -> str:
    return next((role.value for role in Role if role in context.office), who.kind)


def _known(one: Found) -> Known:
    return Known(one.stream, one.owner_id, one.standing)


def _places(looked: _Looked, context: Context) -> tuple[int, Callable[[int], msgspec.Struct]]:
    by: dict[Known, list[str]] = {}
    for one in looked.found:
        by.setdefault(_known(one), []).append(one.kind)
    # A Person would lead to what is hidden: where anything of it is, none is told of.
    hidden = any(
        walled(looked.rows.streams[known.stream], context)
        or cleared(known, looked.rows.streams[known.stream])
        for known in by
    )
    places = [
        KnownPlace(
            case=hit.stream if hit.of_case else None,
            owner_id=hit.owner_id,
            role=hit.role,
            since=_since(looked.rows.streams[hit.stream][0].recorded_at, context),
            by=kinds,
        )
        for known, kinds in by.items()
        if not (hidden and known.standing == "person")
        and (hit := tell(known, looked.rows.streams[known.stream], context))
    ]
    return len(places), lambda position: Findings(position=position, places=places)


def _priors(looked: _Looked, context: Context) -> tuple[int, Callable[[int], msgspec.Struct]]:
    against = {
        (one.stream, one.kind == "name")
        for one in looked.found
        if prior(_known(one), looked.rows.streams[one.stream], context)
    }
    sure = {stream for stream, by_name in against if not by_name}
    name_only = {stream for stream, _ in against} - sure
    return len(sure), lambda position: PriorFindings(
        position=position, findings=len(sure), name_only=len(name_only)
    )


def _since(at: datetime, context: Context) -> date:
    return context.calendar.day_of(at.astimezone(UTC))
