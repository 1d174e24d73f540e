"""The live hearing: 34 CFR 106.45(b)(5)(vii), (b)(6)(i) [S]; 02.2.20 V.D to V.F [P]."""

from datetime import date

import pytest
from msgspec.structs import replace

from domain.ids import Narrative
from domain.refusals import No
from domain.rules.hearing import (
    ConcludeHearing,
    ConveneHearing,
    RecordAbsence,
    RuleOnQuestion,
    ScheduleHearing,
    SendHearingNotice,
    StoreRecording,
)
from domain.state.evidence import EvidenceItem
from tests.spec.cases import (
    DISPATCH,
    DORA_ID,
    HEARING,
    HUGO_ID,
    RECORDING,
    TEXT,
    advised,
    assessed,
    but,
    convened,
    convening,
    hearing,
    hearing_notice,
    her_advisor,
    his_advisor,
    interviewed,
    letters,
    posted,
    reported,
    respondent,
    reviewed,
    scheduled,
    without,
)
from tests.spec.kit import (
    COMPLAINANT,
    CORA,
    DORA,
    EVE,
    HUGO,
    IVY,
    RESPONDENT,
    an_id,
    given,
    party,
)

DAY = "2025-04-08"
NOBODY = an_id("nobody of this case")
BLANK = Narrative("  ")

schedule = ScheduleHearing(
    hearing_id=HEARING,
    hearing_on=date(2025, 4, 8),
    mode="separate_rooms",
    separate_rooms_requested_by=(COMPLAINANT,),
    officer=HUGO_ID,
    decision_maker=DORA_ID,
)
send = SendHearingNotice(
    hearing_id=HEARING,
    deliveries=posted(letters("2025-03-25")),
    dispatch_id=DISPATCH,
    at=TEXT,
    place=TEXT,
    participants=TEXT,
)
convene = ConveneHearing(
    hearing_id=HEARING,
    present=(COMPLAINANT, RESPONDENT),
    advisors={COMPLAINANT: True, RESPONDENT: True},
)
question = RuleOnQuestion(
    hearing_id=HEARING,
    no=7,
    asked_by="advisor",
    to=COMPLAINANT,
    relevant=False,
    question=TEXT,
    explanation=TEXT,
)
absence = RecordAbsence(hearing_id=HEARING, party_id=COMPLAINANT, extent="whole")
store = StoreRecording(
    hearing_id=HEARING, kind="recording", evidence_id=RECORDING, description=TEXT
)
conclude = ConcludeHearing(hearing_id=HEARING)
NEW_ITEM = {RECORDING: EvidenceItem()}


# Scheduling


def test_a_hearing_is_scheduled_before_its_officer_and_its_decision_maker() -> None:
    given(*reported).when(schedule, by=CORA, on="2025-03-25").then(hearing)


def test_a_hearing_may_be_scheduled_while_the_report_is_drafted() -> None:
    given(*reviewed).when(schedule, by=HUGO, on="2025-03-20").then(hearing)


def test_parties_sit_in_separate_rooms_when_one_of_them_asks() -> None:
    together = replace(schedule, mode="same_room")
    given(*reported).when(together).refused(No.SEPARATE_ROOMS_REQUESTED)
    nobody_asked = replace(together, separate_rooms_requested_by=())
    given(*reported).when(nobody_asked).accepted()
    given(*reported).when(replace(schedule, mode="virtual")).accepted()


@pytest.mark.parametrize("field", ["officer", "decision_maker"])
def test_nobody_hears_a_case_without_being_assigned_to_it(field: str) -> None:
    other = DORA_ID if field == "officer" else HUGO_ID
    given(*reported).when(replace(schedule, **{field: other})).refused(No.NOT_ASSIGNED)


def test_separate_rooms_are_asked_for_by_parties_of_this_case() -> None:
    asked = replace(schedule, separate_rooms_requested_by=(NOBODY,))
    given(*reported).when(asked).refused(No.INPUT_INVALID, fields="separate_rooms_requested_by")


def test_a_hearing_is_not_scheduled_twice() -> None:
    again = replace(schedule, hearing_id=an_id("another hearing"))
    given(*scheduled).when(again).refused(No.ILLEGAL_TRANSITION)


def test_scheduling_is_for_the_office_and_the_hearing_officer() -> None:
    given(*reported).when(schedule, by=EVE).not_found()
    given(*reported).when(schedule, by=IVY).refused(No.ROLE_NOT_ALLOWED)
    given(*reported).when(schedule, by=party("complainant")).refused(No.ROLE_NOT_ALLOWED)


def test_there_is_no_hearing_before_the_evidence_was_reviewed() -> None:
    given(*interviewed).when(schedule).refused(No.ILLEGAL_TRANSITION)
    given(*assessed).when(schedule).refused(No.FORMAL_COMPLAINT_REQUIRED)


# Notice of the hearing


def test_all_parties_are_told_of_the_hearing_in_one_dispatch() -> None:
    given(*scheduled).when(send, by=CORA, on="2025-03-25").then(hearing_notice)


def test_a_hearing_notice_to_one_party_is_none() -> None:
    one_sided = replace(send, deliveries=posted(letters("2025-03-25", to=(COMPLAINANT,))))
    given(*scheduled).when(one_sided, on="2025-03-25").refused(No.NOTICE_ALL_PARTIES)


def test_a_hearing_notice_a_day_later_to_the_other_party_is_not_one_dispatch() -> None:
    apart = posted(letters("2025-03-25", to=(COMPLAINANT,))) + posted(
        letters("2025-03-26", to=(RESPONDENT,))
    )
    given(*scheduled).when(replace(send, deliveries=apart), on="2025-03-26").refused(
        No.NOT_SIMULTANEOUS
    )


def test_a_hearing_notice_is_not_sent_tomorrow() -> None:
    given(*scheduled).when(send, on="2025-03-24").refused(No.DATE_IN_FUTURE)


@pytest.mark.parametrize("part", ["at", "place", "participants"])
def test_a_hearing_notice_states_time_place_and_participants(part: str) -> None:
    given(*scheduled).when(replace(send, **{part: BLANK}), on="2025-03-25").refused(
        No.INPUT_INVALID, fields=part
    )


def test_a_hearing_notice_is_of_a_hearing_that_is_scheduled() -> None:
    given(*reported).when(send, on="2025-03-25").refused(No.ILLEGAL_TRANSITION)
    other = replace(send, hearing_id=NOBODY)
    given(*scheduled).when(other, on="2025-03-25").refused(No.INPUT_INVALID, fields="hearing_id")


def test_a_hearing_notice_is_for_the_office_and_the_hearing_officer() -> None:
    given(*scheduled).when(send, by=EVE).not_found()
    given(*scheduled).when(send, by=DORA).refused(No.ROLE_NOT_ALLOWED)
    given(*assessed).when(send).refused(No.FORMAL_COMPLAINT_REQUIRED)


# Convening


def test_the_hearing_officer_convenes_with_every_advisor_present() -> None:
    given(*advised).when(convene, by=HUGO, on=DAY).then(convening)


def test_no_hearing_before_ten_days_have_run_from_the_report() -> None:
    given(*advised).when(convene, by=HUGO, on="2025-04-02").refused(
        No.REPORT_TEN_DAYS, sent_on=date(2025, 3, 24), date=date(2025, 4, 3)
    )
    given(*advised).when(convene, by=HUGO, on="2025-04-03").accepted()


def test_a_refusal_for_time_says_from_when_it_is_possible() -> None:
    given(*advised).when(convene, by=HUGO, on="2025-04-02").refused(
        No.REPORT_TEN_DAYS, allowed_after=date(2025, 4, 3)
    )


def test_no_hearing_without_notice_of_it() -> None:
    unannounced = without(advised, hearing_notice)
    given(*unannounced).when(convene, by=HUGO, on=DAY).refused(No.MEETING_NOTICE_REQUIRED)
    unscheduled = without(unannounced, hearing)
    given(*unscheduled).when(convene, by=HUGO, on=DAY).refused(No.MEETING_NOTICE_REQUIRED)


@pytest.mark.parametrize("missing", [her_advisor, his_advisor])
def test_no_hearing_while_a_party_has_no_advisor(missing: object) -> None:
    unadvised = without(advised, missing)  # type: ignore[arg-type]
    given(*unadvised).when(convene, by=HUGO, on=DAY).refused(No.ADVISOR_REQUIRED)


@pytest.mark.parametrize("there", [{COMPLAINANT: True}, {COMPLAINANT: True, RESPONDENT: False}])
def test_no_hearing_while_an_advisor_is_not_there(there: dict[object, bool]) -> None:
    given(*advised).when(replace(convene, advisors=there), by=HUGO, on=DAY).refused(
        No.ADVISOR_REQUIRED
    )


def test_a_party_that_nobody_knows_needs_no_advisor() -> None:
    unknown = but(without(advised, his_advisor), respondent, identified=False)
    alone = replace(convene, present=(COMPLAINANT,), advisors={COMPLAINANT: True})
    given(*unknown).when(alone, by=HUGO, on=DAY).accepted()


def test_a_hearing_may_be_held_without_a_party_but_not_without_its_advisor() -> None:
    given(*advised).when(replace(convene, present=(RESPONDENT,)), by=HUGO, on=DAY).accepted()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"hearing_id": NOBODY}, "hearing_id"),
        ({"present": (NOBODY,)}, "present"),
        ({"advisors": {**convene.advisors, NOBODY: True}}, "advisors"),
    ],
)
def test_convening_names_only_what_this_case_knows(change: dict[str, object], field: str) -> None:
    given(*advised).when(replace(convene, **change), by=HUGO, on=DAY).refused(
        No.INPUT_INVALID, fields=field
    )


def test_only_the_hearing_officer_convenes() -> None:
    given(*advised).when(convene, by=EVE, on=DAY).not_found()
    given(*advised).when(convene, by=CORA, on=DAY).refused(No.ROLE_NOT_ALLOWED)


def test_a_hearing_is_convened_once_and_after_the_report() -> None:
    given(*convened).when(convene, by=HUGO, on=DAY).refused(No.ILLEGAL_TRANSITION)
    unreported = (*reviewed, hearing, hearing_notice, her_advisor, his_advisor)
    given(*unreported).when(convene, by=HUGO, on=DAY).refused(No.ILLEGAL_TRANSITION)
