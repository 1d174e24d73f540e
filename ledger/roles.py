"""The database roles, their passwords, and the connection URL of each."""

import json
import os
import secrets
from pathlib import Path
from urllib.parse import quote, urlencode

import msgspec
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

OWNER = "muniment_owner"
MIGRATOR = "muniment_migrator"
WRITER = "muniment_writer"
PROJECTOR = "muniment_projector"
READER = "muniment_reader"
AUDITOR = "muniment_auditor"
CHECKPOINTER = "muniment_checkpointer"
KEYS_OWNER = "muniment_keys_owner"
KEYS = "muniment_keys"

OWNERS = (OWNER, KEYS_OWNER)  # Nobody signs in as these.
LEDGER_ROLES = (MIGRATOR, WRITER, PROJECTOR, READER, AUDITOR, CHECKPOINTER)
KEY_ROLES = (KEYS,)


class Urls(msgspec.Struct, frozen=True, kw_only=True):
    """Where each role connects. Holds passwords, so it prints nothing."""

    owner_migrator: str
    writer: str
    projector: str
    reader: str
    auditor: str
    checkpointer: str
    keys: str

    def __repr__(self) -> str:
        return "Urls()"


def role_urls(admin_url: str, passwords: dict[str, str], ledger_db: str, keys_db: str) -> Urls:
    """Derive every role's URL from the administrator's: same server, own name and password."""

    def url(role: str, database: str = ledger_db) -> str:
        return url_of(admin_url, database, role, passwords[role])

    return Urls(
        owner_migrator=url(MIGRATOR),
        writer=url(WRITER),
        projector=url(PROJECTOR),
        reader=url(READER),
        auditor=url(AUDITOR),
        checkpointer=url(CHECKPOINTER),
        keys=url(KEYS, keys_db),
    )


def url_of(url: str, database: str, role: str | None = None, password: str | None = None) -> str:
    """Point a URL at another database and, where given, another role."""
    parts = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    user = role or parts.get("user", "")
    word = password or parts.get("password", "")
    rest = {name: parts[name] for name in parts.keys() - {"user", "password", "dbname"}}
    who = f"{quote(user, safe='')}:{quote(word, safe='')}"
    return f"postgresql://{who}@/{quote(database, safe='')}?{urlencode(rest, quote_via=quote)}"


def password_file(home: Path) -> Path:
    return home / "secrets" / "roles.json"


def load_passwords(file: Path) -> dict[str, str]:
    """Read the roles' passwords, making those that are missing. Nobody else may read the file."""
    known = json.loads(file.read_text()) if file.exists() else {}
    wanted = {role: secrets.token_urlsafe(32) for role in (*LEDGER_ROLES, *KEY_ROLES)} | known
    if wanted != known:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = file.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        private = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(private, "w") as text:
            json.dump(wanted, text, indent=1)
            text.flush()
            os.fsync(private)
        unfinished.rename(file)
    return wanted


def ensure_roles(admin: Connection, passwords: dict[str, str]) -> None:
    """Make the roles that are missing and give each its password. Roles belong to the cluster.

    Raises psycopg's InsufficientPrivilege where the administrator may not make roles.
    """
    there = {name for (name,) in admin.execute("SELECT rolname FROM pg_roles")}
    for role in OWNERS:
        if role not in there:
            admin.execute(SQL("CREATE ROLE {} NOLOGIN").format(Identifier(role)))
    for role in (*LEDGER_ROLES, *KEY_ROLES):
        if role not in there:
            admin.execute(SQL("CREATE ROLE {} LOGIN NOINHERIT").format(Identifier(role)))
        # Only the verifier is sent: a statement may be logged.
        verifier = admin.pgconn.encrypt_password(
            passwords[role].encode(), role.encode(), b"scram-sha-256"
        )
        admin.execute(SQL("ALTER ROLE {} PASSWORD {}").format(Identifier(role), verifier.decode()))
    admin.execute(SQL("GRANT {} TO {}").format(Identifier(OWNER), Identifier(MIGRATOR)))
    if not is_superuser(admin):
        for role in (*OWNERS, PROJECTOR):  # To run migrations as the owners of what they make.
            admin.execute(SQL("GRANT {} TO CURRENT_USER").format(Identifier(role)))


def is_superuser(connection: Connection) -> bool:
    return connection.info.parameter_status("is_superuser") == "on"
