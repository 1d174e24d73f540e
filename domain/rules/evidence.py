"""Evidence taken in and classified: 34 CFR 106.45(b)(5)(vi), (b)(6)(i) [S]."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import require
from domain.events import Event
from domain.events.evidence import EvidenceAdded, EvidenceClassified
from domain.ids import CaseId, EvidenceId, Narrative, PartyId, Secret, StaffId, WitnessId
from domain.refusals import No
from domain.rules.known import new_id, said, valid
from domain.state.evidence import EvidenceItem
from domain.terms import EvidenceKind


class AddEvidence(Command):
    evidence_id: EvidenceId
    case_id: CaseId
    submitted_by: PartyId | StaffId | WitnessId
    obtained_on: date
    kind: EvidenceKind
    description: Narrative
    source: Secret | None = None
    file_name: Secret | None = None


class ClassifyEvidence(Command):
    directly_related: bool
    relevant: Literal["yes", "no", "undecided"]
    relied_on: bool
    sexual_history: Literal["none", "exception_other_person", "exception_consent", "excluded"]
    reason: Narrative | None = None


def add(command: AddEvidence, state: EvidenceItem, context: Context) -> Sequence[Event]:
    """From a party, a witness, the reporter, or somebody who acts on the case."""
    new_id(state.case_id is not None, "evidence_id")
    submitted_by, case = command.submitted_by, context.case
    from_here = submitted_by in case.witnesses or case.roles_of(str(submitted_by))
    valid(from_here, "submitted_by", "names nobody of this case")
    require(command.obtained_on <= context.today, No.DATE_IN_FUTURE)
    said(command.description, "description")
    return [restate(EvidenceAdded, command)]


def classify(command: ClassifyEvidence, _state: EvidenceItem, _context: Context) -> Sequence[Event]:
    """What is relied on is shown to the parties; what is irrelevant or barred is not relied on."""
    may_be_relied_on = (
        command.directly_related
        and command.relevant != "no"
        and command.sexual_history != "excluded"
    )
    fits = may_be_relied_on or not command.relied_on
    valid(fits, "relied_on", "is true of what is unrelated, irrelevant or excluded")
    return [restate(EvidenceClassified, command)]
