"""Read, decide, append: the way of every command."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from domain.commands import Intention, said_on
from domain.context import Context, Fact, Who
from domain.errors import Conflict, DecideAgain, NotFound, Refused
from domain.events import Event
from domain.events import case as on_case
from domain.events import evidence as on_evidence
from domain.events import office as on_office
from domain.events import person as on_person
from domain.ids import access_stream, natural
from domain.ledger import Appended, Entry, Ledger, Reading, Stored
from domain.policy import Adopted, shipped
from domain.refusals import No
from domain.rules import RULES
from domain.rules.gate import OF_CASE, decide, held_roles, known_to
from domain.rules.known import valid
from domain.rules.rule import Home, On, Rule
from domain.state import access as access_state
from domain.state import case as case_state
from domain.state import evidence as evidence_state
from domain.state import office as office_state
from domain.state import person as person_state
from domain.state.evidence import EvidenceItem
from domain.terms import Role

# A decision holds for a minute either side, on the same day of the institution.
_TOLERANCE = timedelta(seconds=60)
# Somebody who writes all the time may make a command decide again; not for ever.
_TRIES = 20

# Where a command names streams of other kinds.
_NAMED = {
    Fact.STAFF: (
        "staff_id",
        "officer",
        "decision_maker",
        "facilitator",
        "contact",
        "new_decision_maker",
        "user",
        "approved_by",
        "party_id",
        "witness_id",
    ),
    Fact.PERSON: ("person_id", "into_person_id"),
    Fact.EVIDENCE: ("items", "evidence_relied_on", "evidence_id"),
}

# The kind of a stream is told by its first event, never by its id.
_FIRST: Mapping[Home, type[Event]] = {
    "case": on_case.ReportReceived,
    "evidence": on_evidence.EvidenceAdded,
    "staff": on_office.StaffRegistered,
    "pack": on_office.PolicyAdopted,
    "calendar": on_office.CalendarDayMarked,
    "counselors": on_office.CounselorListed,
    "person": on_person.PersonRegistered,
}

# How their streams are folded; a pack and the calendar are taken as they are.
_FOLDS: Mapping[Home, Callable[[Iterable[Event]], object]] = {
    "case": case_state.fold,
    "evidence": evidence_state.fold,
    "staff": office_state.fold_staff,
    "counselors": office_state.fold_counselors,
    "person": person_state.fold,
}


class Request(Struct, frozen=True, kw_only=True):
    """A command on its way: who gives it, on which stream, and what makes a retry safe.

    `expected`: the version that the caller read; None: whatever stands. `given_at`: a simulated
    ledger's time of this command; None: its head.
    """

    command: Intention
    stream: UUID
    who: Who
    command_id: UUID
    expected: int | None = None
    given_at: datetime | None = None
    request_mac: bytes | None = None


class Done(Struct, frozen=True, kw_only=True):
    """What was recorded. `repeated`: this command id had been answered before."""

    appended: Appended
    version: int
    events: Sequence[object]


def execute(ledger: Ledger, request: Request) -> Done:
    """Record what the command brings about.

    Errors: NotFound, Refused; Conflict where `expected` is not what stands. Nothing is written
    then. Decided again, on a fresh reading, where the day turned or another stream moved.
    """
    for _ in range(_TRIES):
        try:
            return _once(ledger, request)
        except DecideAgain:
            continue
        except Conflict:
            if request.expected is not None:
                raise
    raise TimeoutError("the record moved at every try")


def _once(ledger: Ledger, request: Request) -> Done:
    rule = RULES[type(request.command)]
    reading, context = gather(ledger, request)
    stream = own_stream(ledger.id, rule, request.stream)
    own = reading.streams[stream]
    version = _version(own)
    if own and rule.home != "access" and not events_of(own, rule.home):
        raise NotFound  # A stream of another kind.
    if request.expected is not None and request.expected != version:
        require_known(rule, reading, request, context)
        raise Conflict(request.stream, version)
    state = state_of(rule, own)
    events = decide(request.command, state, context)
    by_stream: dict[UUID, list[object]] = {stream: []}
    for decided in events:
        to, event = decided if isinstance(decided, On) else (stream, decided)
        if isinstance(event, on_evidence.EvidenceAdded):
            valid(event.evidence_id == to, "evidence_id", "is not the item in the address")
        if isinstance(event, on_person.PersonRegistered):
            valid(event.person_id == to, "person_id", "is not the person in the address")
        by_stream.setdefault(to, []).append(event)
    appended = ledger.append(
        command_id=request.command_id,
        actor=context.actor,
        actor_role=_acting_as(rule, state, context),
        entries=[
            Entry(to, _version(reading.streams.get(to, ())), new) for to, new in by_stream.items()
        ],
        guards={
            read: _version(rows) for read, rows in reading.streams.items() if read not in by_stream
        },
        holds=holds(context) if ledger.clock == "real" else None,
        given_at=context.now if ledger.clock == "simulated" else None,
        request_mac=request.request_mac,
        occurred_on=said_on(request.command) or context.today.isoformat(),
    )
    return Done(
        appended=appended,
        version=appended.versions.get(stream, version),
        events=[event for new in by_stream.values() for event in new],
    )


def gather(ledger: Ledger, request: Request) -> tuple[Reading, Context]:
    """Everything that the decision may look at, in one reading of the ledger."""
    command, who = request.command, request.who
    rule = RULES[type(command)]
    named = {fact: _ids(command, _NAMED.get(fact, ())) for fact in rule.reads}
    case_id = _case_of(rule, request)
    wanted = {request.stream, *always_read(ledger, who)}
    wanted |= {stream for ids in named.values() for stream in ids}
    if Fact.COUNSELORS in rule.reads:
        wanted.add(_counselors(ledger))
    if case_id:
        wanted.add(case_id)
        if Fact.ACCESS in rule.reads or rule.home == "access":
            wanted.add(access_stream(ledger.id, case_id))
    reading = ledger.read(sorted(wanted))
    if rule.home == "evidence" and case_id is None:
        # An item knows its case; only then can the case be read.
        item = evidence_state.fold(events_of(reading.streams[request.stream], "evidence"))
        if item.case_id is None:
            raise NotFound
        case_id = item.case_id
        reading = ledger.read(sorted(wanted | {case_id}))
    now = reading.now
    if ledger.clock == "simulated" and request.given_at:
        now = max(request.given_at, now)
    context = context_of(ledger, reading.streams, now, who, case_id, named)
    if Fact.CONCERNED in rule.reads:
        context = replace(context, concerned=_concerned(ledger, command, case_id))
    return reading, context


def _concerned(ledger: Ledger, command: Intention, case_id: UUID | None) -> frozenset[UUID]:
    """Asked after the streams were read: what they hold has its rows, and what comes later moves
    their versions."""
    assert case_id is not None
    named = _ids(command, _NAMED[Fact.STAFF])
    return frozenset(one for one in named if ledger.meet(one, case_id))


def always_read(ledger: Ledger, who: Who) -> set[UUID]:
    """The streams that every decision reads: the calendar, the packs, and who acts."""
    streams = {_calendar(ledger), *_packs(ledger).values()}
    return streams | {UUID(who.id)} if who.kind == "staff" else streams


def context_of(
    ledger: Ledger,
    rows: Mapping[UUID, Sequence[Stored]],
    now: datetime,
    who: Who,
    case_id: UUID | None,
    named: Mapping[Fact, Sequence[UUID]] | None = None,
) -> Context:
    """What these streams say at that time. `named`: the streams that a command names, by fact."""
    facts = named or {}
    days = office_state.fold_calendar(events_of(rows[_calendar(ledger)], "calendar"), ledger.zone)
    adopted: list[Adopted] = []
    resources: dict[str, frozenset[UUID]] = {}
    for code, stream in _packs(ledger).items():
        events = events_of(rows[stream], "pack")
        adopted += office_state.fold_pack(events)
        resources[code] = office_state.fold_resources(events)
    me = office_state.StaffMember()
    if who.kind == "staff":
        me = office_state.fold_staff(events_of(rows[UUID(who.id)], "staff"))
    return Context(
        now=now,
        ledger=ledger.id,
        calendar=days,
        who=who,
        office=me.roles_on(days.day_of(now)),
        ended=me.ended,
        packs=tuple(sorted(adopted, key=lambda pack: pack.effective_from)),
        mac=ledger.mac,
        staff={
            id_: office_state.fold_staff(events_of(rows[id_], "staff"))
            for id_ in facts.get(Fact.STAFF, ())
        },
        evidence={id_: _item(rows[id_]) for id_ in facts.get(Fact.EVIDENCE, ())},
        counselors=office_state.fold_counselors(
            events_of(rows.get(_counselors(ledger), ()), "counselors")
        ),
        resources=resources,
        persons={
            id_: person_state.fold(events_of(rows[id_], "person"))
            for id_ in facts.get(Fact.PERSON, ())
        },
        case=case_state.fold(events_of(rows[case_id], "case")) if case_id else case_state.Case(),
        case_id=case_id,
        access=access_of(ledger, rows, case_id),
    )


def access_of(
    ledger: Ledger, rows: Mapping[UUID, Sequence[Stored]], case_id: UUID | None
) -> access_state.Access:
    """The grants on a case, where its access stream was read."""
    if case_id is None:
        return access_state.Access()
    found = rows.get(access_stream(ledger.id, case_id), ())
    return access_state.fold(row.event for row in found if isinstance(row.event, Event))


def own_stream(ledger: UUID, rule: Rule, named: UUID) -> UUID:
    """The stream that a command writes first; those on access are addressed by the case."""
    return access_stream(ledger, named) if rule.home == "access" else named


def _item(rows: Sequence[Stored]) -> EvidenceItem:
    """An item. Of an id that is none: whether something else has it."""
    return replace(evidence_state.fold(events_of(rows, "evidence")), taken=bool(rows))


def _calendar(ledger: Ledger) -> UUID:
    return natural(ledger.id, "calendar", "calendar")


def _counselors(ledger: Ledger) -> UUID:
    return natural(ledger.id, "counselors", "counselors")


def _packs(ledger: Ledger) -> dict[str, UUID]:
    codes = sorted({pack.code for pack in shipped()})
    return {code: natural(ledger.id, "policy-pack", code) for code in codes}


def state_of(rule: Rule, rows: Sequence[Stored]) -> Any:
    """The state of a command's own stream."""
    if rule.home == "access":  # Begins with whatever comes first.
        return access_state.fold(row.event for row in rows if isinstance(row.event, Event))
    events = events_of(rows, rule.home)
    fold = _FOLDS.get(rule.home)
    return fold(events) if fold else tuple(events)


def require_known(rule: Rule, reading: Reading, request: Request, context: Context) -> None:
    """A stale version is told only to whom the case may be known. Errors: NotFound."""
    if rule.home == "case":
        case = case_state.fold(events_of(reading.streams[request.stream], "case"))
    else:
        case = context.case
    known_to(rule, case, context)


def _case_of(rule: Rule, request: Request) -> UUID | None:
    if rule.home in ("case", "access"):
        return request.stream
    named: UUID | None = getattr(request.command, "case_id", None)
    return named


def _acting_as(rule: Rule, state: Any, context: Context) -> str:
    """The role that the act is recorded under: the first, in the order of Role, that allowed it."""
    case = state if isinstance(state, case_state.Case) else context.case
    held = held_roles(case, context) if rule.home in OF_CASE else context.office
    if context.who.kind in ("system", "operator"):
        return context.who.kind
    return next(role.value for role in Role if role in held & rule.by)


def holds(context: Context) -> tuple[datetime, datetime]:
    """While the decision would be the same: this day, and a minute either side."""
    zone = ZoneInfo(context.calendar.zone)
    midnight = datetime.combine(context.today, time(), zone).astimezone(UTC)
    next_midnight = datetime.combine(context.today + timedelta(days=1), time(), zone).astimezone(
        UTC
    )
    return (
        max(midnight, context.now - _TOLERANCE),
        min(next_midnight - timedelta(microseconds=1), context.now + _TOLERANCE),
    )


def events_of(rows: Sequence[Stored], kind: Home) -> list[Event]:
    """The domain's events of a stream of that kind: none of any other.

    The ledger's own stand between them.
    """
    events = [row.event for row in rows if isinstance(row.event, Event)]
    return events if events and isinstance(events[0], _FIRST[kind]) else []


def _version(rows: Sequence[Stored]) -> int:
    return rows[-1].version if rows else 0


def _ids(command: Intention, names: Sequence[str]) -> list[UUID]:
    found: list[UUID] = []
    for name in names:
        value = getattr(command, name, None)
        if isinstance(value, UUID):
            found.append(value)
        elif isinstance(value, tuple):
            found += [item for item in value if isinstance(item, UUID)]
    return found


__all__ = [
    "Appended",
    "Done",
    "Entry",
    "Ledger",
    "No",
    "Refused",
    "Request",
    "always_read",
    "context_of",
    "events_of",
    "execute",
    "gather",
    "holds",
    "own_stream",
]
