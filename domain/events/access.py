"""Who may read what of a case, and who was told of it (model.md, section 3.8: Access).

One stream per case, beside it: it grows fast, and the party's log and the access audit are read
from it. The reveals themselves are events of the ledger, in the same stream.
"""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from domain.events import Event
from domain.ids import CaseId, Narrative, PackRef, PartyId, Secret, StaffId
from domain.terms import (
    ConductType,
    DisclosedItem,
    DisclosureBasis,
    DisclosureInterest,
    FieldScope,
    GrantBasis,
    Purpose,
    Recipient,
    SanctionKind,
)


class AccessGranted(Event):
    """Legitimate institutional interest. 02.2.20 IV.C.3.a [P]; TEC 51.256 [P]."""

    grant_id: UUID
    user: StaffId
    case: CaseId
    purpose: Purpose
    basis: GrantBasis
    field_scope: tuple[FieldScope, ...]
    expires_on: date | None
    approved_by: StaffId | None
    approval_ref: UUID | None


class AccessRevoked(Event):
    grant_id: UUID
    reason_code: Literal[
        "role_unassigned",
        "conflict",
        "outcome_final",
        "respondent_sealed",
        "no_longer_needed",
        "granted_in_error",
    ]


class RevealApproved(Event):
    """A second person agrees to what somebody is about to read, for some hours."""

    approval_id: UUID
    user: StaffId
    purpose: Purpose
    field_scope: tuple[FieldScope, ...]
    until: datetime


class DisclosureRecorded(Event):
    """Somebody outside was told. 20 U.S.C. 1232g(b)(4)(A) [P]; the parties may read their log."""

    disclosure_id: UUID
    case: CaseId
    about: tuple[PartyId, ...]
    recipient_class: Recipient
    interest: DisclosureInterest
    basis: DisclosureBasis
    items: tuple[DisclosedItem, ...]
    minimum_necessary: bool
    advance_notice_on: date | None
    sealed_order: bool
    waiver_id: UUID | None
    recipient: Secret
    necessity: Narrative
    threat: Narrative | None


class FinalResultsDisclosed(Event):
    """Name (by the id of the party), violation, sanction: nothing else. 1232g(b)(6) [P]."""

    disclosure_id: UUID
    party_id: PartyId
    to_class: Literal["alleged_victim", "anyone"]
    violations: tuple[ConductType, ...]
    sanctions: tuple[SanctionKind, ...]


class WaiverRecorded(Event):
    """Confidentiality waived in writing. TEC 51.256 [P]; 34 CFR 99.30 [K]."""

    waiver_id: UUID
    party_id: PartyId
    scope: tuple[DisclosedItem, ...]
    in_writing: bool


class AccessRequestReceived(Event):
    """A student asks to see the own record: within 45 days. 34 CFR 99.10(b) [S].

    `taken_by`: who of the office wrote it down; none where the party asked here.
    """

    request_id: UUID
    case: CaseId
    party_id: PartyId
    received_on: date
    due_on: date
    pack: PackRef
    taken_by: StaffId | None = None


class AccessRequestFulfilled(Event):
    request_id: UUID
    case: CaseId
    party_id: PartyId
    on: date
    method: Literal["inspection", "copy"]


class AuditReplayPerformed(Event):
    grant_id: UUID
    as_of: int
