"""What the views read of an event: a few of its fields, so that reading a large ledger is fast.

Names and fields are those of the event; a test holds them together. No sealed field stands here.
Ids are the text that the state holds: they are compared and written, never taken apart.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, Generic, TypeAlias, TypeVar

import msgspec

from domain.registry import TYPES, UPCASTERS
from ledger.events import TYPES as SYSTEM_TYPES


class Fact(msgspec.Struct, frozen=True, gc=False):
    """Fields that are not named here are passed over."""


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where an event stands."""

    position: int
    stream: str
    recorded_at: datetime


class Delivery(Fact, frozen=True):
    party_id: str
    advisor: bool = False
    appeal_until: date | None = None


class Allegation(Fact, frozen=True):
    category: str


class Sanction(Fact, frozen=True):
    sanction_id: str


class Change(Fact, frozen=True):
    sanctions: tuple[Sanction, ...] = ()


class CalendarDayMarked(Fact, frozen=True):
    day: date
    closed: bool


class ReportReceived(Fact, frozen=True):
    channel: str
    intake_pack: str
    claimed_types: tuple[str, ...]


class PartyAdded(Fact, frozen=True):
    party_id: str
    role: str
    identified: bool


class PartyIdentified(Fact, frozen=True):
    subject: str


class RightsInformationProvided(Fact, frozen=True):
    party_id: str


class ComplainantContacted(Fact, frozen=True):
    party_id: str
    reached: bool
    topics: tuple[str, ...]


class JurisdictionAssessed(Fact, frozen=True):
    bound_pack: str


class IncidentClassified(Fact, frozen=True):
    incident_id: str
    policy_category: str | None


class ResponseBasisDocumented(Fact, frozen=True):
    pass


class EmergencyRemovalOrdered(Fact, frozen=True):
    removal_id: str
    respondent: str


class EmergencyRemovalNoticeServed(Fact, frozen=True):
    removal_id: str


class EmergencyRemovalChallenged(Fact, frozen=True):
    removal_id: str
    respondent: str


class EmergencyRemovalChallengeDecided(Fact, frozen=True):
    removal_id: str


class EmergencyRemovalLifted(Fact, frozen=True):
    removal_id: str


class FormalComplaintSigned(Fact, frozen=True):
    bound_pack: str
    allegations: tuple[Allegation, ...]


class NoticeOfAllegationsIssued(Fact, frozen=True):
    first_interview_not_before: date


class RoleAssigned(Fact, frozen=True):
    staff_id: str


class RoleUnassigned(Fact, frozen=True):
    staff_id: str


class ConflictDisclosed(Fact, frozen=True):
    conflict_id: str
    staff_id: str


class ConflictDecided(Fact, frozen=True):
    conflict_id: str
    staff_id: str
    upheld: bool


class InvestigationOpened(Fact, frozen=True):
    pass


class InterviewHeld(Fact, frozen=True):
    pass


class EvidencePackageSent(Fact, frozen=True):
    package_id: str
    deliveries: tuple[Delivery, ...]
    respond_by: date


class PartyResponseReceived(Fact, frozen=True):
    response_to: str
    party_id: str


class EvidenceReviewClosed(Fact, frozen=True):
    pass


class InvestigativeReportIssued(Fact, frozen=True):
    earliest_hearing_on: date


class HearingConvened(Fact, frozen=True):
    pass


class HearingConcluded(Fact, frozen=True):
    pass


class DeterminationIssued(Fact, frozen=True):
    sanctions: tuple[Sanction, ...]
    deliveries: tuple[Delivery, ...]


class AppealFiled(Fact, frozen=True):
    by: str


class AppealNoticeSent(Fact, frozen=True):
    statements_until: date


class AppealDecided(Fact, frozen=True):
    result: str
    changes: tuple[Change, ...]


class AppealWindowClosed(Fact, frozen=True):
    party_id: str


class OutcomeBecameFinal(Fact, frozen=True):
    pass


class SanctionImplemented(Fact, frozen=True):
    sanction_id: str


class SanctionCompleted(Fact, frozen=True):
    sanction_id: str


class CaseClosed(Fact, frozen=True):
    pass


class AccessRequestReceived(Fact, frozen=True):
    request_id: str
    case: str
    party_id: str
    due_on: date
    pack: str


class AccessRequestFulfilled(Fact, frozen=True):
    request_id: str


F = TypeVar("F", bound=Fact)


class _State(msgspec.Struct, Generic[F], frozen=True, gc=False):
    event: F


Reader: TypeAlias = Callable[[bytes | None], Fact]


class UnknownTopic(Exception):
    """An event that this version does not know: a view that passed over it could be wrong."""


# Which of today's facts a topic tells of. A second form of an event gets a line of its own.
KINDS: dict[str, type[Fact]] = {
    f"{kind.__name__}/1": kind
    for kind in list(vars().values())
    if isinstance(kind, type)
    and issubclass(kind, Fact)
    and kind not in (Fact, Delivery, Allegation, Sanction, Change)
}
_KNOWN = TYPES.keys() | UPCASTERS.keys() | SYSTEM_TYPES.keys()


def readers(kinds: Iterable[type[Fact]]) -> dict[str, Reader]:
    """For each topic that tells of one of these, the function from a state to the fact."""
    wanted = frozenset(kinds)
    return {topic: _reader(kind) for topic, kind in KINDS.items() if kind in wanted}


def told_by_state(topics: Iterable[str]) -> list[str]:
    """Those of these topics whose state is read; of the others it is enough that they came."""
    return sorted(topic for topic in topics if KINDS[topic].__struct_fields__)


def unread(wanted: Iterable[str]) -> list[str]:
    """The topics that are known and not among these: a view need not see their events."""
    return sorted(_KNOWN - set(wanted))


def require_known(topic: str) -> None:
    """Errors: UnknownTopic."""
    if topic not in _KNOWN:
        raise UnknownTopic(topic)


def _reader(kind: type[Fact]) -> Reader:
    if not kind.__struct_fields__:
        only = kind()
        return lambda _: only
    parametrized: Any = _State
    decode = msgspec.json.Decoder(parametrized[kind]).decode

    def read(state: bytes | None) -> Fact:
        assert state is not None
        fact: Fact = decode(state).event
        return fact

    return read
