"""What the append function is handed and answers, in PostgreSQL's binary form.

Each caller encodes its own append, in its own thread; whoever commits only joins the pieces.
"""

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from psycopg import pq

from ledger.errors import Malformed

# Column for column the parameters of muniment.append: (element type, array type).
_BYTEA, _INT8, _INT4, _TEXT, _TIME, _UUID = (
    (17, 1001),
    (20, 1016),
    (23, 1007),
    (25, 1009),
    (1184, 1185),
    (2950, 2951),
)
_COLUMNS = (
    *(_UUID, _TEXT, _BYTEA, _TIME, _TIME, _TIME, _INT4, _INT4, _INT4),  # one element an append
    *(_UUID, _INT8),  # guards
    *(_TEXT, _BYTEA),  # claims
    *(_UUID, _INT8, _TEXT, _BYTEA, _BYTEA),  # events
)
APPEND_TYPES = [array for _, array in _COLUMNS]
APPEND_SQL = (
    b"SELECT no, answer, first_position, last_position, written_at, in_way FROM muniment.append("
    + b",".join(b"$%d" % n for n in range(1, len(_COLUMNS) + 1))
    + b")"
)
APPEND_FORMATS = [pq.Format.BINARY] * len(_COLUMNS)

LARGEST_STATE = 4 << 20  # Files are kept elsewhere; a batch must not be held up by one caller.
SALT = 32
_NULL = b"\xff\xff\xff\xff"  # An element is its length, then its bytes; NULL has length -1.
_FOUR, _EIGHT, _SIXTEEN, _SALT_LENGTH = (length.to_bytes(4) for length in (4, 8, 16, SALT))
_LONG = struct.Struct("!q")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


class Row(NamedTuple):
    """One event as it will be stored; `version` must be the next of its stream."""

    stream: UUID
    version: int
    topic: str
    state: bytes
    salt: bytes


class Request(NamedTuple):
    """One append: all of its rows are written, or none."""

    command_id: UUID
    actor: str
    rows: Sequence[Row]
    request_mac: bytes | None = None
    guards: Mapping[UUID, int] = {}
    claims: Sequence[tuple[str, bytes]] = ()
    holds: tuple[datetime, datetime] | None = None
    given_at: datetime | None = None


class Answer(NamedTuple):
    """What became of one append; the words are explained in 0002_append.sql."""

    word: str
    first: int
    last: int
    recorded_at: datetime | None
    in_way: UUID | None


class Encoded(NamedTuple):
    """A request as pieces of the parameters."""

    pieces: tuple[bytes, ...]
    guards: int
    claims: int
    events: int


def encode(request: Request) -> Encoded:
    """Raises Malformed for what the database would not take: nobody else shall fail with it."""
    command_id, actor, rows, request_mac, guards, claims, holds, given_at = request
    if not rows:
        raise Malformed("an append holds at least one event")
    for row in rows:
        if len(row.salt) != SALT or len(row.state) > LARGEST_STATE:
            raise Malformed("a salt of another length, or a state too large")
    since, until = holds or (None, None)
    pieces = (
        _SIXTEEN + command_id.bytes,
        _text(actor),
        _NULL if request_mac is None else _piece(request_mac),
        _NULL if since is None else _time(since),
        _NULL if until is None else _time(until),
        _NULL if given_at is None else _time(given_at),
        _FOUR + len(guards).to_bytes(4),
        _FOUR + len(claims).to_bytes(4),
        _FOUR + len(rows).to_bytes(4),
        b"".join([_SIXTEEN + stream.bytes for stream in guards]),
        b"".join([_long(version) for version in guards.values()]),
        b"".join([_text(kind) for kind, _ in claims]),
        b"".join([_piece(mac) for _, mac in claims]),
        b"".join([_SIXTEEN + row.stream.bytes for row in rows]),
        b"".join([_long(row.version) for row in rows]),
        b"".join([_text(row.topic) for row in rows]),
        b"".join([_piece(row.state) for row in rows]),
        b"".join([_SALT_LENGTH + row.salt for row in rows]),
    )
    return Encoded(pieces, len(guards), len(claims), len(rows))


def parameters(batch: Sequence[Encoded]) -> list[bytes]:
    """The arrays for one call of the append function."""
    guards = sum([one.guards for one in batch])
    claims = sum([one.claims for one in batch])
    events = sum([one.events for one in batch])
    lengths = (*[len(batch)] * 9, guards, guards, claims, claims, *[events] * 5)
    columns = zip(*[one.pieces for one in batch], strict=True)
    return [
        _header(element, length) + b"".join(column)
        for (element, _), length, column in zip(_COLUMNS, lengths, columns, strict=True)
    ]


@lru_cache(1024)
def _header(element: int, length: int) -> bytes:
    """Dimensions, has nulls, element type; then, of a dimension, its length and first index."""
    if not length:
        return struct.pack("!iiI", 0, 0, element)
    return struct.pack("!iiIii", 1, 1, element, length, 1)


def answers(result: pq.abc.PGresult) -> list[Answer]:
    """The rows that APPEND_SQL gave, in binary format, in the order of the batch."""
    value = result.get_value
    found: list[Answer | None] = [None] * result.ntuples
    for row in range(result.ntuples):
        at, in_way = value(row, 4), value(row, 5)
        found[_integer(value(row, 0)) - 1] = Answer(
            (value(row, 1) or b"").decode(),
            _integer(value(row, 2)),
            _integer(value(row, 3)),
            None if at is None else _EPOCH + timedelta(microseconds=_LONG.unpack(at)[0]),
            None if in_way is None else UUID(bytes=in_way),
        )
    return [answer for answer in found if answer is not None]


def _integer(value: bytes | None) -> int:
    return int.from_bytes(value or b"")


def _piece(value: bytes) -> bytes:
    return len(value).to_bytes(4) + value


def _text(value: str) -> bytes:
    if "\0" in value:
        raise Malformed("text with a NUL")
    try:
        return _piece(value.encode())
    except UnicodeEncodeError:
        raise Malformed("not Unicode text") from None


def _long(value: int) -> bytes:
    return _EIGHT + value.to_bytes(8, signed=True)


def _time(at: datetime) -> bytes:
    return _long((at - _EPOCH) // _TICK)
