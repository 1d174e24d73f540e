"""Ledgers of every kind for the contract tests, on a real server."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ledger.keyring import FileKeyring, create_keyring
from ledger.keys import KeyStore
from ledger.recorder import LedgerDatastore, LedgerRecorder
from ledger.store import Ledger
from tests.contract.notes import Notes
from tests.databases import Databases


@pytest.fixture(scope="session")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> FileKeyring:
    folder = tmp_path_factory.mktemp("keyring")
    folder.chmod(0o700)
    create_keyring(folder, b"for tests")
    return FileKeyring(folder, b"for tests")


@pytest.fixture
def new_keys(keyring: FileKeyring) -> Iterator[Callable[[Databases], KeyStore]]:
    """A key store over a pair of databases."""
    made: list[KeyStore] = []

    def new(databases: Databases) -> KeyStore:
        made.append(KeyStore(databases.urls.keys, keyring, databases.identity.origin))
        made[-1].provision()
        return made[-1]

    yield new
    for keys in made:
        keys.close()


@pytest.fixture
def new_ledger(
    new_databases: Callable[..., Databases], new_keys: Callable[[Databases], KeyStore]
) -> Iterator[Callable[..., Ledger]]:
    """new_ledger(use="opened", clock="simulated"), or over databases that exist."""
    made: list[Ledger] = []

    def new(databases: Databases | None = None, **words: Any) -> Ledger:
        databases = databases or new_databases(**words)
        made.append(Ledger(databases.urls.writer, Notes(), new_keys(databases)))
        return made[-1]

    yield new
    for ledger in made:
        ledger.close()


@pytest.fixture
def new_recorder() -> Iterator[Callable[[Databases], LedgerRecorder]]:
    """A recorder of the writer role over databases that exist."""
    made: list[LedgerRecorder] = []

    def new(databases: Databases) -> LedgerRecorder:
        made.append(LedgerRecorder(LedgerDatastore(databases.urls.writer)))
        return made[-1]

    yield new
    for recorder in made:
        recorder.close()


@pytest.fixture
def recorder(
    databases: Databases, new_recorder: Callable[[Databases], LedgerRecorder]
) -> LedgerRecorder:
    return new_recorder(databases)
