"""The one gate before every command. 34 CFR 106.71(a) [P]; TEC 51.256 [P]; 34 CFR 106.45(b) [S].

Known to you, for you, at this stage, what must hold before, the rule itself: in that order. A case
that is hidden answers like one that does not exist.
"""

from collections.abc import Sequence
from datetime import date

import pytest
from msgspec.structs import replace

from domain.commands import Command, Intention
from domain.context import Who
from domain.events import Event
from domain.refusals import No
from domain.rules import (
    RULES,
    complaint,
    evidence,
    intake,
    office,
    outcome,
)
from domain.rules.gate import (
    KNOW_EVERY_CASE,
    ONLY_BY_ASSIGNMENT,
)
from domain.terms import Role
from tests.spec.cases import (
    TEXT,
    contacted,
    determined,
    filed,
    finalized,
    investigating,
    opened,
    staffed,
)
from tests.spec.kit import (
    CASE,
    COMPLAINANT,
    CORA,
    DEE,
    EVE,
    HUGO,
    IVY,
    OPERATOR,
    RESPONDENT,
    SYSTEM,
    an_id,
    given,
    instant,
    party,
)

rights = intake.ProvideRights(party_id=COMPLAINANT, items=("procedures",), method="email")
no_rights = replace(rights, items=())
close_window = outcome.CloseAppealWindow(outcome_id=an_id("determination"), party_id=COMPLAINANT)
finalize = outcome.FinalizeOutcome(outcome_id=an_id("determination"))
seal = outcome.SealRespondent(respondent=RESPONDENT)
classify_item = evidence.ClassifyEvidence(
    directly_related=True, relevant="yes", relied_on=False, sexual_history="none"
)
receive = intake.ReceiveReport(
    report_id=an_id("report"),
    channel="phone",
    reporter_capacity="anonymous",
    anonymous=True,
    in_us="yes",
    geography="unknown",
)
sign_again = complaint.SignFormalComplaint(
    complaint_id=an_id("complaint"),
    capacity="complainant",
    signed_by=COMPLAINANT,
    signed_on=instant("2025-01-15").date(),
    document=TEXT,
)
# Known to you


@pytest.mark.parametrize("history", [opened, filed, investigating, determined])
def test_to_a_stranger_a_case_that_exists_is_like_one_that_does_not(
    history: Sequence[Event],
) -> None:
    given(*history).when(rights, by=EVE).not_found()
    given().when(rights, by=EVE).not_found()


@pytest.mark.parametrize("role", sorted(Role))
def test_for_no_role_does_a_missing_case_answer_otherwise_than_not_found(role: Role) -> None:
    given(office={role}).when(rights, by=EVE).not_found()
    given(office={role}).when(rights, by=CORA).not_found()


@pytest.mark.parametrize("by", [SYSTEM, OPERATOR, CORA, party("complainant")])
def test_nobody_finds_a_case_that_is_not_there(by: Who) -> None:
    for command in (rights, close_window):
        given().when(command, by=by).not_found()


@pytest.mark.parametrize("role", sorted(set(Role) - KNOW_EVERY_CASE))
def test_a_case_is_hidden_from_every_office_role_that_need_not_know_of_it(role: Role) -> None:
    given(*contacted, office={role}).when(rights, by=EVE).not_found()


def test_the_auditor_may_know_of_every_case_and_do_nothing_in_it() -> None:
    given(*contacted, office={Role.AUDITOR}).when(rights, by=EVE).refused(No.ROLE_NOT_ALLOWED)


def test_the_hidden_answer_comes_before_any_other() -> None:
    """Nor stage, nor form, nor date shows a stranger that something is there."""
    for command in (no_rights, replace(rights, occurred_on="2031-01-01")):
        given(*contacted).when(command, by=EVE).not_found()
    given(*filed).when(sign_again, by=EVE).not_found()


@pytest.mark.parametrize("role", sorted(ONLY_BY_ASSIGNMENT))
def test_who_may_be_assigned_knows_only_the_cases_that_are_assigned(role: Role) -> None:
    given(*investigating, office={role}).when(rights, by=EVE).not_found()


def test_an_assigned_investigator_knows_of_the_case_and_acts_on_it_only_as_that() -> None:
    given(*staffed).when(rights, by=IVY).refused(No.ROLE_NOT_ALLOWED)
    given(*staffed, office={Role.HEARING_OFFICER}).when(rights, by=IVY).refused(No.ROLE_NOT_ALLOWED)
    given(*filed).when(rights, by=IVY).not_found()


def test_an_office_role_counts_beside_an_assignment() -> None:
    given(*staffed, office={Role.DEPUTY}).when(rights, by=IVY).accepted()


def test_anybody_signed_in_may_open_a_case_with_a_report() -> None:
    given().when(receive, by=EVE).accepted()
    given().when(receive, by=SYSTEM).refused(No.ROLE_NOT_ALLOWED)


def test_the_offices_own_records_are_hidden_from_who_holds_no_office_role() -> None:
    day = office.MarkCalendarDay(day=date(2025, 7, 3), closed=True)
    given().when(day, by=OPERATOR).accepted()
    given().when(day, by=CORA).refused(No.ROLE_NOT_ALLOWED)
    given().when(day, by=EVE).not_found()
    given().when(day, by=party("complainant")).not_found()


# Parties


def test_a_party_signs_in_to_one_case() -> None:
    here = party("complainant")
    given(*contacted).when(rights, by=here).refused(No.ROLE_NOT_ALLOWED)
    given(*contacted).when(rights, by=Who("party", here.id, an_id("another case"))).not_found()
    given(*contacted).when(rights, by=Who("party", here.id, None)).not_found()


def test_a_party_token_of_somebody_who_is_no_party_finds_nothing() -> None:
    given(*contacted).when(rights, by=Who("party", str(an_id("nobody")), CASE)).not_found()


def test_a_party_acts_as_a_party_whatever_office_is_held() -> None:
    coordinating = given(*contacted, office={Role.COORDINATOR})
    coordinating.when(rights, by=party("complainant")).refused(No.ROLE_NOT_ALLOWED)


# For you


def test_the_role_is_asked_before_the_stage() -> None:
    given(*contacted).when(finalize, by=CORA).refused(No.ROLE_NOT_ALLOWED)
    given(*filed).when(sign_again, by=party("respondent")).refused(No.ROLE_NOT_ALLOWED)
    given(*filed).when(sign_again, by=CORA).refused(No.DUPLICATE_COMPLAINT)


def test_an_investigators_act_by_another_is_not_assigned() -> None:
    item = {"evidence": {}, "case": investigating}
    given(**item).when(classify_item, by=CORA).refused(No.NOT_ASSIGNED)
    given(**item).when(classify_item, by=HUGO).refused(No.NOT_ASSIGNED)
    licensed = given(**item, office={Role.INVESTIGATOR})
    licensed.when(classify_item, by=HUGO).refused(No.NOT_ASSIGNED)
    given(**item).when(classify_item, by=EVE).not_found()
    given(case=()).when(classify_item, by=IVY).not_found()


@pytest.mark.parametrize("command", [close_window, finalize, seal])
@pytest.mark.parametrize("by", [CORA, DEE, OPERATOR, party("complainant"), party("respondent")])
def test_what_time_alone_brings_about_is_nobodys_to_command(command: Command, by: Who) -> None:
    given(*finalized).when(command, by=by).refused(No.ROLE_NOT_ALLOWED)
    given(*determined).when(command, by=by).refused(No.ROLE_NOT_ALLOWED)


def test_the_clock_does_only_what_time_brings_about() -> None:
    given(*contacted).when(rights, by=SYSTEM).refused(No.ROLE_NOT_ALLOWED)
    given(*determined).when(close_window, by=SYSTEM, on="2025-04-26").accepted()
    assert {kind for kind, rule in RULES.items() if Role.SYSTEM in rule.by} == {
        outcome.CloseAppealWindow,
        outcome.FinalizeOutcome,
        outcome.SealRespondent,
    }


def test_the_operator_sets_up_and_acts_in_no_case() -> None:
    given(*contacted).when(rights, by=OPERATOR).refused(No.ROLE_NOT_ALLOWED)
    for rule in RULES.values():
        if Role.OPERATOR in rule.by:
            assert rule.home not in ("case", "evidence")


# Days that people say


@pytest.mark.parametrize("when", ["2025-01-15", "2025-01", "2025", "2024-12-31", "unknown", None])
def test_what_a_command_says_happened_has_happened(when: str | None) -> None:
    given(*contacted).when(replace(rights, occurred_on=when), on="2025-01-15").accepted()


@pytest.mark.parametrize("when", ["2025-01-16", "2025-02", "2026"])
def test_what_a_command_says_happened_is_not_to_come(when: str) -> None:
    given(*contacted).when(replace(rights, occurred_on=when), on="2025-01-15").refused(
        No.DATE_IN_FUTURE
    )


def test_today_is_the_day_at_the_institution() -> None:
    """Half past nine in the evening in Houston is the next day in UTC."""
    late = instant("2025-01-15", 21)
    given(*contacted).when(replace(rights, occurred_on="2025-01-16"), on=late).refused(
        No.DATE_IN_FUTURE
    )
    given(*contacted).when(replace(rights, occurred_on="2025-01-15"), on=late).accepted()


# The table


def test_every_command_has_one_row_and_every_row_says_who() -> None:
    def every(kind: type[Intention]) -> set[type[Intention]]:
        return {found for sub in kind.__subclasses__() for found in ({sub} | every(sub))}

    assert every(Intention) - {Command} == set(RULES)
    assert all(rule.by and rule.during for rule in RULES.values())
