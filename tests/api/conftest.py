"""The demo institution on a real database, and everybody who may sign in to it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

from api import stories
from api.app import build
from api.installation import FIRST_INSTANT
from api.issuer import LocalIssuer
from api.record import Record, open_record
from api.settings import Settings
from api.shown import Shown
from ledger.keyring import FileKeyring, create_keyring
from ledger.keys import KeyStore
from projections import VIEWS
from projections.projector import Projector
from tests.databases import Cluster, Databases

PASSPHRASE = b"for tests"


class Site:
    """An API over one ledger, its views kept by hand: `project` brings them to the head."""

    def __init__(self, databases: Databases, record: Record, home: Path) -> None:
        self.databases, self.record = databases, record
        self.settings = Settings(home=home, clock="simulated", wait_seconds=0.05)
        self.shown = Shown(databases.urls.reader)
        self.issuer = LocalIssuer(self.settings.issuer_key)
        self.app = build(record, self.shown, self.settings)
        self.client = TestClient(self.app, raise_server_exceptions=False)

    def project(self) -> None:
        for view in VIEWS:
            with Projector(
                self.databases.urls.projector, view, alert=lambda parked: None
            ) as projector:
                projector.prepare()
                projector.catch_up()

    def token(self, who: str, case: UUID | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.issuer.token(who, case=case)}"}

    def get(self, path: str, who: str = "coordinator-1", **more: Any) -> Any:
        case = more.pop("party_of", None)
        headers = {**self.token(who, case), **more.pop("headers", {})}
        return self.client.get(path, headers=headers, **more)

    def post(
        self,
        path: str,
        body: Any,
        who: str = "coordinator-1",
        *,
        version: int | None = 0,
        key: UUID | str | None = None,
        headers: dict[str, str] | None = None,
        party_of: UUID | None = None,
    ) -> Any:
        sent = {**self.token(who, party_of), "Idempotency-Key": str(key or uuid4())}
        if version is not None:
            sent["If-Match"] = f'"{version}"'
        sent |= headers or {}
        if isinstance(body, bytes):
            return self.client.post(path, content=body, headers=sent)
        return self.client.post(path, json=body, headers=sent)


@pytest.fixture(scope="session")
def keyring(short_folder: Path) -> FileKeyring:
    """One keyring for all: a passphrase is slow to open, on purpose."""
    create_keyring(short_folder / "keys", PASSPHRASE)
    return FileKeyring(short_folder / "keys", PASSPHRASE)


def opened(databases: Databases, keyring: FileKeyring) -> Record:
    keys = KeyStore(databases.urls.keys, keyring, databases.identity.origin)
    keys.provision()
    record = open_record(databases.urls.writer, keys)
    record.ledger.open([], FIRST_INSTANT if record.clock == "simulated" else None)
    return record


@pytest.fixture(scope="session")
def demo(cluster: Cluster, keyring: FileKeyring, tmp_path_factory: Any) -> Iterator[Site]:
    """A site with the set-up story; tests add cases of their own to it, and move its clock."""
    databases = cluster.new(use="opened", clock="simulated")
    with opened(databases, keyring) as record:
        lines = stories.read([stories.setup_story()])
        results = list(stories.Loader(record, uuid4()).run(lines))
        assert all(result.as_written for result in results)
        site = Site(databases, record, tmp_path_factory.mktemp("demo"))
        site.project()
        yield site
        site.shown.close()
    cluster.drop(databases)


@pytest.fixture
def new_site(
    new_databases: Callable[..., Databases], keyring: FileKeyring, tmp_path: Path
) -> Iterator[Callable[..., Site]]:
    """Any number of sites without a set-up: new_site(clock="real")."""
    made: list[Site] = []

    def new(clock: str = "simulated") -> Site:
        databases = new_databases(use="opened", clock=clock)
        made.append(Site(databases, opened(databases, keyring), tmp_path / str(len(made))))
        return made[-1]

    yield new
    for site in made:
        site.shown.close()
        site.record.close()
