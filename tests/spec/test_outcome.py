"""What time brings about: 34 CFR 106.45(b)(7)(iii), (b)(8) [S]; 19 TAC 3.17(a)(5) [P]."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from domain.events.case import Allegation, RespondentIdentitySealed
from domain.refusals import No
from domain.rules.outcome import CloseAppealWindow, FinalizeOutcome, SealRespondent
from tests.spec.cases import (
    ALLEGATION,
    DETERMINATION,
    appeal_decided,
    appeal_decision,
    appeal_noticed,
    appealed,
    but,
    complaint,
    determination,
    determined,
    finalized,
    heard,
    her_window_closed,
    his_window_closed,
    not_responsible,
    outcome,
    responsible,
    without,
)
from tests.spec.kit import COMPLAINANT, CORA, EVE, RESPONDENT, SYSTEM, an_id, given

NOBODY, SECOND = an_id("nobody of this case"), an_id("second allegation")
DAY = "2025-04-26"

close = CloseAppealWindow(outcome_id=DETERMINATION, party_id=COMPLAINANT)
finalize = FinalizeOutcome(outcome_id=DETERMINATION)
seal = SealRespondent(respondent=RESPONDENT)
closed = (*determined, her_window_closed, his_window_closed)
cleared = but(finalized, determination, results=(not_responsible,), sanctions=())


# Windows


def test_a_window_closes_the_day_after_its_last() -> None:
    given(*determined).when(close, by=SYSTEM, on=DAY).then(her_window_closed)
    given(*determined).when(close, by=SYSTEM, on="2025-04-25").refused(No.ILLEGAL_TRANSITION)


def test_a_window_closes_while_the_other_party_has_appealed() -> None:
    given(*appealed).when(close, by=SYSTEM, on=DAY).then(her_window_closed)


def test_a_window_that_was_used_or_closed_does_not_close_again() -> None:
    given(*closed).when(close, by=SYSTEM, on=DAY).refused(No.ILLEGAL_TRANSITION)
    used = replace(close, party_id=RESPONDENT)
    given(*appealed).when(used, by=SYSTEM, on=DAY).refused(No.ILLEGAL_TRANSITION)


@pytest.mark.parametrize("field", ["outcome_id", "party_id"])
def test_a_window_is_one_of_the_outcome_that_stands(field: str) -> None:
    given(*determined).when(replace(close, **{field: NOBODY}), by=SYSTEM, on=DAY).refused(
        No.INPUT_INVALID, fields=field
    )


# Final


def test_an_outcome_that_nobody_appealed_becomes_final() -> None:
    given(*closed).when(finalize, by=SYSTEM, on=DAY).then(outcome)


def test_a_decided_appeal_makes_the_outcome_final_the_same_day() -> None:
    given(*appeal_decided).when(finalize, by=SYSTEM, on="2025-05-08").then(
        replace(outcome, basis="appeal_decided", final_on=date(2025, 5, 8))
    )


@pytest.mark.parametrize(
    "history", [determined, (*determined, her_window_closed), appealed, appeal_noticed]
)
def test_nothing_is_final_while_somebody_may_appeal_or_has(history: Any) -> None:
    given(*history).when(finalize, by=SYSTEM, on=DAY).refused(No.ILLEGAL_TRANSITION)


def test_a_remanded_case_is_not_final() -> None:
    remanded = replace(appeal_decision, result="remanded", remand_to="hearing")
    given(*appeal_noticed, remanded).when(finalize, by=SYSTEM, on="2025-05-08").refused(
        No.ILLEGAL_TRANSITION
    )


def test_it_is_the_outcome_that_stands_which_becomes_final() -> None:
    given(*closed).when(replace(finalize, outcome_id=NOBODY), by=SYSTEM, on=DAY).refused(
        No.INPUT_INVALID, fields="outcome_id"
    )


# Sealed


def test_who_was_found_not_responsible_is_sealed_when_that_is_final() -> None:
    given(*cleared).when(seal, by=SYSTEM, on=DAY).then(
        RespondentIdentitySealed(respondent=RESPONDENT, allegation_ids=(ALLEGATION,))
    )
    given(*without(cleared, outcome)).when(seal, by=SYSTEM, on=DAY).refused(No.ILLEGAL_TRANSITION)


def test_who_was_found_responsible_for_anything_is_not_sealed() -> None:
    given(*finalized).when(seal, by=SYSTEM, on=DAY).refused(No.ILLEGAL_TRANSITION)
    second = replace(complaint.allegations[0], allegation_id=SECOND)
    two = but(finalized, complaint, allegations=(*complaint.allegations, second))
    for_one = (not_responsible, replace(responsible, allegation_id=SECOND))
    given(*but(two, determination, results=for_one)).when(seal, by=SYSTEM, on=DAY).refused(
        No.ILLEGAL_TRANSITION
    )
    for_none = (not_responsible, replace(not_responsible, allegation_id=SECOND))
    given(*but(two, determination, results=for_none)).when(seal, by=SYSTEM, on=DAY).then(
        RespondentIdentitySealed(respondent=RESPONDENT, allegation_ids=(ALLEGATION, SECOND))
    )


def test_against_whom_nothing_was_alleged_is_not_sealed() -> None:
    elsewhere: tuple[Allegation, ...] = (
        replace(complaint.allegations[0], respondent_id=an_id("another")),
    )
    given(*but(cleared, complaint, allegations=elsewhere)).when(seal, by=SYSTEM, on=DAY).refused(
        No.ILLEGAL_TRANSITION
    )


def test_a_respondent_is_sealed_once() -> None:
    sealed = RespondentIdentitySealed(respondent=RESPONDENT, allegation_ids=(ALLEGATION,))
    given(*cleared, sealed).when(seal, by=SYSTEM, on=DAY).refused(No.ILLEGAL_TRANSITION)


@pytest.mark.parametrize("who", [COMPLAINANT, NOBODY])
def test_only_a_respondent_is_sealed(who: Any) -> None:
    given(*cleared).when(SealRespondent(respondent=who), by=SYSTEM, on=DAY).refused(
        No.INPUT_INVALID, fields="respondent"
    )


# By the clock alone


@pytest.mark.parametrize(
    ("history", "command"), [(determined, close), (closed, finalize), (cleared, seal)]
)
def test_no_person_makes_time_pass(history: Any, command: Any) -> None:
    given(*history).when(command, by=CORA, on=DAY).refused(No.ROLE_NOT_ALLOWED)
    given(*history).when(command, by=EVE, on=DAY).not_found()
    given(*heard).when(command, by=SYSTEM, on=DAY).refused(No.ILLEGAL_TRANSITION)
