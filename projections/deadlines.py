"""Every clock of every case: until when, by which rule, and whether what it waits for came."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import Connection
from psycopg.rows import class_row

from projections import clocks
from projections.clocks import ARMS, BESIDE, NOT_BEFORE, Clocks, Running
from projections.days import Days
from projections.facts import Fact, Place
from projections.view import Row, View


class Deadline(msgspec.Struct, frozen=True):
    """A clock, opened by the event at `from_position`.

    Met by the event at `met_position`, or ended unmet by the one at `to_position`; neither: it
    runs. `rule` is the citation key, `BCM-02.2.20/1#appeal.window`.
    """

    case_id: UUID
    kind: str
    party_id: UUID | None
    due_on: date
    rule: str
    from_position: int
    met_position: int | None
    to_position: int | None

    @property
    def not_before(self) -> bool:
        """True where `due_on` is the first day on which something may happen, not the last."""
        return self.kind in NOT_BEFORE

    @property
    def cite(self) -> str:
        """Where the length is written."""
        return clocks.length(self.rule).cite


def apply(memory: Clocks, fact: Fact, at: Place, days: Days) -> Sequence[Row]:
    """Fold one event; each clock that it stops is a complete row."""
    return [
        _row(at.stream, clock, met=when if met else None, to=None if met else when)
        for clock, when, met in clocks.apply(memory, fact, at, days)
    ]


def standing(memory: Clocks, case: str) -> Iterable[Row]:
    """The clocks that run."""
    return [_row(case, clock, met=None, to=None) for clock in memory.running]


def _row(case: str, clock: Running, *, met: int | None, to: int | None) -> Row:
    return (
        clock.case_id or case,
        clock.kind,
        clock.party_id,
        clock.due_on,
        clock.rule,
        clock.from_position,
        met,
        to,
    )


SCHEMA: Mapping[LiteralString, LiteralString] = {
    "case_id": "uuid NOT NULL",
    "kind": "text NOT NULL",
    "party_id": "uuid",
    "due_on": "date NOT NULL",
    "rule": "text NOT NULL",
    "from_position": "int8 NOT NULL",
    "met_position": "int8",
    "to_position": "int8",
}

VIEW = View(
    name="deadlines",
    version=1,
    schema=SCHEMA,
    key=("case_id", "from_position", "kind", "party_id"),
    finish=("met_position", "to_position"),
    indexes=("(due_on) WHERE met_position IS NULL AND to_position IS NULL",),
    memory=Clocks,
    reads=frozenset({*ARMS, *BESIDE}),
    apply=apply,
    standing=standing,
)

_NOW: LiteralString = """SELECT case_id, kind, party_id, due_on, rule, from_position, met_position,
        to_position
    FROM projections.deadlines WHERE to_position IS NULL"""
# What came after that position had not come.
_THEN: LiteralString = """SELECT case_id, kind, party_id, due_on, rule, from_position,
        CASE WHEN met_position <= %(at)s THEN met_position END AS met_position,
        NULL::bigint AS to_position
    FROM projections.deadlines
    WHERE from_position <= %(at)s AND (to_position IS NULL OR to_position > %(at)s)"""


def of_case(db: Connection[Any], case: UUID, *, as_of: int | None = None) -> list[Deadline]:
    """The clocks of a case as of a position (now): those that run, and those that were met."""
    query = (_NOW if as_of is None else _THEN) + (
        " AND case_id = %(case)s ORDER BY due_on, from_position, kind, party_id"
    )
    return _deadlines(db, query, {"at": as_of, "case": case})


def running(
    db: Connection[Any],
    *,
    until: date,
    as_of: int | None = None,
    hidden: Sequence[UUID] = (),
    limit: int = 500,
) -> list[Deadline]:
    """What is due up to this day and has not come, as of a position (now), of every case.

    `hidden`: cases that whoever asks may not know of.
    """
    query = (
        _NOW + " AND met_position IS NULL"
        if as_of is None
        else _THEN + " AND (met_position IS NULL OR met_position > %(at)s)"
    ) + (
        " AND due_on <= %(until)s AND case_id <> ALL(%(hidden)s)"
        " ORDER BY due_on, case_id, kind, party_id LIMIT %(limit)s"
    )
    values = {"at": as_of, "until": until, "hidden": list(hidden), "limit": limit}
    return _deadlines(db, query, values)


def _deadlines(db: Connection[Any], query: LiteralString, values: dict[str, Any]) -> list[Deadline]:
    with db.cursor(row_factory=class_row(Deadline), binary=True) as cursor:
        return cursor.execute(query, values).fetchall()
