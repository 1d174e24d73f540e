"""The key store: one data key per owner, wrapped by a key provider, in a database of its own.

The order that loses nothing: the key's row, then one append with `KeyCreated` and the first value
sealed under it, then `announced`. A crash between any two is repaired by the next append, which
meets a key that is not announced and says so, or learns that it was said (`created.py`); a row
whose append never came is swept.
"""

import hmac
import os
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from threading import Lock
from typing import Any, LiteralString, NamedTuple, Protocol, Self
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from psycopg_pool import ConnectionPool

from ledger.errors import LedgerError
from ledger.index import PeopleIndex
from ledger.seal import DataKey, check_value, lp
from ledger.trail import Unwrap

# A cached key may outlive its destruction by this long in a process that has it (security 2.5).
CACHED_SECONDS = 300.0
CACHED_KEYS = 4096

# The key of the keyed digests is a row like any other, so that a change of epoch takes it along. It
# seals nothing, so no KeyCreated tells of it.
_MAC_KIND = "mac"
_MAC_OWNER = UUID(int=0)

_EPOCH = re.compile(r"[a-z]+-[0-9]{4}(Q[1-4])?")
_INDEX_KEY = re.compile(r"index-[a-z]+(_[a-z]+)*-[1-9][0-9]*")
_BY_OWNER = """SELECT key_id, owner_kind, owner_id, epoch, wrapped, check_value, announced
    FROM vault.keys WHERE owner_kind = %s AND owner_id = %s"""
_BY_ID = """SELECT key_id, owner_kind, owner_id, epoch, wrapped, check_value, announced
    FROM vault.keys WHERE key_id = ANY(%s)"""


class KeyRefused(LedgerError):
    """A key that cannot be had or is not the one recorded. Carries no key and no case data."""


class KeyContext(NamedTuple):
    """What a wrapped key is bound to."""

    origin: str
    key_id: UUID
    owner_kind: str
    owner_id: UUID


class KeyProvider(Protocol):
    """Holds the keys that wrap data keys, one per epoch ("open-2026"), and those that make the
    tokens of the blind index ("index-name-1"). `mac`: HMAC-SHA-256 of a SHA-256. Raises KeyRefused.
    """

    def create_epoch(self, epoch: str) -> None: ...
    def create_index_key(self, name: str) -> None: ...
    def mac(self, name: str, digest: bytes) -> bytes: ...
    def wrap(self, epoch: str, secret: bytes, context: KeyContext) -> bytes: ...
    def unwrap(self, epoch: str, wrapped: bytes, context: KeyContext) -> bytes: ...


def check_epoch(epoch: str) -> None:
    """Raises KeyRefused for what is not the name of an epoch."""
    if not _EPOCH.fullmatch(epoch):
        raise KeyRefused("not the name of an epoch")


def check_index_key(name: str, digest: bytes = bytes(32)) -> None:
    """Raises KeyRefused for what is not the name of an index key, or is no SHA-256."""
    if not _INDEX_KEY.fullmatch(name):
        raise KeyRefused("not the name of an index key")
    if len(digest) != SHA256.digest_size:
        raise KeyRefused("only a SHA-256 is turned into a token")


def bound_to(epoch: str, context: KeyContext) -> bytes:
    """What every provider authenticates beside a wrapped key: it opens nowhere else."""
    return lp(
        "muniment.dek/v1",
        context.origin,
        context.key_id.bytes,
        epoch,
        context.owner_kind,
        context.owner_id.bytes,
    )


class _Row(NamedTuple):
    key_id: UUID
    owner_kind: str
    owner_id: UUID
    epoch: str
    wrapped: bytes
    check_value: bytes
    announced: bool


class KeyStore:
    """Data keys by owner and by id. `for_owner` and `provision` make keys; a read never does."""

    def __init__(
        self,
        url: str,
        provider: KeyProvider,
        origin: str,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._provider = provider
        self._origin = origin
        self._now = now
        self._cache = _Cache(monotonic)
        self._mac: HMAC | None = None
        self._pool = ConnectionPool(
            url, min_size=1, max_size=4, open=True, kwargs={"autocommit": True}, name="keys"
        )
        self.people = PeopleIndex(self._pool, provider, origin)

    def close(self) -> None:
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def provision(self) -> None:
        """Make what a new ledger needs before its first event. Changes nothing where it exists."""
        if not self._rows(_BY_OWNER, [_MAC_KIND, _MAC_OWNER]):
            self._insert(_MAC_KIND, _MAC_OWNER, announced=True)
        self.people.provision()

    def for_owner(self, owner_kind: str, owner_id: UUID) -> DataKey:
        """The owner's key, made now if there is none: for sealing.

        While it is not `announced`, its KeyCreated must be in the same append as the value. Such a
        key is reserved for a day.
        """
        assert owner_kind != _MAC_KIND
        key = self._cache.of_owner(owner_kind, owner_id)
        if key is not None and key.announced:
            return key
        while (row := self._reserved(owner_kind, owner_id)) is None:
            self._insert(owner_kind, owner_id, announced=False)
        return self._data_key(row)

    def find(self, key_ids: Collection[UUID], why: UUID | None = None) -> dict[UUID, DataKey]:
        """The keys that exist, unwrapped and checked: for opening. The others are destroyed.

        `why`: the event that says who reads, and on what ground. The trail has it before anything
        is unwrapped, also where the key is at hand or gone. Raises KeyRefused if one cannot be
        unwrapped or is not the key that was recorded.
        """
        with self._pool.connection() as db:
            db.cursor().executemany(
                "INSERT INTO vault.unwraps (key_id, reveal_event) VALUES (%s, %s)",
                [(key_id, why) for key_id in key_ids],
            )
        rows = self._rows(_BY_ID, [list(key_ids)])
        return {row.key_id: self._data_key(row) for row in rows}

    def trail(self) -> list[Unwrap]:
        """Every time that a key was opened to read, in order."""
        with self._pool.connection() as db:
            found = db.execute("SELECT at, key_id, reveal_event FROM vault.unwraps ORDER BY number")
            return [Unwrap(*row) for row in found]

    def live(self, key_ids: Collection[UUID]) -> set[UUID]:
        """Which of these keys exist. Unwraps nothing."""
        with self._pool.connection() as db:
            found = db.execute(
                "SELECT key_id FROM vault.keys WHERE key_id = ANY(%s)", [list(key_ids)]
            )
            return {key_id for (key_id,) in found}

    def announced(self, key_ids: Collection[UUID]) -> None:
        """Note that the ledger has the KeyCreated of these keys: after the append, never before."""
        with self._pool.connection() as db:
            db.execute(
                "UPDATE vault.keys SET announced = true WHERE key_id = ANY(%s) AND NOT announced",
                [list(key_ids)],
            )
        for key_id in key_ids:
            key = self._cache.get(key_id)
            if key is not None:
                key.announced = True

    def withdraw(self, key_id: UUID) -> None:
        """Take back a key that no append may tell of, so that its owner's own can be restored."""
        with self._pool.connection() as db:
            db.execute("DELETE FROM vault.keys WHERE key_id = %s AND NOT announced", [key_id])
        self._cache.drop(key_id)

    def unannounced(self) -> list[UUID]:
        """Keys made or reserved more than a day ago whose append was never confirmed."""
        with self._pool.connection() as db:
            found = db.execute(
                "SELECT key_id FROM vault.keys"
                " WHERE NOT announced AND reserved_at < now() - interval '1 day'"
            )
            return [key_id for (key_id,) in found]

    def sweep_orphans(self, recorded: Collection[UUID]) -> list[UUID]:
        """Announce those of `unannounced` that the ledger has recorded, and remove the others.

        Returns the removed ones. A key reserved meanwhile stays.
        """
        orphans = set(self.unannounced()) - set(recorded)
        self.announced(recorded)
        with self._pool.connection() as db:
            gone = db.execute(
                "DELETE FROM vault.keys WHERE key_id = ANY(%s)"
                " AND NOT announced AND reserved_at < now() - interval '1 day' RETURNING key_id",
                [list(orphans)],
            )
            return [key_id for (key_id,) in gone]

    def mac(self, purpose: str, data: bytes) -> bytes:
        """Keyed digest of something that could be guessed; each purpose has its own.

        Raises KeyRefused where `provision` never ran: a new key would match nothing recorded.
        """
        if self._mac is None:
            rows = self._rows(_BY_OWNER, [_MAC_KIND, _MAC_OWNER])
            if not rows:
                raise KeyRefused("the key store was not provisioned, or was lost: restore it")
            self._mac = HMAC(self._unwrapped(rows[0]), SHA256())
        digest = self._mac.copy()
        digest.update(lp("muniment.mac/v1", self._origin, purpose, data))
        return digest.finalize()

    def _reserved(self, owner_kind: str, owner_id: UUID) -> _Row | None:
        """The owner's row; if its KeyCreated is still to come, kept from the sweep for a day."""
        owner = [owner_kind, owner_id]
        for row in self._rows(_BY_OWNER, owner):
            if row.announced:
                return row
        with self._pool.connection() as db:
            db.execute(
                "UPDATE vault.keys SET reserved_at = now()"
                " WHERE owner_kind = %s AND owner_id = %s AND NOT announced",
                owner,
            )
        # Read after the reservation: what stands now is announced or reserved, or was swept before.
        rows = self._rows(_BY_OWNER, owner)
        return rows[0] if rows else None

    def _insert(self, owner_kind: str, owner_id: UUID, *, announced: bool) -> None:
        """Make a key for an owner that has none. Of two that try at once, one makes it."""
        key_id, secret = uuid4(), os.urandom(32)
        epoch = f"open-{self._now():%Y}"
        self._provider.create_epoch(epoch)
        wrapped = self._provider.wrap(
            epoch, secret, KeyContext(self._origin, key_id, owner_kind, owner_id)
        )
        with self._pool.connection() as db:
            db.execute(
                "INSERT INTO vault.keys"
                " (key_id, owner_kind, owner_id, epoch, wrapped, check_value, announced)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s)"
                " ON CONFLICT (owner_kind, owner_id) DO NOTHING",
                [
                    key_id,
                    owner_kind,
                    owner_id,
                    epoch,
                    wrapped,
                    check_value(secret, key_id),
                    announced,
                ],
            )

    def _rows(self, query: LiteralString, values: list[Any]) -> list[_Row]:
        with self._pool.connection() as db:
            return [_Row(*row) for row in db.execute(query, values)]

    def _data_key(self, row: _Row) -> DataKey:
        key = self._cache.get(row.key_id)
        if key is None:
            key = DataKey(
                self._unwrapped(row),
                key_id=row.key_id,
                owner_kind=row.owner_kind,
                owner_id=row.owner_id,
                epoch=row.epoch,
                announced=row.announced,
            )
            self._cache.put(key)
        key.announced = row.announced
        return key

    def _unwrapped(self, row: _Row) -> bytes:
        context = KeyContext(self._origin, row.key_id, row.owner_kind, row.owner_id)
        secret = self._provider.unwrap(row.epoch, row.wrapped, context)
        if not hmac.compare_digest(check_value(secret, row.key_id), row.check_value):
            raise KeyRefused("not the key that was recorded")
        return secret


class _Cache:
    """Unwrapped keys, for a few minutes and not too many of them."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = Lock()
        self._keys: OrderedDict[UUID, tuple[float, DataKey]] = OrderedDict()  # Oldest first.
        self._owners: dict[tuple[str, UUID], UUID] = {}

    def get(self, key_id: UUID) -> DataKey | None:
        with self._lock:
            self._drop_old()
            found = self._keys.get(key_id)
            return None if found is None else found[1]

    def of_owner(self, owner_kind: str, owner_id: UUID) -> DataKey | None:
        key_id = self._owners.get((owner_kind, owner_id))
        return None if key_id is None else self.get(key_id)

    def put(self, key: DataKey) -> None:
        with self._lock:
            self._keys[key.key_id] = (self._monotonic() + CACHED_SECONDS, key)
            self._keys.move_to_end(key.key_id)
            self._owners[key.owner_kind, key.owner_id] = key.key_id
            self._drop_old()

    def drop(self, key_id: UUID) -> None:
        with self._lock:
            self._forget(key_id)

    def _drop_old(self) -> None:
        now = self._monotonic()
        while self._keys:
            expires, key = next(iter(self._keys.values()))
            if expires > now and len(self._keys) <= CACHED_KEYS:
                break
            self._forget(key.key_id)

    def _forget(self, key_id: UUID) -> None:
        found = self._keys.pop(key_id, None)
        if found is not None:
            self._owners.pop((found[1].owner_kind, found[1].owner_id), None)
