"""The views as the API reads them: connections of the reader role, and how far each has come."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any, NamedTuple, Self

from psycopg import Connection, errors
from psycopg_pool import ConnectionPool

from ledger.migrate import pending
from projections import VIEWS
from projections.parked import Parked, parked

_PAUSE = 0.02
_CONNECT_SECONDS = 5.0

_COME = """SELECT coalesce(min(coalesce(t.notification_id, 0)), 0)
    FROM unnest(%s::text[]) AS v (name)
    LEFT JOIN projections.tracking t ON t.application_name = v.name"""
_HEAD = "SELECT coalesce(max(position), 0) FROM muniment.events"


class Standing(NamedTuple):
    """How far the slowest view has come, the head of the ledger, and which views are parked."""

    come: int
    head: int
    parked: list[Parked]


class Shown:
    """Closing it closes its connections."""

    def __init__(self, reader_url: str) -> None:
        self._pool: ConnectionPool[Connection[Any]] = ConnectionPool(
            reader_url,
            min_size=1,
            max_size=8,
            timeout=_CONNECT_SECONDS,
            open=True,
            kwargs={"autocommit": True},
            name="views",
        )

    def close(self) -> None:
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[Connection[Any]]:
        """A connection for one answer, in one snapshot. Errors: NotYet before any projector ran."""
        with self._pool.connection() as db, db.transaction():
            db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                yield db
            except errors.UndefinedTable:
                raise NotYet from None

    def wait(self, position: int, seconds: float) -> bool:
        """Until every view has come so far; False: not within that time."""
        until = monotonic() + seconds
        while self.standing().come < position:
            if monotonic() > until:
                return False
            sleep(_PAUSE)
        return True

    def standing(self) -> Standing:
        """Errors: NotYet before any projector ran."""
        with self.reading() as db:
            head = db.execute(_HEAD).fetchone()
            assert head
            return Standing(come_to(db), head[0], parked(db))

    def pending(self) -> int:
        """How many migrations wait. Errors: MigrationError where applied ones do not fit."""
        with self._pool.connection() as db:
            # Those for a superuser are left out where there is none; `muniment doctor` says so.
            return len([file for file in pending(db) if not file.match("*.superuser.sql")])


def come_to(db: Connection[Any]) -> int:
    """The position that every view has come to."""
    row = db.execute(_COME, [[view.table for view in VIEWS]]).fetchone()
    assert row
    come: int = row[0]
    return come


class NotYet(Exception):
    """The views have not been made: no projector has run on this database."""
