"""Numbered plain SQL, applied in order, each file once, its hash recorded; never edited afterwards.

`0001_events.sql` runs as the owner of the schema. `.admin.sql` runs as the administrator, because
the owner must not own it; so does `.superuser.sql`, left out where the administrator is none.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

from psycopg import Connection
from psycopg.sql import SQL, Identifier

from ledger.events import Migration
from ledger.roles import KEYS_OWNER, OWNER, is_superuser


class MigrationError(Exception):
    """One line for people: why the migrations in this folder do not fit this database."""


class Plan(NamedTuple):
    """Which files make which schema, and whose it is. Applied files are listed in that schema."""

    folder: Path
    schema: str
    owner: str


LEDGER = Plan(Path(__file__).parent / "migrations", "muniment", OWNER)
KEY_STORE = Plan(Path(__file__).parent / "migrations_keys", "vault", KEYS_OWNER)

# Changes to the ledger's schema are refused by these (0006) until the administrator lifts them.
EVENT_TRIGGERS = "SELECT evtname FROM pg_event_trigger WHERE evtname LIKE 'muniment%'"


def applied(connection: Connection, plan: Plan = LEDGER) -> list[Migration]:
    """What was applied to this database, in order. Every role of the ledger may ask."""
    table = f"{plan.schema}.migrations"
    if connection.execute("SELECT to_regclass(%s)", [table]).fetchone() == (None,):
        return []
    rows = SQL("SELECT number, sha256 FROM {} ORDER BY number").format(
        Identifier(plan.schema, "migrations")
    )
    return [Migration(number=row[0], sha256=row[1]) for row in connection.execute(rows)]


def pending(connection: Connection, plan: Plan = LEDGER) -> list[Path]:
    """The files still to apply. MigrationError where an applied file has changed or is missing."""
    known = {migration.number: migration.sha256 for migration in applied(connection, plan)}
    files = {int(file.name[:4]): file for file in sorted(plan.folder.glob("*.sql"))}
    for number, sha256 in known.items():
        if number not in files:
            raise MigrationError(f"migration {number:04} is unknown here: use the newer version")
        if _sha256(files[number]) != sha256:
            raise MigrationError(
                f"{files[number].name} has changed since it was applied: restore it, add a new file"
            )
    return [file for number, file in files.items() if number not in known]


def migrate(admin: Connection, plan: Plan = LEDGER) -> list[Migration]:
    """Apply what is pending, each file in a transaction of its own, and return it.

    The connection is the administrator's, in autocommit mode. Two runs at once take turns.
    """
    superuser = is_superuser(admin)
    admin.execute("SELECT pg_advisory_lock(7885654277)")
    try:
        files = [
            file
            for file in pending(admin, plan)
            if superuser or not file.name.endswith(".superuser.sql")
        ]
        return [_apply(admin, plan, file) for file in files]
    finally:
        admin.execute("SELECT pg_advisory_unlock(7885654277)")


def _apply(admin: Connection, plan: Plan, file: Path) -> Migration:
    migration = Migration(number=int(file.name[:4]), sha256=_sha256(file))
    owner, here = Identifier(plan.owner), Identifier(admin.info.dbname)
    as_owner = SQL("SET LOCAL ROLE {}").format(owner)
    list_name = Identifier(plan.schema, "migrations")
    with admin.transaction():
        lifted = [Identifier(name) for (name,) in admin.execute(EVENT_TRIGGERS)]
        for trigger in lifted:
            admin.execute(SQL("ALTER EVENT TRIGGER {} DISABLE").format(trigger))
        # The owner may make schemas only while it migrates.
        admin.execute(SQL("GRANT CREATE ON DATABASE {} TO {}").format(here, owner))
        if file.name.count(".") == 1:
            admin.execute(as_owner)
        admin.execute(file.read_bytes())
        admin.execute(as_owner)
        if not applied(admin, plan):
            admin.execute(
                SQL(
                    "CREATE TABLE {} (number int PRIMARY KEY, name text NOT NULL,"
                    " sha256 text NOT NULL,"
                    " applied_at timestamptz NOT NULL DEFAULT clock_timestamp())"
                ).format(list_name)
            )
        admin.execute(
            SQL("INSERT INTO {} (number, name, sha256) VALUES (%s, %s, %s)").format(list_name),
            [migration.number, file.name, migration.sha256],
        )
        admin.execute("RESET ROLE")
        admin.execute(SQL("REVOKE CREATE ON DATABASE {} FROM {}").format(here, owner))
        for trigger in lifted:
            admin.execute(SQL("ALTER EVENT TRIGGER {} ENABLE ALWAYS").format(trigger))
    return migration


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
