"""The ledger's own events: its opening, its keys, and who opened what was sealed."""

from typing import Literal
from uuid import UUID

import msgspec


class SystemEvent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Recorded like any other event, but about the ledger itself."""


class Migration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A migration that had run before the ledger was opened."""

    number: int
    sha256: str


class Field(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a sealed value stands: `occasions[0].place` of a stream's version."""

    stream: UUID
    version: int
    path: str


class LedgerOpened(SystemEvent, frozen=True):
    """Position 1. The append function compares it with the identity of the database."""

    ledger: UUID
    origin: str
    institution: str
    clock: Literal["real", "simulated"]
    zone: str
    migrations: list[Migration]


class SchemaMigrated(SystemEvent, frozen=True):
    """A migration that ran after the opening."""

    number: int
    sha256: str


class KeyCreated(SystemEvent, frozen=True):
    """Stands before the first value sealed under the key; tells it from every other."""

    key_id: UUID
    owner_kind: str
    owner_id: UUID
    key_check_value: str
    epoch: str


class IdentityRevealed(SystemEvent, frozen=True):
    """Recorded before anything is opened. `reason` is sealed."""

    grant_id: str | None
    basis: str
    purpose: str
    key_ids: list[UUID]
    fields: list[Field]
    reason: str

    def __repr__(self) -> str:  # Until it is appended, the reason is plain text.
        return f"IdentityRevealed({self.basis}, {self.purpose})"


class RevealFailed(SystemEvent, frozen=True):
    """What was to be revealed would not open, though its key was there."""

    reveal_event_id: UUID
    reason_code: str


class RevealDenied(SystemEvent, frozen=True):
    """Somebody asked to open what they may not."""

    purpose: str
    fields: list[Field]
    code: str


class PartySearchPerformed(SystemEvent, frozen=True):
    """Somebody was looked for in the blind index. Recorded before it is answered, without a word of
    what was asked. `case`: whose respondent it was about, where it was asked from a case."""

    kinds: list[str]
    purpose: str
    hits: int
    case: UUID | None = None


class PartySearchDenied(SystemEvent, frozen=True):
    """Somebody asked to look who may not, or too often."""

    kinds: list[str]
    purpose: str
    code: str
    case: UUID | None = None


TYPES: dict[str, type[SystemEvent]] = {
    f"{kind.__name__}/1": kind
    for kind in (
        LedgerOpened,
        SchemaMigrated,
        KeyCreated,
        IdentityRevealed,
        RevealFailed,
        RevealDenied,
        PartySearchPerformed,
        PartySearchDenied,
    )
}
