"""Who this ledger is: written once when its database is made, and compared with its first event."""

from typing import Literal
from uuid import UUID

import msgspec


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """The ledger's own facts. `use` is "test" for databases on which contract tests run."""

    ledger: UUID
    origin: str
    institution: str
    zone: str
    clock: Literal["real", "simulated"]
    use: Literal["opened", "test"]
