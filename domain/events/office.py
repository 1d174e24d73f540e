"""What the office is: staff, roles, training, counselors, policies adopted, days it is closed."""

from datetime import date
from typing import Literal
from uuid import UUID

from domain.events import Event
from domain.ids import CounselorId, PackCode, Secret, StaffId
from domain.terms import Audience, Office, OfficeRole, RelationKind


class StaffRegistered(Event):
    staff_id: StaffId
    office: Office
    sign_in_hmac: str
    name: Secret
    institutional_id: Secret | None


class RoleGranted(Event):
    role: OfficeRole
    start_on: date
    until: date | None
    granted_by: str


class RoleRevoked(Event):
    """At once: what is done after it is done by somebody without the role."""

    role: OfficeRole
    reason_code: Literal["changed_position", "left", "misconduct", "granted_in_error"]
    revoked_by: str


class StaffLeft(Event):
    """Every role ends at once, also those on cases."""

    left_on: date


class RelationDeclared(Event):
    """34 CFR 106.45(b)(1)(iii) [P]. `person`: whoever it is, as the declarer knows them."""

    relation_id: UUID
    kind: RelationKind
    until: date | None
    person: Secret


class TrainingCompleted(Event):
    """34 CFR 106.45(b)(1)(iii) [P]; yearly by 20 U.S.C. 1092(f)(8)(B)(iv)(I)(bb) [P]."""

    topic: Literal["title_ix", "trauma_informed", "hearing", "appeal"]
    material_id: UUID | None
    on: date
    valid_until: date


class CounselorListed(Event):
    counselor_id: CounselorId
    service: Literal["student_mental_health", "employee_assistance", "well_being"]
    audience: Literal["students", "employees", "all"]
    name: Secret


class PolicyAdopted(Event):
    code: PackCode
    version: int
    effective_from: date
    effective_to: date | None
    next_review_on: date | None


class ConfidentialResourceDesignated(Event):
    """Listed under a policy as confidential, for these people. 02.2.20 IV.C.1.a-c, V.C [P]."""

    resource_id: UUID
    audience: Audience


class CalendarDayMarked(Event):
    day: date
    closed: bool
