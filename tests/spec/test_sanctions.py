"""After the outcome: 34 CFR 106.45(b)(1)(i), (b)(7)(iii) [S]; 02.2.20 VI.B [P]."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from domain.events.case import RemedyProvided, SanctionCompleted, StandingTransferred
from domain.ids import Secret
from domain.refusals import No
from domain.rules.sanctions import (
    CompleteSanction,
    ImplementSanction,
    ProvideRemedy,
    TransferStanding,
)
from tests.spec.cases import (
    SANCTION,
    appealed,
    assessed,
    but,
    determination,
    determined,
    finalized,
    heard,
    implementation,
    implemented,
    probation,
)
from tests.spec.kit import COMPLAINANT, CORA, DEE, DORA, EVE, RESPONDENT, an_id, given, party

NOBODY, OTHER = an_id("nobody of this case"), an_id("other sanction")
DAY = "2025-04-29"

implement = ImplementSanction(sanction_id=SANCTION, office="human_resources", on=date(2025, 4, 29))
complete = CompleteSanction(sanction_id=SANCTION, office="human_resources", on=date(2026, 4, 29))
completed = SanctionCompleted(sanction_id=SANCTION, office="human_resources", on=date(2026, 4, 29))
remedy = ProvideRemedy(
    remedy_id=an_id("remedy"),
    for_party=COMPLAINANT,
    kind="independent_grading",
    detail=Secret("by another department"),
)
transfer = TransferStanding(respondent=RESPONDENT, office="registrar", receipt_ref=an_id("receipt"))


def test_a_sanction_takes_effect_when_the_outcome_is_final() -> None:
    given(*finalized).when(implement, by=CORA, on=DAY).then(implementation)


def test_no_sanction_takes_effect_before_the_outcome_is_final() -> None:
    for history in (determined, appealed):
        given(*history).when(implement, on=DAY).refused(No.NOT_FINAL)
    backdated = replace(implement, on=date(2025, 4, 25))
    given(*finalized).when(backdated, on=DAY).refused(No.NOT_FINAL)
    given(*finalized).when(replace(implement, on=date(2025, 4, 26)), on=DAY).accepted()


def test_no_sanction_without_a_formal_complaint() -> None:
    given(*assessed).when(implement, on=DAY).refused(No.FORMAL_COMPLAINT_REQUIRED)


def test_a_sanction_is_implemented_once_and_then_completed() -> None:
    given(*implemented).when(implement, on=DAY).refused(No.ILLEGAL_TRANSITION)
    given(*implemented).when(complete, by=DEE, on="2026-04-29").then(completed)
    given(*finalized).when(complete, on="2026-04-29").refused(No.ILLEGAL_TRANSITION)
    given(*implemented, completed).when(complete, on="2026-04-29").refused(No.ILLEGAL_TRANSITION)


def test_a_sanction_does_not_go_on_with_another() -> None:
    two = (probation, replace(probation, sanction_id=OTHER))
    final = but(finalized, determination, sanctions=two)
    other_implemented = replace(implementation, sanction_id=OTHER)
    for history, command, as_it_is in (
        ((*final, implementation), implement, "implemented"),
        ((*final, other_implemented), complete, "decided"),
        ((*final, implementation, completed, other_implemented), complete, "completed"),
    ):
        given(*history).when(command, on="2026-04-29").refused(
            No.ILLEGAL_TRANSITION, stage=f"with a sanction that is {as_it_is}"
        )


def test_a_sanction_is_not_completed_before_it_was_implemented() -> None:
    early = replace(complete, on=date(2025, 4, 28))
    given(*implemented).when(early, on="2026-04-29").refused(No.INPUT_INVALID, fields="on")
    given(*implemented).when(replace(early, on=date(2025, 4, 29)), on="2026-04-29").accepted()


@pytest.mark.parametrize(("history", "command"), [(finalized, implement), (implemented, complete)])
def test_a_sanction_is_one_that_was_decided_and_not_of_tomorrow(history: Any, command: Any) -> None:
    unknown = replace(command, sanction_id=NOBODY)
    given(*history).when(unknown, on="2026-04-29").refused(No.INPUT_INVALID, fields="sanction_id")
    tomorrow = replace(command, on=date(2026, 4, 30))
    given(*history).when(tomorrow, on="2026-04-29").refused(No.DATE_IN_FUTURE)


def test_a_remedy_restores_the_complainants_access() -> None:
    given(*finalized).when(remedy, by=CORA, on="2025-05-02").then(
        RemedyProvided(
            remedy_id=an_id("remedy"),
            for_party=COMPLAINANT,
            kind="independent_grading",
            detail=Secret("by another department"),
        )
    )


@pytest.mark.parametrize("who", [RESPONDENT, NOBODY])
def test_a_remedy_is_for_a_complainant(who: Any) -> None:
    given(*finalized).when(replace(remedy, for_party=who), on=DAY).refused(
        No.INPUT_INVALID, fields="for_party"
    )


def test_standing_goes_to_the_office_that_outlives_the_record() -> None:
    given(*finalized).when(transfer, by=CORA, on=DAY).then(
        StandingTransferred(respondent=RESPONDENT, office="registrar", receipt_ref=an_id("receipt"))
    )


@pytest.mark.parametrize("who", [COMPLAINANT, NOBODY])
def test_standing_is_that_of_a_respondent(who: Any) -> None:
    given(*finalized).when(replace(transfer, respondent=who), on=DAY).refused(
        No.INPUT_INVALID, fields="respondent"
    )


@pytest.mark.parametrize(
    ("history", "command"),
    [(finalized, implement), (implemented, complete), (finalized, remedy), (finalized, transfer)],
)
def test_the_office_sees_to_what_follows(history: Any, command: Any) -> None:
    given(*history).when(command, by=EVE, on=DAY).not_found()
    for other in (DORA, party("respondent")):
        given(*history).when(command, by=other, on=DAY).refused(No.ROLE_NOT_ALLOWED)


@pytest.mark.parametrize("command", [implement, complete, remedy, transfer])
def test_nothing_follows_before_a_determination(command: Any) -> None:
    given(*heard).when(command, on="2026-04-29").refused(No.ILLEGAL_TRANSITION)
