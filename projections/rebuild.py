"""Fill a new table beside the one that is shown, as fast as this machine can, and switch.

A rebuild that is stopped or killed leaves its table behind, and the next one goes on with it,
unless the program is another one by then: what is shown is always the work of one program.
"""

from collections.abc import Callable
from contextlib import closing, suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import psycopg
from eventsourcing.persistence import OperationalError
from psycopg import Connection

import domain
from ledger.progress import Progress
from projections import tables
from projections.feed import feed
from projections.fill import fill
from projections.parked import SCHEMA as PARKED
from projections.parked import unpark
from projections.tracking import Tracker, ViewDatastore
from projections.view import View

_PAGE = 2_000
_TRIES = 30  # A reader may hold the view that is shown for so many times PATIENCE.


class Interrupted(Exception):
    """Stopped on request. The view that is shown was not touched; another rebuild goes on."""


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
    `Fold.take` raises. Either way what is shown has not changed. One rebuild of a view at a time:
    another one waits.
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
        if tables.was_begun_by(db, table) != _program():
            tables.forget(db, table)
            tables.create(db, view, table)
            tables.begun_by(db, table, _program())
            tracker.put(db.cursor(), table, 0)
    zone = tables.zone(db)
    row = db.execute("SELECT coalesce(max(position), 0) FROM muniment.events").fetchone()
    assert row is not None
    head: int = row[0]
    before = None
    try:
        with closing(fill(url, tracker, view, table, zone=zone, head=head)) as filling:
            for done in filling:
                before = done if before is None else before
                progress(Progress(done, head, monotonic() - began, before))
                _go_on(stop)
        while _follow(tracker, view, table, zone) == _PAGE:
            _go_on(stop)
        _switch_when_free(tracker, view, table, zone)
    except Interrupted:
        raise
    except Exception:
        with db.transaction():
            tables.forget(db, table)
        raise
    return Progress(head, head, monotonic() - began, before or 0)


@cache
def _program() -> str:
    """A digest of all that a view's rows depend on besides the record: code and policies."""
    digest = sha256()
    for folder in (Path(__file__).parent, Path(domain.__file__).parent):
        for file in sorted(one for one in folder.rglob("*") if one.suffix in (".py", ".toml")):
            digest.update(file.read_bytes())
    return digest.hexdigest()


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


__all__ = ["Interrupted", "rebuild"]
