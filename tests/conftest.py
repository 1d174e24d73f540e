"""Real PostgreSQL for the tests: the embedded server, or the one that MUNIMENT_ADMIN_URL names.

A given server must be there for tests: its muniment roles get new passwords. Tests of what the
database refuses run on Debian's PostgreSQL 15 too, where that is installed (`each_cluster`).
"""

import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from api import logs
from ledger.server import Server
from tests.databases import Cluster, Databases
from tests.softhsm import SoftHsm

POSTGRESQL_15 = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture(autouse=True)
def unlogged() -> Iterator[None]:
    """Logging as it was: a program under test sets it up for its whole process."""
    yield
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if not isinstance(one, logs._Quiet)]
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def short_folder() -> Iterator[Path]:
    """A folder for the whole run, with a name short enough for a socket in it."""
    with tempfile.TemporaryDirectory(prefix="muniment-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def cluster(short_folder: Path) -> Iterator[Cluster]:
    """The server that tests run on."""
    given = os.environ.get("MUNIMENT_ADMIN_URL")
    if given:
        cluster = Cluster(given, short_folder / "given")
        yield cluster
        cluster.close()
        return
    with Server(short_folder / "embedded") as server:
        yield Cluster(server.admin_url, short_folder / "embedded")


@pytest.fixture(scope="session")
def cluster_15(short_folder: Path) -> Iterator[Cluster]:
    """The oldest server that is supported."""
    with Server(short_folder / "15", binaries=POSTGRESQL_15) as server:
        yield Cluster(server.admin_url, short_folder / "15")


@pytest.fixture(
    scope="session", params=["cluster", "cluster_15"] if POSTGRESQL_15.exists() else ["cluster"]
)
def each_cluster(request: pytest.FixtureRequest) -> Cluster:
    """Every server in turn that is here."""
    cluster: Cluster = request.getfixturevalue(request.param)
    return cluster


@pytest.fixture(scope="session")
def softhsm_token(tmp_path_factory: pytest.TempPathFactory) -> SoftHsm:
    return SoftHsm(tmp_path_factory.mktemp("softhsm"))


@pytest.fixture
def softhsm(softhsm_token: SoftHsm) -> SoftHsm:
    """An empty token of SoftHSM. Only tests that are left out without it ask for this."""
    softhsm_token.empty()
    return softhsm_token


@pytest.fixture
def new_databases(cluster: Cluster) -> Iterator[Callable[..., Databases]]:
    """Make any number of database pairs: new_databases(use="opened", clock="simulated")."""
    yield from _new(cluster)


@pytest.fixture
def databases(new_databases: Callable[..., Databases]) -> Databases:
    """One pair, its identity for tests: any topic, no opening."""
    return new_databases()


@pytest.fixture
def opened(new_databases: Callable[..., Databases]) -> Databases:
    """One pair, its identity as in production: the first event must be LedgerOpened."""
    return new_databases(use="opened")


@pytest.fixture
def each_new(each_cluster: Cluster) -> Iterator[Callable[..., Databases]]:
    """The same as new_databases, on every server in turn."""
    yield from _new(each_cluster)


def _new(cluster: Cluster) -> Iterator[Callable[..., Databases]]:
    made: list[Databases] = []

    def new(**words: str) -> Databases:
        made.append(cluster.new(**words))  # type: ignore[arg-type]  # Checked where it is called.
        return made[-1]

    yield new
    for databases in made:
        cluster.drop(databases)
