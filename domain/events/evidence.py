"""What happens to one item of evidence. Files come with their own step."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from domain.events import Event
from domain.ids import CaseId, EvidenceId, Narrative, PartyId, Secret, StaffId, WitnessId
from domain.terms import EvidenceKind


class EvidenceAdded(Event):
    evidence_id: EvidenceId
    case_id: CaseId
    submitted_by: PartyId | StaffId | WitnessId
    obtained_on: date
    kind: EvidenceKind
    description: Narrative
    source: Secret | None
    file_name: Secret | None


class EvidenceClassified(Event):
    """Directly related goes to the parties, relied on or not. 34 CFR 106.45(b)(5)(vi) [S]."""

    directly_related: bool
    relevant: Literal["yes", "no", "undecided"]
    relied_on: bool
    sexual_history: Literal["none", "exception_other_person", "exception_consent", "excluded"]
    reason: Narrative | None


class SharedWith(Event):
    party_id: PartyId
    advisor: bool


class EvidenceShared(Event):
    package_id: UUID
    version_no: int
    shared_with: tuple[SharedWith, ...]
    since: datetime
    until: date | None
