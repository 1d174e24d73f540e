"""The decision on appeals: 34 CFR 106.45(b)(8) [S]; 02.2.20 V.G [P]."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from domain.events.case import Allegation, Change, RoleUnassigned, Sanction
from domain.refusals import No
from domain.state.case import fold
from domain.state.office import StaffMember
from tests.spec.cases import (
    ALLEGATION,
    APPEAL,
    APRIL_ID,
    CORA_ID,
    DORA_ID,
    SANCTION,
    appeal_decided,
    appeal_decision,
    appeal_notice,
    appeal_noticed,
    appealed,
    but,
    complaint,
    determination,
    determined,
    her_window_closed,
    his_appeal,
    letters,
    posted,
    probation,
    role,
    without,
)
from tests.spec.kit import (
    COMPLAINANT,
    CORA,
    DORA,
    EVE,
    RESPONDENT,
    an_id,
    given,
    instant,
    trained,
)
from tests.spec.test_appeal import (
    BLANK,
    HER_APPEAL,
    NOBODY,
    OTHER,
    both_appealed,
    decide,
    decided,
    students,
)

# Before the appeal may be decided


def test_the_appeal_officer_decides_all_open_appeals_with_reasons() -> None:
    decided().then(appeal_decision)


def test_no_decision_while_statements_may_come() -> None:
    decided(day="2025-04-30").refused(
        No.APPEAL_STATEMENTS_OPEN, date=date(2025, 4, 30), allowed_after=date(2025, 5, 1)
    )
    told_again = letters("2025-05-01")
    decided(day="2025-05-01", deliveries=posted(told_again)).accepted()


def test_no_decision_while_another_party_may_still_appeal() -> None:
    early = but(appealed, his_appeal, filed_on=date(2025, 4, 18))
    told = (*early, replace(appeal_notice, statements_until=date(2025, 4, 24)))
    day = "2025-04-25"
    decided(given(*told), day=day, deliveries=posted(letters(day))).refused(
        No.APPEAL_STATEMENTS_OPEN, date=date(2025, 4, 25), allowed_after=date(2025, 4, 26)
    )
    day = "2025-04-26"
    decided(given(*told), day=day, deliveries=posted(letters(day))).accepted()


def test_no_decision_on_an_appeal_that_the_other_party_was_not_told_of() -> None:
    untold = without(appeal_noticed, appeal_notice)
    decided(given(*untold)).refused(
        No.APPEAL_STATEMENTS_OPEN, date=date(2025, 5, 15), allowed_after=date(2025, 5, 16)
    )
    one_told = (*both_appealed, appeal_notice)
    decided(given(*one_told), appeal_ids=(APPEAL, HER_APPEAL)).refused(No.APPEAL_STATEMENTS_OPEN)


@pytest.mark.parametrize("other", ["investigator", "decision_maker"])
def test_who_investigated_or_decided_does_not_decide_the_appeal(other: Any) -> None:
    decided(given(*appeal_noticed, role(other, APRIL_ID))).refused(
        No.ROLE_CONFLICT, role=other.replace("_", " ")
    )


def test_a_coordinator_does_not_decide_the_appeal() -> None:
    assigned = given(*appeal_noticed, role("appeal_officer", CORA_ID))
    assigned.when(decide, by=CORA, on="2025-05-08").refused(No.ROLE_CONFLICT, role="coordinator")


def test_who_was_not_assigned_does_not_decide_the_appeal() -> None:
    given(*appeal_noticed).when(decide, by=EVE, on="2025-05-08").not_found()
    given(*appeal_noticed).when(decide, by=DORA, on="2025-05-08").refused(No.NOT_ASSIGNED)
    decided(given(*determined)).refused(No.ILLEGAL_TRANSITION)


def test_an_appeal_is_decided_once() -> None:
    decided(given(*appeal_decided)).refused(No.ILLEGAL_TRANSITION)


# The decision


def test_every_open_appeal_is_answered() -> None:
    told = replace(appeal_notice, appeal_ids=(APPEAL, HER_APPEAL), deliveries=letters("2025-04-23"))
    both = given(*both_appealed, told)
    decided(both).refused(No.INPUT_INVALID, fields="appeal_ids")
    decided(both, appeal_ids=(HER_APPEAL, APPEAL)).accepted()


def test_both_parties_get_the_decision_at_the_same_time() -> None:
    decided(deliveries=posted(letters("2025-05-08", to=(RESPONDENT,)))).refused(
        No.NOTICE_ALL_PARTIES
    )
    one, other = posted(letters("2025-05-08"))
    apart = (one, replace(other, sent_at=instant("2025-05-07")))
    decided(deliveries=apart).refused(No.NOT_SIMULTANEOUS)


def reversal(*sanctions: Sanction) -> Change:
    result = "responsible" if sanctions else "not_responsible"
    return Change(allegation_id=ALLEGATION, result=result, sanctions=sanctions)


def test_a_reversal_takes_the_sanctions_away() -> None:
    decided(result="reversed", bases_found=("A",), changes=(reversal(),)).then(
        replace(appeal_decision, result="reversed", bases_found=("A",), changes=(reversal(),))
    )
    reversed_ = replace(appeal_decision, result="reversed", changes=(reversal(),))
    after = fold((*appeal_noticed, reversed_))
    assert after.results == {ALLEGATION: "not_responsible"}
    assert after.sanctions == {}


def test_a_modification_puts_new_sanctions_in_place_of_the_old() -> None:
    warning = replace(probation, sanction_id=OTHER, kind="employment_warning", end_on=None)
    milder = {"result": "modified", "bases_found": ("B",), "changes": (reversal(warning),)}
    decided(**milder).then(replace(appeal_decision, **milder))
    after = fold((*appeal_noticed, replace(appeal_decision, **milder)))
    assert set(after.sanctions) == {OTHER}


def test_an_upheld_outcome_keeps_its_sanctions() -> None:
    assert set(fold(appeal_decided).sanctions) == {SANCTION}


def test_the_sanctions_of_an_appeal_are_bound_as_those_of_the_determination() -> None:
    too_much = reversal(replace(probation, kind="employment_probation"))
    told = (*students, his_appeal, appeal_notice, her_window_closed)
    decided(given(*told), result="modified", changes=(too_much,)).refused(
        No.SANCTION_CLASS_MISMATCH
    )
    assault = Allegation(
        allegation_id=ALLEGATION,
        complainant_id=COMPLAINANT,
        respondent_id=RESPONDENT,
        category="sexual_assault",
        subtype="rape",
    )
    of_assault = but(appeal_noticed, complaint, allegations=(assault,))
    mild = reversal(replace(probation, kind="suspension"))
    decided(given(*of_assault), result="modified", changes=(mild,)).refused(No.SA_REMOVAL_MANDATORY)


def test_one_respondents_reversal_leaves_the_sanctions_of_another() -> None:
    second, their_sanction = an_id("second respondent"), an_id("second sanction")
    other_allegation = replace(
        complaint.allegations[0], allegation_id=an_id("second"), respondent_id=second
    )
    two = but(
        but(appeal_noticed, complaint, allegations=(*complaint.allegations, other_allegation)),
        determination,
        sanctions=(probation, replace(probation, sanction_id=their_sanction, respondent=second)),
    )
    after = fold((*two, replace(appeal_decision, result="reversed", changes=(reversal(),))))
    assert set(after.sanctions) == {their_sanction}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"bases_found": ("+",)}, "bases_found"),
        ({"result": "dismissal_upheld"}, "result"),
        ({"result": "dismissal_reversed"}, "result"),
        ({"result": "reversed"}, "changes"),
        ({"result": "modified"}, "changes"),
        ({"result": "upheld", "changes": (reversal(),)}, "changes"),
        ({"result": "reversed", "changes": (reversal(), reversal())}, "changes"),
        (
            {
                "result": "reversed",
                "changes": (Change(allegation_id=NOBODY, result="responsible"),),
            },
            "changes",
        ),
        (
            {"result": "modified", "changes": (reversal(probation, probation),)},
            "changes",
        ),
        ({"result": "upheld", "remand_to": "hearing"}, "remand_to"),
        ({"result": "remanded"}, "remand_to"),
        ({"rationale": BLANK}, "rationale"),
    ],
)
def test_a_decision_says_what_follows_from_it(change: Any, field: str) -> None:
    decided(**change).refused(No.INPUT_INVALID, fields=field)


# Back to an earlier step


@pytest.mark.parametrize("where", ["investigation", "hearing", "decision_maker"])
def test_a_case_may_go_back_to_where_it_went_wrong(where: Any) -> None:
    back = {"result": "remanded", "bases_found": ("A",), "remand_to": where}
    decided(**back).then(replace(appeal_decision, **back))


def test_bias_found_elsewhere_asks_for_no_other_decision_maker() -> None:
    back = {"result": "remanded", "bases_found": ("A", "B", "C"), "remand_to": "investigation"}
    decided(**back).then(replace(appeal_decision, **back))


def test_bias_found_in_the_decision_maker_bars_that_person() -> None:
    biased = {"result": "remanded", "bases_found": ("C",), "remand_to": "decision_maker"}
    decided(**biased).refused(No.INPUT_INVALID, fields="new_decision_maker")
    staff = {DORA_ID: trained("decision_maker"), NOBODY: StaffMember(), OTHER: trained()}
    setting = given(*appeal_noticed, staff=staff)
    decided(setting, **biased, new_decision_maker=DORA_ID).refused(
        No.ROLE_CONFLICT, role="decision maker"
    )
    left = RoleUnassigned(role="decision_maker", staff_id=DORA_ID, reason_code="replaced")
    replaced = given(*appeal_noticed, left, staff=staff)
    decided(replaced, **biased, new_decision_maker=DORA_ID).refused(
        No.ROLE_CONFLICT, role="decision maker"
    )
    decided(setting, **biased, new_decision_maker=NOBODY).refused(
        No.INPUT_INVALID, fields="new_decision_maker"
    )
    decided(setting, **biased, new_decision_maker=OTHER).accepted()
    elsewhere = {**biased, "remand_to": "hearing", "new_decision_maker": OTHER}
    decided(setting, **elsewhere).refused(No.INPUT_INVALID, fields="new_decision_maker")
