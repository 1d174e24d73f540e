"""A fresh pair of databases for each test, on the embedded server or on a given one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple
from uuid import uuid4

from psycopg import Connection, connect
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from ledger.identity import Identity
from ledger.migrate import KEY_STORE, LEDGER
from ledger.provision import admit, create_database, migrate_database, prepare, write_identity
from ledger.roles import (
    KEY_ROLES,
    LEDGER_ROLES,
    Urls,
    is_superuser,
    load_passwords,
    password_file,
    role_urls,
    url_of,
)


class Databases(NamedTuple):
    """A ledger and its key store. `admin` and `keys_admin` are the administrator's URLs to them."""

    urls: Urls
    admin: str
    keys_admin: str
    identity: Identity
    home: Path

    @contextmanager
    def connect(self, role: str) -> Iterator[Connection]:
        """Connect in autocommit mode as "writer", "reader", "keys", "admin", "keys_admin" ...

        The owner cannot sign in: as "owner" the migrator becomes it.
        """
        urls = {"admin": self.admin, "keys_admin": self.keys_admin}
        url = urls.get(role) or getattr(self.urls, "owner_migrator" if role == "owner" else role)
        with connect(url, autocommit=True) as connection:
            if role == "owner":
                connection.execute("SET ROLE muniment_owner")
            yield connection


class Cluster:
    """A server with migrated template databases; `new` copies them, `drop` removes the copies."""

    def __init__(self, admin_url: str, home: Path) -> None:
        self.admin_url = admin_url
        self.home = home
        self._name = f"muniment_test_{uuid4().hex[:8]}"
        self._made: list[str] = []
        prepare(admin_url, home, ledger_db=self._name, keys_db=f"{self._name}_keys")
        for database, plan in ((self._name, LEDGER), (f"{self._name}_keys", KEY_STORE)):
            create_database(admin_url, database)
            migrate_database(admin_url, database, plan)

    def superuser(self) -> bool:
        """Say whether this server gives us one. Managed servers do not."""
        with connect(self.admin_url) as admin:
            return is_superuser(admin)

    def new(
        self,
        use: Literal["opened", "test"] = "test",
        clock: Literal["real", "simulated"] = "real",
        zone: str = "America/Chicago",
    ) -> Databases:
        number = len(self._made)
        ledger_db, keys_db = f"{self._name}_{number}", f"{self._name}_keys_{number}"
        self._made += [ledger_db, keys_db]
        identity = Identity(
            ledger=uuid4(),
            origin="titleix.example.edu/log",
            institution="Example College of Medicine",
            zone=zone,
            clock=clock,
            use=use,
        )
        passwords = load_passwords(password_file(self.home))
        urls = role_urls(self.admin_url, passwords, ledger_db, keys_db)
        for database, template, roles in (
            (ledger_db, self._name, LEDGER_ROLES),
            (keys_db, f"{self._name}_keys", KEY_ROLES),
        ):
            create_database(self.admin_url, database, template=template)
            admit(self.admin_url, database, roles)
        write_identity(self.admin_url, ledger_db, identity)
        admin, keys_admin = url_of(self.admin_url, ledger_db), url_of(self.admin_url, keys_db)
        return Databases(urls, admin, keys_admin, identity, self.home)

    def drop(self, databases: Databases) -> None:
        for url in (databases.admin, databases.keys_admin):
            self._drop(str(conninfo_to_dict(url)["dbname"]))

    def close(self) -> None:
        for database in (self._name, f"{self._name}_keys"):
            self._drop(database)

    def _drop(self, database: str) -> None:
        with connect(self.admin_url, autocommit=True) as admin:
            admin.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(database)))
