"""Make the two databases, their roles and tables on any PostgreSQL; say what a set-up lacks."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from psycopg import Connection, connect
from psycopg.sql import SQL, Identifier

from ledger.events import Migration
from ledger.identity import Identity
from ledger.migrate import KEY_STORE, LEDGER, Plan, migrate
from ledger.roles import (
    KEY_ROLES,
    LEDGER_ROLES,
    OWNER,
    Urls,
    ensure_roles,
    load_passwords,
    password_file,
    role_urls,
    url_of,
)

OLDEST_SERVER = 150000  # PostgreSQL 15: PUBLIC may no longer create tables in every database.


class ProvisionError(Exception):
    """One line for people: why this server cannot hold this ledger."""


class Provisioned(NamedTuple):
    """Where each role connects, and the migrations that this run applied to the ledger."""

    urls: Urls
    migrated: list[Migration]


def provision(
    admin_url: str,
    home: Path,
    *,
    identity: Identity,
    ledger_db: str = "muniment",
    keys_db: str = "muniment_keys",
) -> Provisioned:
    """Bring a server to where this ledger can run on it. Running it again changes nothing.

    Passwords are kept in `home`, one per role; a server has one home: roles are the cluster's.
    The caller records `migrated` (LedgerOpened before all else, SchemaMigrated later). Raises
    ProvisionError, MigrationError, or psycopg's errors where the server or a right is missing.
    """
    urls = prepare(admin_url, home, ledger_db=ledger_db, keys_db=keys_db)
    for database, plan, roles in (
        (keys_db, KEY_STORE, KEY_ROLES),
        (ledger_db, LEDGER, LEDGER_ROLES),
    ):
        create_database(admin_url, database)
        migrated = migrate_database(admin_url, database, plan)
        admit(admin_url, database, roles)
    write_identity(admin_url, ledger_db, identity)
    return Provisioned(urls, migrated)


def prepare(admin_url: str, home: Path, *, ledger_db: str, keys_db: str) -> Urls:
    """Make the roles, and return where they will connect."""
    with _locked(admin_url) as admin:
        if admin.info.server_version < OLDEST_SERVER:
            raise ProvisionError("PostgreSQL 15 or newer is needed")
        passwords = load_passwords(password_file(home))
        with admin.transaction():
            ensure_roles(admin, passwords)
    return role_urls(admin_url, passwords, ledger_db, keys_db)


def create_database(admin_url: str, name: str, *, template: str = "template0") -> None:
    """Make a database unless it is there. It is the administrator's: no role of ours owns it."""
    with _locked(admin_url) as admin:
        if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return
        # Byte order: the same on every version and operating system, so no index ever goes stale.
        admin.execute(
            SQL(
                "CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C'"
            ).format(Identifier(name), Identifier(template))
        )


def migrate_database(admin_url: str, name: str, plan: Plan) -> list[Migration]:
    """Apply what is pending to one database, and return it."""
    with connect(url_of(admin_url, name), autocommit=True) as admin:
        return migrate(admin, plan)


def admit(admin_url: str, name: str, roles: Sequence[str]) -> None:
    """Let these roles in, and nobody else: they may connect, and that is all."""
    database = Identifier(name)
    with _locked(admin_url) as admin, admin.transaction():
        admin.execute(SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
        admin.execute(
            SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
                database, SQL(", ").join(map(Identifier, roles))
            )
        )


def write_identity(admin_url: str, name: str, identity: Identity) -> None:
    """Say once which ledger this database is. ProvisionError where it is another one."""
    columns = tuple(identity.__struct_fields__)
    mine = [getattr(identity, column) for column in columns]
    listed = SQL(", ").join(map(Identifier, columns))
    with connect(url_of(admin_url, name)) as admin:
        admin.execute(SQL("SET LOCAL ROLE {}").format(Identifier(OWNER)))
        admin.execute(
            SQL("INSERT INTO muniment.identity ({}) VALUES ({}) ON CONFLICT DO NOTHING").format(
                listed, SQL(", ").join(SQL("%s") * len(columns))
            ),
            mine,
        )
        there = admin.execute(SQL("SELECT {} FROM muniment.identity").format(listed)).fetchone()
    if there != tuple(mine):
        raise ProvisionError(f"database {name} holds another ledger ({there and there[0]})")


@contextmanager
def _locked(admin_url: str) -> Iterator[Connection]:
    """Connect as the administrator, one provisioning at a time; closing lets go."""
    with connect(admin_url, autocommit=True) as admin:
        admin.execute("SELECT pg_advisory_lock(7885654277)")
        yield admin
