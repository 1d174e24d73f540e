"""From an empty server to one that can hold a ledger; and what is said of one that cannot."""

import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import msgspec
import psycopg
import pytest
from psycopg import errors
from psycopg.errors import InsufficientPrivilege

import ledger.provision
from ledger.checkup import Finding, check_server, missing_layers
from ledger.commit import GroupCommit
from ledger.identity import Identity
from ledger.migrate import LEDGER, MigrationError, Plan, applied, migrate, pending
from ledger.provision import ProvisionError, admit, create_database, provision
from ledger.roles import KEY_ROLES, LEDGER_ROLES, Urls, password_file, url_of
from ledger.server import Server
from tests.conftest import POSTGRESQL_15
from tests.contract.rows import batch, request, rows, words
from tests.databases import Cluster, Databases

ONE_SERVER = Finding(
    "keys and ledger are on one server: its backups hold both",
    "fine for a demonstration; in production give the keys a server of their own",
    serious=False,
)
NO_EVENT_TRIGGERS = (
    "missing layer, event triggers: who owns the tables could take the row triggers away"
)


def identity() -> Identity:
    return Identity(
        ledger=uuid4(),
        origin="titleix.example.edu/log",
        institution="Example College of Medicine",
        zone="America/Chicago",
        clock="real",
        use="opened",
    )


@pytest.fixture(scope="module")
def empty(short_folder: Path) -> Iterator[Server]:
    """A server of our own: roles are the cluster's, and here they get other passwords."""
    with Server(short_folder / "provision") as server:
        yield server


@pytest.fixture(scope="module")
def own(empty: Server) -> Cluster:
    return Cluster(empty.admin_url, empty.folder)


@pytest.fixture
def pair(own: Cluster) -> Iterator[Databases]:
    databases = own.new(use="opened")
    yield databases
    own.drop(databases)


@pytest.fixture
def names() -> dict[str, str]:
    name = f"muniment_{uuid4().hex[:8]}"
    return {"ledger_db": name, "keys_db": f"{name}_keys"}


@pytest.fixture
def home(own: Cluster) -> Path:
    return own.home


@pytest.fixture
def later(tmp_path: Path) -> Callable[[str], Plan]:
    """Give the ledger's migrations with one more."""

    def plan(text: str) -> Plan:
        folder = tmp_path / "migrations"
        shutil.copytree(LEDGER.folder, folder)
        (folder / "0099_later.sql").write_text(text)
        return LEDGER._replace(folder=folder)

    return plan


def test_doing_it_twice_changes_nothing(empty: Server, home: Path, names: dict[str, str]) -> None:
    who = identity()

    urls, migrated = provision(empty.admin_url, home, identity=who, **names)
    again = provision(empty.admin_url, home, identity=who, **names)

    assert [migration.number for migration in migrated] == [1, 2, 3, 4, 5, 6]
    assert again == (urls, [])
    with psycopg.connect(urls.reader) as reader:
        assert applied(reader) == migrated
    assert check_server(urls) == [ONE_SERVER]


def test_each_role_has_its_own_way_in(pair: Databases) -> None:
    found = {}
    for role in Urls.__struct_fields__:
        with psycopg.connect(getattr(pair.urls, role)) as connection:
            found[role] = connection.execute("SELECT current_user").fetchone()

    assert found == {
        "owner_migrator": ("muniment_migrator",),
        "writer": ("muniment_writer",),
        "projector": ("muniment_projector",),
        "reader": ("muniment_reader",),
        "auditor": ("muniment_auditor",),
        "checkpointer": ("muniment_checkpointer",),
        "keys": ("muniment_keys",),
    }


def test_nobody_else_gets_in(empty: Server, pair: Databases) -> None:
    with psycopg.connect(empty.admin_url, autocommit=True) as admin:
        admin.execute("CREATE ROLE outsider LOGIN PASSWORD 'known'")
    for url in (pair.admin, pair.keys_admin):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(url, user="outsider", password="known")


def test_passwords_are_private_and_are_never_printed(home: Path, pair: Databases) -> None:
    file = password_file(home)

    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert repr(pair.urls) == "Urls()"


def test_lost_passwords_are_replaced(empty: Server, home: Path, names: dict[str, str]) -> None:
    who = identity()
    before = provision(empty.admin_url, home, identity=who, **names).urls
    password_file(home).unlink()

    after = provision(empty.admin_url, home, identity=who, **names).urls

    assert check_server(after) == [ONE_SERVER]
    assert check_server(before)[0].what.startswith("the owner_migrator role cannot connect: ")
    assert len(check_server(before)) == len(Urls.__struct_fields__)


def test_of_many_at_once_each_migration_runs_once(
    empty: Server, home: Path, names: dict[str, str]
) -> None:
    who = identity()
    together = threading.Barrier(3)

    def one(_: int) -> ledger.provision.Provisioned:
        together.wait()
        return provision(empty.admin_url, home, identity=who, **names)

    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(one, range(3)))

    assert sorted(m.number for result in results for m in result.migrated) == [1, 2, 3, 4, 5, 6]
    assert results[0].urls == results[1].urls == results[2].urls


def test_a_database_belongs_to_one_ledger(empty: Server, home: Path, names: dict[str, str]) -> None:
    first = identity()
    provision(empty.admin_url, home, identity=first, **names)

    with pytest.raises(ProvisionError, match=f"holds another ledger .*{first.ledger}"):
        provision(empty.admin_url, home, identity=identity(), **names)


def test_a_server_too_old_is_refused(
    empty: Server, home: Path, names: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger.provision, "OLDEST_SERVER", 990000)

    with pytest.raises(ProvisionError, match="PostgreSQL 15 or newer is needed"):
        provision(empty.admin_url, home, identity=identity(), **names)


def test_a_later_migration_lifts_the_guard_for_itself_alone(
    pair: Databases, later: Callable[[str], Plan]
) -> None:
    plan = later(
        "CREATE SCHEMA extra; CREATE TABLE muniment.more (n int);"
        "GRANT SELECT ON muniment.more TO muniment_reader"
    )
    with pair.connect("admin") as admin:
        (done,) = migrate(admin, plan)
        assert done.number == 99
        assert applied(admin)[-1] == done
        assert pending(admin, plan) == []
    with pair.connect("reader") as reader:
        # The layers are whole again, but the new table brought no triggers of its own.
        assert missing_layers(reader) == [
            "row triggers: who owns the tables could change a row",
        ]
    with pair.connect("owner") as owner:
        for attempt in (b"DROP TABLE muniment.more", b"CREATE SCHEMA another"):
            with pytest.raises(InsufficientPrivilege):
                owner.execute(attempt)


def test_a_migration_that_fails_leaves_nothing(
    pair: Databases, later: Callable[[str], Plan]
) -> None:
    with pair.connect("admin") as admin:
        before = applied(admin)
        with pytest.raises(errors.SyntaxError):
            migrate(admin, later("CREATE TABLE muniment.half (n int); CREATE NONSENSE"))

        assert applied(admin) == before
        assert admin.execute("SELECT to_regclass('muniment.half')").fetchone() == (None,)
        assert missing_layers(admin) == []


def test_a_migration_is_never_edited(pair: Databases, later: Callable[[str], Plan]) -> None:
    plan = later("SELECT 1")
    with pair.connect("admin") as admin:
        migrate(admin, plan)
        (plan.folder / "0099_later.sql").write_text("SELECT 2")
        with pytest.raises(MigrationError, match=r"0099_later\.sql has changed since"):
            migrate(admin, plan)
        (plan.folder / "0099_later.sql").unlink()
        with pytest.raises(MigrationError, match="migration 0099 is unknown here"):
            migrate(admin, plan)


@pytest.fixture(params=["embedded", "15"] if POSTGRESQL_15.exists() else ["embedded"])
def managed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, str]]:
    """A server, and its administrator who is no superuser, as on managed services."""
    folder = request.getfixturevalue("short_folder") / f"managed-{request.param}"
    binaries = POSTGRESQL_15 if request.param == "15" else None
    with Server(folder, binaries=binaries) as server:
        with psycopg.connect(server.admin_url, autocommit=True) as admin:
            admin.execute("CREATE ROLE cloud LOGIN CREATEROLE CREATEDB PASSWORD 'cloud'")
        yield server, url_of(server.admin_url, "postgres", "cloud", "cloud")


def test_without_a_superuser_one_layer_is_missing_and_is_named(
    managed: tuple[Server, str], tmp_path: Path
) -> None:
    server, admin_url = managed
    who = msgspec.structs.replace(identity(), use="test")

    urls, migrated = provision(admin_url, tmp_path, identity=who)

    assert [migration.number for migration in migrated] == [1, 2, 3, 4, 5]
    layer = Finding(
        NO_EVENT_TRIGGERS,
        "run `muniment migrate` with a superuser; a managed server may give none",
        serious=False,
    )
    assert check_server(urls) == [layer, ONE_SERVER]
    commit = GroupCommit(lambda: psycopg.connect(urls.writer, autocommit=True))
    assert words(batch(commit, request(*rows(uuid4(), 1)))) == ["written"]
    commit.close()
    with psycopg.connect(urls.owner_migrator) as owner:
        owner.execute("SET ROLE muniment_owner")
        with pytest.raises(InsufficientPrivilege, match="is append-only"):
            owner.execute("DELETE FROM muniment.events")
    assert provision(admin_url, tmp_path, identity=who) == (urls, [])

    # One who is a superuser closes it later.
    assert [m.number for m in provision(server.admin_url, tmp_path, identity=who).migrated] == [6]
    assert check_server(urls) == [ONE_SERVER]


def test_keys_on_a_server_of_their_own_are_better(pair: Databases, databases: Databases) -> None:
    apart = msgspec.structs.replace(pair.urls, keys=databases.urls.keys)

    assert check_server(apart) == []


def test_databases_without_tables_are_named(
    empty: Server, home: Path, names: dict[str, str]
) -> None:
    urls = ledger.provision.prepare(empty.admin_url, home, **names)
    for database, roles in (
        (names["ledger_db"], LEDGER_ROLES),
        (names["keys_db"], KEY_ROLES),
    ):
        create_database(empty.admin_url, database)
        admit(empty.admin_url, database, roles)

    assert [finding.what for finding in check_server(urls)] == ["the tables are not made"]


UNCLOSE = "ALTER EVENT TRIGGER muniment_closed DISABLE"
CLOSE = "ALTER EVENT TRIGGER muniment_closed ENABLE ALWAYS"
UNGUARD = "ALTER TABLE muniment.{0} DISABLE TRIGGER rows_stay"
GUARD = "ALTER TABLE muniment.{0} ENABLE ALWAYS TRIGGER rows_stay"


def behind(table: str, statement: str) -> list[str]:
    """What a superuser does who goes behind the guard."""
    return [UNCLOSE, UNGUARD.format(table), statement, GUARD.format(table), CLOSE]


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        ([UNCLOSE], NO_EVENT_TRIGGERS),
        (
            [UNCLOSE, "ALTER TABLE muniment.claims DISABLE TRIGGER table_stays", CLOSE],
            "missing layer, row triggers: who owns the tables could change a row",
        ),
        (
            [UNCLOSE, "GRANT INSERT ON muniment.events TO muniment_writer", CLOSE],
            "muniment_writer may write to muniment.events",
        ),
        (
            ["ALTER ROLE muniment_writer IN DATABASE {0} SET synchronous_commit = off"],
            "synchronous_commit is off: a crash could lose what was recorded",
        ),
        (
            behind("migrations", "DELETE FROM muniment.migrations WHERE number = 5"),
            "not yet migrated: 0005_append_only.sql",
        ),
        (
            behind("migrations", "UPDATE muniment.migrations SET sha256 = '' WHERE number = 2"),
            "0002_append.sql has changed since it was applied: restore it, add a new file",
        ),
        (behind("identity", "DELETE FROM muniment.identity"), "the ledger has no identity"),
        (
            behind("identity", "UPDATE muniment.identity SET zone = 'Europe/Paris'"),
            "the identity of this database is not the one that its first event opened",
        ),
    ],
)
def test_each_damage_is_found_and_a_remedy_named(
    pair: Databases, damage: list[str], what: str
) -> None:
    open_ledger(pair)
    assert check_server(pair.urls) == [ONE_SERVER]
    with pair.connect("admin") as admin:
        for statement in damage:
            admin.execute(statement.format(admin.info.dbname).encode())

    found, one_server = check_server(pair.urls)

    assert found.what == what
    assert found.mend
    assert one_server == ONE_SERVER


def open_ledger(databases: Databases) -> None:
    who = msgspec.to_builtins(databases.identity)
    del who["use"]
    opening = rows(databases.identity.ledger, 1, topic="LedgerOpened/1")[0]
    state = msgspec.json.encode({"envelope": {}, "event": who})
    commit = GroupCommit(lambda: psycopg.connect(databases.urls.writer, autocommit=True))
    assert words(batch(commit, request(opening._replace(state=state)))) == ["written"]
    commit.close()
