"""A change of epoch: every key of the key store wrapped anew, and not one of them changed.

Each key is opened, compared with its check value, wrapped under the new epoch, opened from there
and compared again; only then is its row replaced. Rows are written a page at a time, so a run that
was cut short has lost nothing and the next one goes on. Old epochs stay: what they wrapped may be
in a backup.
"""

import hmac
import re
from collections.abc import Callable
from time import monotonic
from typing import NamedTuple
from uuid import UUID

from psycopg import Connection, connect
from psycopg.sql import SQL, Identifier

from ledger.keys import KeyContext, KeyProvider, KeyRefused
from ledger.migrate import KEY_STORE, pending
from ledger.progress import Progress
from ledger.roles import KEYS_OWNER
from ledger.seal import check_value

_PAGE = 200
_OPEN_EPOCH = re.compile(r"open-[0-9]{4}")

# Only keys in use, and only forward: a disposal's keys stay with their disposal.
_PAGE_OF_OLD = """SELECT key_id, owner_kind, owner_id, epoch, wrapped, check_value FROM vault.keys
    WHERE epoch LIKE 'open-%%' AND epoch < %s AND key_id > %s ORDER BY key_id LIMIT %s"""
_COUNT_OLD = """SELECT epoch, count(*) FROM vault.keys
    WHERE epoch LIKE 'open-%%' AND epoch < %s GROUP BY epoch ORDER BY epoch"""
_NONE = UUID(int=0)


class Rotated(NamedTuple):
    """What a rotation did. `refused`: keys that are not what was recorded; they stay as they are.

    `left`: old epochs that still wrap keys, and how many.
    """

    moved: int
    refused: list[UUID]
    left: dict[str, int]


class _Row(NamedTuple):
    key_id: UUID
    owner_kind: str
    owner_id: UUID
    epoch: str
    wrapped: bytes
    check_value: bytes


def rotate(
    url: str,
    provider: KeyProvider,
    origin: str,
    to: str,
    *,
    progress: Callable[[Progress], None] = lambda _: None,
    refused: Callable[[UUID], None] = lambda _: None,
) -> Rotated:
    """Move every key of an older open epoch to this one. Again: moves what is left.

    `url`: the key database, for whoever administers it. Keys that are made meanwhile under an old
    epoch are left to the next run. Raises KeyRefused for a name that is no open epoch, a provider
    that cannot wrap, or a key store that was not migrated.
    """
    if not _OPEN_EPOCH.fullmatch(to):
        raise KeyRefused("not the name of an epoch of keys in use (open-YYYY)")
    with connect(url, autocommit=True) as db:
        if pending(db, KEY_STORE):
            raise KeyRefused("the key store is not up to date: run `muniment migrate` first")
        db.execute(SQL("SET ROLE {}").format(Identifier(KEYS_OWNER)))
        return _rotate(db, _Mover(provider, origin, to), to, progress, refused)


def _rotate(
    db: Connection,
    mover: "_Mover",
    to: str,
    progress: Callable[[Progress], None],
    refused: Callable[[UUID], None],
) -> Rotated:
    total = sum(_left(db, to).values())
    begin, moved, bad, after = monotonic(), 0, list[UUID](), _NONE
    while page := _page(db, to, after):
        after = page[-1].key_id
        wrapped: list[tuple[_Row, bytes]] = []
        for row in page:
            try:
                secret = mover.opened(row, row.epoch, row.wrapped)
            except KeyRefused:
                bad.append(row.key_id)
                refused(row.key_id)
            else:
                wrapped.append((row, mover.wrapped(row, secret)))
        moved += _replace(db, to, wrapped)
        progress(Progress(moved + len(bad), total, monotonic() - begin))
    return Rotated(moved, bad, _left(db, to))


class _Mover:
    """Wraps a row's key under the new epoch. Makes that epoch when the first key needs it."""

    def __init__(self, provider: KeyProvider, origin: str, to: str) -> None:
        self._provider = provider
        self._origin = origin
        self._to = to
        self._made = False

    def opened(self, row: _Row, epoch: str, wrapped: bytes) -> bytes:
        """Raises KeyRefused where the key does not open or is not the recorded one."""
        secret = self._provider.unwrap(epoch, wrapped, self._context(row))
        if not hmac.compare_digest(check_value(secret, row.key_id), row.check_value):
            raise KeyRefused("not the key that was recorded")
        return secret

    def wrapped(self, row: _Row, secret: bytes) -> bytes:
        """Raises KeyRefused where the provider cannot: that is no fault of the row."""
        if not self._made:
            self._provider.create_epoch(self._to)
            self._made = True
        wrapped = self._provider.wrap(self._to, secret, self._context(row))
        self.opened(row, self._to, wrapped)
        return wrapped

    def _context(self, row: _Row) -> KeyContext:
        return KeyContext(self._origin, row.key_id, row.owner_kind, row.owner_id)


def _page(db: Connection, to: str, after: UUID) -> list[_Row]:
    return [_Row(*row) for row in db.execute(_PAGE_OF_OLD, [to, after, _PAGE])]


def _replace(db: Connection, to: str, wrapped: list[tuple[_Row, bytes]]) -> int:
    """Write a page, whole. A row that was destroyed or moved meanwhile is left alone."""
    with db.transaction(), db.cursor() as cursor:
        cursor.executemany(
            "UPDATE vault.keys SET epoch = %s, wrapped = %s"
            " WHERE key_id = %s AND epoch = %s AND wrapped = %s",
            [(to, new, row.key_id, row.epoch, row.wrapped) for row, new in wrapped],
        )
        return max(cursor.rowcount, 0)  # -1: there was nothing to write.


def _left(db: Connection, to: str) -> dict[str, int]:
    return dict(db.execute(_COUNT_OLD, [to]).fetchall())
