"""Investigation and interviews: 34 CFR 106.45(b)(2)(i)(B), (b)(3)(i), (b)(5)(v) [S]."""

from datetime import date, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from domain.errors import Refused
from domain.events import Event
from domain.ids import Narrative
from domain.refusals import No
from domain.rules.investigation import NotifyMeeting, OpenInvestigation, RecordInterview
from domain.terms import MeetingKind
from tests.spec.cases import (
    DORA_ID,
    IVY_ID,
    TEXT,
    but,
    contacted,
    decision_maker,
    filed,
    interview,
    interviewed,
    investigating,
    investigation,
    investigator,
    jurisdiction,
    meeting,
    noticed,
    reported,
    reviewed,
    role,
    staffed,
    without,
)
from tests.spec.kit import (
    CORA,
    DORA,
    EVE,
    IVY,
    RESPONDENT,
    When,
    an_id,
    given,
    party,
)

DAY = "2025-01-31"
open_ = OpenInvestigation(investigators=(IVY_ID,))


def allowed_after(when: When) -> date | datetime | None:
    with pytest.raises(Refused) as refused:
        when.decide()
    return refused.value.allowed_after


# Opening


def test_an_investigation_is_opened_by_the_office_or_by_its_investigator() -> None:
    given(*staffed).when(open_, by=CORA, on=DAY).then(investigation)
    given(*staffed).when(open_, by=IVY, on=DAY).then(investigation)


def test_somebody_is_assigned_first() -> None:
    given(*noticed).when(open_, on=DAY).refused(No.NOT_ASSIGNED)
    given(*noticed, decision_maker).when(open_, on=DAY).refused(No.NOT_ASSIGNED)
    given(*noticed, investigator).when(open_, on=DAY).accepted()


@pytest.mark.parametrize("named", [(), (DORA_ID,), (IVY_ID, DORA_ID)])
def test_who_investigates_was_assigned_to(named: Any) -> None:
    given(*staffed).when(OpenInvestigation(investigators=named), on=DAY).refused(
        No.INPUT_INVALID, fields="investigators"
    )


def test_two_may_investigate() -> None:
    other = an_id("another investigator")
    both = (IVY_ID, other)
    given(*staffed, role("investigator", other)).when(
        OpenInvestigation(investigators=both), on=DAY
    ).then(replace(investigation, investigators=both))


OUTSIDE = [
    ({"in_us": "no"}, "not in the United States"),
    ({"in_program": False}, "not in the education program or activity"),
    ({"definition_met_if_proved": False}, "not sexual harassment even if proved"),
]


@pytest.mark.parametrize(("facts", "ground"), OUTSIDE)
def test_a_matter_outside_the_policy_is_dismissed_and_not_investigated(
    facts: dict[str, Any], ground: str
) -> None:
    given(*but(staffed, jurisdiction, **facts)).when(open_, on=DAY).refused(
        No.MUST_DISMISS_JURISDICTION, ground=ground
    )
    given(*staffed).when(open_, on=DAY).accepted()


def test_where_it_happened_may_stay_unknown() -> None:
    given(*but(staffed, jurisdiction, in_us="unknown")).when(open_, on=DAY).accepted()


def test_it_is_assessed_first_whether_the_matter_belongs_here() -> None:
    given(*without(staffed, jurisdiction)).when(open_, on=DAY).refused(
        No.ILLEGAL_TRANSITION,
        command="OpenInvestigation",
        stage="not assessed for jurisdiction (see AssessJurisdiction)",
    )
    given(*without(staffed, jurisdiction), jurisdiction).when(open_, on=DAY).accepted()


def test_no_investigation_without_a_formal_complaint() -> None:
    given(*contacted, investigator).when(open_, on=DAY).refused(No.FORMAL_COMPLAINT_REQUIRED)


def test_no_investigation_before_the_notice() -> None:
    given(*filed, investigator).when(open_, on=DAY).refused(No.NOTICE_FIRST)


def test_an_investigation_is_opened_once() -> None:
    given(*investigating).when(open_, on=DAY).refused(
        No.ILLEGAL_TRANSITION, command="OpenInvestigation"
    )


def test_others_of_the_case_do_not_open_it() -> None:
    given(*staffed).when(open_, by=DORA, on=DAY).refused(No.ROLE_NOT_ALLOWED)
    given(*staffed).when(open_, by=party("respondent"), on=DAY).refused(No.ROLE_NOT_ALLOWED)


# The notice of a meeting

notify = NotifyMeeting(
    meeting_id=meeting.meeting_id,
    kind="interview",
    subject=meeting.subject,
    on=date(2025, 2, 6),
    sent_on=date(2025, 1, 31),
    at=TEXT,
    participants=TEXT,
    place=TEXT,
)


def test_a_meeting_is_announced_in_writing() -> None:
    given(*investigating).when(notify, by=IVY, on=DAY).then(meeting)
    given(*investigating).when(notify, by=CORA, on=DAY).then(meeting)


@pytest.mark.parametrize("part", ["at", "participants", "place"])
def test_the_notice_says_when_where_and_with_whom(part: str) -> None:
    blank = replace(notify, **{part: Narrative(" ")})
    given(*investigating).when(blank, by=IVY, on=DAY).refused(No.INPUT_INVALID, fields=part)


def test_a_meeting_is_announced_once() -> None:
    given(*investigating, meeting).when(notify, by=IVY, on=DAY).refused(
        No.INPUT_INVALID, fields="meeting_id"
    )
    again = replace(notify, meeting_id=an_id("another meeting"))
    given(*investigating, meeting).when(again, by=IVY, on=DAY).accepted()


def test_a_meeting_is_with_somebody_of_the_case() -> None:
    stranger = replace(notify, subject=an_id("a stranger"))
    given(*investigating).when(stranger, by=IVY, on=DAY).refused(No.INPUT_INVALID, fields="subject")


def test_a_notice_that_is_still_to_be_sent_is_not_sent() -> None:
    given(*investigating).when(notify, by=IVY, on="2025-01-30").refused(No.DATE_IN_FUTURE)
    given(*investigating).when(notify, by=IVY, on=DAY).accepted()


def test_a_notice_comes_before_the_meeting() -> None:
    late = replace(notify, on=date(2025, 1, 30))
    given(*investigating).when(late, by=IVY, on=DAY).refused(No.INPUT_INVALID, fields="on")
    same_day = replace(notify, on=date(2025, 1, 31), kind="informational")
    given(*investigating).when(same_day, by=IVY, on=DAY).accepted()


@pytest.mark.parametrize("kind", ["interview", "follow_up"])
def test_nobody_is_called_to_an_interview_that_comes_too_soon(kind: MeetingKind) -> None:
    called = replace(notify, kind=kind)
    soon = replace(called, on=date(2025, 2, 4))
    given(*investigating).when(soon, by=IVY, on=DAY).refused(
        No.INTERVIEW_TOO_SOON, date=date(2025, 2, 5)
    )
    given(*investigating).when(replace(called, on=date(2025, 2, 5)), by=IVY, on=DAY).accepted()


@pytest.mark.parametrize("events", [noticed, reported])
def test_from_the_notice_to_the_hearing(events: tuple[Event, ...]) -> None:
    again = replace(notify, meeting_id=an_id("another meeting"))
    given(*events).when(again, by=CORA, on="2025-03-24").accepted()


def test_no_meeting_of_the_process_before_the_notice_of_allegations() -> None:
    given(*filed).when(notify, on=DAY).refused(No.ILLEGAL_TRANSITION, command="NotifyMeeting")
    given(*contacted).when(notify, on=DAY).refused(No.FORMAL_COMPLAINT_REQUIRED)


# The interview

record = RecordInterview(
    meeting_id=meeting.meeting_id,
    subject=meeting.subject,
    held_on=date(2025, 2, 6),
    notes=TEXT,
)
announced = given(*investigating, meeting)


def test_an_interview_is_held_after_notice_of_it() -> None:
    announced.when(record, by=IVY, on="2025-02-06").then(interview)


def test_an_interview_may_be_recorded_later() -> None:
    announced.when(record, by=IVY, on="2025-02-10").then(interview)


def test_nobody_is_interviewed_before_the_time_to_prepare_has_run() -> None:
    early = announced.when(replace(record, held_on=date(2025, 2, 3)), by=IVY, on="2025-02-03")
    early.refused(No.INTERVIEW_TOO_SOON, date=date(2025, 2, 5))
    assert allowed_after(early) == date(2025, 2, 5)
    first = replace(record, held_on=date(2025, 2, 5))
    announced.when(first, by=IVY, on="2025-02-05").accepted()


def test_recording_it_later_does_not_make_up_for_that() -> None:
    early = announced.when(replace(record, held_on=date(2025, 2, 4)), by=IVY, on="2025-02-06")
    early.refused(No.INTERVIEW_TOO_SOON, date=date(2025, 2, 5))
    assert allowed_after(early) is None


def test_an_interview_that_is_still_to_be_held_is_not_held() -> None:
    announced.when(record, by=IVY, on="2025-02-05").refused(No.DATE_IN_FUTURE)


UNANNOUNCED: list[tuple[Event, ...]] = [
    (),
    (replace(meeting, meeting_id=an_id("another meeting")),),
    (replace(meeting, subject=RESPONDENT),),
    (replace(meeting, kind="informational"),),
    (replace(meeting, sent_on=date(2025, 2, 7), on=date(2025, 2, 7)),),
]


@pytest.mark.parametrize("notices", UNANNOUNCED)
def test_no_interview_without_notice_of_it_to_that_person(notices: tuple[Event, ...]) -> None:
    unannounced = given(*investigating, *notices)
    unannounced.when(record, by=IVY, on="2025-02-07").refused(No.MEETING_NOTICE_REQUIRED)
    announced.when(record, by=IVY, on="2025-02-07").accepted()


def test_the_notice_may_be_of_the_same_day() -> None:
    given(*investigating, replace(meeting, sent_on=date(2025, 2, 6))).when(
        record, by=IVY, on="2025-02-06"
    ).accepted()


def test_a_follow_up_is_an_interview_too() -> None:
    follow_up = given(*investigating, replace(meeting, kind="follow_up"))
    follow_up.when(record, by=IVY, on="2025-02-06").accepted()


def test_an_interview_is_with_somebody_of_the_case() -> None:
    stranger = replace(record, subject=an_id("a stranger"))
    announced.when(stranger, by=IVY, on="2025-02-06").refused(No.INPUT_INVALID, fields="with")


def test_an_interview_leaves_notes() -> None:
    blank = replace(record, notes=Narrative(" "))
    announced.when(blank, by=IVY, on="2025-02-06").refused(No.INPUT_INVALID, fields="notes")


@pytest.mark.parametrize(("facts", "ground"), OUTSIDE)
def test_a_matter_found_outside_the_policy_later_is_not_carried_on(
    facts: dict[str, Any], ground: str
) -> None:
    later = replace(jurisdiction, **facts)
    announced.and_(later).when(record, by=IVY, on="2025-02-06").refused(
        No.MUST_DISMISS_JURISDICTION, ground=ground
    )
    announced.and_(later, jurisdiction).when(record, by=IVY, on="2025-02-06").accepted()


def test_only_an_investigator_of_the_case_interviews() -> None:
    announced.when(record, by=CORA, on="2025-02-06").refused(No.NOT_ASSIGNED)
    announced.when(record, by=DORA, on="2025-02-06").refused(No.NOT_ASSIGNED)


def test_until_the_report_is_written() -> None:
    given(*reviewed).when(record, by=IVY, on="2025-03-15").accepted()
    given(*reported).when(record, by=IVY, on="2025-03-25").refused(
        No.ILLEGAL_TRANSITION, command="RecordInterview"
    )


def test_no_interview_before_the_notice_of_allegations() -> None:
    given(*filed, investigator).when(record, by=IVY, on="2025-02-06").refused(No.NOTICE_FIRST)
    given(*contacted, investigator).when(record, by=IVY, on="2025-02-06").refused(
        No.FORMAL_COMPLAINT_REQUIRED
    )


@pytest.mark.parametrize("command", [open_, notify, record])
def test_a_stranger_does_not_learn_that_the_case_exists(command: Any) -> None:
    given(*interviewed).when(command, by=EVE, on="2025-02-07").not_found()
