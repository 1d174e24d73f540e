"""Our projector: follows the ledger into one view, tries again, and parks what cannot be taken.

Each view has a projector of its own, so that one that is parked or rebuilt holds up no other.
"""

import logging
from collections.abc import Callable, Sequence
from threading import Event, Thread
from time import monotonic
from typing import Any, Self

import psycopg
from eventsourcing.persistence import InterfaceError, OperationalError
from psycopg import Connection, Cursor
from psycopg.rows import tuple_row

from ledger.recorder import CHANNEL
from projections import tables
from projections.feed import Superseded, feed
from projections.parked import SCHEMA as PARKED
from projections.parked import Parked, park, parked
from projections.rebuild import Interrupted, rebuild
from projections.tracking import Tracker, ViewDatastore
from projections.view import View

PAGE = 500
FAR_BEHIND = 50_000  # From here on a rebuild is faster than following.
POLL_SECONDS = 1.0  # A notification can be lost; the next look comes anyway (D6).
PAUSES = (0.1, 0.5, 2.0, 5.0)  # Before each further try at an event that the view cannot take.
_STOP_SECONDS = 0.2  # How soon a request to stop is seen.
_CONNECT_SECONDS = 5

_NEXT = """SELECT e.position, e.topic FROM muniment.events e, projections.tracking t
    WHERE t.application_name = %s AND e.position > t.notification_id ORDER BY e.position LIMIT 1"""
_BEHIND = """SELECT coalesce(max(e.position), 0) - coalesce(
        (SELECT notification_id FROM projections.tracking WHERE application_name = %s), 0)
    FROM muniment.events e"""

# The server or the way to it is gone, or a lock was not to be had: no event's fault.
UNREACHABLE = (
    OperationalError,
    InterfaceError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
)

_log = logging.getLogger(__name__)


class Projector:
    """Follows the ledger into one view, as the role that owns the views."""

    def __init__(
        self,
        url: str,
        view: View,
        *,
        alert: Callable[[Parked], None],
        page: int = PAGE,
        poll: float = POLL_SECONDS,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        """`alert` is called when this projector finds that the view is parked."""
        self.view = view
        self._url = url
        self._alert = alert
        self._page = page
        self._poll = poll
        self._pauses = pauses
        self._tracker = Tracker(ViewDatastore(url))
        self._zone = ""
        self._one_by_one = 0  # For so many events: one of them could not be taken.
        self._failures = 0  # Of the next event.
        self._alerted = False

    def close(self) -> None:
        self._tracker.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def prepare(self) -> None:
        """Make the tables of the view where they are missing."""
        with self._tracker.datastore.transaction(commit=True) as cursor:
            db = cursor.connection
            tables.one_at_a_time(db)
            self._tracker.create_table()
            cursor.execute(PARKED)
            if not tables.exists(db, self.view.table):
                tables.create(db, self.view, self.view.table)
                tables.index(db, self.view, self.view.table)
                self._tracker.advance(cursor, self.view.table, 0)
            if tables.shown(db, self.view) is None:
                tables.show(db, self.view)
            self._zone = tables.zone(db)

    def catch_up(self, stop: Event | None = None) -> None:
        """Take all there is, until the view stands at the head or is parked.

        Errors: those of UNREACHABLE; Superseded.
        """
        stop = stop or Event()
        while not stop.is_set() and self._step(stop):
            pass

    def run(self, stop: Event) -> None:
        """Follow the ledger until told to stop. A server that is away is waited for."""
        while not stop.is_set():
            try:
                self._follow(stop)
            except Interrupted:
                return
            except Superseded:
                _log.warning("view %s was superseded", self.view.table)
                return
            except UNREACHABLE as error:
                _log.warning("view %s: no server: %s", self.view.table, type(error).__name__)
                stop.wait(self._poll)

    def _follow(self, stop: Event) -> None:
        with psycopg.connect(
            self._url, autocommit=True, connect_timeout=_CONNECT_SECONDS
        ) as listening:
            # Before the first pull, so that nothing falls between (D6).
            listening.execute(f"LISTEN {CHANNEL}")
            self.prepare()
            self._hurry(stop)
            while not stop.is_set():
                self.catch_up(stop)
                self._wait(listening, stop)

    def _wait(self, listening: Connection[Any], stop: Event) -> None:
        """Until something was recorded, the poll is due, or it is time to stop."""
        until = monotonic() + self._poll
        while not stop.is_set() and (left := until - monotonic()) > 0:
            seconds = min(left, _STOP_SECONDS)
            if list(listening.notifies(timeout=seconds, stop_after=1)):
                return

    def _hurry(self, stop: Event) -> None:
        """Rebuild a view that is far behind. What cannot be taken is then found by following."""
        with self._tracker.datastore.transaction() as cursor:
            (behind,) = _row(cursor, _BEHIND, [self.view.table]) or (0,)
            waits = any(one.view == self.view.table for one in parked(cursor.connection))
        if behind <= FAR_BEHIND or waits:
            return
        try:
            rebuild(self._url, self.view, stop=stop)
        except (*UNREACHABLE, Interrupted):
            raise
        except Exception as error:  # noqa: BLE001 - the event is found, named and parked next.
            _log.warning("view %s: no rebuild: %s", self.view.table, type(error).__name__)

    def _step(self, stop: Event) -> bool:
        """Take a page; False when there is nothing more to do for now."""
        limit = 1 if self._one_by_one else self._page
        try:
            with self._tracker.datastore.transaction(commit=True) as cursor:
                if self._is_parked(cursor):
                    return False
                taken = feed(
                    cursor,
                    self._tracker,
                    self.view,
                    self.view.table,
                    zone=self._zone,
                    limit=limit,
                )
                if not taken:
                    self._show(cursor)
        except (*UNREACHABLE, Superseded):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is: park the view, name the class.
            if limit > 1:
                self._one_by_one = self._page  # To find the event that it was.
                return True
            return self._failed(error, stop)
        self._failures = 0
        self._one_by_one = max(0, self._one_by_one - taken) if taken else 0
        return taken > 0

    def _failed(self, error: Exception, stop: Event) -> bool:
        """Try the next event again after a pause; at last park the view before it."""
        if self._failures < len(self._pauses):
            stop.wait(self._pauses[self._failures])
            self._failures += 1
            return True
        self._failures = 0
        with self._tracker.datastore.transaction(commit=True) as cursor:
            event = _row(cursor, _NEXT, [self.view.table])
            if event is not None:
                position, topic = event
                park(cursor.connection, self.view.table, position, topic, type(error).__name__)
        return True  # It is found parked now, and said so.

    def _is_parked(self, cursor: Cursor[Any]) -> bool:
        found = [one for one in parked(cursor.connection) if one.view == self.view.table]
        if found and not self._alerted:
            self._alert(found[0])
        self._alerted = bool(found)
        return self._alerted

    def _show(self, cursor: Cursor[Any]) -> None:
        """A table that has come to the head takes the plain name from an older version's."""
        if tables.shown(cursor.connection, self.view) != self.view.table:
            tables.one_at_a_time(cursor.connection)
            tables.show(cursor.connection, self.view)
            tables.drop_older(cursor.connection, self.view)


def run(
    url: str,
    views: Sequence[View],
    stop: Event,
    *,
    alert: Callable[[Parked], None],
    poll: float = POLL_SECONDS,
    pauses: Sequence[float] = PAUSES,
) -> None:
    """Follow the ledger into all views until told to stop. What is not foreseen stops them all."""
    failed: list[BaseException] = []

    def follow(view: View) -> None:
        try:
            with Projector(url, view, alert=alert, poll=poll, pauses=pauses) as projector:
                projector.run(stop)
        except BaseException as error:  # noqa: BLE001 - raised below, in the caller's thread.
            failed.append(error)
            stop.set()

    threads = [Thread(target=follow, args=[view], name=view.name) for view in views]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def _row(cursor: Cursor[Any], query: str, values: Sequence[object]) -> tuple[Any, ...] | None:
    with cursor.connection.cursor(row_factory=tuple_row) as reading:
        row: tuple[Any, ...] | None = reading.execute(query, values).fetchone()
        return row
