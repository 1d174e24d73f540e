"""Who this ledger is: written once when its database is made, and compared with its first event."""

from typing import Any, Literal
from uuid import UUID

import msgspec
from psycopg import Connection
from psycopg.rows import class_row


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """The ledger's own facts. `use` is "test" for databases on which contract tests run."""

    ledger: UUID
    origin: str
    institution: str
    zone: str
    clock: Literal["real", "simulated"]
    use: Literal["opened", "test"]


def read_identity(db: Connection[Any]) -> Identity | None:
    """Which ledger this database is; None where its owner has not said so yet."""
    if db.execute("SELECT to_regclass('muniment.identity')").fetchone() == (None,):
        return None
    with db.cursor(row_factory=class_row(Identity)) as cursor:
        return cursor.execute(
            "SELECT ledger, origin, institution, zone, clock, use FROM muniment.identity"
        ).fetchone()
