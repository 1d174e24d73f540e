"""The views as the API reads them: connections of the reader role, and how far each has come."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from psycopg import Connection, IsolationLevel, errors
from psycopg_pool import ConnectionPool

from ledger.migrate import pending
from projections import VIEWS
from projections.status import Standing, standings, wait_for

_CONNECT_SECONDS = 5.0


class NotYet(Exception):
    """The views have not been made: no projector has run on this database."""


class Shown:
    """Closing it closes its connections."""

    def __init__(self, reader_url: str) -> None:
        self._pool: ConnectionPool[Connection[Any]] = ConnectionPool(
            reader_url,
            min_size=1,
            max_size=8,
            timeout=_CONNECT_SECONDS,
            open=True,
            configure=_configure,
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
            try:
                yield db
            except errors.UndefinedTable:
                raise NotYet from None

    def wait(self, position: int, seconds: float) -> bool:
        """Until every view has come so far; False: not within that time."""
        with self._pool.connection() as db:
            return wait_for(db, position, seconds, VIEWS)

    def standings(self) -> list[Standing]:
        with self.reading() as db:
            return standings(db, VIEWS)

    def pending(self) -> int:
        """How many migrations wait. Errors: MigrationError where applied ones do not fit."""
        with self._pool.connection() as db:
            # Those for a superuser are left out where there is none; `muniment doctor` says so.
            return len([file for file in pending(db) if not file.match("*.superuser.sql")])


def come_to(db: Connection[Any]) -> int:
    """The position that every view has come to."""
    return min(one.position for one in standings(db, VIEWS))


def _configure(db: Connection[Any]) -> None:
    db.autocommit = True
    db.isolation_level = IsolationLevel.REPEATABLE_READ
    db.read_only = True
