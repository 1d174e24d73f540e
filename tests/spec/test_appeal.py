"""Appeals: 34 CFR 106.45(b)(8) [S]; 02.2.20 V.G [P]."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.ids import Narrative
from domain.refusals import No
from domain.rules.appeal import DecideAppeal, FileAppeal, NotifyAppeal
from tests.spec.cases import (
    APPEAL,
    DISPATCH,
    TEXT,
    appeal_decided,
    appeal_decision,
    appeal_notice,
    appeal_noticed,
    appealed,
    assessed,
    but,
    complainant,
    determination,
    determined,
    finalized,
    heard,
    her_window_closed,
    his_appeal,
    letters,
    posted,
    respondent,
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
    party,
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
