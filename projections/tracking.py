"""How far each view has come: the library's tracking recorder, in the schema of the views."""

from typing import Any

from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from psycopg import Cursor

from ledger.recorder import LedgerDatastore

_LOCK = """SELECT t.notification_id FROM projections.tracking t
    WHERE t.application_name = %b FOR UPDATE"""

_PUT = """INSERT INTO projections.tracking VALUES (%s, %s)
    ON CONFLICT (application_name) DO UPDATE SET notification_id = excluded.notification_id"""


class ViewDatastore(LedgerDatastore):
    """The library's pool, from one URL, for tables in the schema of the views."""

    def __init__(self, url: str, *, pool_size: int = 1, max_overflow: int = 15) -> None:
        super().__init__(url, pool_size=pool_size, max_overflow=max_overflow)
        self.schema = "projections"


class Tracker(PostgresTrackingRecorder):
    """One row a table of a view: the last position whose event is in it."""

    def __init__(
        self,
        datastore: PostgresDatastore,
        *,
        tracking_table_name: str = "tracking",
        **kwargs: Any,
    ) -> None:
        super().__init__(datastore, tracking_table_name=tracking_table_name, **kwargs)

    def close(self) -> None:
        self.datastore.close()

    def lock(self, cursor: Cursor[Any], table: str) -> int | None:
        """How far a table has come; a second projector waits here. None: it is not tracked."""
        row = cursor.execute(_LOCK, [table], prepare=True).fetchone()
        return None if row is None else int(row["notification_id"])

    def put(self, cursor: Cursor[Any], table: str, position: int) -> None:
        """Say how far a table has come that takes the place of another one.

        The row stays the same row, so that a projector that waits for it goes on behind it.
        """
        cursor.execute(_PUT, [table, position])

    def advance(self, cursor: Cursor[Any], table: str, position: int) -> None:
        """Say, in the transaction that wrote the rows, how far the table has come.

        Errors: the library's IntegrityError where it had come so far before.
        """
        self._insert_tracking(cursor, Tracking(table, position))
