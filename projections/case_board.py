"""Every case at a glance: stage, age, next deadline, what is missing. No names, no sealed text."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import Connection
from psycopg.rows import class_row

from domain.state.stages import REMANDING, STAGE_AFTER, TYPE_ONLY, stage_by_name
from domain.terms import Stage
from projections import clocks
from projections import facts as on
from projections.clocks import Clocks
from projections.days import Days
from projections.facts import Fact, Place
from projections.view import Row, View, array


class BoardRow(msgspec.Struct, frozen=True):
    """A case as it stood from one position of the ledger on."""

    case_id: UUID
    stage: str
    opened_at: datetime
    stage_since: datetime
    complaint: bool
    categories: list[str]
    parties: int
    next_kind: str | None  # The next last day: one that is only a first day waits for nobody.
    next_on: date | None
    missing: list[str]
    staff: list[UUID]  # Who holds a role on the case: for the list of one's own work.
    from_position: int

    @property
    def number(self) -> str:
        """What people call the case by."""
        return self.case_id.hex[:8]


class Memory(msgspec.Struct):
    """What must be kept of a case: what its row shows now, and what that is worked out from."""

    stage: str = Stage.NONE.value
    opened_at: str | None = None
    stage_since: str | None = None
    complaint: bool = False
    categories: str = array(())
    parties: int = 0
    next_kind: str | None = None
    next_on: date | None = None
    missing: str = array(())
    staff: str = array(())
    from_position: int = 0

    clocks: Clocks = msgspec.field(default_factory=Clocks)
    claimed: tuple[str, ...] = ()
    type_only: bool = False
    classified: dict[str, str] = {}
    alleged: tuple[str, ...] = ()
    assigned: set[str] = set()
    again: list[str] = []  # Those of them who hold one more role, once for each.
    complainants: set[str] = set()  # Those who can be reached.
    unknown: set[str] = set()  # Complainants who cannot yet.
    rights_given: set[str] = set()
    topics_told: set[str] = set()
    response_documented: bool = False
    removals: set[str] = set()  # Those not lifted.
    sanctions: set[str] = set()  # Those not implemented.


_shown = attrgetter(
    *("stage", "opened_at", "stage_since", "complaint", "categories", "parties"),
    *("next_kind", "next_on", "missing", "staff"),
)


def _rights_missing(memory: Memory) -> bool:
    return not memory.complainants <= memory.rights_given


def _topics_missing(memory: Memory) -> bool:
    contact = clocks.policy(memory.clocks.pack).contact
    return (
        memory.clocks.failed_attempts < contact.failed_attempts
        and not memory.topics_told.issuperset(contact.topics)
    )


def _response_missing(memory: Memory) -> bool:
    return not memory.response_documented or bool(memory.removals or memory.sanctions)


# What stands in the way of closing, by the code that `domain/rules/closing.py` would answer with.
MISSING: Mapping[str, Callable[[Memory], bool]] = {
    "RIGHTS_NOTICE_MISSING": _rights_missing,
    "CONTACT_TOPICS_MISSING": _topics_missing,
    "RESPONSE_RECORD_INCOMPLETE": _response_missing,
}


def apply(memory: Memory, fact: Fact, at: Place, days: Days) -> Sequence[Row]:
    """Fold one event; where what the board shows changes, the row that stood is complete."""
    kind, running = type(fact), memory.clocks.running
    clocks.apply(memory.clocks, fact, at, days)
    if memory.clocks.running is running and kind not in _SHOWN_OF:
        return ()
    before, since = _shown(memory), memory.from_position
    if memory.clocks.running is not running:
        _look_ahead(memory)
    if kind in _ARMS:
        _ARMS[kind](memory, fact)
    elif kind in _CHECKLIST:
        _CHECKLIST[kind](memory, fact)
        missing = [code for code, holds in MISSING.items() if holds(memory)]
        memory.missing = array([] if memory.type_only else missing)
    if kind in _MOVING:
        _move(memory, fact, at)
    if _shown(memory) == before:
        return ()
    memory.from_position = at.position
    return [(at.stream, *before, since, at.position)] if since else ()


def standing(memory: Memory, case: str) -> Iterable[Row]:
    """The row that stands now."""
    return [(case, *_shown(memory), memory.from_position, None)]


def _look_ahead(memory: Memory) -> None:
    memory.next_kind = memory.next_on = None
    for one in memory.clocks.running:
        if one.kind in clocks.NOT_BEFORE:
            continue
        if memory.next_on is None or (one.due_on, one.kind) < (memory.next_on, memory.next_kind):
            memory.next_kind, memory.next_on = one.kind, one.due_on


def _move(memory: Memory, fact: Fact, at: Place) -> None:
    if isinstance(fact, on.AppealDecided) and fact.result in REMANDING:
        stage = Stage.REMANDED.value
    elif isinstance(fact, on.ReportReceived) and fact.channel == TYPE_ONLY:
        stage = Stage.TYPE_ONLY.value
    else:
        stage = _STAGES[memory.stage, type(fact)]
    if stage != memory.stage:
        memory.stage, memory.stage_since = stage, at.recorded_at.isoformat()
        memory.opened_at = memory.opened_at or memory.stage_since


def _categorize(memory: Memory) -> None:
    """What is alleged, before that what the office found, before that what was reported."""
    categories = memory.alleged or memory.classified.values() or memory.claimed
    memory.categories = array(sorted(set(categories)))


def _reported(memory: Memory, fact: on.ReportReceived) -> None:
    memory.claimed = memory.claimed or fact.claimed_types
    memory.type_only = fact.channel == TYPE_ONLY
    _categorize(memory)


def _added(memory: Memory, fact: on.PartyAdded) -> None:
    memory.parties += 1
    if fact.role == "complainant":
        (memory.complainants if fact.identified else memory.unknown).add(fact.party_id)


def _identified(memory: Memory, fact: on.PartyIdentified) -> None:
    if fact.subject in memory.unknown:
        memory.unknown.remove(fact.subject)
        memory.complainants.add(fact.subject)


def _informed(memory: Memory, fact: on.RightsInformationProvided) -> None:
    memory.rights_given.add(fact.party_id)


def _contacted(memory: Memory, fact: on.ComplainantContacted) -> None:
    if fact.reached:
        memory.topics_told.update(fact.topics)


def _classified(memory: Memory, fact: on.IncidentClassified) -> None:
    if fact.policy_category:
        memory.classified[fact.incident_id] = fact.policy_category
        _categorize(memory)


def _documented(memory: Memory, _: on.ResponseBasisDocumented) -> None:
    memory.response_documented = True


def _filed(memory: Memory, fact: on.FormalComplaintSigned) -> None:
    memory.complaint = True
    memory.alleged = tuple(one.category for one in fact.allegations)
    _categorize(memory)


def _assigned(memory: Memory, fact: on.RoleAssigned) -> None:
    if fact.staff_id in memory.assigned:
        memory.again.append(fact.staff_id)
    memory.assigned.add(fact.staff_id)
    memory.staff = array(sorted(memory.assigned))


def _unassigned(memory: Memory, fact: on.RoleUnassigned) -> None:
    if fact.staff_id in memory.again:
        memory.again.remove(fact.staff_id)
    else:
        memory.assigned.discard(fact.staff_id)
    memory.staff = array(sorted(memory.assigned))


def _removed(memory: Memory, fact: on.EmergencyRemovalOrdered) -> None:
    memory.removals.add(fact.removal_id)


def _lifted(memory: Memory, fact: on.EmergencyRemovalLifted) -> None:
    memory.removals.discard(fact.removal_id)


def _determined(memory: Memory, fact: on.DeterminationIssued) -> None:
    memory.sanctions = {one.sanction_id for one in fact.sanctions}


def _appeal_decided(memory: Memory, fact: on.AppealDecided) -> None:
    changed = {one.sanction_id for change in fact.changes for one in change.sanctions}
    memory.sanctions = changed or memory.sanctions


def _implemented(memory: Memory, fact: on.SanctionImplemented | on.SanctionCompleted) -> None:
    memory.sanctions.discard(fact.sanction_id)


_ARMS: dict[type[Fact], Callable[[Memory, Any], None]] = {
    on.IncidentClassified: _classified,
    on.FormalComplaintSigned: _filed,
    on.RoleAssigned: _assigned,
    on.RoleUnassigned: _unassigned,
}
# Those that bear on what is missing.
_CHECKLIST: dict[type[Fact], Callable[[Memory, Any], None]] = {
    on.ReportReceived: _reported,
    on.PartyAdded: _added,
    on.PartyIdentified: _identified,
    on.RightsInformationProvided: _informed,
    on.ComplainantContacted: _contacted,
    on.ResponseBasisDocumented: _documented,
    on.EmergencyRemovalOrdered: _removed,
    on.EmergencyRemovalLifted: _lifted,
    on.DeterminationIssued: _determined,
    on.AppealDecided: _appeal_decided,
    on.SanctionImplemented: _implemented,
    on.SanctionCompleted: _implemented,
}

_MOVING = frozenset(
    kind for kind in on.KINDS.values() if kind.__name__ in STAGE_AFTER or kind is on.AppealDecided
)

# The others matter to the board by their clocks alone.
_SHOWN_OF = frozenset({*_ARMS, *_CHECKLIST, *_MOVING})

# The stage after an event, from each stage: the table of the domain, worked out once.
_STAGES: Mapping[tuple[str, type[Fact]], str] = {
    (stage.value, kind): stage_by_name(stage, kind.__name__).value
    for stage in Stage
    for kind in _MOVING
}

SCHEMA: Mapping[LiteralString, LiteralString] = {
    "case_id": "uuid NOT NULL",
    "stage": "text NOT NULL",
    "opened_at": "timestamptz NOT NULL",
    "stage_since": "timestamptz NOT NULL",
    "complaint": "bool NOT NULL",
    "categories": "text[] NOT NULL",
    "parties": "int4 NOT NULL",
    "next_kind": "text",
    "next_on": "date",
    "missing": "text[] NOT NULL",
    "staff": "uuid[] NOT NULL",
    "from_position": "int8 NOT NULL",
    "to_position": "int8",
}

VIEW = View(
    name="case_board",
    version=2,
    schema=SCHEMA,
    key=("case_id", "from_position"),
    finish=("to_position",),
    indexes=("(case_id) WHERE to_position IS NULL",),
    memory=Memory,
    reads=frozenset({*clocks.ARMS, *_SHOWN_OF}),
    apply=apply,
    standing=standing,
)

_ROWS: LiteralString = """SELECT case_id, stage, opened_at, stage_since, complaint, categories,
        parties, next_kind, next_on, missing, staff, from_position
    FROM projections.case_board WHERE """
_NOW: LiteralString = "to_position IS NULL"
_THEN: LiteralString = "from_position <= %(at)s AND (to_position IS NULL OR to_position > %(at)s)"


def of_case(db: Connection[Any], case: UUID, *, as_of: int | None = None) -> BoardRow | None:
    """One case as of a position (now); None: there was no such case."""
    query = _ROWS + (_NOW if as_of is None else _THEN) + " AND case_id = %(case)s"
    with db.cursor(row_factory=class_row(BoardRow), binary=True) as cursor:
        return cursor.execute(query, {"at": as_of, "case": case}).fetchone()


def cases(
    db: Connection[Any],
    *,
    as_of: int | None = None,
    staff: UUID | None = None,
    hidden: Sequence[UUID] = (),
    limit: int = 200,
    offset: int = 0,
) -> list[BoardRow]:
    """The cases as of a position (now), the next deadline first; with `staff`, only theirs.

    `hidden`: cases that whoever asks may not know of.
    """
    query = _ROWS + (_NOW if as_of is None else _THEN) + " AND case_id <> ALL(%(hidden)s)"
    if staff is not None:
        query += " AND %(staff)s = ANY(staff)"
    query += " ORDER BY next_on NULLS LAST, opened_at, case_id LIMIT %(limit)s OFFSET %(offset)s"
    values = {"at": as_of, "staff": staff, "hidden": list(hidden), "limit": limit, "offset": offset}
    with db.cursor(row_factory=class_row(BoardRow), binary=True) as cursor:
        return cursor.execute(query, values).fetchall()
