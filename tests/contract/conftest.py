"""Ledgers of every kind for the contract tests, on a real server."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ledger.keyring import FileKeyring, create_keyring
from ledger.keys import KeyStore
from ledger.recorder import LedgerDatastore, LedgerRecorder
from ledger.store import Ledger
from tests.contract.notes import Notes
from tests.contract.rows import request
from tests.contract.writer import SERVERS, Writer, opening
from tests.databases import Cluster, Databases


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


# Writers for tests of the append function.


@pytest.fixture(scope="module", params=SERVERS, ids=" ".join)
def new_writer(request: pytest.FixtureRequest) -> Iterator[Callable[..., Writer]]:
    """Writers of new ledgers: new_writer(use="opened")."""
    server, company = request.param
    cluster: Cluster = request.getfixturevalue(server)
    made: list[Writer] = []

    def new(**words: Any) -> Writer:
        made.append(Writer(cluster.new(**words), company))
        return made[-1]

    yield new
    for writer in made:
        writer.commit.close()
        cluster.drop(writer.databases)


@pytest.fixture(scope="module")
def shared(new_writer: Callable[..., Writer]) -> Callable[..., Writer]:
    """One ledger of each kind: making a database takes longer than a test."""
    made: dict[str, Writer] = {}

    def get(name: str, **words: Any) -> Writer:
        if name not in made:
            made[name] = new_writer(**words)
        made[name].head, made[name].other = 0, False
        made[name].head = made[name].written()
        return made[name]

    return get


@pytest.fixture
def append(shared: Callable[..., Writer]) -> Writer:
    """On a ledger for tests, with a real clock."""
    return shared("test")


@pytest.fixture
def simulated(shared: Callable[..., Writer]) -> Writer:
    return shared("simulated", clock="simulated")


@pytest.fixture
def unopened(shared: Callable[..., Writer]) -> Writer:
    return shared("unopened", use="opened")


@pytest.fixture
def opened(shared: Callable[..., Writer]) -> Writer:
    writer = shared("opened", use="opened")
    writer(request(opening(writer.identity), command_id=writer.identity.ledger))
    return shared("opened")
