"""Appeals: 34 CFR 106.45(b)(8) [S]; 02.2.20 V.G [P]."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.events.case import Allegation, Change, RoleUnassigned, Sanction
from domain.ids import Narrative
from domain.refusals import No
from domain.rules.appeal import DecideAppeal, FileAppeal, NotifyAppeal
from domain.state.case import fold
from domain.state.office import StaffMember
from tests.spec.cases import (
    ALLEGATION,
    APPEAL,
    APRIL_ID,
    CORA_ID,
    DISPATCH,
    DORA_ID,
    SANCTION,
    TEXT,
    appeal_decided,
    appeal_decision,
    appeal_notice,
    appeal_noticed,
    appealed,
    assessed,
    but,
    complainant,
    complaint,
    determination,
    determined,
    finalized,
    heard,
    her_window_closed,
    his_appeal,
    letters,
    posted,
    probation,
    respondent,
    role,
    without,
)
from tests.spec.kit import (
    APRIL,
    COMPLAINANT,
    CORA,
    DORA,
    EVE,
    HUGO,
    RESPONDENT,
    Given,
    When,
    an_id,
    given,
    instant,
    party,
    trained,
)

NOBODY = an_id("nobody of this case")
BLANK = Narrative(" ")
HER_APPEAL, DESIGNATION, OTHER = an_id("her appeal"), an_id("designation"), an_id("other sanction")
HIM, HER = party("respondent"), party("complainant")

file = FileAppeal(
    appeal_id=APPEAL,
    by=RESPONDENT,
    bases=("A",),
    filed_on=date(2025, 4, 22),
    route_office="human_resources",
    effect_on_outcome=TEXT,
)
notify = NotifyAppeal(
    appeal_ids=(APPEAL,), deliveries=posted(appeal_notice.deliveries), dispatch_id=DISPATCH
)
decide = DecideAppeal(
    appeal_ids=(APPEAL,),
    result="upheld",
    deliveries=posted(appeal_decision.deliveries),
    dispatch_id=DISPATCH,
    rationale=TEXT,
)
her_appeal = replace(his_appeal, appeal_id=HER_APPEAL, by=COMPLAINANT)
hers = replace(file, appeal_id=HER_APPEAL, by=COMPLAINANT)
both_appealed = (*appealed, her_appeal)
students = but(determined, respondent, affiliation_class="student")


def filed(setting: Given | None = None, /, *, day: str = "2025-04-22", **change: Any) -> When:
    return (setting or given(*determined)).when(replace(file, **change), by=HIM, on=day)


def notified(setting: Given | None = None, /, *, day: str = "2025-04-23", **change: Any) -> When:
    return (setting or given(*appealed)).when(replace(notify, **change), by=CORA, on=day)


def decided(setting: Given | None = None, /, *, day: str = "2025-05-08", **change: Any) -> When:
    return (setting or given(*appeal_noticed)).when(replace(decide, **change), by=APRIL, on=day)


# Filing


def test_a_party_appeals_inside_its_window_to_the_office_of_its_class() -> None:
    filed().then(his_appeal)


def test_the_office_takes_down_an_appeal_on_paper() -> None:
    given(*determined).when(file, by=CORA, on="2025-04-22").then(his_appeal)


def test_nobody_appeals_for_the_other_party() -> None:
    given(*determined).when(file, by=HER, on="2025-04-22").refused(No.ROLE_NOT_ALLOWED)


def test_the_last_day_to_appeal_is_the_one_that_was_written_down() -> None:
    filed(day="2025-04-25").accepted()
    filed(day="2025-04-26").refused(No.APPEAL_LATE, date=date(2025, 4, 25))


def test_a_window_that_was_closed_stays_closed() -> None:
    closed = given(*determined, replace(her_window_closed, party_id=RESPONDENT))
    filed(closed).refused(No.APPEAL_LATE, date=date(2025, 4, 25))


def test_no_appeal_of_what_is_final() -> None:
    filed(given(*finalized), day="2025-04-28").refused(No.APPEAL_LATE, date=date(2025, 4, 25))


def test_the_other_party_may_appeal_too_while_its_own_window_is_open() -> None:
    to_one_office = but(appealed, complainant, affiliation_class="staff")
    given(*to_one_office).when(hers, by=HER, on="2025-04-25").accepted()
    given(*to_one_office).when(hers, by=HER, on="2025-04-26").refused(No.APPEAL_LATE)


def test_a_party_appeals_an_outcome_once() -> None:
    filed(given(*appealed), appeal_id=an_id("again")).refused(No.ILLEGAL_TRANSITION)
    again = replace(file, appeal_id=an_id("again"))
    given(*appealed).when(again, by=CORA, on="2025-04-22").refused(
        No.ILLEGAL_TRANSITION, stage="with an appeal of this party"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"bases": ()},
        {"bases": ("A", "+")},
        {"effect_on_outcome": None},
        {"effect_on_outcome": BLANK},
    ],
)
def test_an_appeal_has_a_basis_and_says_how_it_affected_the_outcome(change: Any) -> None:
    filed(**change).refused(No.APPEAL_BASIS_REQUIRED)
    filed(bases=("A", "B", "C")).accepted()


def test_a_policy_may_add_a_basis() -> None:
    wider = given(*determined).policy(lambda pack: pack["appeal"].update(bases=["+"]))
    filed(wider, bases=("+",)).accepted()


@pytest.mark.parametrize(
    ("affiliation", "office"),
    [("student", "provost"), ("faculty", "human_resources"), ("staff", "human_resources")],
)
def test_an_appeal_goes_to_the_office_of_the_class(affiliation: Any, office: Any) -> None:
    setting = given(*but(determined, respondent, affiliation_class=affiliation))
    other = "provost" if office == "human_resources" else "human_resources"
    filed(setting, route_office=other).refused(
        No.APPEAL_ROUTE_MISMATCH, office=office.replace("_", " ")
    )
    filed(setting, route_office=office).accepted()
    filed(setting, route_office=other, designation_ref=DESIGNATION).accepted()


@pytest.mark.parametrize("affiliation", ["resident", "third_party", None])
def test_a_class_without_an_office_needs_a_written_designation(affiliation: Any) -> None:
    setting = given(*but(determined, respondent, affiliation_class=affiliation))
    filed(setting, route_office="designated").refused(No.APPEAL_ROUTE_UNDEFINED)
    filed(setting, route_office="designated", designation_ref=DESIGNATION).accepted()


def test_appeals_of_two_classes_need_a_written_designation() -> None:
    given(*appealed).when(replace(hers, route_office="provost"), by=HER, on="2025-04-23").refused(
        No.APPEAL_ROUTE_UNDEFINED
    )
    designated = replace(hers, route_office="designated", designation_ref=DESIGNATION)
    given(*appealed).when(designated, by=HER, on="2025-04-23").accepted()


@pytest.mark.parametrize(
    ("change", "field"),
    [({"by": NOBODY}, "by"), ({"of": "dismissal"}, "of")],
)
def test_an_appeal_is_of_this_determination_by_a_party_of_it(change: Any, field: str) -> None:
    given(*determined).when(replace(file, **change), by=CORA, on="2025-04-22").refused(
        No.INPUT_INVALID, fields=field
    )


def test_an_appeal_id_is_minted_once() -> None:
    given(*appealed).when(replace(hers, appeal_id=APPEAL), by=HER, on="2025-04-23").refused(
        No.INPUT_INVALID, fields="appeal_id"
    )


def test_who_never_got_the_determination_has_no_window() -> None:
    to_her = but(determined, determination, deliveries=determination.deliveries[:1])
    given(*to_her).when(file, by=CORA, on="2025-04-22").refused(No.INPUT_INVALID, fields="by")
    given(*to_her).when(file, by=HIM, on="2025-04-22").refused(No.ILLEGAL_TRANSITION)


def test_an_appeal_is_not_filed_tomorrow() -> None:
    filed(filed_on=date(2025, 4, 23)).refused(No.DATE_IN_FUTURE)


def test_only_parties_and_the_office_file_an_appeal() -> None:
    given(*determined).when(file, by=EVE, on="2025-04-22").not_found()
    given(*determined).when(file, by=DORA, on="2025-04-22").refused(No.ROLE_NOT_ALLOWED)
    filed(given(*heard)).refused(No.ILLEGAL_TRANSITION)
    filed(given(*assessed)).refused(No.ILLEGAL_TRANSITION)


# Telling the others


def test_the_other_party_is_told_and_has_five_days_for_a_statement() -> None:
    notified().then(appeal_notice)


def test_the_appellant_may_get_a_copy() -> None:
    copies = letters("2025-04-23")
    notified(deliveries=posted(copies)).then(replace(appeal_notice, deliveries=copies))


def test_an_appeal_is_told_to_the_other_party() -> None:
    notified(deliveries=posted(letters("2025-04-23", to=(RESPONDENT,)))).refused(
        No.NOTICE_ALL_PARTIES
    )
    notified(deliveries=()).refused(No.NOTICE_ALL_PARTIES)


def test_when_both_appeal_each_is_told_of_the_other() -> None:
    both = {"appeal_ids": (APPEAL, HER_APPEAL)}
    notified(given(*both_appealed), **both).refused(No.NOTICE_ALL_PARTIES)
    everyone = posted(letters("2025-04-23"))
    notified(given(*both_appealed), **both, deliveries=everyone).accepted()


@pytest.mark.parametrize("ids", [(), (NOBODY,), (APPEAL, NOBODY)])
def test_a_notice_is_of_open_appeals_of_this_case(ids: tuple[UUID, ...]) -> None:
    notified(appeal_ids=ids).refused(No.INPUT_INVALID, fields="appeal_ids")


def test_without_an_open_appeal_there_is_nothing_to_tell() -> None:
    notified(given(*appeal_decided), day="2025-05-09").refused(No.ILLEGAL_TRANSITION)


def test_a_time_for_statements_that_the_policy_does_not_set_stops_the_notice() -> None:
    unset = given(*appealed).policy(lambda pack: pack["appeal"]["statements"].update(days=None))
    notified(unset).refused(No.POLICY_PARAMETER_UNSET, parameter="appeal.statements")


def test_the_office_or_the_appeal_officer_tells_of_an_appeal() -> None:
    given(*appealed).when(notify, by=APRIL, on="2025-04-23").accepted()
    given(*appealed).when(notify, by=EVE, on="2025-04-23").not_found()
    given(*appealed).when(notify, by=HUGO, on="2025-04-23").refused(No.ROLE_NOT_ALLOWED)
    notified(given(*determined)).refused(No.ILLEGAL_TRANSITION)


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
