"""Fill a new table beside the one that is shown, as fast as this machine can, and switch."""

from collections.abc import Callable
from contextlib import closing, suppress
from threading import Event
from time import monotonic
from typing import Any, NamedTuple

import psycopg
from eventsourcing.persistence import OperationalError
from psycopg import Connection

from projections import tables
from projections.feed import feed
from projections.fill import Interrupted, Part, fill
from projections.parked import SCHEMA as PARKED
from projections.parked import unpark
from projections.tracking import Tracker, ViewDatastore
from projections.view import View

_PAGE = 2_000
_TRIES = 30  # A reader may hold the view that is shown for so many times PATIENCE.


class Progress(NamedTuple):
    """How far a rebuild has come."""

    view: str
    done: int
    total: int
    seconds: float

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.done / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """None: nothing is done yet."""
        return (self.total - self.done) / self.rate if self.rate else None


def rebuild(
    url: str,
    view: View,
    *,
    progress: Callable[[Progress], None] = lambda _: None,
    stop: Event | None = None,
) -> Progress:
    """Fold the whole ledger into a new table of this view and show that one.

    `url`: of the role that owns the views. The view answers as before until the switch, which
    takes an instant; a view that was parked is not parked any more. Errors: Interrupted; what
    `Fold.take` raises. Either way nothing has changed. One rebuild of a view at a time: another
    one waits.
    """
    tracker = Tracker(ViewDatastore(url))
    try:
        with psycopg.connect(url, autocommit=True) as db:
            db.execute("SELECT pg_advisory_lock(hashtext(%s))", [f"rebuild {view.name}"])
            return _rebuild(db, url, tracker, view, progress, stop or Event())
    finally:
        tracker.close()


def _rebuild(
    db: Connection[Any],
    url: str,
    tracker: Tracker,
    view: View,
    progress: Callable[[Progress], None],
    stop: Event,
) -> Progress:
    began = monotonic()
    table = f"{view.table}_next"
    with db.transaction():
        tables.one_at_a_time(db)
        tracker.create_table()
        db.execute(PARKED)
        tables.forget(db, table)  # What a rebuild that was killed left behind.
        tables.create(db, view, table)
    zone = tables.zone(db)
    row = db.execute("SELECT coalesce(max(position), 0) FROM muniment.events").fetchone()
    assert row is not None
    head: int = row[0]
    try:
        with closing(fill(Part(url, view, table, zone, head), stop)) as filling:
            for done in filling:
                progress(Progress(view.name, done, head, monotonic() - began))
        _go_on(stop)
        with tracker.datastore.transaction(commit=True) as cursor:
            tables.index(cursor.connection, view, table)
            tracker.advance(cursor, table, head)
        while _follow(tracker, view, table, zone) == _PAGE:
            _go_on(stop)
        _switch_when_free(tracker, view, table, zone)
    except BaseException:
        with db.transaction():
            tables.forget(db, table)
        raise
    return Progress(view.name, head, head, monotonic() - began)


def _go_on(stop: Event) -> None:
    if stop.is_set():
        raise Interrupted


def _follow(tracker: Tracker, view: View, table: str, zone: str) -> int:
    with tracker.datastore.transaction(commit=True) as cursor:
        return feed(cursor, tracker, view, table, zone=zone, limit=_PAGE)


def _switch_when_free(tracker: Tracker, view: View, table: str, zone: str) -> None:
    """Switch between two long readings. Errors: OperationalError where there is no such moment."""
    for _ in range(_TRIES - 1):
        with suppress(OperationalError):
            return _switch(tracker, view, table, zone)
    return _switch(tracker, view, table, zone)


def _switch(tracker: Tracker, view: View, table: str, zone: str) -> None:
    """In one transaction: the last events, and the names."""
    with tracker.datastore.transaction(commit=True) as cursor:
        db = cursor.connection
        tables.one_at_a_time(db)
        live = tracker.lock(cursor, view.table)  # From here on its projector waits.
        while feed(cursor, tracker, view, table, zone=zone, limit=_PAGE):
            pass
        position = tracker.lock(cursor, table)
        assert position is not None
        assert live is None or live <= position
        tables.hide(db, view)
        tables.drop(db, view.table)
        tables.rename(db, table, view.table)
        tables.forget(db, table)
        tracker.put(cursor, view.table, position)
        unpark(db, view.table)
        tables.show(db, view)
        tables.drop_older(db, view)


__all__ = ["Interrupted", "Progress", "rebuild"]
