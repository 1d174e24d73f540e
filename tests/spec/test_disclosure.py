"""Telling somebody outside: 20 U.S.C. 1232g(b) [P]; TEC 51.256, 51.291 [P]; 19 TAC 3.17 [P]."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from domain.events.access import DisclosureRecorded, FinalResultsDisclosed, WaiverRecorded
from domain.events.case import RespondentIdentitySealed
from domain.ids import Narrative, Secret
from domain.refusals import No
from domain.rules.disclosure import (
    BASES,
    NO_REDISCLOSURE,
    DiscloseFinalResults,
    RecordDisclosure,
    RecordWaiver,
)
from domain.terms import DisclosureBasis
from tests.spec.cases import (
    ALLEGATION,
    but,
    complaint,
    determination,
    determined,
    finalized,
    implemented,
    investigating,
    not_responsible,
)
from tests.spec.kit import (
    CASE,
    COMPLAINANT,
    EVE,
    IVY,
    RESPONDENT,
    Given,
    an_id,
    given,
    party,
)

DAY = "2025-05-05"
ID = an_id("disclosure")
WHY = Narrative("they cannot go on without it")

police = RecordDisclosure(
    disclosure_id=ID,
    about=(RESPONDENT,),
    recipient_class="police",
    interest="criminal_investigation",
    basis="police_investigation",
    items=("identity", "narrative"),
    minimum_necessary=True,
    recipient=Secret("an officer"),
    necessity=WHY,
)
told = DisclosureRecorded(
    disclosure_id=ID,
    case=CASE,
    about=(RESPONDENT,),
    recipient_class="police",
    interest="criminal_investigation",
    basis="police_investigation",
    items=("identity", "narrative"),
    minimum_necessary=True,
    advance_notice_on=None,
    sealed_order=False,
    waiver_id=None,
    recipient=Secret("an officer"),
    necessity=WHY,
    threat=None,
)
sealed = RespondentIdentitySealed(respondent=RESPONDENT, allegation_ids=(ALLEGATION,))
cleared = (
    *but(finalized, determination, results=(not_responsible,), sanctions=()),
    sealed,
)


def beside(*events: Any, case: Any = investigating) -> Given:
    return given(*events, case=case)


def test_what_is_told_to_the_police_is_recorded_with_its_ground() -> None:
    beside().when(police, on=DAY).then(told)


@pytest.mark.parametrize(
    "lacking",
    [
        {"basis": None},
        {"basis": "curiosity"},
        {"minimum_necessary": False},
        {"necessity": None},
        {"necessity": Narrative(" ")},
        {"recipient_class": "witness"},
    ],
)
def test_a_ground_is_listed_allows_the_recipient_and_no_less_would_do(
    lacking: dict[str, Any],
) -> None:
    beside().when(replace(police, **lacking), on=DAY).refused(No.DISCLOSURE_BASIS_REQUIRED)
    beside().when(police, on=DAY).accepted()


@pytest.mark.parametrize("basis", sorted(BASES))
def test_every_ground_allows_somebody_and_cites_where_it_is_written(basis: DisclosureBasis) -> None:
    assert BASES[basis].recipients
    assert BASES[basis].cite.endswith("]")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"about": ()}, "about"),
        ({"about": (an_id("nobody"),)}, "about"),
        ({"items": ()}, "items"),
        ({"recipient": Secret("")}, "recipient"),
    ],
)
def test_a_disclosure_is_about_a_party_of_something_to_somebody(
    changes: dict[str, Any], field: str
) -> None:
    beside().when(replace(police, **changes), on=DAY).refused(No.INPUT_INVALID, fields=field)
    beside().when(police, on=DAY).accepted()


def test_a_disclosure_has_an_id_of_its_own() -> None:
    beside(told).when(police, on=DAY).refused(No.INPUT_INVALID, fields="disclosure_id")
    beside(told).when(replace(police, disclosure_id=an_id("other")), on=DAY).accepted()


def test_the_office_alone_records_what_was_told() -> None:
    beside().when(police, by=IVY, on=DAY).refused(No.ROLE_NOT_ALLOWED)
    beside().when(police, by=party("respondent"), on=DAY).refused(No.ROLE_NOT_ALLOWED)
    beside().when(police, by=EVE, on=DAY).not_found()


# What some grounds ask for


def test_an_emergency_states_the_threat() -> None:
    emergency = replace(police, basis="health_or_safety", interest="protection_from_threat")
    beside().when(emergency, on=DAY).refused(No.THREAT_STATEMENT_REQUIRED)
    blank = replace(emergency, threat=Narrative(" "))
    beside().when(blank, on=DAY).refused(No.THREAT_STATEMENT_REQUIRED)
    beside().when(replace(emergency, threat=Narrative("a weapon")), on=DAY).accepted()


def test_the_student_is_told_before_a_subpoena_is_answered_or_the_order_is_sealed() -> None:
    subpoena = replace(police, basis="subpoena", recipient_class="court", interest="legal_process")
    beside().when(subpoena, on=DAY).refused(No.ADVANCE_NOTICE_REQUIRED)
    today = replace(subpoena, advance_notice_on=date(2025, 5, 5))
    beside().when(today, on=DAY).refused(No.ADVANCE_NOTICE_REQUIRED)
    before = replace(subpoena, advance_notice_on=date(2025, 5, 4))
    beside().when(before, on=DAY).accepted()
    beside().when(replace(subpoena, sealed_order=True), on=DAY).accepted()


waive = RecordWaiver(
    waiver_id=an_id("waiver"), party_id=RESPONDENT, scope=("identity", "contact"), in_writing=True
)
waived = WaiverRecorded(
    waiver_id=an_id("waiver"), party_id=RESPONDENT, scope=("identity", "contact"), in_writing=True
)
by_waiver = replace(
    police,
    basis="written_waiver",
    recipient_class="person_named_in_consent",
    interest="wish_of_the_person",
    items=("identity",),
    waiver_id=an_id("waiver"),
)


def test_what_was_waived_in_writing_may_be_told() -> None:
    beside(waived).when(by_waiver, on=DAY).accepted()
    beside().when(by_waiver, on=DAY).refused(No.DISCLOSURE_BASIS_REQUIRED)


@pytest.mark.parametrize(
    "another",
    [
        {"waiver_id": None},
        {"items": ("identity", "evidence")},
        {"about": (COMPLAINANT,)},
        {"about": (RESPONDENT, COMPLAINANT)},
    ],
)
def test_a_waiver_covers_its_person_and_what_it_names(another: dict[str, Any]) -> None:
    no = replace(by_waiver, **another)
    beside(waived).when(no, on=DAY).refused(No.DISCLOSURE_BASIS_REQUIRED)


def test_a_party_waives_or_the_office_takes_it_down() -> None:
    beside().when(waive, by=party("respondent"), on=DAY).then(waived)
    beside().when(waive, on=DAY).then(waived)
    beside().when(waive, by=party("complainant"), on=DAY).refused(No.ROLE_NOT_ALLOWED)


@pytest.mark.parametrize("lacking", [{"in_writing": False}, {"scope": ()}])
def test_a_waiver_is_in_writing_and_names_what_it_is_for(lacking: dict[str, Any]) -> None:
    beside().when(replace(waive, **lacking), on=DAY).refused(No.DISCLOSURE_BASIS_REQUIRED)


def test_a_waiver_is_of_a_party_and_has_an_id_of_its_own() -> None:
    nobody = replace(waive, party_id=an_id("nobody"))
    beside().when(nobody, on=DAY).refused(No.INPUT_INVALID, fields="party_id")
    beside(waived).when(waive, on=DAY).refused(No.INPUT_INVALID, fields="waiver_id")


# After the finding


def test_the_name_of_a_respondent_who_was_cleared_is_not_told_outside() -> None:
    beside(case=cleared).when(police, on=DAY).refused(No.RESPONDENT_SEALED)
    beside(case=implemented).when(police, on=DAY).accepted()
    beside(case=cleared).when(replace(police, about=(COMPLAINANT,)), on=DAY).accepted()


def test_an_order_or_the_own_waiver_reaches_a_cleared_respondent_too() -> None:
    order = replace(police, basis="subpoena", recipient_class="court", sealed_order=True)
    beside(case=cleared).when(order, on=DAY).accepted()
    beside(waived, case=cleared).when(by_waiver, on=DAY).accepted()


# Final results

results = DiscloseFinalResults(
    disclosure_id=ID,
    party_id=RESPONDENT,
    to_class="anyone",
    items=("name", "violation", "sanction"),
)
assault = replace(complaint.allegations[0], category="sexual_assault", subtype="rape")
violent = but(finalized, complaint, allegations=(assault,))
not_violated = but(violent, determination, results=(not_responsible,), sanctions=())


def test_final_results_are_name_violation_and_sanction() -> None:
    kinds = tuple(sorted(one.kind for one in determination.sanctions))
    beside(case=violent).when(results, on=DAY).then(
        FinalResultsDisclosed(
            disclosure_id=ID,
            party_id=RESPONDENT,
            to_class="anyone",
            violations=("sexual_assault",),
            sanctions=kinds,
        )
    )


@pytest.mark.parametrize(
    "items",
    [
        (),
        ("name",),
        ("name", "violation", "sanction", "narrative"),
        ("name", "violation", "violation"),
        ("name", "violation", "sanction", "sanction"),
    ],
)
def test_nothing_else_goes_out_with_them(items: tuple[str, ...]) -> None:
    wanted = replace(results, items=items)
    beside(case=violent).when(wanted, on=DAY).refused(No.FINAL_RESULTS_ONLY)
    beside(case=violent).when(results, on=DAY).accepted()


def test_final_results_have_their_own_command() -> None:
    wanted = replace(police, basis="final_results")
    beside().when(wanted, on=DAY).refused(No.FINAL_RESULTS_ONLY)


def test_results_go_out_when_they_are_final() -> None:
    before = but(determined, complaint, allegations=(assault,))
    beside(case=before).when(results, on=DAY).refused(No.NOT_FINAL)


def test_where_nothing_was_found_the_alleged_victim_alone_is_told() -> None:
    beside(case=not_violated).when(results, on=DAY).refused(No.RESPONDENT_SEALED)
    victim = replace(results, to_class="alleged_victim")
    decided = beside(case=(*not_violated, sealed)).when(victim, on=DAY).accepted()
    assert decided == [
        FinalResultsDisclosed(
            disclosure_id=ID,
            party_id=RESPONDENT,
            to_class="alleged_victim",
            violations=(),
            sanctions=(),
        )
    ]


lesser = replace(
    complaint.allegations[0], allegation_id=an_id("lesser"), category="stalking", subtype=None
)
found_lesser = replace(determination.results[0], allegation_id=an_id("lesser"))


def test_what_else_was_found_does_not_go_out_with_them() -> None:
    both = but(finalized, complaint, allegations=(assault, lesser))
    for_both = but(both, determination, results=(*determination.results, found_lesser))
    decided = beside(case=for_both).when(results, on=DAY).accepted()
    assert [one.violations for one in decided] == [("sexual_assault",)]


def test_another_violation_is_no_ground_to_tell_anyone_of_an_offense_that_was_not_found() -> None:
    both = but(finalized, complaint, allegations=(assault, lesser))
    instead = but(both, determination, results=(not_responsible, found_lesser))
    beside(case=instead).when(results, on=DAY).refused(No.DISCLOSURE_BASIS_REQUIRED)
    victim = replace(results, to_class="alleged_victim")
    decided = beside(case=instead).when(victim, on=DAY).accepted()
    assert [(one.violations, one.sanctions) for one in decided] == [((), ())]


def test_results_of_other_offenses_do_not_go_out_so() -> None:
    beside(case=finalized).when(results, on=DAY).refused(No.DISCLOSURE_BASIS_REQUIRED)


def test_results_are_of_a_respondent_and_told_under_an_id() -> None:
    wanted = replace(results, party_id=COMPLAINANT)
    beside(case=violent).when(wanted, on=DAY).refused(No.INPUT_INVALID, fields="party_id")
    beside(told, case=violent).when(results, on=DAY).refused(
        No.INPUT_INVALID, fields="disclosure_id"
    )


def test_the_line_against_redisclosure_names_its_rule() -> None:
    assert "34 CFR 99.33" in NO_REDISCLOSURE
