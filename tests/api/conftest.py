"""The demo institution on a real database, and everybody who may sign in to it."""

import json
from collections.abc import Callable, Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

from api import logs, stories
from api.app import build
from api.installation import FIRST_INSTANT
from api.issuer import LocalIssuer
from api.record import Record, open_record
from api.settings import Settings
from api.shown import Shown
from domain.ids import staff_stream
from ledger.keyring import FileKeyring, create_keyring
from ledger.keys import KeyStore
from projections import VIEWS
from projections.projector import Projector
from tests.databases import Cluster, Databases

PASSPHRASE = b"for tests"

NewSite: TypeAlias = "Callable[..., Site]"


class Site:
    """An API over one ledger, its views kept by hand: `project` brings them to the head."""

    def __init__(self, databases: Databases, record: Record, home: Path, **settings: Any) -> None:
        self.databases, self.record = databases, record
        self.settings = Settings(home=home, wait_seconds=0.05, **settings)
        self.shown = Shown(databases.urls.reader)
        self.issuer = LocalIssuer(self.settings.issuer_key)
        self.app = build(record, self.shown, self.settings)
        self.client = TestClient(self.app, raise_server_exceptions=False)
        self.cases: dict[str, UUID] = {}

    def load(self, files: Sequence[Path]) -> None:
        """The set-up and these stories; `cases` are their cases by the story's number."""
        lines = stories.read([stories.setup_story(), *files])
        results = list(stories.Loader(self.record, uuid4()).run(lines))
        assert all(result.as_written for result in results)
        self.cases = {
            result.file.split("-")[0]: result.on
            for result in results
            if result.do in ("ReceiveReport", "ReportTypeOnly")
        }
        self.project()

    def project(self) -> None:
        for view in VIEWS:
            with Projector(self.databases.urls.projector, view, alert=print) as projector:
                projector.prepare()
                projector.catch_up()

    def staff(self, name: str) -> UUID:
        """The staff id that a sign-in name leads to."""
        return staff_stream(self.record.id, self.record.mac("sign-in", name))

    def destroy_key(self, owner: UUID) -> None:
        """As the step that lets go of records will: the key is gone, and nothing else."""
        with self.databases.connect("keys_admin") as db:
            db.execute("ALTER TABLE vault.keys DISABLE TRIGGER keep")
            db.execute("DELETE FROM vault.keys WHERE owner_id = %s", [owner])
            db.execute("ALTER TABLE vault.keys ENABLE ALWAYS TRIGGER keep")

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
    """A site with all that is shipped; tests add cases of their own, and may move its clock."""
    databases = cluster.new(use="opened", clock="simulated")
    with opened(databases, keyring) as record:
        site = Site(databases, record, tmp_path_factory.mktemp("demo"))
        site.load(stories.shipped())
        yield site
        site.shown.close()
    cluster.drop(databases)


@pytest.fixture
def logged() -> Callable[[], list[dict[str, Any]]]:
    """What was logged meanwhile, a record a line."""
    stream = StringIO()
    logs.set_up("test", stream=stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.fixture
def new_site(
    new_databases: Callable[..., Databases], keyring: FileKeyring, tmp_path: Path
) -> Iterator[NewSite]:
    """Any number of sites without a set-up: new_site(clock="real")."""
    made: list[Site] = []

    def new(clock: str = "simulated", **settings: Any) -> Site:
        databases = new_databases(use="opened", clock=clock)
        home = tmp_path / str(len(made))
        made.append(Site(databases, opened(databases, keyring), home, **settings))
        return made[-1]

    yield new
    for site in made:
        site.shown.close()
        site.record.close()
