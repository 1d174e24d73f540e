"""Which cases do not exist for whom: conflicts of interest that were disclosed or upheld.

Lists over cases leave these out. A single case is never decided by this view.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import Connection
from psycopg.rows import scalar_row

from projections import facts as on
from projections.days import Days
from projections.facts import Fact, Place
from projections.view import Row, View


class Wall(msgspec.Struct):
    staff: str
    from_position: int


class Walls(msgspec.Struct):
    """What must be kept of a case: the walls that stand, by conflict."""

    standing: dict[str, Wall] = {}


def apply(memory: Walls, fact: Fact, at: Place, _: Days) -> Sequence[Row]:
    """Fold one event; a wall that falls is a complete row."""
    return _ARMS[type(fact)](memory, fact, at)


def standing(memory: Walls, case: str) -> Iterable[Row]:
    return [_row(case, key, wall, None) for key, wall in memory.standing.items()]


def _disclosed(memory: Walls, fact: on.ConflictDisclosed, at: Place) -> Sequence[Row]:
    memory.standing[fact.conflict_id] = Wall(fact.staff_id, at.position)
    return ()


def _decided(memory: Walls, fact: on.ConflictDecided, at: Place) -> Sequence[Row]:
    if fact.upheld:
        memory.standing.setdefault(fact.conflict_id, Wall(fact.staff_id, at.position))
        return ()
    wall = memory.standing.pop(fact.conflict_id, None)
    return [_row(at.stream, fact.conflict_id, wall, at.position)] if wall else ()


def _row(case: str, conflict: str, wall: Wall, to: int | None) -> Row:
    return (case, conflict, wall.staff, wall.from_position, to)


_ARMS: dict[type[Fact], Callable[[Walls, Any, Place], Sequence[Row]]] = {
    on.ConflictDisclosed: _disclosed,
    on.ConflictDecided: _decided,
}

SCHEMA: Mapping[LiteralString, LiteralString] = {
    "case_id": "uuid NOT NULL",
    "conflict_id": "uuid NOT NULL",
    "staff_id": "uuid NOT NULL",
    "from_position": "int8 NOT NULL",
    "to_position": "int8",
}

VIEW = View(
    name="walls",
    version=1,
    schema=SCHEMA,
    key=("case_id", "conflict_id", "from_position"),
    finish=("to_position",),
    indexes=("(staff_id) WHERE to_position IS NULL",),
    memory=Walls,
    reads=frozenset(_ARMS),
    apply=apply,
    standing=standing,
)


def hidden_from(db: Connection[Any], staff: UUID) -> list[UUID]:
    """The cases that do not exist for this person now."""
    with db.cursor(row_factory=scalar_row, binary=True) as cursor:
        return cursor.execute(
            "SELECT DISTINCT case_id FROM projections.walls"
            " WHERE staff_id = %s AND to_position IS NULL",
            [staff],
        ).fetchall()
