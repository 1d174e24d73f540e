"""The blind index made anew beside the live one, then taken over: by whoever administers the keys.

Searches go on meanwhile, and what is written meanwhile stays. A run that was cut short goes on
where it stopped. Rows from before that lead to nothing recorded are gone afterwards.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from psycopg import Connection, connect
from psycopg.sql import SQL, Identifier

from ledger.index import Row
from ledger.keys import KeyRefused
from ledger.migrate import KEY_STORE, pending
from ledger.roles import KEYS_OWNER

_LOCK = 7885654278
_ADD = """INSERT INTO vault.people_index_next
    (kind, token, key_id, stream, standing, normalizer, index_key)
    SELECT %s, %s, key_id, %s, %s, %s, %s FROM vault.keys WHERE key_id = %s
    ON CONFLICT DO NOTHING"""
_STALE = """DELETE FROM vault.people_index old USING vault.index_rebuild job
    WHERE old.written_at < job.started_at AND NOT EXISTS (
        SELECT 1 FROM vault.people_index_next new
        WHERE (new.kind, new.token, new.key_id, new.stream, new.standing)
            = (old.kind, old.token, old.key_id, old.stream, old.standing))"""
_TAKE = """INSERT INTO vault.people_index SELECT * FROM vault.people_index_next
    ON CONFLICT DO NOTHING"""


class Taken(NamedTuple):
    """How many rows were missing, and how many led to nothing."""

    added: int
    removed: int


class Reindex:
    """One rebuild, from where the last one stopped."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    def begin(self) -> int:
        """The position up to which the record has been read; 0: from the beginning."""
        self._db.execute("INSERT INTO vault.index_rebuild DEFAULT VALUES ON CONFLICT DO NOTHING")
        found = self._db.execute("SELECT position FROM vault.index_rebuild").fetchone()
        assert found is not None
        return int(found[0])

    def add(self, rows: Sequence[Row], position: int) -> None:
        """What stands up to this position. A key that was destroyed meanwhile gets no row."""
        with self._db.transaction():
            self._db.cursor().executemany(
                _ADD,
                [
                    (r.kind, r.token, r.stream, r.standing, r.normalizer, r.index_key, r.key_id)
                    for r in rows
                ],
            )
            self._db.execute("UPDATE vault.index_rebuild SET position = %s", [position])

    def finish(self) -> Taken:
        """Put it in the place of the old one, whole."""
        with self._db.transaction():
            removed = self._db.execute(_STALE).rowcount
            added = self._db.execute(_TAKE).rowcount
            self._db.execute("DELETE FROM vault.people_index_next")
            self._db.execute("DELETE FROM vault.index_rebuild")
        return Taken(added, removed)


@contextmanager
def reindexing(url: str) -> Iterator[Reindex]:
    """`url`: the key database, for whoever administers it. Raises KeyRefused where another rebuild
    runs, or the key store was not migrated."""
    with connect(url, autocommit=True) as db:
        if pending(db, KEY_STORE):
            raise KeyRefused("the key store is not up to date: run `muniment migrate` first")
        if db.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK]).fetchone() != (True,):
            raise KeyRefused("a rebuild of the index is running")
        db.execute(SQL("SET ROLE {}").format(Identifier(KEYS_OWNER)))
        yield Reindex(db)
