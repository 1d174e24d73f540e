"""What every key provider promises: the file keyring here, SoftHSM too in `make verify`."""

import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest

from ledger.keyring import FileKeyring, create_keyring
from ledger.keys import KeyContext, KeyProvider, KeyRefused, KeyStore
from ledger.rotate import Rotated, rotate
from tests.databases import Databases
from tests.softhsm import MODULE, SoftHsm

CONTEXT = KeyContext("titleix.example.edu/log", UUID(int=1), "party", UUID(int=2))
DIGEST = sha256(b"what is looked for").digest()
SECRET = b"a data key of thirty-two bytes !"

Open = Callable[[], KeyProvider]


@pytest.fixture(
    params=["file keyring", pytest.param("SoftHSM", marks=pytest.mark.slow)]
    if MODULE
    else ["file keyring"]
)
def provider_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def open_again(
    provider_kind: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Open:
    """The same keys, as a process has them that starts now."""
    if provider_kind == "SoftHSM":
        hsm: SoftHsm = request.getfixturevalue("softhsm")
        return hsm.open
    monkeypatch.setattr("ledger.keyring._COSTS", {"iterations": 1, "lanes": 1, "memory_cost": 8})
    create_keyring(tmp_path / "keyring", b"passphrase")
    return lambda: FileKeyring(tmp_path / "keyring", b"passphrase")


@pytest.fixture
def provider(open_again: Open) -> KeyProvider:
    provider = open_again()
    provider.create_epoch("open-2026")
    return provider


def test_a_wrapped_key_opens_in_another_process(provider: KeyProvider, open_again: Open) -> None:
    wrapped = provider.wrap("open-2026", SECRET, CONTEXT)
    assert SECRET not in wrapped
    assert open_again().unwrap("open-2026", wrapped, CONTEXT) == SECRET
    assert provider.unwrap("open-2026", wrapped, CONTEXT) == SECRET


def test_a_key_is_never_wrapped_twice_alike(provider: KeyProvider) -> None:
    assert len({provider.wrap("open-2026", SECRET, CONTEXT) for _ in range(10)}) == 10


@pytest.mark.parametrize(
    "other",
    [
        CONTEXT._replace(origin="titleix.other.edu/log"),
        CONTEXT._replace(key_id=UUID(int=3)),
        CONTEXT._replace(owner_kind="witness"),
        CONTEXT._replace(owner_id=UUID(int=1)),
    ],
)
def test_a_wrapped_key_is_bound_to_its_owner(provider: KeyProvider, other: KeyContext) -> None:
    wrapped = provider.wrap("open-2026", SECRET, CONTEXT)
    with pytest.raises(KeyRefused):
        provider.unwrap("open-2026", wrapped, other)


def test_a_wrapped_key_opens_in_its_own_epoch_only(provider: KeyProvider) -> None:
    provider.create_epoch("open-2027")
    wrapped = provider.wrap("open-2026", SECRET, CONTEXT)
    with pytest.raises(KeyRefused):
        provider.unwrap("open-2027", wrapped, CONTEXT)
    assert provider.unwrap("open-2026", wrapped, CONTEXT) == SECRET


def test_an_epoch_that_was_never_made_wraps_and_opens_nothing(provider: KeyProvider) -> None:
    wrapped = provider.wrap("open-2026", SECRET, CONTEXT)
    with pytest.raises(KeyRefused, match="no key of the epoch open-2028"):
        provider.wrap("open-2028", SECRET, CONTEXT)
    with pytest.raises(KeyRefused, match="no key of the epoch open-2028"):
        provider.unwrap("open-2028", wrapped, CONTEXT)


@pytest.mark.parametrize("spoil", [slice(0, 0), slice(0, 5), slice(0, 20), slice(0, -1)])
def test_what_was_cut_short_is_refused(provider: KeyProvider, spoil: slice) -> None:
    wrapped = provider.wrap("open-2026", SECRET, CONTEXT)
    with pytest.raises(KeyRefused):
        provider.unwrap("open-2026", wrapped[spoil], CONTEXT)


def test_what_was_changed_is_refused_wherever_it_was(provider: KeyProvider) -> None:
    wrapped = provider.wrap("open-2026", SECRET, CONTEXT)
    for place in (0, 12, len(wrapped) - 17, len(wrapped) - 1):
        changed = bytearray(wrapped)
        changed[place] ^= 1
        with pytest.raises(KeyRefused):
            provider.unwrap("open-2026", bytes(changed), CONTEXT)
    assert provider.unwrap("open-2026", wrapped, CONTEXT) == SECRET


def test_an_epoch_is_made_once(provider: KeyProvider, open_again: Open) -> None:
    wrapped = provider.wrap("open-2026", SECRET, CONTEXT)
    open_again().create_epoch("open-2026")
    provider.create_epoch("open-2026")
    assert provider.unwrap("open-2026", wrapped, CONTEXT) == SECRET
    assert open_again().unwrap("open-2026", wrapped, CONTEXT) == SECRET


def test_of_many_that_make_an_epoch_at_once_all_open_what_any_wrapped(open_again: Open) -> None:
    providers = [open_again() for _ in range(4)]

    def wrap(provider: KeyProvider) -> bytes:
        provider.create_epoch("open-2026")
        return provider.wrap("open-2026", SECRET, CONTEXT)

    with ThreadPoolExecutor(len(providers)) as pool:
        wrapped = list(pool.map(wrap, providers))
    for provider in providers:
        assert {provider.unwrap("open-2026", each, CONTEXT) for each in wrapped} == {SECRET}


@pytest.mark.parametrize(
    "name", ["", "../open-2026", "open", "open-26", "open-2026/x", "OPEN-2026"]
)
def test_only_the_name_of_an_epoch_is_one(provider: KeyProvider, name: str) -> None:
    for ask in (
        lambda: provider.create_epoch(name),
        lambda: provider.wrap(name, SECRET, CONTEXT),
        lambda: provider.unwrap(name, bytes(60), CONTEXT),
    ):
        with pytest.raises(KeyRefused, match="not the name of an epoch"):
            ask()


def test_epochs_of_disposal_are_epochs(provider: KeyProvider) -> None:
    provider.create_epoch("dispose-2033Q4")
    wrapped = provider.wrap("dispose-2033Q4", SECRET, CONTEXT)
    assert provider.unwrap("dispose-2033Q4", wrapped, CONTEXT) == SECRET


def test_a_token_is_the_same_in_every_process_and_another_under_every_key(
    provider: KeyProvider, open_again: Open
) -> None:
    for name in ("index-name-1", "index-name-2", "index-institutional_id-1"):
        provider.create_index_key(name)
        open_again().create_index_key(name)  # It is there.
    token = provider.mac("index-name-1", DIGEST)
    assert len(token) == 32
    assert token not in (DIGEST, sha256(DIGEST).digest())
    assert token == provider.mac("index-name-1", DIGEST)
    assert token == open_again().mac("index-name-1", DIGEST)
    others = {provider.mac(name, DIGEST) for name in ("index-name-2", "index-institutional_id-1")}
    assert len(others | {token, provider.mac("index-name-1", bytes(32))}) == 4


def test_an_index_key_that_was_never_made_gives_no_token(provider: KeyProvider) -> None:
    with pytest.raises(KeyRefused, match="no index key index-name-1"):
        provider.mac("index-name-1", DIGEST)


@pytest.mark.parametrize("name", ["", "index", "index-name", "index-name-0", "../index-a-1", "a-1"])
def test_only_the_name_of_an_index_key_names_one(provider: KeyProvider, name: str) -> None:
    with pytest.raises(KeyRefused, match="not the name of an index key"):
        provider.create_index_key(name)
    with pytest.raises(KeyRefused, match="not the name of an index key"):
        provider.mac(name, DIGEST)


@pytest.mark.parametrize("given", [b"", b"jane roe", bytes(31), bytes(33)])
def test_only_a_digest_is_given_to_a_provider(provider: KeyProvider, given: bytes) -> None:
    provider.create_index_key("index-name-1")
    with pytest.raises(KeyRefused, match="only a SHA-256"):
        provider.mac("index-name-1", given)


def test_no_error_and_no_repr_shows_a_secret(provider: KeyProvider) -> None:
    wrapped = provider.wrap("open-2026", SECRET, CONTEXT)
    with pytest.raises(KeyRefused) as refused:
        provider.unwrap("open-2026", wrapped, CONTEXT._replace(owner_kind="case"))
    shown = repr(provider) + "".join(traceback.format_exception(refused.value))
    for secret in (SECRET.decode(), SECRET.hex(), "passphrase", "a PIN for tests"):
        assert secret not in shown


def test_a_key_store_works_over_it(databases: Databases, open_again: Open) -> None:
    origin = databases.identity.origin
    with (
        KeyStore(databases.urls.keys, open_again(), origin) as one,
        KeyStore(databases.urls.keys, open_again(), origin) as other,
    ):
        one.provision()
        key = one.for_owner("party", UUID(int=7))
        assert other.find([key.key_id])[key.key_id].check_value == key.check_value
        assert other.mac("request", b"body") == one.mac("request", b"body")


def test_keys_move_to_another_epoch(databases: Databases, open_again: Open) -> None:
    origin = databases.identity.origin
    with KeyStore(
        databases.urls.keys, open_again(), origin, now=lambda: datetime(2026, 6, 1, tzinfo=UTC)
    ) as store:
        keys = [store.for_owner("party", UUID(int=n)) for n in range(5)]
    moved = rotate(databases.keys_admin, open_again(), origin, "open-2027")
    with KeyStore(databases.urls.keys, open_again(), origin) as store:
        found = store.find([key.key_id for key in keys])
    assert moved == Rotated(5, [], {})
    assert {key.epoch for key in found.values()} == {"open-2027"}
    assert {key.check_value for key in found.values()} == {key.check_value for key in keys}
