"""Who may read what of a case, and who was told of it (model.md, section 3.8: Access).

One stream per case, beside it: it grows fast, and the party's log and the access audit are read
from it. The reveals themselves are events of the ledger, in the same stream.
"""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from domain.events import Event
from domain.ids import CaseId, StaffId
from domain.terms import FieldScope, GrantBasis, Purpose


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


class AuditReplayPerformed(Event):
    grant_id: UUID
    as_of: int
