"""A fresh simulated ledger, opened before the first line of any story."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from api.record import Record, open_record
from ledger.keyring import FileKeyring, create_keyring
from ledger.keys import KeyStore
from tests.databases import Databases

OPENED_AT = datetime.fromisoformat("2020-08-03T08:00:00-05:00")


@pytest.fixture(scope="session")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> FileKeyring:
    folder = tmp_path_factory.mktemp("keyring")
    folder.chmod(0o700)
    create_keyring(folder, b"for tests")
    return FileKeyring(folder, b"for tests")


@pytest.fixture
def simulated(new_databases: Callable[..., Databases]) -> Databases:
    return new_databases(use="opened", clock="simulated")


@pytest.fixture
def record(simulated: Databases, keyring: FileKeyring) -> Iterator[Record]:
    keys = KeyStore(simulated.urls.keys, keyring, simulated.identity.origin)
    keys.provision()
    with open_record(simulated.urls.writer, keys) as record:
        record.ledger.open([], given_at=OPENED_AT)
        yield record


EXPECTED = Path(__file__).with_name("expected.json")
