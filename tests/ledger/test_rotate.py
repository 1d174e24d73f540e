"""A change of epoch: every key moves, none changes, a wrong one is named, a broken run goes on."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from ledger.keyring import FileKeyring, create_keyring
from ledger.keys import CACHED_SECONDS, KeyContext, KeyRefused, KeyStore
from ledger.progress import Progress
from ledger.rotate import Rotated, rotate
from ledger.seal import check_value
from tests.databases import Databases

OLD, NEW = "open-2026", "open-2027"


class Seconds:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Site:
    """A key store in the year 2026, and the keyring that wraps its keys."""

    def __init__(self, databases: Databases, keyring: FileKeyring) -> None:
        self.databases, self.keyring = databases, keyring
        self.origin = databases.identity.origin
        self.seconds = Seconds()
        self.store = KeyStore(
            databases.urls.keys,
            keyring,
            self.origin,
            now=lambda: datetime(2026, 6, 1, tzinfo=UTC),
            monotonic=self.seconds,
        )
        self.store.provision()

    def make(self, count: int) -> list[UUID]:
        keys = [self.store.for_owner("party", uuid4()).key_id for _ in range(count)]
        self.store.announced(keys[::2])
        return keys

    def rotate(self, to: str = NEW, **more: object) -> Rotated:
        return rotate(self.databases.keys_admin, self.keyring, self.origin, to, **more)  # type: ignore[arg-type]

    def epochs(self) -> dict[str, int]:
        with self.databases.connect("keys") as db:
            rows = db.execute("SELECT epoch, count(*) FROM vault.keys GROUP BY epoch")
            return dict(rows.fetchall())

    def rest(self) -> list[tuple[object, ...]]:
        """All of every row that a change of epoch must leave as it is."""
        with self.databases.connect("keys") as db:
            return db.execute(
                "SELECT key_id, owner_kind, owner_id, check_value, announced, reserved_at,"
                " created_at FROM vault.keys ORDER BY key_id"
            ).fetchall()

    def found(self, keys: list[UUID]) -> dict[UUID, tuple[bytes, str]]:
        """As a process finds them that has none in its cache."""
        with KeyStore(self.databases.urls.keys, self.keyring, self.origin) as store:
            return {i: (key.check_value, key.epoch) for i, key in store.find(keys).items()}

    def write(self, key_id: UUID, column: str, value: bytes) -> None:
        """What only somebody with the server in hand can do."""
        with self.databases.connect("keys_admin") as db:
            db.execute("ALTER TABLE vault.keys DISABLE TRIGGER keep")
            db.execute(
                SQL("UPDATE vault.keys SET {} = %s WHERE key_id = %s").format(Identifier(column)),
                [value, key_id],
            )
            db.execute("ALTER TABLE vault.keys ENABLE ALWAYS TRIGGER keep")


@pytest.fixture
def site(databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr("ledger.keyring._COSTS", {"iterations": 1, "lanes": 1, "memory_cost": 8})
    monkeypatch.setattr("ledger.rotate._PAGE", 3)
    create_keyring(tmp_path / "keyring", b"passphrase")
    site = Site(databases, FileKeyring(tmp_path / "keyring", b"passphrase"))
    yield site
    site.store.close()


def test_every_key_moves_and_none_changes(site: Site) -> None:
    keys = site.make(7)
    before, rest, digest = site.found(keys), site.rest(), site.store.mac("request", b"body")

    assert site.rotate() == Rotated(8, [], {})  # The key of the digests goes along.
    assert site.epochs() == {NEW: 8}
    assert site.rest() == rest
    assert site.found(keys) == {key: (value, NEW) for key, (value, _) in before.items()}
    with KeyStore(site.databases.urls.keys, site.keyring, site.origin) as store:
        assert store.mac("request", b"body") == digest
    assert {path.stem for path in site.keyring._folder.glob("*.kek")} == {OLD, NEW}


def test_again_there_is_nothing_to_do(site: Site) -> None:
    site.make(2)
    site.rotate()
    with site.databases.connect("keys_admin") as db:
        before = db.execute("SELECT key_id, wrapped FROM vault.keys ORDER BY 1").fetchall()
        assert site.rotate() == Rotated(0, [], {})
        assert db.execute("SELECT key_id, wrapped FROM vault.keys ORDER BY 1").fetchall() == before


def test_only_keys_in_use_move_and_only_forward(site: Site) -> None:
    site.make(1)
    assert site.rotate("open-2025") == Rotated(0, [], {})
    assert not (site.keyring._folder / "open-2025.kek").exists()
    with site.databases.connect("keys_admin") as db:
        db.execute("UPDATE vault.keys SET epoch = 'dispose-2026Q1' WHERE owner_kind = 'party'")
    assert site.rotate() == Rotated(1, [], {})
    assert site.epochs() == {NEW: 1, "dispose-2026Q1": 1}


@pytest.mark.parametrize("to", ["2027", "open-27", "dispose-2027Q1", "open-2027; --"])
def test_only_an_epoch_of_keys_in_use_is_rotated_to(site: Site, to: str) -> None:
    with pytest.raises(KeyRefused, match="not the name"):
        site.rotate(to)


def test_progress_tells_rate_and_time_left(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.make(6)
    seconds = iter([10.0, 11.0, 12.0, 14.0])
    monkeypatch.setattr("ledger.rotate.monotonic", lambda: next(seconds))
    told: list[Progress] = []
    site.rotate(progress=told.append)
    assert told == [Progress(3, 7, 1.0), Progress(6, 7, 2.0), Progress(7, 7, 4.0)]
    assert [(one.rate, one.seconds_left) for one in told] == [
        (3.0, pytest.approx(4 / 3)),
        (3.0, pytest.approx(1 / 3)),
        (1.75, 0.0),
    ]
    assert (Progress(0, 7, 0.0).rate, Progress(0, 7, 0.0).seconds_left) == (0.0, None)


def test_a_run_that_was_cut_short_goes_on(site: Site) -> None:
    keys = site.make(7)

    def interrupt(so_far: Progress) -> None:
        if so_far.done > 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        site.rotate(progress=interrupt)
    assert site.epochs() == {OLD: 2, NEW: 6}
    assert len(site.found(keys)) == 7  # Both epochs open meanwhile.
    assert site.rotate() == Rotated(2, [], {})
    assert site.epochs() == {NEW: 8}


def test_a_key_that_is_not_the_recorded_one_is_named_and_stays(site: Site) -> None:
    good, forged, spoiled, cut = site.make(4)
    with site.databases.connect("keys_admin") as db:
        (owner,) = db.execute(
            "SELECT owner_id FROM vault.keys WHERE key_id = %s", [forged]
        ).fetchone() or [None]
    context = KeyContext(site.origin, forged, "party", owner)
    site.write(forged, "wrapped", site.keyring.wrap(OLD, bytes(32), context))
    site.write(spoiled, "check_value", check_value(bytes(32), spoiled))
    site.write(cut, "wrapped", b"short")
    named: list[UUID] = []
    bad = sorted([forged, spoiled, cut])

    for moved in (2, 0):  # As often as it is tried.
        named.clear()
        assert site.rotate(refused=named.append) == Rotated(moved, bad, {OLD: 3})
        assert named == bad
    assert site.epochs() == {OLD: 3, NEW: 2}
    assert set(site.found([good])) == {good}


def test_nothing_is_replaced_that_does_not_open_from_the_new_epoch(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.make(2)
    wrap = site.keyring.wrap

    def wrong(epoch: str, secret: bytes, context: KeyContext) -> bytes:
        return wrap(epoch, bytes(32), context)

    monkeypatch.setattr(site.keyring, "wrap", wrong)
    with pytest.raises(KeyRefused, match="not the key that was recorded"):
        site.rotate()
    assert site.epochs() == {OLD: 3}


def test_a_key_that_is_destroyed_meanwhile_stays_destroyed(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    (key,) = site.make(1)
    unwrap = site.keyring.unwrap

    def destroy_first(epoch: str, wrapped: bytes, context: KeyContext) -> bytes:
        with site.databases.connect("keys_admin") as db:
            db.execute("ALTER TABLE vault.keys DISABLE TRIGGER keep")
            db.execute("DELETE FROM vault.keys WHERE key_id = %s", [key])
            db.execute("ALTER TABLE vault.keys ENABLE ALWAYS TRIGGER keep")
        return unwrap(epoch, wrapped, context)

    monkeypatch.setattr(site.keyring, "unwrap", destroy_first)
    assert site.rotate() == Rotated(1, [], {})
    assert site.store.live([key]) == set()


def test_a_process_goes_on_through_a_rotation_and_knows_the_new_epoch_in_five_minutes(
    site: Site,
) -> None:
    (key,) = site.make(1)
    site.rotate()
    assert site.store.find([key])[key].epoch == OLD  # From its cache; the key is the same.
    site.seconds.now += CACHED_SECONDS + 1
    assert site.store.find([key])[key].epoch == NEW
    assert CACHED_SECONDS <= 300


def test_a_key_store_of_an_older_version_is_migrated_first(site: Site) -> None:
    with site.databases.connect("keys_admin") as db:
        db.execute("DELETE FROM vault.migrations WHERE number = 2")
    with pytest.raises(KeyRefused, match="muniment migrate"):
        site.rotate()


@pytest.mark.parametrize(
    "change",
    [
        SQL("check_value = wrapped"),
        SQL("announced = false"),
        SQL("owner_id = key_id"),
        SQL("reserved_at = now()"),
    ],
)
def test_not_even_the_owner_of_the_key_store_changes_more_than_the_wrapping(
    site: Site, change: SQL
) -> None:
    (key,) = site.make(1)
    with site.databases.connect("keys_admin") as db:
        db.execute("SET ROLE muniment_keys_owner")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="is kept"):
            db.execute(
                SQL("UPDATE vault.keys SET epoch = %s, {} WHERE key_id = %s").format(change),
                [NEW, key],
            )
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="is kept"):
            db.execute("DELETE FROM vault.keys WHERE key_id = %s", [key])
