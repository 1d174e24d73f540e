"""One case from report to closing, as starting points for the specs.

A student says that a faculty member harassed her. Each name is the whole history up to there, a
tuple of events; the dates are those of a spring: reported 14 January 2025, heard 8 April.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from domain.events import Event
from domain.events.access import AccessGranted
from domain.events.case import (
    AdvisorProvided,
    AdvisorSelected,
    Allegation,
    AppealDecided,
    AppealFiled,
    AppealNoticeSent,
    AppealWindowClosed,
    Blocks,
    ComplainantContacted,
    Delivery,
    DeterminationIssued,
    EvidencePackageSent,
    EvidenceReviewClosed,
    FormalComplaintSigned,
    HearingConcluded,
    HearingConvened,
    HearingNoticeSent,
    HearingRecordingStored,
    HearingScheduled,
    IncidentClassified,
    InterviewHeld,
    InvestigationOpened,
    InvestigativeReportIssued,
    JurisdictionAssessed,
    MeetingNoticeSent,
    NoticeOfAllegationsIssued,
    OutcomeBecameFinal,
    PartyAdded,
    PartyResponseReceived,
    ReportReceived,
    ResponseBasisDocumented,
    Result,
    RightsInformationProvided,
    RoleAssigned,
    Sanction,
    SanctionImplemented,
    Screen,
    Source,
    WitnessAdded,
)
from domain.events.person import PersonRegistered
from domain.ids import Narrative, PartyId, Secret, natural
from domain.interest import INTERESTS, PURPOSE_OF
from domain.rules.dispatch import Letter
from domain.rules.rule import On
from domain.terms import CaseRole
from tests.spec.kit import (
    ACCESS,
    ADOPTED,
    APRIL,
    CASE,
    COMPLAINANT,
    CORA,
    DORA,
    HUGO,
    IVY,
    LEDGER,
    RESPONDENT,
    an_id,
    instant,
    mac,
)

IVY_ID, HUGO_ID, DORA_ID, APRIL_ID = (UUID(who.id) for who in (IVY, HUGO, DORA, APRIL))
CORA_ID = UUID(CORA.id)
PACK = "BCM-02.2.20/1"
REPORT, REPORTER = an_id("report"), an_id("reporter")
ALLEGATION, INCIDENT, COMPLAINT = an_id("allegation"), an_id("incident"), an_id("complaint")
PACKAGE, ITEM, FINAL_REPORT = an_id("package"), an_id("item"), an_id("investigative report")
DISPATCH = an_id("dispatch")
WITNESS, PERSON = an_id("a witness"), an_id("a person")
HEARING, RECORDING = an_id("hearing"), an_id("recording")
DETERMINATION, APPEAL, SANCTION = an_id("determination"), an_id("appeal"), an_id("sanction")

TEXT = Narrative("what was said")


def letters(
    on: str, *, advisors: Sequence[PartyId] = (), to: Sequence[PartyId] = (COMPLAINANT, RESPONDENT)
) -> tuple[Delivery, ...]:
    """One dispatch at ten o'clock of that day, to these parties and the advisors of those."""
    everyone = [(party, False) for party in to] + [(party, True) for party in advisors]
    return tuple(
        Delivery(party_id=party, method="email", sent_at=instant(on), advisor=advisor)
        for party, advisor in everyone
    )


def posted(deliveries: Sequence[Delivery]) -> tuple[Letter, ...]:
    """What a command says of these letters: the judgments in them are the rule's."""
    return tuple(
        Letter(party_id=one.party_id, method=one.method, sent_at=one.sent_at, advisor=one.advisor)
        for one in deliveries
    )


def but(events: Sequence[Event], was: Event, **changes: Any) -> tuple[Event, ...]:
    """The same history, one event of it told otherwise."""
    assert any(event is was for event in events)
    return tuple(replace(event, **changes) if event is was else event for event in events)


def without(events: Sequence[Event], *left_out: Event) -> tuple[Event, ...]:
    """The same history, as if these events had not been."""
    kept = tuple(event for event in events if all(event is not one for one in left_out))
    assert len(kept) == len(events) - len(left_out)
    return kept


received = ReportReceived(
    report_id=REPORT,
    channel="employee_duty",
    received_at=instant("2025-01-14"),
    intake_pack=PACK,
    reporter_capacity="employee_duty",
    reporter_id=REPORTER,
    duty_to_report=True,
    learned_on="2025-01-13",
    duty_exception=None,
    anonymous=False,
    immediate_danger=False,
    claimed_types=("sexual_harassment",),
    incident_from="2024-11-04",
    incident_to="2025-01-10",
    in_us="yes",
    geography="on_campus",
    victim_confidentiality_wish="no",
    narrative=TEXT,
    place=None,
    country=None,
    reporter_name=Secret("a reporter"),
    reporter_contact=None,
    relation=None,
)
told_in_confidence = ReportReceived(
    report_id=natural(LEDGER, "type-only-report", str(CASE)),
    channel="confidential_type_only",
    received_at=instant("2025-01-14"),
    intake_pack=PACK,
    reporter_capacity="confidential_employee",
    reporter_id=None,
    duty_to_report=True,
    learned_on=None,
    duty_exception=None,
    anonymous=False,
    immediate_danger=False,
    claimed_types=("sexual_assault",),
    incident_from=None,
    incident_to=None,
    in_us="unknown",
    geography="unknown",
    victim_confidentiality_wish=None,
    narrative=None,
    place=None,
    country=None,
    reporter_name=None,
    reporter_contact=None,
    relation=None,
    resource_id=an_id("resource"),
)
complainant = PartyAdded(
    party_id=COMPLAINANT,
    role="complainant",
    identified=True,
    affiliation_class="student",
    name=Secret("a student"),
    contact=None,
    detail=None,
    minor=None,
)
respondent = PartyAdded(
    party_id=RESPONDENT,
    role="respondent",
    identified=True,
    affiliation_class="faculty",
    name=Secret("a teacher"),
    contact=None,
    detail=None,
    minor=None,
)
witness = WitnessAdded(
    witness_id=WITNESS,
    called_by=COMPLAINANT,
    affiliation_class="student",
    name=Secret("somebody who saw it"),
    contact=None,
    detail=None,
    person=None,
)
somebody = PersonRegistered(
    person_id=PERSON, identity=Secret("a name"), contact=None, institutional_id=None
)
told = ComplainantContacted(
    party_id=COMPLAINANT,
    attempt_no=1,
    reached=True,
    topics=("measures", "wishes", "without_complaint", "how_to_file", "identity_may_be_disclosed"),
    note=None,
)
rights = RightsInformationProvided(
    party_id=COMPLAINANT,
    items=("hospital_and_evidence", "law_enforcement_options", "procedures"),
    method="email",
)
jurisdiction = JurisdictionAssessed(
    incident_from="2024-11-04",
    incident_to="2025-01-10",
    bound_pack=PACK,
    bound_by="incident_date",
    in_us="yes",
    control_respondent=True,
    control_context=True,
    recognized_org_building=False,
    in_program=True,
    definition_met_if_proved=True,
    participation_test="yes",
    rationale=TEXT,
)
classification = IncidentClassified(
    incident_id=INCIDENT,
    incident_no=1,
    incident_key=an_id("incident key"),
    report_ids=(REPORT,),
    policy_category="sexual_harassment",
    policy_subtype="hostile_environment",
    tec_category="sexual_harassment",
    hazing="no",
    organization_id=None,
    organization_recognized=None,
    offenses=(),
    victims=(),
    offenders=1,
    same_as_incident=None,
    relationships=(),
    occasions=(),
    rows=(),
    course=None,
    bias="none",
    bias_evidence=None,
    source=Source(first_reported_on="2025-01-14", reported_to="title_ix", csa="yes"),
    unfounded_by="none",
    unfounded_on=None,
    decided_by=CORA_ID,
    ruleset_version="clery-1",
    reason=None,
)
allegation = Allegation(
    allegation_id=ALLEGATION,
    complainant_id=COMPLAINANT,
    respondent_id=RESPONDENT,
    category="sexual_harassment",
    subtype="hostile_environment",
    incident_id=INCIDENT,
)
complaint = FormalComplaintSigned(
    complaint_id=COMPLAINT,
    capacity="complainant",
    signed_by=COMPLAINANT,
    signature_kind="digital",
    signature_hmac=mac("signature", "her mark"),
    signed_on=date(2025, 1, 27),
    requests_investigation=True,
    allegations=(allegation,),
    participation_at_filing="n/a",
    bound_pack=PACK,
    bound_by="incident_date",
    document=TEXT,
)
notice = NoticeOfAllegationsIssued(
    notice_id=an_id("notice"),
    parts=ADOPTED.policy.notice.parts,
    deliveries=letters("2025-01-29"),
    dispatch_id=DISPATCH,
    first_interview_not_before=date(2025, 2, 5),
    contact=CORA_ID,
    text=TEXT,
)


def role(name: CaseRole, who: UUID) -> RoleAssigned:
    screen = Screen(training_ok=True, conflict_ok=True, declared_on=date(2025, 1, 31))
    return RoleAssigned(role=name, staff_id=who, screen=screen, designation_ref=None)


investigator = role("investigator", IVY_ID)
hearing_officer = role("hearing_officer", HUGO_ID)
decision_maker = role("decision_maker", DORA_ID)
appeal_officer = role("appeal_officer", APRIL_ID)

investigation = InvestigationOpened(investigators=(IVY_ID,))
meeting = MeetingNoticeSent(
    meeting_id=an_id("meeting"),
    kind="interview",
    subject=COMPLAINANT,
    on=date(2025, 2, 6),
    sent_on=date(2025, 1, 31),
    at=TEXT,
    participants=TEXT,
    place=TEXT,
)
interview = InterviewHeld(
    meeting_id=meeting.meeting_id,
    subject=COMPLAINANT,
    held_on=date(2025, 2, 6),
    notes=TEXT,
)
package = EvidencePackageSent(
    package_id=PACKAGE,
    items=(ITEM,),
    all_directly_related=True,
    deliveries=letters("2025-03-03"),
    dispatch_id=DISPATCH,
    respond_by=date(2025, 3, 13),
)
response = PartyResponseReceived(
    response_to=PACKAGE, party_id=COMPLAINANT, received_on=date(2025, 3, 12), text=TEXT
)
review_closed = EvidenceReviewClosed(package_id=PACKAGE, closed_on=date(2025, 3, 14), early="no")
report = InvestigativeReportIssued(
    report_id=FINAL_REPORT,
    responses_considered=(COMPLAINANT,),
    deliveries=letters("2025-03-24"),
    dispatch_id=DISPATCH,
    earliest_hearing_on=date(2025, 4, 3),
    report=TEXT,
)

hearing = HearingScheduled(
    hearing_id=HEARING,
    hearing_on=date(2025, 4, 8),
    mode="separate_rooms",
    separate_rooms_requested_by=(COMPLAINANT,),
    officer=HUGO_ID,
    decision_maker=DORA_ID,
)
hearing_notice = HearingNoticeSent(
    hearing_id=HEARING,
    deliveries=letters("2025-03-25"),
    dispatch_id=DISPATCH,
    at=TEXT,
    place=TEXT,
    participants=TEXT,
)
her_advisor = AdvisorSelected(
    for_party=COMPLAINANT, name=Secret("an attorney"), contact=None, attorney=None
)
his_advisor = AdvisorProvided(
    for_party=RESPONDENT,
    free_of_charge=True,
    reason_code="none_chosen",
    name=Secret("a volunteer"),
    contact=None,
    attorney=None,
)
convening = HearingConvened(
    hearing_id=HEARING,
    present=(COMPLAINANT, RESPONDENT),
    advisors={COMPLAINANT: True, RESPONDENT: True},
)
recording = HearingRecordingStored(hearing_id=HEARING, kind="recording", evidence_id=RECORDING)
conclusion = HearingConcluded(hearing_id=HEARING)

blocks = Blocks(
    allegation_id=ALLEGATION,
    allegations=True,
    procedural_steps=True,
    findings_of_fact=True,
    conclusions=True,
    result_and_rationale=True,
    appeal_procedure=True,
)
responsible = Result(
    allegation_id=ALLEGATION,
    result="responsible",
    elements=dict.fromkeys(ADOPTED.policy.elements.hostile_environment, "yes"),
)
not_responsible = Result(allegation_id=ALLEGATION, result="not_responsible")
probation = Sanction(
    sanction_id=SANCTION,
    kind="employment_probation",
    respondent=RESPONDENT,
    end_on=date(2026, 4, 29),
)
# Friday, 18 April: five business days to appeal.
WINDOW = date(2025, 4, 25)
determination = DeterminationIssued(
    determination_id=DETERMINATION,
    no=1,
    decision_maker=DORA_ID,
    standard="preponderance",
    hearing_id=HEARING,
    results=(responsible,),
    sanctions=(probation,),
    priors_considered=0,
    evidence_relied_on=(ITEM,),
    remedies_to_be_provided=True,
    statements_without_cross=False,
    inference_from_absence=False,
    appeal_bases_stated=True,
    blocks=(blocks,),
    deliveries=tuple(replace(one, appeal_until=WINDOW) for one in letters("2025-04-18")),
    dispatch_id=DISPATCH,
    text=TEXT,
)
his_appeal = AppealFiled(
    appeal_id=APPEAL,
    of="determination",
    by=RESPONDENT,
    bases=("A",),
    filed_on=date(2025, 4, 22),
    route_office="human_resources",
    designation_ref=None,
    effect_on_outcome=TEXT,
)
appeal_notice = AppealNoticeSent(
    appeal_ids=(APPEAL,),
    deliveries=letters("2025-04-23", to=(COMPLAINANT,)),
    dispatch_id=DISPATCH,
    statements_until=date(2025, 4, 30),
)
appeal_decision = AppealDecided(
    appeal_ids=(APPEAL,),
    officer=APRIL_ID,
    result="upheld",
    bases_found=(),
    remand_to=None,
    new_decision_maker=None,
    changes=(),
    deliveries=letters("2025-05-08"),
    dispatch_id=DISPATCH,
    rationale=TEXT,
)
her_window_closed, his_window_closed = (
    AppealWindowClosed(
        of="determination", outcome_id=DETERMINATION, party_id=party, appeal_until=WINDOW
    )
    for party in (COMPLAINANT, RESPONDENT)
)
outcome = OutcomeBecameFinal(of="determination", basis="no_appeal", final_on=date(2025, 4, 26))
implementation = SanctionImplemented(
    sanction_id=SANCTION, office="human_resources", on=date(2025, 4, 29)
)
response_basis = ResponseBasisDocumented(
    equal_access_measures=("location_change",), not_deliberately_indifferent_basis=TEXT
)

opened = (received, complainant, respondent)
contacted = (*opened, told, rights)
assessed = (*contacted, jurisdiction)
classified = (*assessed, classification)
type_only = (told_in_confidence,)
filed = (*classified, complaint)
noticed = (*filed, notice)
staffed = (*noticed, investigator, hearing_officer, decision_maker)
investigating = (*staffed, investigation)
interviewed = (*investigating, meeting, interview)
package_sent = (*interviewed, package)
responded = (*package_sent, response)
reviewed = (*responded, review_closed)
reported = (*reviewed, report)
scheduled = (*reported, hearing)
announced = (*scheduled, hearing_notice)
advised = (*announced, her_advisor, his_advisor)
convened = (*advised, convening)
recorded = (*convened, recording)
heard = (*recorded, conclusion)
determined = (*heard, appeal_officer, determination)
appealed = (*determined, his_appeal)
appeal_noticed = (*appealed, appeal_notice, her_window_closed)
appeal_decided = (*appeal_noticed, appeal_decision)
finalized = (*determined, her_window_closed, his_window_closed, outcome)
implemented = (*finalized, implementation)
documented = (*implemented, response_basis)


# Beside the case


def granted(
    role: CaseRole,
    staff_id: UUID,
    number: int = 0,
    *,
    until: date | None = None,
    after: UUID | None = None,
) -> On:
    """The grant that comes with a role; `after`: the one that it takes the place of."""
    purpose = PURPOSE_OF[role]
    parts = (CASE, number, staff_id, purpose, *([after] if after else []))
    key = ":".join(map(str, parts))
    return On(
        ACCESS,
        AccessGranted(
            grant_id=natural(LEDGER, "grant", key),
            user=staff_id,
            case=CASE,
            purpose=purpose,
            basis="role_assigned" if until is None else "outcome_final",
            field_scope=tuple(sorted(INTERESTS[purpose].fields)),
            expires_on=until,
            approved_by=None,
            approval_ref=None,
        ),
    )
