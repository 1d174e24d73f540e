"""Writes events to a ledger for the tests of views, at times of their own, and reads views back."""

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from psycopg import Connection
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from domain.events import Event
from domain.registry import TOPICS, Registry
from ledger.batch import Request, Row
from ledger.recorder import LedgerDatastore, LedgerRecorder
from projections.tables import memory_of
from projections.view import View
from tests.databases import Databases


def state(event: Event) -> bytes:
    """The bytes of a row; what would be sealed stands as an envelope of no key."""
    body = Registry().to_builtins(event)
    return msgspec.json.encode({"envelope": {}, "event": body})


class Book:
    """A simulated ledger of its own."""

    def __init__(self, databases: Databases) -> None:
        self.databases = databases
        self._recorder = LedgerRecorder(LedgerDatastore(databases.urls.writer))
        self._versions: dict[UUID, int] = {}

    def close(self) -> None:
        self._recorder.close()

    def put(self, stream: UUID, at: datetime, *events: Event) -> int:
        """Record these in one append; return the last position."""
        return self.put_raw(stream, at, *((TOPICS[type(one)], state(one)) for one in events))

    def put_raw(self, stream: UUID, at: datetime, *rows: tuple[str, bytes]) -> int:
        first = self._versions.get(stream, 0) + 1
        self._versions[stream] = first + len(rows) - 1
        answer = self._recorder.append(
            Request(
                command_id=uuid4(),
                actor="staff-1",
                rows=[
                    Row(stream, version, topic, bytes_, os.urandom(32))
                    for version, (topic, bytes_) in enumerate(rows, first)
                ],
                given_at=at,
            )
        )
        return answer.last


def rows_of(db: Connection[Any], view: View) -> list[tuple[Any, ...]]:
    """Every row of the table that the view's name means now, in a fixed order."""
    with db.cursor(row_factory=tuple_row) as cursor:
        query = SQL("SELECT * FROM projections.{}").format(Identifier(view.name))
        return sorted(cursor.execute(query).fetchall(), key=repr)


def memories_of(db: Connection[Any], view: View) -> dict[UUID, object]:
    """What the view keeps of each stream, and how far it has come, under no id."""
    with db.cursor(row_factory=tuple_row) as cursor:
        name = Identifier(memory_of(view.table))
        query = SQL("SELECT stream, memory FROM projections.{}").format(name)
        kept: dict[UUID, object] = {
            stream: msgspec.json.decode(text, type=view.memory if stream.int else Any)
            for stream, text in cursor.execute(query)
        }
        return kept


def tracked(db: Connection[Any], view: View) -> int | None:
    with db.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(
            "SELECT notification_id FROM projections.tracking WHERE application_name = %s",
            [view.table],
        ).fetchone()
        return None if row is None else int(row[0])


Put = Callable[..., int]
Rows = Sequence[tuple[Any, ...]]
