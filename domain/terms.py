"""The closed vocabularies: every word that may stand in clear in an event."""

from enum import StrEnum
from typing import Literal, TypeAlias


class Role(StrEnum):
    """Who acts."""

    REPORTER = "reporter"
    COMPLAINANT = "complainant"
    RESPONDENT = "respondent"
    COORDINATOR = "coordinator"
    DEPUTY = "deputy"
    INVESTIGATOR = "investigator"
    HEARING_OFFICER = "hearing_officer"
    DECISION_MAKER = "decision_maker"
    APPEAL_OFFICER = "appeal_officer"
    CONFIDENTIAL_EMPLOYEE = "confidential_employee"
    SECURITY = "security"
    AUDITOR = "auditor"
    ADMIN = "admin"
    OPERATOR = "operator"
    SYSTEM = "system"


class Stage(StrEnum):
    """Where a case stands. NONE: not yet reported."""

    NONE = "NONE"
    REPORTED = "REPORTED"
    ASSESSED = "ASSESSED"
    SUPPORT_ONLY = "SUPPORT_ONLY"
    COMPLAINT_FILED = "COMPLAINT_FILED"
    NOTICED = "NOTICED"
    INVESTIGATING = "INVESTIGATING"
    EVIDENCE_REVIEW = "EVIDENCE_REVIEW"
    REPORT_DRAFTING = "REPORT_DRAFTING"
    REPORT_ISSUED = "REPORT_ISSUED"
    HEARING = "HEARING"
    HEARD = "HEARD"
    DETERMINED = "DETERMINED"
    APPEAL = "APPEAL"
    REMANDED = "REMANDED"
    FINAL = "FINAL"
    CLOSED = "CLOSED"
    TYPE_ONLY = "TYPE_ONLY"  # Beside the order: from nothing, to CLOSED.


def stages(first: Stage, last: Stage) -> frozenset[Stage]:
    """Every stage from first to last, both included, in the model's order."""
    order = list(Stage)
    return frozenset(order[order.index(first) : order.index(last) + 1])


Answer: TypeAlias = Literal["yes", "no", "unknown"]
PartyRole: TypeAlias = Literal["complainant", "respondent"]
CaseRole: TypeAlias = Literal["investigator", "hearing_officer", "decision_maker", "appeal_officer"]
OfficeRole: TypeAlias = Literal[
    "coordinator",
    "deputy",
    "investigator",
    "hearing_officer",
    "decision_maker",
    "appeal_officer",
    "confidential_employee",
    "security",
    "auditor",
    "admin",
]
Affiliation: TypeAlias = Literal[
    "student",
    "faculty",
    "staff",
    "resident",
    "clinical_fellow",
    "postdoc",
    "trustee",
    "contractor",
    "third_party",
]
Office: TypeAlias = Literal[
    "title_ix",
    "human_resources",
    "provost",
    "chief_executive",
    "security",
    "registrar",
    "student_affairs",
    "student_progress",
    "faculty_affairs",
    "graduate_medical_education",
    "general_counsel",
    "curriculum",
    "clinical_operations",
    "housing",
    "designated",
]
Capacity: TypeAlias = Literal[
    "complainant",
    "witness",
    "employee_duty",
    "anonymous",
    "third_party",
    "agency",
    "mistreatment_referral",
]
# Who may stand as the reporter in the record; the last says only the type, by its own command.
ReporterCapacity: TypeAlias = Literal[Capacity, "confidential_employee"]
ConductType: TypeAlias = Literal[
    "sexual_harassment",
    "sexual_assault",
    "dating_violence",
    "domestic_violence",
    "stalking",
    "retaliation",
    "other",
]
Geography: TypeAlias = Literal[
    "on_campus", "on_campus_housing", "noncampus", "public_property", "outside", "unknown"
]
Method: TypeAlias = Literal["in_person", "email", "phone", "video", "mail", "secure_portal"]
ContactTopic: TypeAlias = Literal[
    "measures", "wishes", "without_complaint", "how_to_file", "identity_may_be_disclosed"
]
RightsItem: TypeAlias = Literal[
    "hospital_and_evidence",
    "law_enforcement_options",
    "protective_orders",
    "confidentiality",
    "campus_and_community_services",
    "measures_available",
    "procedures",
]
MeasureKind: TypeAlias = Literal[
    "counseling",
    "deadline_extension",
    "schedule_change",
    "no_contact",
    "location_change",
    "leave_of_absence",
    "escort_and_security",
    "support_services",
    "other",
]
SanctionKind: TypeAlias = Literal[
    "educational_program",
    "training_program",
    "no_contact_order",
    "formal_warning",
    "professionalism_citation",
    "academic_probation",
    "suspension",
    "non_reappointment",
    "failure_to_promote",
    "dismissal",
    "leave_of_absence",
    "activity_restriction",
    "employment_warning",
    "employment_probation",
    "termination",
    "barred",
]
RemedyKind: TypeAlias = Literal[
    "independent_grading", "schedule_change", "location_change", "counseling", "other"
]
RemovalScope: TypeAlias = Literal["campus", "clinical", "classes", "housing", "employment"]
NoticePart: TypeAlias = Literal[
    "grievance_process",
    "informal_resolution",
    "identities",
    "conduct",
    "date_and_place",
    "presumption_not_responsible",
    "determination_at_the_end",
    "advisor_of_choice",
    "inspect_evidence",
    "false_statements",
]
MeetingKind: TypeAlias = Literal["interview", "follow_up", "informational"]
EvidenceKind: TypeAlias = Literal[
    "document", "message", "image", "audio", "video", "physical", "recording", "transcript", "other"
]
AppealBasis: TypeAlias = Literal["A", "B", "C", "+"]
Element: TypeAlias = Literal[
    "unwelcome",
    "severe",
    "pervasive",
    "objectively_offensive",
    "denies_equal_access",
    "conditioned_benefit",
    "consent_clear",
    "consent_knowing",
    "consent_active",
    "consent_voluntary",
    "consent_legal_age",
    "consent_not_silence",
    "consent_not_carried_over",
    "relationship_length",
    "relationship_nature",
    "relationship_frequency",
    "relationship_basis",
    "course_of_conduct",
    "reasonable_person",
    "fear_or_distress",
]
# Whom a confidential resource is for.
Audience: TypeAlias = Literal["students", "employees", "all"]
# Whose name it is that a case learns, and how anybody knows.
SubjectKind: TypeAlias = Literal["party", "reporter", "witness"]
IdentityBasis: TypeAlias = Literal[
    "own_statement", "document", "directory", "witness_statement", "other_party_statement"
]
LinkCapacity: TypeAlias = Literal["complainant", "respondent", "reporter", "witness", "advisor"]
# What ties one of the staff to somebody, so that another decides whether it is a conflict.
RelationKind: TypeAlias = Literal[
    "family",
    "partner",
    "friend",
    "supervisor",
    "mentor",
    "same_lab",
    "evaluation_chain",
    "financial",
    "other",
]
# What identities may be read for (model.md, section 5.3).
Purpose: TypeAlias = Literal[
    "intake",
    "support",
    "investigate",
    "hear",
    "decide",
    "appeal",
    "implement_sanction",
    "implement_measure",
    "audit",
    "legal",
    "registrar",
    "ceo_report",
]
# What somebody is looked for in the blind index for. `priors`: asked of a respondent, from a case.
SearchPurpose: TypeAlias = Literal[
    "intake", "related_reports", "conflict_check", "access_request", "legal", "priors"
]
# Kinds of sealed words: what a grant covers (domain/interest.py says which field is which).
FieldScope: TypeAlias = Literal[
    "parties",
    "reporter",
    "witnesses",
    "advisors",
    "statements",
    "measures",
    "narratives",
    "evidence",
    "access",
    "links",
]
GrantBasis: TypeAlias = Literal["role_assigned", "granted", "outcome_final"]
ConflictRole: TypeAlias = Literal[
    "coordinator", "deputy", "investigator", "hearing_officer", "decision_maker", "appeal_officer"
]
# To whom something of a case was told, outside those who act on it (requirements P-01 to P-09).
Recipient: TypeAlias = Literal[
    "police",
    "health_provider",
    "court",
    "accused",
    "witness",
    "investigation_contractor",
    "other_institution",
    "party",
    "person_named_in_consent",
    "education_agency",
]
DisclosureBasis: TypeAlias = Literal[
    "police_investigation",
    "emergency_treatment",
    "health_or_safety",
    "subpoena",
    "investigation",
    "accused_as_required",
    "witness_as_needed",
    "grievance_process",
    "request_of_institution",
    "oversight",
    "written_waiver",
]
DisclosureInterest: TypeAlias = Literal[
    "criminal_investigation",
    "emergency_treatment",
    "protection_from_threat",
    "legal_process",
    "fair_process",
    "investigation",
    "enrollment_elsewhere",
    "wish_of_the_person",
    "oversight",
]
DisclosedItem: TypeAlias = Literal[
    "identity",
    "contact",
    "narrative",
    "statements",
    "evidence",
    "measures",
    "determination",
    "sanctions",
]
