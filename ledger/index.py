"""The blind index: a person is found by a keyed digest of what is known, and nothing is opened.

    token = HMAC(index key of the kind, SHA-256(preimage)), its first 16 bytes
    preimage = lp("muniment.bidx/v1") lp(origin) lp(kind) lp(u16 version of the form) lp(the form)

The index keys are with the key provider, outside the database, and are given digests only. A row
is written before the event that it leads to, so no recorded value lacks its rows. It belongs to the
key that seals the value and goes with it.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple, Protocol
from uuid import UUID

from psycopg.errors import ForeignKeyViolation
from psycopg_pool import ConnectionPool

from ledger.errors import KeyGone
from ledger.seal import Term, lp

KINDS = ("institutional_id", "email", "phone", "name")
VERSION = 1  # Of the forms that are compared, and of the keys. Another one asks for a rebuild.
INDEX_KEY = 1
_BYTES = 16


class Entry(NamedTuple):
    """That a value, sealed under this key in this stream, leads to its owner."""

    key_id: UUID
    stream: UUID
    term: Term


class Row(NamedTuple):
    """An entry as it is kept."""

    kind: str
    token: bytes
    key_id: UUID
    stream: UUID
    standing: str
    normalizer: int = VERSION
    index_key: int = INDEX_KEY


class Found(NamedTuple):
    """Where somebody is known: by which kind of identifier, as what, and under whose key."""

    stream: UUID
    owner_kind: str
    owner_id: UUID
    standing: str
    kind: str


class Tokens(Protocol):
    """What of a key provider the index needs. Raises KeyRefused."""

    def create_index_key(self, name: str) -> None: ...
    def mac(self, name: str, digest: bytes) -> bytes: ...


_FIND = """SELECT DISTINCT i.stream, k.owner_kind, k.owner_id, i.standing, i.kind
    FROM unnest(%s::text[], %s::bytea[]) AS asked (kind, token)
    JOIN vault.people_index i USING (kind, token) JOIN vault.keys k USING (key_id)
    ORDER BY 1, 3, 4, 5"""
_ELSEWHERE = """SELECT DISTINCT i.stream, k.owner_kind, k.owner_id, i.standing, i.kind
    FROM vault.people_index mine JOIN vault.keys o ON o.key_id = mine.key_id
    JOIN vault.people_index i ON i.kind = mine.kind AND i.token = mine.token
    JOIN vault.keys k ON k.key_id = i.key_id
    WHERE mine.stream = %s AND o.owner_id = %s AND mine.standing = %s AND i.stream <> mine.stream
    ORDER BY 1, 3, 4, 5"""
_MEET = """SELECT DISTINCT one.standing, other.standing
    FROM vault.people_index one JOIN vault.people_index other USING (kind, token)
    WHERE one.stream = %s AND other.stream = %s"""
INSERT = """INSERT INTO vault.people_index
    (kind, token, key_id, stream, standing, normalizer, index_key)
    VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"""


class PeopleIndex:
    """The index over a key store's database. Shows no word, and keeps none."""

    def __init__(self, pool: ConnectionPool, provider: Tokens, origin: str) -> None:
        self._pool = pool
        self._provider = provider
        self._origin = origin

    def provision(self) -> None:
        """Make the index keys, but never a second one for rows that are there: a key that was lost
        has to be restored, or the index rebuilt."""
        with self._pool.connection() as db:
            kept = {kind for (kind,) in db.execute("SELECT DISTINCT kind FROM vault.people_index")}
        create_index_keys(self._provider, set(KINDS) - kept)

    def add(self, entries: Sequence[Entry]) -> None:
        """Before the append of what they lead to. Raises KeyRefused, and KeyGone where a key went.

        Where that append does not come, a row leads to nothing: whoever finds it looks in the
        stream and sees nobody. It goes with its key.
        """
        made = list(rows(self._provider, self._origin, entries))
        try:
            with self._pool.connection() as db, db.transaction():
                db.cursor().executemany(INSERT, made)
        except ForeignKeyViolation:
            raise KeyGone(self._gone([row.key_id for row in made])) from None

    def find(self, terms: Collection[Term]) -> list[Found]:
        """Where any of these is known. The same work whether it is or not. Raises KeyRefused."""
        asked = [(one.kind, token(self._provider, self._origin, one)) for one in terms]
        with self._pool.connection() as db:
            found = db.execute(_FIND, [[kind for kind, _ in asked], [made for _, made in asked]])
            return [Found(*row) for row in found]

    def elsewhere(self, stream: UUID, owner_id: UUID, standing: str) -> list[Found]:
        """Where else those are known who stand so in this stream under this owner's key."""
        with self._pool.connection() as db:
            found = db.execute(_ELSEWHERE, [stream, owner_id, standing])
            return [Found(*row) for row in found]

    def meet(self, one: UUID, other: UUID) -> set[tuple[str, str]]:
        """As what anybody is known in both streams: how they stand in the one and in the other."""
        with self._pool.connection() as db:
            return {(here, there) for here, there in db.execute(_MEET, [one, other])}

    def _gone(self, key_ids: Sequence[UUID]) -> UUID:
        with self._pool.connection() as db:
            there = {
                key_id
                for (key_id,) in db.execute(
                    "SELECT key_id FROM vault.keys WHERE key_id = ANY(%s)", [list(key_ids)]
                )
            }
        return next(key_id for key_id in key_ids if key_id not in there)


def create_index_keys(provider: Tokens, kinds: Iterable[str] = KINDS) -> None:
    for kind in kinds:
        provider.create_index_key(_name(kind))


def rows(provider: Tokens, origin: str, entries: Iterable[Entry]) -> Iterator[Row]:
    """What is kept of these entries: of each, its token."""
    for key_id, stream, term in entries:
        yield Row(term.kind, token(provider, origin, term), key_id, stream, term.standing)


def token(provider: Tokens, origin: str, term: Term) -> bytes:
    """What stands in the place of the words."""
    assert term.kind in KINDS
    version = VERSION.to_bytes(2, "big")
    preimage = lp("muniment.bidx/v1", origin, term.kind, version, term.normalized)
    return provider.mac(_name(term.kind), sha256(preimage).digest())[:_BYTES]


def _name(kind: str) -> str:
    return f"index-{kind}-{INDEX_KEY}"
