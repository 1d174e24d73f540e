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
from domain.events.case import (
    Allegation,
    ComplainantContacted,
    Delivery,
    EvidencePackageSent,
    EvidenceReviewClosed,
    FormalComplaintSigned,
    IncidentClassified,
    InterviewHeld,
    InvestigationOpened,
    InvestigativeReportIssued,
    JurisdictionAssessed,
    MeetingNoticeSent,
    NoticeOfAllegationsIssued,
    PartyAdded,
    PartyResponseReceived,
    ReportReceived,
    RightsInformationProvided,
    RoleAssigned,
    Screen,
    Source,
)
from domain.ids import Narrative, PartyId, Secret
from domain.terms import CaseRole
from tests.spec.kit import (
    APRIL,
    BCM,
    COMPLAINANT,
    CORA,
    DORA,
    HUGO,
    IVY,
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
    parts=BCM.notice.parts,
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

opened = (received, complainant, respondent)
contacted = (*opened, told, rights)
assessed = (*contacted, jurisdiction)
classified = (*assessed, classification)
filed = (*classified, complaint)
noticed = (*filed, notice)
staffed = (*noticed, investigator, hearing_officer, decision_maker)
investigating = (*staffed, investigation)
interviewed = (*investigating, meeting, interview)
package_sent = (*interviewed, package)
responded = (*package_sent, response)
reviewed = (*responded, review_closed)
reported = (*reviewed, report)
