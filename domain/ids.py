"""Identifiers, dates as people say them, and the types of text that is sealed."""

from datetime import datetime
from typing import Annotated, TypeAlias
from uuid import UUID, uuid5

from msgspec import Meta

CaseId: TypeAlias = UUID
PartyId: TypeAlias = UUID
ReporterId: TypeAlias = UUID
StaffId: TypeAlias = UUID
CounselorId: TypeAlias = UUID
EvidenceId: TypeAlias = UUID
PersonId: TypeAlias = UUID
WitnessId: TypeAlias = UUID
AllegationId: TypeAlias = UUID
IncidentId: TypeAlias = UUID

# A day, a month, a year or `unknown`: people do not always know more.
SpokenDate: TypeAlias = Annotated[
    str, Meta(pattern=r"^(\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?|unknown)$")
]

# A moment that a person states: always with its offset from UTC.
Instant: TypeAlias = Annotated[datetime, Meta(tz=True)]

# What a law or pack is cited by, never free text.
PackCode: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Z]{2,8}-[0-9][0-9.]{0,15}$")]
# One version of a pack: `BCM-02.2.20/1`, as a topic names one version of an event.
PackRef: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Z]{2,8}-[0-9][0-9.]{0,15}/[1-9][0-9]*$")]

_ENVELOPE = "munimentenc:1:"


class Secret:
    """Text about a person. Before the append it holds the words, after it the sealed envelope.

    It prints nothing, so that it may stand in any record, traceback or log line.
    """

    __slots__ = ("_text",)
    PAD = 64  # Bytes: a name and a name of another length look alike.

    def __init__(self, text: str) -> None:
        self._text = text

    @property
    def sealed(self) -> bool:
        return self._text.startswith(_ENVELOPE)

    @property
    def blank(self) -> bool:
        """True for words that say nothing. A sealed text was checked when it was written."""
        return not self._text.strip()

    def raw(self) -> str:
        """The words, or the envelope once sealed: for the codec alone."""
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {'sealed' if self.sealed else 'withheld'}>"


class Narrative(Secret):
    """Longer text, which may name more than one person."""

    __slots__ = ()
    PAD = 1024


def natural(ledger: UUID, kind: str, key: str) -> UUID:
    """The stream that has a natural key: UUIDv5 over the ledger's UUID and `kind:key`."""
    return uuid5(ledger, f"{kind}:{key}")


def staff_stream(ledger: UUID, sign_in_mac: str) -> UUID:
    """A staff member's stream and id: the keyed HMAC of the sign-in name leads to it, no list."""
    return natural(ledger, "staff", sign_in_mac)


def office_access_stream(ledger: UUID) -> UUID:
    """Beside no case: who looked for a person."""
    return natural(ledger, "access", "office")


def access_stream(ledger: UUID, case: CaseId) -> UUID:
    return natural(ledger, "access", str(case))
