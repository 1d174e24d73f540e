"""The evidence for the parties, and their answers: 34 CFR 106.45(b)(5)(vi) [S]."""

from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from domain.errors import Refused
from domain.events import Event
from domain.events.case import AdvisorSelected, PartyResponseReceived
from domain.events.evidence import EvidenceShared, SharedWith
from domain.ids import Narrative, PartyId, Secret
from domain.refusals import No
from domain.rules.dispatch import Letter
from domain.rules.package import CloseReview, RecordResponse, SendEvidence
from domain.rules.rule import On
from domain.state.evidence import EvidenceItem
from tests.spec.cases import (
    DISPATCH,
    FINAL_REPORT,
    ITEM,
    PACKAGE,
    TEXT,
    but,
    contacted,
    interviewed,
    investigator,
    jurisdiction,
    letters,
    package,
    package_sent,
    reported,
    respondent,
    response,
    review_closed,
    reviewed,
)
from tests.spec.kit import (
    CASE,
    COMPLAINANT,
    CORA,
    DORA,
    EVE,
    IVY,
    RESPONDENT,
    Given,
    When,
    an_id,
    given,
    instant,
    party,
)

DAY = "2025-03-03"
SECOND_ITEM = an_id("second item")
to_her = Letter(party_id=COMPLAINANT, method="email", sent_at=instant(DAY))
to_him = Letter(party_id=RESPONDENT, method="email", sent_at=instant(DAY))
to_her_advisor = replace(to_her, advisor=True)
send = SendEvidence(
    package_id=PACKAGE,
    items=(ITEM,),
    all_directly_related=True,
    deliveries=(to_her, to_him),
    dispatch_id=DISPATCH,
)
related = EvidenceItem(case_id=CASE, directly_related=True, version_no=1)


def advised(who: PartyId) -> AdvisorSelected:
    return AdvisorSelected(for_party=who, name=Secret("an advisor"), contact=None, attorney=None)


def with_item(item: EvidenceItem = related, events: tuple[Event, ...] = interviewed) -> Given:
    return given(*events, evidence={ITEM: item, SECOND_ITEM: related})


def shared(*to: tuple[PartyId, bool]) -> EvidenceShared:
    return EvidenceShared(
        package_id=PACKAGE,
        version_no=1,
        shared_with=tuple(SharedWith(party_id=who, advisor=advisor) for who, advisor in to),
        since=instant(DAY),
        until=date(2025, 3, 13),
    )


# Sent


def test_each_party_gets_all_the_evidence_and_ten_days_to_answer() -> None:
    both = shared((COMPLAINANT, False), (RESPONDENT, False))
    with_item().when(send, by=IVY, on=DAY).then(package, On(ITEM, both))


def test_every_item_knows_with_whom_it_was_shared() -> None:
    two = replace(send, items=(ITEM, SECOND_ITEM))
    both = shared((COMPLAINANT, False), (RESPONDENT, False))
    with_item().when(two, by=IVY, on=DAY).then(
        replace(package, items=two.items), On(ITEM, both), On(SECOND_ITEM, both)
    )


def test_the_advisor_of_a_party_gets_it_too() -> None:
    her = with_item(events=(*interviewed, advised(COMPLAINANT)))
    her.when(send, by=IVY, on=DAY).refused(No.EVIDENCE_NOT_SENT_TO_ALL, count=1)
    to_three = replace(send, deliveries=(to_her, to_him, to_her_advisor))
    her.when(to_three, by=IVY, on=DAY).then(
        replace(package, deliveries=letters(DAY, advisors=(COMPLAINANT,))),
        On(ITEM, shared((COMPLAINANT, False), (RESPONDENT, False), (COMPLAINANT, True))),
    )


def test_how_many_did_not_get_it_is_said() -> None:
    both = with_item(events=(*interviewed, advised(COMPLAINANT), advised(RESPONDENT)))
    to_one = replace(send, deliveries=(to_her_advisor,))
    both.when(to_one, by=IVY, on=DAY).refused(No.EVIDENCE_NOT_SENT_TO_ALL, count=3)
    with_item().when(replace(send, deliveries=(to_her,)), by=IVY, on=DAY).refused(
        No.EVIDENCE_NOT_SENT_TO_ALL, count=1
    )


def test_nothing_goes_to_an_advisor_whom_nobody_chose() -> None:
    more = replace(send, deliveries=(to_her, to_him, to_her_advisor))
    with_item().when(more, by=IVY, on=DAY).refused(No.INPUT_INVALID, fields="deliveries")


def test_nothing_goes_to_a_respondent_nobody_knows() -> None:
    alone = with_item(events=but(interviewed, respondent, identified=False))
    alone.when(replace(send, deliveries=(to_her,)), by=IVY, on=DAY).accepted()


def test_it_goes_out_at_once() -> None:
    early = replace(to_him, sent_at=instant(DAY) - timedelta(hours=2))
    with_item().when(replace(send, deliveries=(to_her, early)), by=IVY, on=DAY).refused(
        No.NOT_SIMULTANEOUS
    )


def test_the_time_to_answer_ends_on_an_open_day() -> None:
    # Ten days after Thursday, 13 March is a Sunday.
    sent = replace(send, deliveries=tuple(_on("2025-03-13", one) for one in send.deliveries))
    decided = with_item().when(sent, by=IVY, on="2025-03-13").accepted()
    assert decided[0] == replace(
        package, deliveries=letters("2025-03-13"), respond_by=date(2025, 3, 24)
    )


def _on(day: str, letter: Letter) -> Letter:
    return replace(letter, sent_at=instant(day))


def test_the_time_to_answer_is_the_policys() -> None:
    longer = with_item().policy(lambda pack: pack["evidence_review"]["response"].update(days=14))
    decided = longer.when(send, by=IVY, on=DAY).accepted()
    assert decided[0] == replace(package, respond_by=date(2025, 3, 17))
    unset = with_item().policy(lambda pack: pack["evidence_review"]["response"].update(days=None))
    unset.when(send, by=IVY, on=DAY).refused(
        No.POLICY_PARAMETER_UNSET, parameter="evidence_review.response"
    )


@pytest.mark.parametrize(
    "item",
    [
        EvidenceItem(),
        replace(related, case_id=an_id("another case")),
        replace(related, directly_related=None),
        replace(related, directly_related=False),
    ],
)
def test_only_directly_related_evidence_of_the_case_is_sent(item: EvidenceItem) -> None:
    with_item(item).when(send, by=IVY, on=DAY).refused(
        No.INPUT_INVALID,
        fields="items",
        fault="must name directly related items of this case, each once",
    )
    with_item().when(send, by=IVY, on=DAY).accepted()


@pytest.mark.parametrize("items", [(), (ITEM, ITEM)])
def test_a_package_holds_something_and_nothing_twice(items: Any) -> None:
    with_item().when(replace(send, items=items), by=IVY, on=DAY).refused(
        No.INPUT_INVALID, fields="items"
    )


def test_evidence_that_is_not_relied_on_is_sent_too() -> None:
    unused = replace(related, relied_on=False)
    with_item(unused).when(send, by=IVY, on=DAY).accepted()


def test_late_evidence_is_a_new_package_with_a_new_time_to_answer() -> None:
    sent = _later(send)
    again = with_item(events=reviewed)
    again.when(sent, by=IVY, on="2025-03-17").refused(No.INPUT_INVALID, fields="package_id")
    second = replace(sent, package_id=an_id("second package"))
    decided = again.when(second, by=IVY, on="2025-03-17").accepted()
    new = replace(
        package,
        package_id=second.package_id,
        deliveries=letters("2025-03-17"),
        respond_by=date(2025, 3, 27),
    )
    assert decided[0] == new
    # An id that was answered stays taken when another package has come.
    closed = replace(review_closed, package_id=new.package_id)
    with_item(events=(*reviewed, new, closed)).when(sent, by=IVY, on="2025-03-28").refused(
        No.INPUT_INVALID, fields="package_id"
    )


def _later(command: SendEvidence) -> SendEvidence:
    return replace(command, deliveries=tuple(_on("2025-03-17", one) for one in command.deliveries))


def test_a_matter_found_outside_the_policy_is_not_carried_on() -> None:
    outside = replace(jurisdiction, in_program=False)
    with_item(events=(*interviewed, outside)).when(send, by=IVY, on=DAY).refused(
        No.MUST_DISMISS_JURISDICTION, ground="not in the education program or activity"
    )


# Answered

respond = RecordResponse(
    response_to=PACKAGE, party_id=COMPLAINANT, received_on=date(2025, 3, 12), text=TEXT
)


def test_a_party_answers_or_its_answer_is_taken_down() -> None:
    for who in (party("complainant"), IVY, CORA):
        given(*package_sent).when(respond, by=who, on="2025-03-12").then(response)


def test_a_party_answers_for_itself() -> None:
    given(*package_sent).when(respond, by=party("respondent"), on="2025-03-12").refused(
        No.ROLE_NOT_ALLOWED
    )
    his = replace(respond, party_id=RESPONDENT)
    given(*package_sent).when(his, by=party("respondent"), on="2025-03-12").accepted()


def test_the_report_is_answered_too() -> None:
    to_report = replace(respond, response_to=FINAL_REPORT, received_on=date(2025, 3, 26))
    given(*reported).when(to_report, on="2025-03-26").then(
        replace(response, response_to=FINAL_REPORT, received_on=date(2025, 3, 26))
    )
    given(*reviewed).when(to_report, on="2025-03-26").refused(
        No.INPUT_INVALID, fields="response_to"
    )


def test_a_late_answer_is_kept() -> None:
    given(*reviewed).when(replace(respond, received_on=date(2025, 3, 20)), on="2025-03-20").then(
        replace(response, received_on=date(2025, 3, 20))
    )


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"response_to": an_id("nothing")}, "response_to"),
        ({"party_id": an_id("a stranger")}, "party_id"),
        ({"text": Narrative(" ")}, "text"),
    ],
)
def test_an_answer_is_a_partys_and_says_something(wrong: dict[str, Any], field: str) -> None:
    given(*package_sent).when(replace(respond, **wrong), on="2025-03-12").refused(
        No.INPUT_INVALID, fields=field
    )


def test_an_answer_that_is_still_to_come_has_not_come() -> None:
    given(*package_sent).when(respond, on="2025-03-11").refused(No.DATE_IN_FUTURE)
    given(*package_sent).when(respond, on="2025-03-12").accepted()


def test_there_is_nothing_to_answer_before_a_package() -> None:
    given(*interviewed).when(respond, on="2025-03-12").refused(
        No.ILLEGAL_TRANSITION, command="RecordResponse"
    )


# Closed

close = CloseReview(package_id=PACKAGE)


def test_the_review_closes_when_ten_days_have_run() -> None:
    given(*package_sent).when(close, by=IVY, on="2025-03-14").then(review_closed)


def test_not_on_the_last_day() -> None:
    last_day: When = given(*package_sent).when(close, by=IVY, on="2025-03-13")
    last_day.refused(No.EVIDENCE_REVIEW_OPEN, date=date(2025, 3, 13))
    with pytest.raises(Refused) as refused:
        last_day.decide()
    assert refused.value.allowed_after == date(2025, 3, 14)


def test_half_past_nine_in_the_evening_is_still_that_day() -> None:
    night = instant("2025-03-13", 21)  # In UTC it is the 14th.
    assert night.date() == date(2025, 3, 14)
    given(*package_sent).when(close, by=IVY, on=night).refused(No.EVIDENCE_REVIEW_OPEN)


his_response = replace(response, party_id=RESPONDENT)
both_answered = (*package_sent, response, his_response)


def _early(*reasons: str) -> Any:
    return lambda pack: pack["evidence_review"].update(early_close=reasons)


def test_this_policy_lets_no_review_close_early() -> None:
    answered = replace(close, early="all_responded")
    given(*both_answered).when(answered, by=IVY, on="2025-03-12").refused(No.EVIDENCE_REVIEW_OPEN)


def test_a_policy_may_let_it_close_when_everybody_answered() -> None:
    answered = replace(close, early="all_responded")
    lenient = given(*both_answered).policy(_early("all_responded"))
    lenient.when(answered, by=IVY, on="2025-03-12").then(
        replace(review_closed, closed_on=date(2025, 3, 12), early="all_responded")
    )
    lenient.when(close, by=IVY, on="2025-03-12").refused(No.EVIDENCE_REVIEW_OPEN)


@pytest.mark.parametrize(
    "answers",
    [(), (response,), (response, replace(his_response, response_to=an_id("an older package")))],
)
def test_everybody_is_every_known_party_and_this_package(
    answers: tuple[PartyResponseReceived, ...],
) -> None:
    answered = replace(close, early="all_responded")
    lenient = given(*package_sent, *answers).policy(_early("all_responded"))
    lenient.when(answered, by=IVY, on="2025-03-12").refused(No.EVIDENCE_REVIEW_OPEN)


def test_a_waiver_that_nobody_recorded_closes_nothing() -> None:
    waived = replace(close, early="all_waived")
    lenient = given(*both_answered).policy(_early("all_responded", "all_waived"))
    lenient.when(waived, by=IVY, on="2025-03-12").refused(No.EVIDENCE_REVIEW_OPEN)


def test_what_closes_in_time_does_not_close_early() -> None:
    answered = replace(close, early="all_responded")
    given(*both_answered).when(answered, by=IVY, on="2025-03-14").then(review_closed)


def test_the_review_of_that_package_is_closed() -> None:
    other = CloseReview(package_id=an_id("another package"))
    given(*package_sent).when(other, by=IVY, on="2025-03-14").refused(
        No.INPUT_INVALID, fields="package_id"
    )


# Who, and when in the process


@pytest.mark.parametrize("command", [send, close])
def test_only_an_investigator_of_the_case_sends_and_closes(command: Any) -> None:
    for who in (CORA, DORA, party("complainant")):
        with_item().when(command, by=who, on=DAY).refused(No.NOT_ASSIGNED)


def test_the_decision_maker_takes_down_no_answer() -> None:
    given(*package_sent).when(respond, by=DORA, on="2025-03-12").refused(No.ROLE_NOT_ALLOWED)


@pytest.mark.parametrize("command", [send, respond, close])
def test_a_stranger_does_not_learn_that_the_case_exists(command: Any) -> None:
    with_item(events=package_sent).when(command, by=EVE, on="2025-03-14").not_found()


@pytest.mark.parametrize("command", [send, respond, close])
def test_there_is_no_package_without_a_formal_complaint(command: Any) -> None:
    early = with_item(events=(*contacted, investigator))
    early.when(command, by=IVY, on=DAY).refused(No.FORMAL_COMPLAINT_REQUIRED)


@pytest.mark.parametrize("command", [send, close])
def test_each_at_its_own_stage(command: Any) -> None:
    with_item(events=reported).when(command, by=IVY, on="2025-03-25").refused(
        No.ILLEGAL_TRANSITION, stage="REPORT_ISSUED"
    )
