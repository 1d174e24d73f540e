"""What happens to a case, in the order a case meets it.

A field of type Secret or Narrative is sealed on the way into the ledger; `domain/owners.py` says
under whose key. Everything else stays readable for good.
"""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from domain.events import Event
from domain.ids import (
    AllegationId,
    CounselorId,
    EvidenceId,
    IncidentId,
    Narrative,
    PackRef,
    PartyId,
    ReporterId,
    Secret,
    SpokenDate,
    StaffId,
    WitnessId,
)
from domain.terms import (
    Affiliation,
    Answer,
    AppealBasis,
    Capacity,
    CaseRole,
    ConductType,
    ConflictRole,
    ContactTopic,
    Element,
    Geography,
    IdentityBasis,
    MeasureKind,
    MeetingKind,
    Method,
    NoticePart,
    Office,
    PartyRole,
    RemedyKind,
    RemovalScope,
    ReporterCapacity,
    RightsItem,
    SanctionKind,
    Stage,
    SubjectKind,
)


class Delivery(Event):
    """One letter of a dispatch, as it went to one party (or to the party's advisor)."""

    party_id: PartyId
    method: Method
    sent_at: datetime
    advisor: bool = False
    appeal_until: date | None = None  # Recorded, not worked out again.


# Intake


class ReportReceived(Event):
    """Somebody told the institution. Never refused for its dates. 34 CFR 106.30 [P]."""

    report_id: UUID
    channel: str
    received_at: datetime
    intake_pack: PackRef
    reporter_capacity: ReporterCapacity
    reporter_id: ReporterId | PartyId | None
    duty_to_report: bool
    learned_on: SpokenDate | None
    duty_exception: Literal["victim", "awareness_event"] | None
    anonymous: bool
    immediate_danger: bool
    claimed_types: tuple[ConductType, ...]
    incident_from: SpokenDate | None
    incident_to: SpokenDate | None
    in_us: Answer
    geography: Geography
    victim_confidentiality_wish: Literal["yes", "no", "not_stated"] | None
    narrative: Narrative | None
    place: Secret | None
    country: Secret | None
    reporter_name: Secret | None
    reporter_contact: Secret | None
    relation: Secret | None
    resource_id: UUID | None = None  # Of a type-only report: all that is known of where from.


class PartyAdded(Event):
    """A complainant or respondent of this case. The link to a person is never in clear."""

    party_id: PartyId
    role: PartyRole
    identified: bool
    affiliation_class: Affiliation | None
    name: Secret | None
    contact: Secret | None
    detail: Secret | None
    minor: Secret | None


class PartyIdentified(Event):
    """Who somebody of the case is. `person`: the id of a Person, never in clear (model, 3.10)."""

    subject: PartyId | ReporterId | WitnessId
    subject_kind: SubjectKind  # Says whose key seals the words.
    basis: IdentityBasis
    affiliation_class: Affiliation
    duty_unmet: bool  # An employee who had reported anonymously: that is no report.
    name: Secret
    contact: Secret | None
    detail: Secret | None
    person: Secret | None


class WitnessAdded(Event):
    """Called by a party or by who acts on the case. 34 CFR 106.45(b)(5)(ii) [S]; TEC 51.286 [S]."""

    witness_id: WitnessId
    called_by: PartyId | StaffId
    affiliation_class: Affiliation | None
    name: Secret | None
    contact: Secret | None
    detail: Secret | None
    person: Secret | None


class WitnessWithdrawn(Event):
    witness_id: WitnessId
    reason_code: Literal["caller_withdrew", "declined", "unavailable", "added_in_error"]


class RightsInformationProvided(Event):
    """Written rights and options, on or off campus. 20 U.S.C. 1092(f)(8)(B)(iii), (C) [P]."""

    party_id: PartyId
    items: tuple[RightsItem, ...]
    method: Method


class ComplainantContacted(Event):
    """The coordinator's contact, or an attempt at it. 34 CFR 106.44(a) [S]."""

    party_id: PartyId
    attempt_no: int
    reached: bool
    topics: tuple[ContactTopic, ...]
    note: Secret | None


class ImminentDangerReportedToCEO(Event):
    """At once, where the safety of any person is in imminent danger. TEC 51.253(b) [P]."""

    report_id: UUID
    reported_at: datetime
    recipient_office: Office


class JurisdictionAssessed(Event):
    """Whether this is a Title IX matter here. 34 CFR 106.44(a) [K], 106.45(b)(3)(i) [S]."""

    incident_from: SpokenDate | None
    incident_to: SpokenDate | None
    bound_pack: PackRef
    bound_by: Literal["incident_date", "receipt_date"]
    in_us: Answer
    control_respondent: bool
    control_context: bool
    recognized_org_building: bool
    in_program: bool
    definition_met_if_proved: bool
    participation_test: Literal["yes", "no", "n/a"]
    rationale: Narrative


class Offense(Event):
    """One offense of an incident. Categories as in the Clery statistics."""

    offense_no: int
    category: Literal[
        "rape",
        "fondling",
        "incest",
        "statutory_rape",
        "domestic_violence",
        "dating_violence",
        "stalking",
        "sexual_harassment",
        "murder",
        "negligent_manslaughter",
        "robbery",
        "aggravated_assault",
        "burglary",
        "motor_vehicle_theft",
        "arson",
        "simple_assault",
        "larceny_theft",
        "intimidation",
        "vandalism",
        "other",
    ]
    elements: dict[Element, Answer] = msgspec.field(default_factory=dict)
    attempt: Answer = "unknown"
    crime_of_violence: Answer | None = None


class Victim(Event):
    victim_no: int
    party_id: PartyId | None = None


class Relationship(Event):
    """What the victim and the offender were to each other, and who says so (counting rule R14)."""

    victim_no: int
    kind: Literal[
        "spouse",
        "former_spouse",
        "intimate_partner",
        "intimate_partner_dating",
        "cohabitant",
        "co_parent",
        "family_member",
        "roommate",
        "acquaintance",
        "supervisor",
        "instructor",
        "patient",
        "stranger",
        "none",
        "unknown",
    ]
    basis: Literal["reporting_party_statement", "record", "both", "unknown"] = "unknown"
    length_answered: bool = False
    nature_answered: bool = False
    frequency_answered: bool = False
    protected_by_state_law: Answer | None = None


class Occasion(Event):
    occasion_no: int
    from_: SpokenDate | None = msgspec.field(default=None, name="from")
    to: SpokenDate | None = None
    geography: Geography = "unknown"
    campus_id: UUID | None = None
    property_id: UUID | None = None
    place: Secret | None = None


class Count(Event):
    """The counting grain: one offense, one victim, one occasion (counting rule R08, R10)."""

    offense_no: int
    victim_no: int
    occasion_no: int | None = None
    estimated_occasions: int | None = None
    estimate_basis: Literal["reporting_party_statement", "record", "unknown"] | None = None


class Act(Event):
    act_no: int
    on: SpokenDate | None = None
    geography: Geography = "unknown"
    campus_id: UUID | None = None
    victim_aware_geography: Geography | None = None
    victim_no: int = 1


class Course(Event):
    """A course of conduct: two or more acts (A-25; counting rule R16)."""

    course_key: UUID
    acts: tuple[Act, ...]
    first_in_geography: int | None = None
    same_course_decided_by: StaffId | None = None


class Source(Event):
    """When and to whom it was first reported: the year that counts (counting rule R01)."""

    first_reported_on: SpokenDate
    reported_to: Literal[
        "title_ix", "csa", "campus_security", "police", "confidential_resource", "other", "unknown"
    ]
    csa: Answer
    capacity: Capacity | None = None
    reached_csa_on: SpokenDate | None = None


class IncidentClassified(Event):
    """The facts of one incident, for all three counts. Unknown is never defaulted (R27)."""

    incident_id: IncidentId
    incident_no: int
    incident_key: UUID
    report_ids: tuple[UUID, ...]
    policy_category: ConductType | None
    policy_subtype: (
        Literal[
            "quid_pro_quo",
            "hostile_environment",
            "rape",
            "fondling",
            "incest",
            "statutory_rape",
        ]
        | None
    )
    tec_category: ConductType | None
    hazing: Answer
    organization_id: UUID | None
    organization_recognized: Answer | None
    offenses: tuple[Offense, ...]
    victims: tuple[Victim, ...]
    offenders: int | Literal["unknown"]
    same_as_incident: IncidentId | None
    relationships: tuple[Relationship, ...]
    occasions: tuple[Occasion, ...]
    rows: tuple[Count, ...]
    course: Course | None
    bias: Literal[
        "none",
        "race",
        "religion",
        "sexual_orientation",
        "gender",
        "gender_identity",
        "disability",
        "ethnicity",
        "national_origin",
        "unknown",
    ]
    bias_evidence: Answer | None
    source: Source
    unfounded_by: Literal[
        "none",
        "sworn_law_enforcement_full_investigation",
        "non_sworn_campus_security",
        "title_ix_office",
        "victim_recants_to_title_ix_no_police_inv",
        "unknown",
    ]
    unfounded_on: SpokenDate | None
    decided_by: StaffId
    ruleset_version: str
    reason: Narrative | None


# Support and protection


class SupportiveMeasureOffered(Event):
    """Non-disciplinary, free of charge, with or without a complaint. 34 CFR 106.30 [K]."""

    measure_id: UUID
    for_party: PartyId
    kind: MeasureKind
    mutual: bool | None
    requires_complaint: Literal["no"]
    affects_other_party: bool
    start_on: date
    end_on: date | None
    implementer_office: Office
    burden_assessment: Secret | None
    detail: Secret | None


class SupportiveMeasureAccepted(Event):
    measure_id: UUID


class SupportiveMeasureImplemented(Event):
    measure_id: UUID
    start_on: date
    implementer_office: Office


class SupportiveMeasureEnded(Event):
    measure_id: UUID
    end_on: date
    reason_code: Literal["no_longer_needed", "party_asked", "outcome_final", "replaced"]


class CounselorAssigned(Event):
    """A counselor who sees nobody else of the incident. Policy IV.E; TEC 51.293 [K]."""

    person: PartyId | ReporterId = msgspec.field(name="for")
    person_kind: Literal["party", "reporter"]  # Says whose key seals the note.
    counselor_id: CounselorId
    impracticable_reason: Literal["no_other_counselor", "language", "accessibility"] | None
    note: Secret | None


class ResponseBasisDocumented(Event):
    """Why the response was not deliberately indifferent. 34 CFR 106.45(b)(10)(ii) [S]."""

    equal_access_measures: tuple[MeasureKind, ...]
    not_deliberately_indifferent_basis: Narrative


class EmergencyRemovalOrdered(Event):
    """The respondent may not take part until the order is lifted. 34 CFR 106.44(c) [S]."""

    removal_id: UUID
    respondent: PartyId
    ordered_by: StaffId
    analysis_id: UUID
    individualized: bool
    immediate: bool
    physical: bool
    arises_from_allegations: bool
    at_risk: Literal["student", "other"]
    scope: tuple[RemovalScope, ...]
    ceo_report_ref: UUID | None
    ceo_not_reported_reason: Literal["no_imminent_danger_to_safety", "already_reported"] | None
    challenge_contact_office: Office
    how_to_challenge: Literal[True]
    analysis: Narrative


class EmergencyRemovalNoticeServed(Event):
    removal_id: UUID
    served_at: datetime
    method: Method


class EmergencyRemovalChallenged(Event):
    removal_id: UUID
    respondent: PartyId  # Whose key seals the grounds.
    received_at: datetime
    grounds: Secret


class EmergencyRemovalChallengeDecided(Event):
    removal_id: UUID
    decided_by: StaffId
    result: Literal["upheld", "modified", "lifted"]
    reason: Narrative


class EmergencyRemovalLifted(Event):
    removal_id: UUID
    reason_code: Literal[
        "challenge", "threat_ended", "dismissal", "not_responsible", "superseded_by_sanction"
    ]


# Complaint and notice


class Allegation(Event):
    """One complainant, one respondent, one act."""

    allegation_id: AllegationId
    complainant_id: PartyId
    respondent_id: PartyId
    category: ConductType
    subtype: (
        Literal[
            "quid_pro_quo",
            "hostile_environment",
            "rape",
            "fondling",
            "incest",
            "statutory_rape",
        ]
        | None
    ) = None
    incident_id: IncidentId | None = None


class FormalComplaintSigned(Event):
    """The document that starts the grievance process. 34 CFR 106.30 [P]."""

    complaint_id: UUID
    capacity: Literal["complainant", "coordinator"]
    signed_by: PartyId | StaffId
    signature_kind: Literal["physical", "digital", "electronic_submission", "other_indication"]
    signature_hmac: str
    signed_on: date
    requests_investigation: Literal[True]
    allegations: tuple[Allegation, ...]
    participation_at_filing: Literal["yes", "no", "n/a"]
    bound_pack: PackRef
    bound_by: Literal["incident_date", "receipt_date"]
    document: Narrative


class NoticeOfAllegationsIssued(Event):
    """Ten parts, to every known party. 34 CFR 106.45(b)(2)(i) [S]."""

    notice_id: UUID
    parts: tuple[NoticePart, ...]
    deliveries: tuple[Delivery, ...]
    dispatch_id: UUID
    first_interview_not_before: date
    contact: StaffId  # The coordinator or deputy whom the notice names.
    text: Narrative


class InformalResolutionOffered(Event):
    """Only after a formal complaint and never employee on student. 34 CFR 106.45(b)(9) [S]."""

    facilitator: StaffId
    allegation_ids: tuple[AllegationId, ...]


# Roles and investigation


class Screen(Event):
    """What the conflict and training screen said when the role was given (F-18)."""

    training_ok: bool
    conflict_ok: bool
    declared_on: date


class RoleAssigned(Event):
    role: CaseRole
    staff_id: StaffId
    screen: Screen
    designation_ref: UUID | None


class RoleUnassigned(Event):
    role: CaseRole
    staff_id: StaffId
    reason_code: Literal["replaced", "conflict", "unavailable", "left", "assigned_in_error"]


class ConflictDisclosed(Event):
    """By the person concerned: a wall until it is decided. 34 CFR 106.45(b)(1)(iii) [P]."""

    conflict_id: UUID
    staff_id: StaffId
    about_role: ConflictRole
    note: Narrative | None


class ConflictAlleged(Event):
    """By anybody else of the case: a question, until it is decided."""

    conflict_id: UUID
    staff_id: StaffId
    about_role: ConflictRole
    by: PartyId | StaffId
    note: Narrative


class ConflictDecided(Event):
    """Upheld, it is a wall: to that person the case does not exist. Not upheld, there is none."""

    conflict_id: UUID
    staff_id: StaffId
    by: StaffId
    upheld: bool
    note: Narrative


class AdvisorSelected(Event):
    """The advisor that a party chose. 34 CFR 106.45(b)(5)(iv) [S]."""

    for_party: PartyId
    name: Secret
    contact: Secret | None
    attorney: Secret | None


class AdvisorProvided(Event):
    """An advisor from the institution, to cross-examine. 34 CFR 106.45(b)(6)(i) [S]."""

    for_party: PartyId
    free_of_charge: Literal[True]
    reason_code: Literal["none_chosen", "did_not_appear", "removed"]
    name: Secret
    contact: Secret | None
    attorney: Secret | None


class AdvisorRemoved(Event):
    """The party has no advisor until another is chosen or provided. 02.2.20 V.D [P]."""

    for_party: PartyId
    reason_code: Literal["disruptive", "withdrew", "conflict"]


class InvestigationOpened(Event):
    investigators: tuple[StaffId, ...]


class MeetingNoticeSent(Event):
    """Written notice of date, time, place, participants, purpose. 34 CFR 106.45(b)(5)(v) [S]."""

    meeting_id: UUID
    kind: MeetingKind
    subject: PartyId | WitnessId
    on: date
    sent_on: date
    at: Narrative
    participants: Narrative
    place: Narrative


class InterviewHeld(Event):
    meeting_id: UUID
    subject: PartyId | WitnessId = msgspec.field(name="with")
    subject_kind: Literal["party", "witness"] = "party"  # Says whose key seals the notes.
    held_on: date
    notes: Narrative


class EvidencePackageSent(Event):
    """All directly related evidence, to each party and advisor. 34 CFR 106.45(b)(5)(vi) [S]."""

    package_id: UUID
    items: tuple[EvidenceId, ...]
    all_directly_related: Literal[True]
    deliveries: tuple[Delivery, ...]
    dispatch_id: UUID
    respond_by: date


class PartyResponseReceived(Event):
    response_to: UUID  # The package or the report.
    party_id: PartyId
    received_on: date
    text: Narrative


class EvidenceReviewClosed(Event):
    package_id: UUID
    closed_on: date
    early: Literal["no", "all_responded", "all_waived"]


class InvestigativeReportIssued(Event):
    """Fairly summarizes relevant evidence. 34 CFR 106.45(b)(5)(vii) [S]."""

    report_id: UUID
    responses_considered: tuple[PartyId, ...]
    deliveries: tuple[Delivery, ...]
    dispatch_id: UUID
    earliest_hearing_on: date
    report: Narrative


# Hearing


class HearingScheduled(Event):
    hearing_id: UUID
    hearing_on: date
    mode: Literal["separate_rooms", "same_room", "virtual"]
    separate_rooms_requested_by: tuple[PartyId, ...]
    officer: StaffId
    decision_maker: StaffId


class HearingNoticeSent(Event):
    hearing_id: UUID
    deliveries: tuple[Delivery, ...]
    dispatch_id: UUID
    at: Narrative
    place: Narrative
    participants: Narrative


class HearingConvened(Event):
    """A live hearing. 34 CFR 106.45(b)(6)(i) [S]."""

    hearing_id: UUID
    present: tuple[PartyId, ...]
    advisors: dict[PartyId, bool]


class QuestionRuled(Event):
    """Relevance first, then the answer. 34 CFR 106.45(b)(6)(i) [S]."""

    hearing_id: UUID
    no: int
    asked_by: Literal["hearing_officer", "advisor"]
    to: PartyId | WitnessId
    relevant: bool
    exception: Literal["other_person", "consent"] | None
    question: Narrative
    explanation: Narrative | None


class PartyAbsenceRecorded(Event):
    """Absence alone supports no inference. 34 CFR 106.45(b)(6)(i) [S]."""

    hearing_id: UUID
    party_id: PartyId
    extent: Literal["whole", "part"]


class HearingRecordingStored(Event):
    hearing_id: UUID
    kind: Literal["recording", "transcript"]
    evidence_id: EvidenceId


class HearingConcluded(Event):
    hearing_id: UUID


# Decision and appeal


class Result(Event):
    allegation_id: AllegationId
    result: Literal["responsible", "not_responsible"]
    elements: dict[Element, Literal["yes", "no"]] = msgspec.field(default_factory=dict)


class Sanction(Event):
    sanction_id: UUID
    kind: SanctionKind
    respondent: PartyId = msgspec.field(name="for")
    start_on: date | None = None
    end_on: date | None = None


class Blocks(Event):
    """Which of the six required parts the text holds, per allegation (F-13)."""

    allegation_id: AllegationId
    allegations: bool
    procedural_steps: bool
    findings_of_fact: bool
    conclusions: bool
    result_and_rationale: bool
    appeal_procedure: bool


class DeterminationIssued(Event):
    """The written determination. 34 CFR 106.45(b)(7) [S]."""

    determination_id: UUID
    no: int
    decision_maker: StaffId
    standard: Literal["preponderance"]
    hearing_id: UUID
    results: tuple[Result, ...]
    sanctions: tuple[Sanction, ...]
    priors_considered: int
    evidence_relied_on: tuple[EvidenceId, ...]
    remedies_to_be_provided: bool
    statements_without_cross: bool
    inference_from_absence: Literal[False]
    appeal_bases_stated: bool
    blocks: tuple[Blocks, ...]
    deliveries: tuple[Delivery, ...]
    dispatch_id: UUID
    text: Narrative


class AppealFiled(Event):
    """By either party, inside its own window. 34 CFR 106.45(b)(8)(i) [S]."""

    appeal_id: UUID
    of: Literal["determination", "dismissal"]
    by: PartyId
    bases: tuple[AppealBasis, ...]
    filed_on: date
    route_office: Office
    designation_ref: UUID | None
    effect_on_outcome: Narrative


class AppealNoticeSent(Event):
    """The other party is told in writing. 34 CFR 106.45(b)(8)(iii)(A) [S]."""

    appeal_ids: tuple[UUID, ...]
    deliveries: tuple[Delivery, ...]
    dispatch_id: UUID
    statements_until: date


class Change(Event):
    allegation_id: AllegationId
    result: Literal["responsible", "not_responsible"]
    sanctions: tuple[Sanction, ...] = ()


class AppealDecided(Event):
    """The decision on every open appeal, with reasons. 34 CFR 106.45(b)(8)(iii)(E) [S]."""

    appeal_ids: tuple[UUID, ...]
    officer: StaffId
    result: Literal[
        "upheld", "modified", "reversed", "remanded", "dismissal_upheld", "dismissal_reversed"
    ]
    bases_found: tuple[AppealBasis, ...]
    remand_to: Literal["investigation", "hearing", "decision_maker"] | None
    new_decision_maker: StaffId | None
    changes: tuple[Change, ...]
    deliveries: tuple[Delivery, ...]
    dispatch_id: UUID
    rationale: Narrative


class AppealWindowClosed(Event):
    """Time alone did this, for one party. Recorded by `system`."""

    of: Literal["determination", "dismissal"]
    outcome_id: UUID
    party_id: PartyId
    appeal_until: date


class OutcomeBecameFinal(Event):
    """Appeal decided, or every window closed. 34 CFR 106.45(b)(7)(iii) [S]."""

    of: Literal["determination", "dismissal"]
    basis: Literal["no_appeal", "appeal_decided"]
    final_on: date


class RespondentIdentitySealed(Event):
    """Not responsible and final: the name stays in the process. 19 TAC 3.17(a)(5) [P]."""

    respondent: PartyId
    allegation_ids: tuple[AllegationId, ...]


# After


class SanctionImplemented(Event):
    sanction_id: UUID
    office: Office
    on: date


class SanctionCompleted(Event):
    sanction_id: UUID
    office: Office
    on: date


class RemedyProvided(Event):
    remedy_id: UUID
    for_party: PartyId
    kind: RemedyKind
    detail: Secret | None


class StandingTransferred(Event):
    """A lasting consequence is handed to the office that outlives this record."""

    respondent: PartyId
    office: Office
    receipt_ref: UUID


class CaseClosed(Event):
    reason_code: Literal["completed", "supported", "referred", "type_only"]
    checklist: dict[str, bool]
    resume_state: Stage | None
