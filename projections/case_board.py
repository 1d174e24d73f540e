"""Every case at a glance: stage, age, next deadline, what is missing. No names, no sealed text."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from msgspec.structs import astuple
from psycopg import Connection
from psycopg.rows import class_row

from domain.state.stages import REMANDING, STAGE_AFTER, stage_by_name
from domain.terms import Stage
from projections import clocks
from projections import facts as on
from projections.clocks import Clocks
from projections.days import Days
from projections.facts import Fact, Place
from projections.view import Row, View


class BoardRow(msgspec.Struct, frozen=True):
    """A case as it stood from one position of the ledger to another (None: it stands so now)."""

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
    to_position: int | None

    @property
    def number(self) -> str:
        """What people call the case by."""
        return self.case_id.hex[:8]


class Shown(msgspec.Struct, frozen=True):
    """The row of a case but for its id and the positions."""

    stage: str
    opened_at: datetime
    stage_since: datetime
    complaint: bool
    categories: tuple[str, ...]
    parties: int
    next_kind: str | None
    next_on: date | None
    missing: tuple[str, ...]
    staff: tuple[UUID, ...]


class Memory(msgspec.Struct):
    """What must be kept of a case to write its next row."""

    clocks: Clocks = msgspec.field(default_factory=Clocks)
    stage: Stage = Stage.NONE
    opened_at: datetime | None = None
    stage_since: datetime | None = None
    complaint: bool = False
    claimed: tuple[str, ...] = ()
    classified: dict[UUID, str] = {}
    alleged: tuple[str, ...] = ()
    parties: set[UUID] = set()
    complainants: set[UUID] = set()  # Those who can be reached.
    rights_given: set[UUID] = set()
    topics_told: set[str] = set()
    response_documented: bool = False
    removals: set[UUID] = set()  # Those not lifted.
    sanctions: set[UUID] = set()  # Those not implemented.
    staff: set[UUID] = set()
    shown: Shown | None = None  # By the row that stands.
    from_position: int = 0


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
    _remember(memory, fact)
    clocks.apply(memory.clocks, fact, at, days)
    stage = (
        Stage.REMANDED
        if isinstance(fact, on.AppealDecided) and fact.result in REMANDING
        else stage_by_name(memory.stage, type(fact).__name__)
    )
    if stage is not memory.stage:
        memory.stage, memory.stage_since = stage, at.recorded_at
    if memory.opened_at is None and memory.stage is not Stage.NONE:
        memory.opened_at = at.recorded_at
    shown = _shown(memory)
    if shown == memory.shown:
        return ()
    before, since = memory.shown, memory.from_position
    memory.shown, memory.from_position = shown, at.position
    return [_row(at.stream, before, since, at.position)] if before else ()


def standing(memory: Memory, case: UUID) -> Iterable[Row]:
    """The row that stands now."""
    return [_row(case, memory.shown, memory.from_position, None)] if memory.shown else ()


def _row(case: UUID, shown: Shown, since: int, to: int | None) -> Row:
    return (case, *astuple(shown), since, to)


def _remember(memory: Memory, fact: Fact) -> None:  # noqa: C901, PLR0912 - one arm per event.
    match fact:
        case on.ReportReceived():
            memory.claimed = memory.claimed or fact.claimed_types
        case on.PartyAdded():
            memory.parties.add(fact.party_id)
            if fact.role == "complainant" and fact.identified:
                memory.complainants.add(fact.party_id)
        case on.RightsInformationProvided():
            memory.rights_given.add(fact.party_id)
        case on.ComplainantContacted():
            if fact.reached:
                memory.topics_told.update(fact.topics)
        case on.IncidentClassified():
            if fact.policy_category:
                memory.classified[fact.incident_id] = fact.policy_category
        case on.ResponseBasisDocumented():
            memory.response_documented = True
        case on.FormalComplaintSigned():
            memory.complaint = True
            memory.alleged = tuple(one.category for one in fact.allegations)
        case on.RoleAssigned():
            memory.staff.add(fact.staff_id)
        case on.EmergencyRemovalOrdered():
            memory.removals.add(fact.removal_id)
        case on.EmergencyRemovalLifted():
            memory.removals.discard(fact.removal_id)
        case on.DeterminationIssued():
            memory.sanctions = {one.sanction_id for one in fact.sanctions}
        case on.AppealDecided():
            changed = {one.sanction_id for change in fact.changes for one in change.sanctions}
            memory.sanctions = changed or memory.sanctions
        case on.SanctionImplemented() | on.SanctionCompleted():
            memory.sanctions.discard(fact.sanction_id)


def _shown(memory: Memory) -> Shown | None:
    if memory.opened_at is None or memory.stage_since is None:
        return None  # Not reported yet.
    last_days = [one for one in memory.clocks.running if one.kind not in clocks.NOT_BEFORE]
    first = min(last_days, key=lambda one: (one.due_on, one.kind), default=None)
    # What is alleged, before that what the office found, before that what was reported.
    categories = memory.alleged or memory.classified.values() or memory.claimed
    return Shown(
        stage=memory.stage.value,
        opened_at=memory.opened_at,
        stage_since=memory.stage_since,
        complaint=memory.complaint,
        categories=tuple(sorted(set(categories))),
        parties=len(memory.parties),
        next_kind=first.kind if first else None,
        next_on=first.due_on if first else None,
        missing=tuple(code for code, is_missing in MISSING.items() if is_missing(memory)),
        staff=tuple(sorted(memory.staff)),
    )


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
    version=1,
    schema=SCHEMA,
    key=("case_id", "from_position"),
    finish=("to_position",),
    indexes=("(case_id) WHERE to_position IS NULL", "(from_position)"),
    memory=Memory,
    reads=frozenset(
        kind
        for kind in on.KINDS.values()
        if kind in clocks.ARMS
        or kind.__name__ in STAGE_AFTER
        or kind
        in (
            on.PartyAdded,
            on.RightsInformationProvided,
            on.IncidentClassified,
            on.ResponseBasisDocumented,
            on.RoleAssigned,
            on.SanctionImplemented,
            on.SanctionCompleted,
        )
    ),
    apply=apply,
    standing=standing,
)

_ROWS: LiteralString = """SELECT case_id, stage, opened_at, stage_since, complaint, categories,
        parties, next_kind, next_on, missing, staff, from_position, to_position
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
    limit: int = 200,
    offset: int = 0,
) -> list[BoardRow]:
    """The cases as of a position (now), the next deadline first; with `staff`, only theirs."""
    query = _ROWS + (_NOW if as_of is None else _THEN)
    if staff is not None:
        query += " AND %(staff)s = ANY(staff)"
    query += " ORDER BY next_on NULLS LAST, opened_at, case_id LIMIT %(limit)s OFFSET %(offset)s"
    values = {"at": as_of, "staff": staff, "limit": limit, "offset": offset}
    with db.cursor(row_factory=class_row(BoardRow), binary=True) as cursor:
        return cursor.execute(query, values).fetchall()
