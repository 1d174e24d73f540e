"""How the views stand, and waiting until they have come far enough to read one's own writes."""

from collections.abc import Sequence
from time import monotonic, sleep
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import tuple_row

from projections.parked import Parked, parked
from projections.view import View

# A view follows within milliseconds.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.002, 0.05

_TRACKED = """SELECT application_name, notification_id FROM projections.tracking
    WHERE application_name = ANY(%s)"""
# Until the projector has run for the first time there is nothing to be behind of.
_THERE = """SELECT to_regclass('projections.tracking') IS NOT NULL
    AND to_regclass('projections.parked') IS NOT NULL"""


class Standing(NamedTuple):
    """One view: how far it has come, how far the ledger has, and whether it is parked."""

    view: str
    position: int
    head: int
    parked: Parked | None

    @property
    def behind(self) -> int:
        return self.head - self.position


def standings(db: Connection[Any], views: Sequence[View]) -> list[Standing]:
    """How each view stands: for readiness and for `muniment doctor`."""
    with db.cursor(row_factory=tuple_row) as cursor:
        (head,) = _row(cursor.execute("SELECT coalesce(max(position), 0) FROM muniment.events"))
        if not _row(cursor.execute(_THERE))[0]:
            return [Standing(view.name, 0, head, None) for view in views]
        tables = [view.table for view in views]
        tracked: dict[str, int] = dict(cursor.execute(_TRACKED, [tables]).fetchall())
    stopped = {one.view: one for one in parked(db)}
    return [
        Standing(view.name, tracked.get(view.table, 0), head, stopped.get(view.table))
        for view in views
    ]


def wait_for(db: Connection[Any], position: int, timeout: float, views: Sequence[View]) -> bool:
    """Wait until these views hold the event at this position, no longer than so many seconds.

    False: they do not, yet; a parked view is not waited for. The connection must be in autocommit
    mode, or it would look at the same moment again and again.
    """
    assert db.autocommit
    until, pause = monotonic() + timeout, _FIRST_PAUSE
    while True:
        behind = [one for one in standings(db, views) if one.position < position]
        if not behind:
            return True
        if monotonic() >= until or any(one.parked for one in behind):
            return False
        sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


def _row(cursor: Any) -> tuple[Any, ...]:
    row: tuple[Any, ...] = cursor.fetchone()
    return row
