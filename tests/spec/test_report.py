"""The investigative report: 34 CFR 106.45(b)(5)(vi), (vii) [S]."""

from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from domain.events.case import AdvisorSelected
from domain.ids import Narrative, Secret
from domain.refusals import No
from domain.rules.dispatch import Letter
from domain.rules.report import IssueReport
from tests.spec.cases import (
    DISPATCH,
    FINAL_REPORT,
    TEXT,
    contacted,
    investigator,
    jurisdiction,
    letters,
    package,
    package_sent,
    report,
    reported,
    responded,
    response,
    review_closed,
    reviewed,
)
from tests.spec.kit import COMPLAINANT, CORA, EVE, IVY, RESPONDENT, an_id, given, instant, party

DAY = "2025-03-24"
to_her = Letter(party_id=COMPLAINANT, method="email", sent_at=instant(DAY))
to_him = Letter(party_id=RESPONDENT, method="email", sent_at=instant(DAY))
issue = IssueReport(
    report_id=FINAL_REPORT,
    responses_considered=(COMPLAINANT,),
    deliveries=(to_her, to_him),
    dispatch_id=DISPATCH,
    report=TEXT,
)
his_response = replace(response, party_id=RESPONDENT)


def test_the_report_goes_to_both_parties_ten_days_before_any_hearing() -> None:
    given(*reviewed).when(issue, by=IVY, on=DAY).then(report)


def test_a_hearing_may_not_be_before_an_open_day() -> None:
    sent = tuple(replace(one, sent_at=instant("2025-03-26")) for one in issue.deliveries)
    # Ten days after the 26th is a Saturday.
    given(*reviewed).when(replace(issue, deliveries=sent), by=IVY, on="2025-03-26").then(
        replace(report, deliveries=letters("2025-03-26"), earliest_hearing_on=date(2025, 4, 7))
    )


def test_how_long_before_a_hearing_is_the_policys() -> None:
    longer = given(*reviewed).policy(lambda pack: pack["report"]["before_hearing"].update(days=14))
    longer.when(issue, by=IVY, on=DAY).then(replace(report, earliest_hearing_on=date(2025, 4, 7)))
    unset = given(*reviewed).policy(lambda pack: pack["report"]["before_hearing"].update(days=None))
    unset.when(issue, by=IVY, on=DAY).refused(
        No.POLICY_PARAMETER_UNSET, parameter="report.before_hearing"
    )


# Answers considered


def test_every_answer_was_considered() -> None:
    both = given(*responded, his_response, review_closed)
    both.when(issue, by=IVY, on=DAY).refused(No.RESPONSES_NOT_CONSIDERED)
    considered = replace(issue, responses_considered=(COMPLAINANT, RESPONDENT))
    both.when(considered, by=IVY, on=DAY).then(
        replace(report, responses_considered=(COMPLAINANT, RESPONDENT))
    )


def test_a_late_answer_too() -> None:
    late = replace(his_response, received_on=date(2025, 3, 20))
    given(*reviewed, late).when(issue, by=IVY, on=DAY).refused(No.RESPONSES_NOT_CONSIDERED)
    given(*reviewed).when(issue, by=IVY, on=DAY).accepted()


def test_an_answer_to_an_earlier_package_too() -> None:
    second = replace(package, package_id=an_id("second package"))
    closed = replace(review_closed, package_id=second.package_id)
    none_considered = replace(issue, responses_considered=())
    again = given(*reviewed, second, closed)
    again.when(none_considered, by=IVY, on=DAY).refused(No.RESPONSES_NOT_CONSIDERED)
    again.when(issue, by=IVY, on=DAY).accepted()


def test_nobody_need_answer() -> None:
    silent = given(*package_sent, review_closed)
    silent.when(replace(issue, responses_considered=()), by=IVY, on=DAY).then(
        replace(report, responses_considered=())
    )


def test_an_answer_that_nobody_gave_was_not_considered() -> None:
    both = replace(issue, responses_considered=(COMPLAINANT, RESPONDENT))
    given(*reviewed).when(both, by=IVY, on=DAY).refused(
        No.INPUT_INVALID, fields="responses_considered"
    )


# The letters


@pytest.mark.parametrize("sent", [(), (to_her,), (to_him,)])
def test_every_party_gets_the_report(sent: tuple[Letter, ...]) -> None:
    given(*reviewed).when(replace(issue, deliveries=sent), by=IVY, on=DAY).refused(
        No.NOTICE_ALL_PARTIES
    )
    given(*reviewed).when(issue, by=IVY, on=DAY).accepted()


def test_the_advisor_of_a_party_gets_it_too() -> None:
    chosen = AdvisorSelected(
        for_party=RESPONDENT, name=Secret("an advisor"), contact=None, attorney=None
    )
    given(*reviewed, chosen).when(issue, by=IVY, on=DAY).refused(No.NOTICE_ALL_PARTIES)
    three = replace(issue, deliveries=(to_her, to_him, replace(to_him, advisor=True)))
    given(*reviewed, chosen).when(three, by=IVY, on=DAY).then(
        replace(report, deliveries=letters(DAY, advisors=(RESPONDENT,)))
    )


def test_both_get_it_at_once() -> None:
    early = replace(to_him, sent_at=instant(DAY) - timedelta(days=1))
    given(*reviewed).when(replace(issue, deliveries=(to_her, early)), by=IVY, on=DAY).refused(
        No.NOT_SIMULTANEOUS
    )


# The report itself


def test_a_report_says_something() -> None:
    blank = replace(issue, report=Narrative(" "))
    given(*reviewed).when(blank, by=IVY, on=DAY).refused(No.INPUT_INVALID, fields="report")


def test_a_matter_found_outside_the_policy_is_not_carried_on() -> None:
    outside = replace(jurisdiction, definition_met_if_proved=False)
    given(*reviewed, outside).when(issue, by=IVY, on=DAY).refused(
        No.MUST_DISMISS_JURISDICTION, ground="not sexual harassment even if proved"
    )
    given(*reviewed, outside, jurisdiction).when(issue, by=IVY, on=DAY).accepted()


def test_a_second_report_has_an_id_of_its_own() -> None:
    second = replace(package, package_id=an_id("second package"))
    closed = replace(review_closed, package_id=second.package_id)
    again = given(*reported, second, closed)
    again.when(issue, by=IVY, on=DAY).refused(No.INPUT_INVALID, fields="report_id")
    again.when(replace(issue, report_id=an_id("second report")), by=IVY, on=DAY).accepted()


# Who, and when in the process


def test_no_report_while_the_parties_may_still_answer() -> None:
    given(*responded).when(issue, by=IVY, on="2025-03-12").refused(
        No.EVIDENCE_REVIEW_OPEN, date=date(2025, 3, 13)
    )


def test_no_report_without_a_formal_complaint() -> None:
    given(*contacted, investigator).when(issue, by=IVY, on=DAY).refused(
        No.FORMAL_COMPLAINT_REQUIRED
    )


def test_one_report_at_a_time() -> None:
    given(*reported).when(issue, by=IVY, on="2025-03-25").refused(
        No.ILLEGAL_TRANSITION, command="IssueReport", stage="REPORT_ISSUED"
    )


@pytest.mark.parametrize("who", [CORA, party("complainant")])
def test_only_an_investigator_of_the_case_reports(who: Any) -> None:
    given(*reviewed).when(issue, by=who, on=DAY).refused(No.NOT_ASSIGNED)


def test_a_stranger_does_not_learn_that_the_case_exists() -> None:
    given(*reviewed).when(issue, by=EVE, on=DAY).not_found()
