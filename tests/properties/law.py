"""What must hold of every case, whatever was tried: written from model.md, not from the code.

A case is told by its rows alone. Each law asserts, with a sentence for who reads the failure.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.events import Event, case, evidence, office, person
from domain.owners import sealed_fields
from tests.properties.paper import ZONE, Row

E = TypeVar("E", bound=Event)

# Model, section 4.1, without the stages of later steps: from → event → to.
_TO_HEARING = [
    "COMPLAINT_FILED",
    "NOTICED",
    "INVESTIGATING",
    "EVIDENCE_REVIEW",
    "REPORT_DRAFTING",
    "REPORT_ISSUED",
    "HEARING",
    "HEARD",
]
_ORDER = ["REPORTED", "ASSESSED", "SUPPORT_ONLY", *_TO_HEARING, "DETERMINED", "APPEAL", "REMANDED"]
_EVERY = [*_ORDER, "FINAL", "CLOSED"]


def _between(first: str, last: str) -> list[str]:
    return _EVERY[_EVERY.index(first) : _EVERY.index(last) + 1]


MOVES: dict[tuple[str, str], str] = {
    ("NONE", "ReportReceived"): "REPORTED",
    ("TYPE_ONLY", "CaseClosed"): "CLOSED",
    ("REPORTED", "JurisdictionAssessed"): "ASSESSED",
    ("REPORTED", "FormalComplaintSigned"): "COMPLAINT_FILED",
    ("ASSESSED", "FormalComplaintSigned"): "COMPLAINT_FILED",
    ("SUPPORT_ONLY", "FormalComplaintSigned"): "COMPLAINT_FILED",
    ("COMPLAINT_FILED", "NoticeOfAllegationsIssued"): "NOTICED",
    ("NOTICED", "InvestigationOpened"): "INVESTIGATING",
    ("INVESTIGATING", "EvidencePackageSent"): "EVIDENCE_REVIEW",
    ("REPORT_DRAFTING", "EvidencePackageSent"): "EVIDENCE_REVIEW",
    ("EVIDENCE_REVIEW", "EvidenceReviewClosed"): "REPORT_DRAFTING",
    ("REPORT_DRAFTING", "InvestigativeReportIssued"): "REPORT_ISSUED",
    ("REPORT_ISSUED", "HearingConvened"): "HEARING",
    ("HEARING", "HearingConcluded"): "HEARD",
    ("HEARD", "DeterminationIssued"): "DETERMINED",
    ("DETERMINED", "AppealFiled"): "APPEAL",
    ("DETERMINED", "OutcomeBecameFinal"): "FINAL",
    ("APPEAL", "OutcomeBecameFinal"): "FINAL",
    ("FINAL", "CaseClosed"): "CLOSED",
}

# The same section, "commands that leave the stage as it is".
STAYS: dict[str, list[str]] = {
    "JurisdictionAssessed": ["ASSESSED", "SUPPORT_ONLY", *_TO_HEARING],
    **dict.fromkeys(
        (
            "PartyAdded",
            "PartyIdentified",
            "ComplainantContacted",
            "RightsInformationProvided",
            "ImminentDangerReportedToCEO",
            "SupportiveMeasureOffered",
            "SupportiveMeasureAccepted",
            "SupportiveMeasureImplemented",
            "SupportiveMeasureEnded",
            "ResponseBasisDocumented",
            "CounselorAssigned",
            "EmergencyRemovalOrdered",
            "EmergencyRemovalNoticeServed",
            "EmergencyRemovalChallenged",
            "EmergencyRemovalChallengeDecided",
            "EmergencyRemovalLifted",
            "RoleUnassigned",
            "ConflictDisclosed",
            "ConflictAlleged",
            "ConflictDecided",
        ),
        _EVERY,
    ),
    "IncidentClassified": [*_EVERY, "TYPE_ONLY"],
    **dict.fromkeys(
        (
            "RoleAssigned",
            "AdvisorSelected",
            "AdvisorProvided",
            "AdvisorRemoved",
            "WitnessAdded",
            "WitnessWithdrawn",
        ),
        _ORDER,
    ),
    "InformalResolutionOffered": _between("NOTICED", "REPORT_ISSUED"),
    "MeetingNoticeSent": _between("NOTICED", "REPORT_ISSUED"),
    "InterviewHeld": _between("INVESTIGATING", "REPORT_DRAFTING"),
    "PartyResponseReceived": _between("EVIDENCE_REVIEW", "REPORT_ISSUED"),
    "HearingScheduled": ["REPORT_DRAFTING", "REPORT_ISSUED"],
    "HearingNoticeSent": ["REPORT_DRAFTING", "REPORT_ISSUED"],
    "QuestionRuled": ["HEARING"],
    "PartyAbsenceRecorded": ["HEARING"],
    "HearingRecordingStored": ["HEARING", "HEARD"],
    "AppealFiled": ["APPEAL"],
    "AppealNoticeSent": ["APPEAL"],
    "AppealDecided": ["APPEAL"],
    "AppealWindowClosed": ["DETERMINED", "APPEAL"],
    "RespondentIdentitySealed": ["FINAL", "CLOSED"],
    "SanctionImplemented": ["FINAL", "CLOSED"],
    "SanctionCompleted": ["FINAL", "CLOSED"],
    "StandingTransferred": ["FINAL", "CLOSED"],
    "RemedyProvided": ["DETERMINED", "APPEAL", "FINAL"],
}

BY_TIME_ALONE = ("AppealWindowClosed", "OutcomeBecameFinal", "RespondentIdentitySealed")


class Told:
    """One case: its own rows, those beside it on who may read what, and everybody's."""

    def __init__(
        self,
        stream: UUID,
        rows: Sequence[Row],
        everything: Sequence[Row],
        beside: Sequence[Row] = (),
    ) -> None:
        self.stream = stream
        self.rows = rows
        self.beside = beside
        self._by_kind: dict[type[Event], list[Row]] = {}
        for row in sorted((*rows, *beside), key=lambda row: row.position):
            self._by_kind.setdefault(type(row.event), []).append(row)
        self.everything = everything
        self._grants = [
            (row, row.event) for row in everything if isinstance(row.event, office.RoleGranted)
        ]

    def all(self, kind: type[E]) -> list[tuple[Row, E]]:
        return [(row, cast("E", row.event)) for row in self._by_kind.get(kind, ())]

    def before(self, row: Row, kind: type[E]) -> list[E]:
        return [event for earlier, event in self.all(kind) if earlier.position < row.position]

    def known(self, row: Row) -> set[UUID]:
        """The parties whom the case could name by then."""
        added = {one.party_id for one in self.before(row, case.PartyAdded) if one.identified}
        later = self.before(row, case.PartyIdentified)
        return added | {one.subject for one in later if one.subject_kind == "party"}

    def held(self, office_roles: Collection[str], staff: object, row: Row) -> bool:
        """Had that staff member one of these roles at the institution on that day?"""
        return any(
            str(one.stream) == str(staff)
            and one.position < row.position
            and granted.role in office_roles
            and granted.start_on <= day(row.recorded_at) <= (granted.until or date.max)
            and not self._ended(one, granted.role, row)
            for one, granted in self._grants
        )

    def _ended(self, grant: Row, role: str, row: Row) -> bool:
        return any(
            isinstance(one.event, office.StaffLeft)
            or (isinstance(one.event, office.RoleRevoked) and one.event.role == role)
            for one in self.everything
            if one.stream == grant.stream and grant.position < one.position < row.position
        )

    def acted_as(self, role: str, row: Row) -> set[str]:
        return {
            str(one.staff_id) for one in self.before(row, case.RoleAssigned) if one.role == role
        }


def day(instant: datetime) -> date:
    return instant.astimezone(ZoneInfo(ZONE)).date()


def stages(rows: Sequence[Row]) -> Iterator[tuple[Row, str, str]]:
    """Each row with the stage before it and after it, by the table above."""
    now = "NONE"
    for row in rows:
        name = type(row.event).__name__
        remands = isinstance(row.event, case.AppealDecided) and row.event.result == "remanded"
        after = "REMANDED" if remands else MOVES.get((now, name), now)
        if _in_confidence(row.event):
            after = "TYPE_ONLY"
        yield row, now, after
        now = after


def _in_confidence(event: Event) -> bool:
    return isinstance(event, case.ReportReceived) and event.channel == "confidential_type_only"


def stage_moves_only_along_the_table(told: Told) -> None:
    for row, before, _ in stages(told.rows):
        name = type(row.event).__name__
        assert (before, name) in MOVES or before in STAYS.get(name, ()), f"{name} while {before}"


def one_report_opens_and_at_most_one_complaint_is_filed(told: Told) -> None:
    assert len(told.all(case.ReportReceived)) == 1
    assert isinstance(told.rows[0].event, case.ReportReceived)
    assert len(told.all(case.FormalComplaintSigned)) <= 1


def nothing_is_investigated_before_the_notice(told: Told) -> None:
    kinds: tuple[type[Event], ...] = (
        case.InvestigationOpened,
        case.MeetingNoticeSent,
        case.InterviewHeld,
        case.EvidencePackageSent,
        case.InvestigativeReportIssued,
        case.HearingScheduled,
        case.HearingConvened,
    )
    for kind in kinds:
        for row, _ in told.all(kind):
            assert told.before(row, case.NoticeOfAllegationsIssued), kind.__name__


def a_notice_goes_to_every_party_that_is_known(told: Told) -> None:
    for row, notice in told.all(case.NoticeOfAllegationsIssued):
        known = told.known(row)
        assert {letter.party_id for letter in notice.deliveries} == known
        assert len(notice.parts) >= 10


def nobody_is_interviewed_without_time_to_prepare(told: Told) -> None:
    for row, interview in told.all(case.InterviewHeld):
        (notice,) = told.before(row, case.NoticeOfAllegationsIssued)
        assert notice.first_interview_not_before <= interview.held_on <= day(row.recorded_at)
        assert any(
            meeting.meeting_id == interview.meeting_id and meeting.subject == interview.subject
            for meeting in told.before(row, case.MeetingNoticeSent)
        )


def ten_days_to_answer_the_evidence(told: Told) -> None:
    for row, package in told.all(case.EvidencePackageSent):
        assert package.respond_by >= day(row.recorded_at) + timedelta(days=10)
        for item in package.items:
            last = [
                one.event
                for one in told.everything
                if one.stream == item
                and one.position < row.position
                and isinstance(one.event, evidence.EvidenceClassified)
            ][-1]
            assert last.directly_related, "an item that is not related went out"
    for row, _ in told.all(case.InvestigativeReportIssued):
        assert day(row.recorded_at) > told.before(row, case.EvidencePackageSent)[-1].respond_by


def every_answer_is_considered(told: Told) -> None:
    for row, report in told.all(case.InvestigativeReportIssued):
        answered = {one.party_id for one in told.before(row, case.PartyResponseReceived)}
        assert set(report.responses_considered) == answered


def ten_days_from_report_to_hearing(told: Told) -> None:
    for row, report in told.all(case.InvestigativeReportIssued):
        assert report.earliest_hearing_on >= day(row.recorded_at) + timedelta(days=10)
    for row, _ in told.all(case.HearingConvened):
        report = told.before(row, case.InvestigativeReportIssued)[-1]
        assert day(row.recorded_at) >= report.earliest_hearing_on
        assert told.before(row, case.HearingNoticeSent)


def nobody_goes_to_a_hearing_without_an_advisor(told: Told) -> None:
    for row, hearing in told.all(case.HearingConvened):
        known = told.known(row)
        assert known <= {party for party, there in hearing.advisors.items() if there}


def nothing_is_asked_and_no_hearing_ends_without_every_advisor(told: Told) -> None:
    there: dict[UUID, bool] = {}
    for row in told.rows:
        match row.event:
            case case.AdvisorSelected(for_party=one) | case.AdvisorProvided(for_party=one):
                there[one] = True
            case case.AdvisorRemoved(for_party=one):
                assert there[one]
                there[one] = False
            case case.QuestionRuled() | case.HearingConcluded():
                assert all(there.get(one) for one in told.known(row))


def witnesses_are_called_by_a_party_or_by_who_adds_them(told: Told) -> None:
    for row, added in told.all(case.WitnessAdded):
        parties = {one.party_id for one in told.before(row, case.PartyAdded)}
        assert added.called_by in parties or str(added.called_by) == row.actor
        if row.actor in map(str, parties):
            assert str(added.called_by) == row.actor
            assert added.person is None, "a party names a person"
    gone = [one.witness_id for _, one in told.all(case.WitnessWithdrawn)]
    assert len(set(gone)) == len(gone)


def every_identification_with_a_person_is_linked_in_the_same_append(told: Told) -> None:
    for row in told.rows:
        if isinstance(row.event, case.PartyIdentified | case.WitnessAdded) and row.event.person:
            linked = told.everything[row.position].event
            assert isinstance(linked, person.PersonLinked)
            capacity = linked.capacity
            if isinstance(row.event, case.WitnessAdded):
                assert capacity == "witness"
            elif row.event.subject_kind != "party":
                assert capacity == row.event.subject_kind
            else:
                (party,) = {
                    one.role
                    for one in told.before(row, case.PartyAdded)
                    if one.party_id == row.event.subject
                }
                assert capacity == party


def decided_after_a_recorded_hearing(told: Told) -> None:
    for row, decided in told.all(case.DeterminationIssued):
        assert told.before(row, case.HearingRecordingStored)
        assert told.before(row, case.HearingConcluded)
        alleged = told.before(row, case.FormalComplaintSigned)[0].allegations
        assert {one.allegation_id for one in decided.results} == {
            one.allegation_id for one in alleged
        }
    assert len(told.all(case.DeterminationIssued)) <= 1, "a second one needs a remand"


def who_decides_is_new_to_the_case(told: Told) -> None:
    for row, decided in told.all(case.DeterminationIssued):
        judge = str(decided.decision_maker)
        assert judge == row.actor
        assert judge in told.acted_as("decision_maker", row)
        assert judge not in told.acted_as("investigator", row)
        assert not told.held(("coordinator", "deputy"), judge, row)
    for row, appeal in told.all(case.AppealDecided):
        officer = str(appeal.officer)
        assert officer == row.actor
        assert officer in told.acted_as("appeal_officer", row)
        for role in ("investigator", "decision_maker"):
            assert officer not in told.acted_as(role, row)
        assert not told.held(("coordinator",), officer, row)


def nobody_gets_two_roles_that_exclude_each_other(told: Told) -> None:
    for row, assigned in told.all(case.RoleAssigned):
        staff = str(assigned.staff_id)
        excluded = {
            "decision_maker": ("investigator", "hearing_officer", "appeal_officer"),
            "hearing_officer": ("investigator", "decision_maker"),
            "appeal_officer": ("investigator", "decision_maker"),
            "investigator": ("decision_maker", "hearing_officer", "appeal_officer"),
        }[assigned.role]
        assert not any(staff in told.acted_as(other, row) for other in excluded)
        office_roles = ("coordinator", "deputy")[: 2 if assigned.role == "decision_maker" else 1]
        assert not told.held(office_roles, staff, row), "the office investigates or judges"


def who_orders_a_removal_does_not_judge_its_challenge(told: Told) -> None:
    for row, judged in told.all(case.EmergencyRemovalChallengeDecided):
        ordered = {
            one.removal_id: one.ordered_by for one in told.before(row, case.EmergencyRemovalOrdered)
        }
        assert ordered[judged.removal_id] != judged.decided_by
        assert str(judged.decided_by) == row.actor
    for _, removal in told.all(case.EmergencyRemovalOrdered):
        limbs = (removal.individualized, removal.immediate, removal.physical)
        assert all(limbs)
        assert removal.arises_from_allegations


def only_respondents_are_removed_or_sanctioned(told: Told) -> None:
    respondents = {one.party_id for _, one in told.all(case.PartyAdded) if one.role == "respondent"}
    for _, removal in told.all(case.EmergencyRemovalOrdered):
        assert removal.respondent in respondents
    for _, decided in told.all(case.DeterminationIssued):
        assert {one.respondent for one in decided.sanctions} <= respondents


def each_party_appeals_once_and_in_time(told: Told) -> None:
    appellants = [appeal.by for _, appeal in told.all(case.AppealFiled)]
    assert len(set(appellants)) == len(appellants)
    for row, appeal in told.all(case.AppealFiled):
        letters = told.before(row, case.DeterminationIssued)[-1].deliveries
        (until,) = {
            letter.appeal_until
            for letter in letters
            if letter.party_id == appeal.by and not letter.advisor
        }
        assert until is not None
        assert day(row.recorded_at) <= until
        closed = told.before(row, case.AppealWindowClosed)
        assert appeal.by not in {one.party_id for one in closed}


def appeals_are_decided_when_all_had_their_say(told: Told) -> None:
    for row, decided in told.all(case.AppealDecided):
        filed = {one.appeal_id for one in told.before(row, case.AppealFiled)}
        assert set(decided.appeal_ids) <= filed
        noticed = told.before(row, case.AppealNoticeSent)
        assert day(row.recorded_at) > max(one.statements_until for one in noticed)
        assert {key for one in noticed for key in one.appeal_ids} >= set(decided.appeal_ids)


def final_when_nobody_can_appeal_any_more(told: Told) -> None:
    assert len(told.all(case.OutcomeBecameFinal)) <= 1
    for row, final in told.all(case.OutcomeBecameFinal):
        decided = told.before(row, case.DeterminationIssued)[-1]
        appeals = told.before(row, case.AppealFiled)
        answered = {key for one in told.before(row, case.AppealDecided) for key in one.appeal_ids}
        assert {one.appeal_id for one in appeals} == answered
        done = {one.by for one in appeals}
        done |= {one.party_id for one in told.before(row, case.AppealWindowClosed)}
        owed = {one.party_id for one in decided.deliveries if one.appeal_until}
        assert owed <= done
        assert final.final_on == day(row.recorded_at)
    for row, closed in told.all(case.AppealWindowClosed):
        assert day(row.recorded_at) > closed.appeal_until


def time_alone_is_nobody_s_act(told: Told) -> None:
    for row in told.rows:
        by_time = type(row.event).__name__ in BY_TIME_ALONE
        assert by_time == (row.actor == "system"), f"{type(row.event).__name__} by {row.actor}"


def no_sanction_before_it_is_final(told: Told) -> None:
    began: dict[UUID, date] = {}
    for row, act in told.all(case.SanctionImplemented):
        (final,) = told.before(row, case.OutcomeBecameFinal)
        assert final.final_on <= act.on <= day(row.recorded_at)
        assert act.sanction_id not in began, "implemented twice"
        began[act.sanction_id] = act.on
    completed = [act.sanction_id for _, act in told.all(case.SanctionCompleted)]
    assert len(set(completed)) == len(completed)
    for row, done in told.all(case.SanctionCompleted):
        assert began[done.sanction_id] <= done.on <= day(row.recorded_at)


def a_measure_is_offered_accepted_carried_out_and_ended(told: Told) -> None:
    stands: dict[UUID, str] = {}
    began: dict[UUID, date] = {}
    after = {
        "SupportiveMeasureOffered": None,
        "SupportiveMeasureAccepted": "SupportiveMeasureOffered",
        "SupportiveMeasureImplemented": "SupportiveMeasureAccepted",
        "SupportiveMeasureEnded": "SupportiveMeasureImplemented",
    }
    for row in told.rows:
        name, event = type(row.event).__name__, row.event
        if name in after:
            measure: UUID = event.measure_id  # type: ignore[attr-defined]
            assert stands.get(measure) == after[name]
            stands[measure] = name
        if isinstance(event, case.SupportiveMeasureImplemented):
            assert event.start_on <= day(row.recorded_at)
            began[event.measure_id] = event.start_on
        if isinstance(event, case.SupportiveMeasureEnded):
            assert began[event.measure_id] <= event.end_on <= day(row.recorded_at)


def sealed_are_those_of_whom_nothing_was_found(told: Told) -> None:
    for row, sealed in told.all(case.RespondentIdentitySealed):
        results: dict[UUID, str] = {}
        for earlier in told.rows:
            if earlier.position > row.position:
                break
            event: Any = earlier.event
            if isinstance(event, case.DeterminationIssued):
                results = {one.allegation_id: one.result for one in event.results}
            if isinstance(event, case.AppealDecided):
                results |= {one.allegation_id: one.result for one in event.changes}
        assert {results[key] for key in sealed.allegation_ids} == {"not_responsible"}


def a_counselor_sees_one_person_unless_it_cannot_be_helped(told: Told) -> None:
    sees: dict[UUID, UUID] = {}
    for _, assigned in told.all(case.CounselorAssigned):
        others = {counselor for who, counselor in sees.items() if who != assigned.person}
        assert assigned.impracticable_reason or assigned.counselor_id not in others
        sees[assigned.person] = assigned.counselor_id


def letters_of_one_dispatch_go_together(told: Told) -> None:
    for row in told.rows:
        letters: Sequence[case.Delivery] = getattr(row.event, "deliveries", ())
        times = [letter.sent_at for letter in letters]
        if times:
            assert max(times) - min(times) <= timedelta(hours=1)
            assert max(times) <= row.recorded_at
        assert len({(one.party_id, one.advisor) for one in letters}) == len(letters)


def of_what_was_told_in_confidence_only_the_type_is_kept(told: Told) -> None:
    if _in_confidence(told.rows[0].event):
        for row in told.rows:
            assert isinstance(
                row.event, (case.ReportReceived, case.IncidentClassified, case.CaseClosed)
            )
            assert sealed_fields(row.event, told.stream) == []


LAWS: tuple[Callable[[Told], None], ...] = (
    stage_moves_only_along_the_table,
    one_report_opens_and_at_most_one_complaint_is_filed,
    nothing_is_investigated_before_the_notice,
    a_notice_goes_to_every_party_that_is_known,
    nobody_is_interviewed_without_time_to_prepare,
    ten_days_to_answer_the_evidence,
    every_answer_is_considered,
    ten_days_from_report_to_hearing,
    nobody_goes_to_a_hearing_without_an_advisor,
    nothing_is_asked_and_no_hearing_ends_without_every_advisor,
    witnesses_are_called_by_a_party_or_by_who_adds_them,
    every_identification_with_a_person_is_linked_in_the_same_append,
    decided_after_a_recorded_hearing,
    who_decides_is_new_to_the_case,
    nobody_gets_two_roles_that_exclude_each_other,
    who_orders_a_removal_does_not_judge_its_challenge,
    only_respondents_are_removed_or_sanctioned,
    each_party_appeals_once_and_in_time,
    appeals_are_decided_when_all_had_their_say,
    final_when_nobody_can_appeal_any_more,
    time_alone_is_nobody_s_act,
    no_sanction_before_it_is_final,
    a_measure_is_offered_accepted_carried_out_and_ended,
    sealed_are_those_of_whom_nothing_was_found,
    a_counselor_sees_one_person_unless_it_cannot_be_helped,
    letters_of_one_dispatch_go_together,
    of_what_was_told_in_confidence_only_the_type_is_kept,
)
