"""The library's recorder on our table: appends through group commit, reads binary rows."""

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple, NoReturn
from uuid import UUID, uuid4

import psycopg
from eventsourcing.persistence import Notification, ProgrammingError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import tuple_row

from ledger.as_of import position_at
from ledger.batch import Answer, Request, Row
from ledger.commit import GroupCommit
from ledger.errors import (
    ClaimTaken,
    CommandIdReused,
    DecideAgain,
    GuardMoved,
    Malformed,
    NotOpened,
    TimeRefused,
    WrongVersion,
)
from ledger.identity import Identity

CHANNEL = "muniment"

# Every query here reads by key. A plan made while the table was small must not become a scan of it.
_SETTINGS = "SET enable_seqscan = off; SET jit = off"
_CONNECT_SECONDS = 5

# In the order of Identity.
_IDENTITY = "SELECT ledger, origin, institution, zone, clock, use FROM muniment.identity"
# The clock, the head and all rows of one moment: a statement sees one snapshot. Time never runs
# back before what is recorded; on a simulated ledger it stands where the record ends. The first
# column says which of the streams, 0 for the head: making a UUID for each row would take longer
# than all else.
_READ = """SELECT 0, coalesce(h.position, 0), 0, NULL,
        CASE WHEN i.clock = 'simulated' THEN h.recorded_at
             ELSE greatest(h.recorded_at, clock_timestamp()) END, NULL, NULL
    FROM muniment.identity i LEFT JOIN LATERAL
        (SELECT position, recorded_at FROM muniment.events ORDER BY position DESC LIMIT 1) h ON true
    WHERE i.one
    UNION ALL
    SELECT array_position(%(streams)b, e.stream), e.position, e.version, e.topic, e.recorded_at,
        e.leaf_hash, e.state
    FROM muniment.events e WHERE e.stream = ANY (%(streams)b)"""
_ROWS: LiteralString = (
    "SELECT position, stream, version, topic, recorded_at, leaf_hash, state FROM muniment.events"
)
_STREAM = _ROWS + " WHERE stream = %b"
_PAGE = _ROWS + " WHERE position > %b ORDER BY position LIMIT %b"
_ROW = _ROWS + " WHERE (stream, version) = (%b, %b)"
_COMMAND = """SELECT c.actor, c.request_mac, c.first_position, c.last_position, e.recorded_at
    FROM muniment.commands c JOIN muniment.events e ON e.position = c.first_position
    WHERE c.command_id = %b"""
_CLAIM = "SELECT position FROM muniment.claims WHERE (kind, key_mac) = (%b, %b)"
_VERSIONS = """SELECT stream, max(version) FROM muniment.events
    WHERE position BETWEEN %b AND %b GROUP BY stream"""


class EventRow(NamedTuple):
    """A row of the record, without its salt."""

    position: int
    stream: UUID
    version: int
    topic: str
    recorded_at: datetime
    leaf_hash: bytes
    state: bytes


class Command(NamedTuple):
    """What a command id led to."""

    actor: str
    request_mac: bytes | None
    first: int
    last: int
    recorded_at: datetime


class LedgerDatastore(PostgresDatastore):
    """The library's pool, from one URL, with the settings of our reads."""

    def __init__(self, url: str, *, pool_size: int = 1, max_overflow: int = 15) -> None:
        super().__init__(
            *("", "", "", "", ""),  # All of it stands in the URL.
            pool_size=pool_size,
            max_overflow=max_overflow,
            schema="muniment",
        )
        self.url = url
        assert isinstance(self.pool.kwargs, dict)
        row_factory = self.pool.kwargs["row_factory"]
        self.pool.kwargs = {**conninfo_to_dict(url), "row_factory": row_factory}

    def after_connect_func(self) -> Callable[[psycopg.Connection[Any]], None]:
        """Autocommit, and the settings above, on each new connection of the pool."""

        def after_connect(db: psycopg.Connection[Any]) -> None:
            db.autocommit = True
            db.execute(_SETTINGS)

        return after_connect

    def connect(self) -> psycopg.Connection[Any]:
        """A connection outside the pool: the one that commits."""
        return psycopg.connect(self.url, autocommit=True, connect_timeout=_CONNECT_SECONDS)


class LedgerRecorder(PostgresApplicationRecorder):
    """Append and read as the library wants it, and as `store.py` does."""

    def __init__(self, datastore: LedgerDatastore) -> None:
        super().__init__(datastore, events_table_name="events")
        self.channel_name = CHANNEL
        self.commit = GroupCommit(datastore.connect)

    def close(self) -> None:
        self.commit.close()
        self.datastore.close()

    def create_table(self) -> NoReturn:
        """Tables are made by the owner, in migrations."""
        raise ProgrammingError("the ledger's tables are made by its migrations")

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """The library's append: fields of a Request may be given by name.

        Returns the positions. Raises what `append` raises: conflicts are IntegrityErrors.
        """
        if not stored_events:
            return None
        rows = [
            Row(_uuid(e.originator_id), e.originator_version, e.topic, e.state, os.urandom(32))
            for e in stored_events
        ]
        named = {"command_id": uuid4(), "actor": "system", **kwargs}
        answer = self.append(Request(rows=rows, **named))
        return list(range(answer.first, answer.last + 1))

    def append(self, request: Request) -> Answer:
        """Write one append, whole. Returns an answer `written` or `known`.

        Raises WrongVersion, GuardMoved, ClaimTaken, CommandIdReused (nothing to be had by asking
        again unchanged), DecideAgain, TimeRefused, NotOpened, Malformed, LedgerBusy,
        LedgerUnreachable. Nothing is written then; of the last, nothing is known.
        """
        answer = self.commit.append(request)
        match answer.word:
            case "written" | "known":
                return answer
            case "version":
                assert answer.in_way is not None
                raise WrongVersion(answer.in_way)
            case "guard":
                assert answer.in_way is not None
                raise GuardMoved(answer.in_way)
            case "claimed":
                raise ClaimTaken(tuple(kind for kind, _ in request.claims))
            case word:
                raise _REFUSALS[word](_SENTENCES[word])

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> list[StoredEvent]:
        """The library's read of one stream."""
        query: LiteralString = "SELECT version, topic, state FROM muniment.events WHERE stream = %b"
        values: list[Any] = [_uuid(originator_id)]
        if gt is not None:
            query += " AND version > %b"
            values.append(gt)
        if lte is not None:
            query += " AND version <= %b"
            values.append(lte)
        query += " ORDER BY version DESC" if desc else " ORDER BY version"
        if limit is not None:
            query += " LIMIT %b"
            values.append(limit)
        return [StoredEvent(originator_id, *row) for row in self._rows(query, values)]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> list[Notification]:
        """The library's read of the log, from `start`, in order of position."""
        first = 1 if start is None else start + (not inclusive_of_start)
        query: LiteralString = (
            "SELECT stream, version, topic, state, position FROM muniment.events"
            " WHERE position >= %b"
        )
        values: list[Any] = [first]
        if stop is not None:
            query += " AND position <= %b"
            values.append(stop)
        if topics:
            query += " AND topic = ANY(%b)"
            values.append(list(topics))
        query += " ORDER BY position LIMIT %b"
        values.append(limit)
        return [Notification(*row) for row in self._rows(query, values)]

    def max_notification_id(self) -> int | None:
        rows = self._rows("SELECT max(position) FROM muniment.events", [])
        head: int | None = rows[0][0]
        return head

    def identity(self) -> Identity:
        """Which ledger this is. Raises NotOpened where the owner has not said so yet."""
        rows = self._rows(_IDENTITY, [])
        if not rows:
            raise NotOpened("this database has no ledger yet")
        return Identity(**dict(zip(Identity.__struct_fields__, rows[0], strict=True)))

    def read(self, streams: Sequence[UUID]) -> tuple[int, datetime | None, list[EventRow]]:
        """Head, the ledger's now, and all rows of these streams, of one moment.

        The rows stand stream by stream, in order. `now` is None only on a simulated ledger that
        is not opened yet.
        """
        rows = self._rows(_READ, {"streams": list(streams)})
        rows.sort()
        _, head, _, _, now, _, _ = rows[0]
        return (
            head,
            now,
            [
                EventRow(position, streams[of - 1], version, topic, recorded_at, leaf_hash, state)
                for of, position, version, topic, recorded_at, leaf_hash, state in rows[1:]
            ],
        )

    def stream(self, stream: UUID, until: int | datetime | None = None) -> list[EventRow]:
        """The rows of a stream in order, as of a position or an instant."""
        query: LiteralString = _STREAM
        values: list[Any] = [stream]
        if until is not None:
            query += (
                " AND recorded_at <= %b" if isinstance(until, datetime) else (" AND position <= %b")
            )
            values.append(until)
        return [EventRow._make(row) for row in self._rows(query + " ORDER BY version", values)]

    def row(self, stream: UUID, version: int) -> EventRow | None:
        rows = self._rows(_ROW, [stream, version])
        return EventRow._make(rows[0]) if rows else None

    def page(self, after: int, limit: int) -> list[EventRow]:
        """The rows behind a position, in order."""
        return [EventRow._make(row) for row in self._rows(_PAGE, [after, limit])]

    def position_at(self, instant: datetime) -> int:
        """The last position recorded by then; 0: none."""
        with self.datastore.get_connection() as db:
            return position_at(db, instant)

    def command(self, command_id: UUID) -> Command | None:
        rows = self._rows(_COMMAND, [command_id])
        return Command._make(rows[0]) if rows else None

    def claimed(self, kind: str, mac: bytes) -> int | None:
        """The first position of the append that made this claim."""
        rows = self._rows(_CLAIM, [kind, mac])
        return rows[0][0] if rows else None

    def versions(self, first: int, last: int) -> dict[UUID, int]:
        """The last version of each stream between two positions."""
        return dict(self._rows(_VERSIONS, [first, last]))

    def _rows(
        self, query: LiteralString, values: Sequence[Any] | dict[str, Any]
    ) -> list[tuple[Any, ...]]:
        with (
            self.datastore.get_connection() as db,
            db.cursor(row_factory=tuple_row, binary=True) as cursor,
        ):
            return cursor.execute(query, values, prepare=True).fetchall()


_REFUSALS = {
    "reused": CommandIdReused,
    "decide_again": DecideAgain,
    "time": TimeRefused,
    "not_opened": NotOpened,
    "malformed": Malformed,
}
_SENTENCES = {
    "reused": "this command id was used by another actor or for another request",
    "decide_again": "the decision does not hold at the time of recording",
    "time": "a given time that this ledger does not take, or none where it needs one",
    "not_opened": "the first event must be the LedgerOpened of this ledger's identity",
    "malformed": "a topic that is not Name/n, or a second opening",
}


def _uuid(stream: UUID | str) -> UUID:
    assert isinstance(stream, UUID), "every stream id is a UUID"
    return stream
