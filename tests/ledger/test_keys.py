"""The key store: one key per owner, made once, never by a read, never lost while it is needed."""

import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from ledger.keyring import FileKeyring, create_keyring
from ledger.keys import CACHED_KEYS, CACHED_SECONDS, KeyContext, KeyRefused, KeyStore
from ledger.seal import DataKey, check_value
from tests.databases import Cluster, Databases

ANN, BEN, CARA = UUID(int=1), UUID(int=2), UUID(int=3)
MADE_ON = datetime(2026, 11, 22, tzinfo=UTC)


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class CountingKeyring(FileKeyring):
    """The file keyring, and how often it was asked to unwrap."""

    unwraps = 0

    def unwrap(self, epoch: str, wrapped: bytes, context: KeyContext) -> bytes:
        self.unwraps += 1
        return super().unwrap(epoch, wrapped, context)


@pytest.fixture(scope="module")
def one_pair(cluster: Cluster) -> Iterator[Databases]:
    pair = cluster.new()
    yield pair
    cluster.drop(pair)


@pytest.fixture
def databases(one_pair: Databases) -> Databases:
    """A key store without a key: emptying one is quicker than making one."""
    with one_pair.connect("keys_admin") as db:
        db.execute("TRUNCATE vault.keys CASCADE")
        db.execute("ALTER TABLE vault.keys ENABLE ALWAYS TRIGGER keep")
    return one_pair


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CountingKeyring:
    monkeypatch.setattr("ledger.keyring._COSTS", {"iterations": 1, "lanes": 1, "memory_cost": 8})
    create_keyring(tmp_path / "keyring", b"passphrase")
    return CountingKeyring(tmp_path / "keyring", b"passphrase")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(databases: Databases, keyring: CountingKeyring, clock: Clock) -> Iterator[KeyStore]:
    with KeyStore(
        databases.urls.keys,
        keyring,
        databases.identity.origin,
        now=lambda: MADE_ON,
        monotonic=clock,
    ) as store:
        yield store


@pytest.fixture
def other(databases: Databases, keyring: CountingKeyring) -> Iterator[KeyStore]:
    """The same key store, as another process has it."""
    with KeyStore(databases.urls.keys, keyring, databases.identity.origin) as store:
        yield store


def told(key: DataKey) -> tuple[UUID, str, UUID, str, bytes, bool]:
    return (
        key.key_id,
        key.owner_kind,
        key.owner_id,
        key.epoch,
        key.check_value,
        key.announced,
    )


def same_secret(one: DataKey, two: DataKey) -> bool:
    return one.encrypt(bytes(12), b"text", b"") == two.encrypt(bytes(12), b"text", b"")


def destroy(databases: Databases, key_id: UUID) -> None:
    """What an ordered destruction will do; the service's own role may not."""
    with databases.connect("keys_admin") as db:
        db.execute("ALTER TABLE vault.keys DISABLE TRIGGER keep")
        db.execute("DELETE FROM vault.keys WHERE key_id = %s", [key_id])
        db.execute("ALTER TABLE vault.keys ENABLE ALWAYS TRIGGER keep")


def make_old(databases: Databases) -> None:
    with databases.connect("keys_admin") as db:
        db.execute("ALTER TABLE vault.keys DISABLE TRIGGER keep")
        db.execute("UPDATE vault.keys SET reserved_at = reserved_at - interval '25 hours'")
        db.execute("ALTER TABLE vault.keys ENABLE ALWAYS TRIGGER keep")


# Making and finding


def test_an_owner_has_one_key_and_keeps_it(store: KeyStore, other: KeyStore) -> None:
    key = store.for_owner("party", ANN)

    assert told(other.for_owner("party", ANN)) == told(key)
    assert same_secret(other.for_owner("party", ANN), key)
    assert (key.owner_kind, key.owner_id, key.epoch, key.announced) == (
        "party",
        ANN,
        "open-2026",
        False,
    )


def test_two_owners_have_two_keys(store: KeyStore) -> None:
    keys = [
        store.for_owner(kind, owner)
        for kind, owner in (("party", ANN), ("party", BEN), ("witness", ANN))
    ]
    assert len({key.key_id for key in keys}) == 3
    assert not same_secret(keys[0], keys[1])
    assert not same_secret(keys[0], keys[2])


def test_of_many_that_ask_at_once_all_get_the_same_key(store: KeyStore, other: KeyStore) -> None:
    for _ in range(20):
        owner, start = uuid4(), threading.Barrier(4)

        def ask(asked: KeyStore, owner: UUID = owner, start: threading.Barrier = start) -> DataKey:
            start.wait()
            return asked.for_owner("party", owner)

        with ThreadPoolExecutor(4) as pool:
            keys = list(pool.map(ask, [store, other, store, other]))
        assert len({key.key_id for key in keys}) == 1
        assert all(same_secret(keys[0], key) for key in keys)


def test_a_key_is_found_by_its_id(store: KeyStore, other: KeyStore) -> None:
    ann, ben = store.for_owner("party", ANN), store.for_owner("party", BEN)
    found = other.find([ann.key_id, ben.key_id, uuid4()])

    assert {key_id: told(key) for key_id, key in found.items()} == {
        ann.key_id: told(ann),
        ben.key_id: told(ben),
    }
    assert same_secret(found[ann.key_id], ann)


def test_a_destroyed_key_is_not_found_and_not_an_error(
    databases: Databases, store: KeyStore
) -> None:
    key = store.for_owner("party", ANN)
    destroy(databases, key.key_id)  # While it is in this process's cache.

    assert store.find([key.key_id]) == {}
    assert store.live([key.key_id]) == set()


def test_looking_makes_no_key(databases: Databases, store: KeyStore) -> None:
    store.find([uuid4()])
    store.live([uuid4()])
    with pytest.raises(KeyRefused, match="not provisioned"):
        store.mac("request", b"body")
    with databases.connect("keys") as db:
        assert db.execute("SELECT count(*) FROM vault.keys").fetchone() == (0,)


def test_which_keys_exist_is_told_without_unwrapping(
    store: KeyStore, other: KeyStore, keyring: CountingKeyring
) -> None:
    key_id = store.for_owner("party", ANN).key_id
    before = keyring.unwraps
    assert other.live([key_id, uuid4()]) == {key_id}
    assert keyring.unwraps == before


def test_a_new_year_is_a_new_epoch(databases: Databases, keyring: CountingKeyring) -> None:
    year = [2026]
    with KeyStore(
        databases.urls.keys,
        keyring,
        databases.identity.origin,
        now=lambda: datetime(year[0], 12, 31, tzinfo=UTC),
    ) as store:
        first = store.for_owner("party", ANN)
        year[0] = 2027
        second = store.for_owner("party", BEN)
        assert (first.epoch, second.epoch) == ("open-2026", "open-2027")
        assert set(store.find([first.key_id, second.key_id])) == {first.key_id, second.key_id}


def test_an_epoch_is_named_after_the_present_year(store: KeyStore, other: KeyStore) -> None:
    assert other.for_owner("party", ANN).epoch == f"open-{datetime.now(UTC):%Y}"


# What is refused


def spoil(databases: Databases, column: str, value: object) -> None:
    with databases.connect("keys_admin") as db:
        db.execute("ALTER TABLE vault.keys DISABLE TRIGGER keep")
        db.execute(SQL("UPDATE vault.keys SET {} = %s").format(Identifier(column)), [value])


def test_a_key_that_is_not_the_recorded_one_is_refused_before_it_opens_anything(
    databases: Databases, store: KeyStore, other: KeyStore
) -> None:
    key = store.for_owner("party", ANN)
    spoil(databases, "check_value", check_value(bytes(32), key.key_id))
    with pytest.raises(KeyRefused, match="not the key that was recorded"):
        other.find([key.key_id])
    with pytest.raises(KeyRefused, match="not the key that was recorded"):
        other.for_owner("party", ANN)


def test_another_key_wrapped_in_its_place_is_refused(
    databases: Databases, store: KeyStore, other: KeyStore, keyring: CountingKeyring
) -> None:
    key = store.for_owner("party", ANN)
    context = KeyContext(databases.identity.origin, key.key_id, "party", ANN)
    spoil(databases, "wrapped", keyring.wrap(key.epoch, bytes(32), context))
    with pytest.raises(KeyRefused, match="not the key that was recorded"):
        other.find([key.key_id])


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("owner_kind", "witness"),
        ("owner_id", BEN),
        ("key_id", CARA),
        ("wrapped", b"short"),
        ("epoch", "open-2031"),
    ],
)
def test_a_row_that_was_changed_opens_nothing(
    databases: Databases, store: KeyStore, other: KeyStore, column: str, value: object
) -> None:
    key = store.for_owner("party", ANN)
    spoil(databases, column, value)
    with pytest.raises(KeyRefused):
        other.find([key.key_id, CARA])


def test_the_keys_of_another_ledger_are_refused(
    databases: Databases, store: KeyStore, keyring: CountingKeyring
) -> None:
    key = store.for_owner("party", ANN)
    with (
        KeyStore(databases.urls.keys, keyring, "titleix.other.edu/log") as stranger,
        pytest.raises(KeyRefused),
    ):
        stranger.find([key.key_id])


def test_no_error_and_no_repr_shows_a_key(
    databases: Databases, store: KeyStore, other: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = b"a data key of thirty-two bytes !"
    monkeypatch.setattr("os.urandom", lambda length: secret[:length])
    key = store.for_owner("party", ANN)
    monkeypatch.undo()
    with databases.connect("keys") as db:
        row = str(db.execute("SELECT keys::text FROM vault.keys").fetchone())
    spoil(databases, "check_value", bytes(32))
    with pytest.raises(KeyRefused) as refused:
        other.find([key.key_id])
    shown = row + repr(key) + str(store) + "".join(traceback.format_exception(refused.value))

    assert key.check_value == check_value(secret, key.key_id)
    assert secret.decode() not in shown
    assert secret.hex() not in shown


# From the first value to the ledger's word


def test_once_the_ledger_has_told_of_a_key_every_process_knows(
    store: KeyStore, other: KeyStore
) -> None:
    key = store.for_owner("party", ANN)
    assert not other.for_owner("party", ANN).announced
    store.announced([key.key_id])

    assert store.for_owner("party", ANN).announced
    assert other.for_owner("party", ANN).announced
    store.announced([key.key_id, uuid4()])  # Again, and an unknown one: nothing happens.
    store.announced([])


def test_a_key_whose_append_never_came_is_swept_after_a_day(
    databases: Databases, store: KeyStore
) -> None:
    kept = store.for_owner("party", ANN)
    store.announced([kept.key_id])
    orphan = store.for_owner("party", BEN)
    assert store.unannounced() == []
    make_old(databases)
    fresh = store.for_owner("party", CARA)

    assert store.unannounced() == [orphan.key_id]
    assert store.sweep_orphans([kept.key_id]) == [orphan.key_id]
    assert store.live([kept.key_id, orphan.key_id, fresh.key_id]) == {kept.key_id, fresh.key_id}
    assert store.for_owner("party", BEN).key_id != orphan.key_id


def test_a_key_that_the_ledger_has_is_never_swept(databases: Databases, store: KeyStore) -> None:
    """The process died between the append and `announced`."""
    key = store.for_owner("party", ANN)
    make_old(databases)

    assert store.sweep_orphans([key.key_id]) == []
    assert store.for_owner("party", ANN).announced


def test_a_key_that_is_used_again_is_not_swept_from_under_its_append(
    databases: Databases, store: KeyStore, other: KeyStore
) -> None:
    key = store.for_owner("party", ANN)
    make_old(databases)
    assert other.for_owner("party", ANN).key_id == key.key_id  # An append is on its way.

    assert store.sweep_orphans([]) == []
    assert store.live([key.key_id]) == {key.key_id}


def test_a_key_that_was_swept_while_it_was_asked_for_is_made_again(
    databases: Databases, store: KeyStore, other: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept = store.for_owner("party", ANN)
    make_old(databases)
    read = store._rows
    sweeps: list[list[UUID]] = []

    def sweep_after_the_first_read(query: str, values: list[object]) -> list[object]:
        rows: list[object] = list(read(query, values))
        if not sweeps:
            sweeps.append(other.sweep_orphans([]))
        return rows

    monkeypatch.setattr(store, "_rows", sweep_after_the_first_read)
    key = store.for_owner("party", ANN)

    assert sweeps == [[swept.key_id]]
    assert key.key_id != swept.key_id
    assert store.live([key.key_id, swept.key_id]) == {key.key_id}


def test_a_key_is_taken_back_only_while_no_event_tells_of_it(
    store: KeyStore, other: KeyStore
) -> None:
    mine, told_of, theirs = (store.for_owner("party", owner) for owner in (ANN, BEN, CARA))
    store.announced([told_of.key_id])
    store.withdraw(mine.key_id)
    store.withdraw(told_of.key_id)
    other.withdraw(theirs.key_id)  # Which that process never had in hand.

    ids = [mine.key_id, told_of.key_id, theirs.key_id]
    assert store.live(ids) == {told_of.key_id}
    assert store.for_owner("party", ANN).key_id != mine.key_id


# What the service's role may do


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM vault.keys",
        "UPDATE vault.keys SET announced = false",
        "UPDATE vault.keys SET reserved_at = reserved_at - interval '2 days'",
        "UPDATE vault.keys SET wrapped = ''",
        "UPDATE vault.keys SET check_value = check_value",
        "UPDATE vault.keys SET epoch = 'open-2000'",
        "TRUNCATE vault.keys",
        "DROP TABLE vault.keys",
        "ALTER TABLE vault.keys DISABLE TRIGGER keep",
        "SET session_replication_role = replica",
        "CREATE TABLE vault.copies AS SELECT * FROM vault.keys",
        "CREATE TEMPORARY TABLE copies AS SELECT * FROM vault.keys",
        "SET ROLE muniment_keys_owner",
    ],
)
def test_the_service_cannot_take_a_recorded_key_away(
    databases: Databases, store: KeyStore, statement: str
) -> None:
    key = store.for_owner("party", ANN)
    store.announced([key.key_id])
    with databases.connect("keys") as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
        db.execute(statement)
    assert store.live([key.key_id]) == {key.key_id}


@pytest.mark.parametrize("role", ["writer", "projector", "reader", "auditor", "checkpointer"])
def test_no_role_of_the_ledger_reaches_the_keys(databases: Databases, role: str) -> None:
    name = databases.keys_admin.partition("@/")[2].partition("?")[0]
    url = getattr(databases.urls, role)
    ledger = databases.admin.partition("@/")[2].partition("?")[0]
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(url.replace(f"/{ledger}?", f"/{name}?"))
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(databases.urls.keys.replace(f"/{name}?", f"/{ledger}?"))


# The cache


def test_a_cached_key_is_used_for_five_minutes_at_most(
    store: KeyStore, keyring: CountingKeyring, clock: Clock
) -> None:
    key_id = store.for_owner("party", ANN).key_id
    store.announced([key_id])
    asked = keyring.unwraps
    for ask in (lambda: store.for_owner("party", ANN), lambda: store.find([key_id])):
        clock.seconds += CACHED_SECONDS / 2 - 1
        ask()
    assert keyring.unwraps == asked
    clock.seconds += 2
    store.for_owner("party", ANN)
    assert keyring.unwraps == asked + 1
    assert timedelta(seconds=CACHED_SECONDS) == timedelta(minutes=5)


def test_only_so_many_keys_are_cached(
    store: KeyStore, keyring: CountingKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.keys.CACHED_KEYS", 3)
    keys = [store.for_owner("party", uuid4()) for _ in range(5)]
    asked = keyring.unwraps
    store.find([key.key_id for key in keys[2:]])
    assert keyring.unwraps == asked
    store.find([key.key_id for key in keys[:2]])
    assert keyring.unwraps == asked + 2
    assert CACHED_KEYS == 4096
    assert len(store._cache._owners) == len(store._cache._keys) == 3


# Keyed digests


def test_a_digest_needs_the_key_and_tells_purposes_apart(
    databases: Databases, store: KeyStore, other: KeyStore, keyring: CountingKeyring
) -> None:
    store.provision()
    digest = store.mac("request", b"body")

    assert len(digest) == 32
    assert store.mac("request", b"body") == other.mac("request", b"body") == digest
    assert store.mac("vendor", b"body") != digest
    assert store.mac("request", b"bod") != digest
    assert store.mac("requestb", b"ody") != digest
    with KeyStore(databases.urls.keys, keyring, databases.identity.origin) as again:
        again.provision()  # Nothing changes.
        assert again.mac("request", b"body") == digest


def test_the_key_of_the_digests_is_neither_swept_nor_anybodys(
    databases: Databases, store: KeyStore
) -> None:
    store.provision()
    digest = store.mac("request", b"body")
    make_old(databases)
    assert store.sweep_orphans([]) == []
    with KeyStore(databases.urls.keys, store._provider, databases.identity.origin) as again:
        assert again.mac("request", b"body") == digest
    with pytest.raises(AssertionError):
        store.for_owner("mac", UUID(int=0))
