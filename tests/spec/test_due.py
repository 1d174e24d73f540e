"""What is due by itself, and under which id: 34 CFR 106.45(b)(7)(iii), (b)(8) [S]; F-14, F-15."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.due import Due, due, next_on
from domain.events import Event
from domain.events.case import CaseClosed, OutcomeBecameFinal, RespondentIdentitySealed
from domain.rules.outcome import CloseAppealWindow, FinalizeOutcome, SealRespondent
from domain.state.case import fold
from tests.spec.cases import (
    DETERMINATION,
    appeal_decided,
    appeal_decision,
    appeal_noticed,
    appealed,
    but,
    determination,
    determined,
    finalized,
    heard,
    her_window_closed,
    his_window_closed,
    not_responsible,
    outcome,
)
from tests.spec.kit import CASE, COMPLAINANT, LEDGER, RESPONDENT, SYSTEM, an_id, given, instant

LAST, NEXT = date(2025, 4, 25), date(2025, 4, 26)
hers = Due(
    CloseAppealWindow(outcome_id=DETERMINATION, party_id=COMPLAINANT),
    f"close-window:{DETERMINATION}:{COMPLAINANT}",
)
his = Due(
    CloseAppealWindow(outcome_id=DETERMINATION, party_id=RESPONDENT),
    f"close-window:{DETERMINATION}:{RESPONDENT}",
)
finalize = Due(FinalizeOutcome(outcome_id=DETERMINATION), f"finalize-outcome:{DETERMINATION}")
seal = Due(SealRespondent(respondent=RESPONDENT), f"seal-respondent:{RESPONDENT}")

closed = (*determined, her_window_closed, his_window_closed)
cleared = but(finalized, determination, results=(not_responsible,), sanctions=())
sealed = RespondentIdentitySealed(respondent=RESPONDENT, allegation_ids=())
remanded = replace(appeal_decision, result="remanded", remand_to="hearing")
shut = CaseClosed(reason_code="completed", checklist={}, resume_state=None)


@pytest.mark.parametrize(
    ("history", "today", "expected"),
    [
        (heard, NEXT, []),
        (determined, LAST, []),
        (determined, NEXT, [hers, his]),
        ((*determined, her_window_closed), NEXT, [his]),
        (closed, NEXT, [finalize]),
        (appealed, NEXT, [hers]),
        (appeal_noticed, NEXT, []),
        (appeal_decided, date(2025, 5, 8), [finalize]),
        ((*appeal_noticed, remanded), date(2025, 5, 8), []),
        (finalized, NEXT, []),
        (cleared, NEXT, [seal]),
        ((*cleared, shut), NEXT, [seal]),
        ((*cleared, sealed), NEXT, []),
    ],
)
def test_time_brings_about(history: Any, today: date, expected: list[Due]) -> None:
    assert due(fold(history), today) == expected


@pytest.mark.parametrize(
    ("history", "today", "expected"),
    [
        (heard, LAST, None),
        (determined, date(2025, 4, 18), NEXT),
        (determined, NEXT, NEXT),
        (closed, NEXT, NEXT),
        (appeal_noticed, NEXT, None),
        (finalized, NEXT, None),
        (cleared, date(2025, 5, 1), date(2025, 5, 1)),
    ],
)
def test_the_clock_knows_when_to_look_again(
    history: Any, today: date, expected: date | None
) -> None:
    assert next_on(fold(history), today) == expected


def test_one_due_thing_makes_the_next_due_until_nothing_is() -> None:
    history: list[Event] = list(
        but(determined, determination, results=(not_responsible,), sanctions=())
    )
    given_keys = []
    while found := due(fold(history), NEXT):
        given_keys.append(found[0].key)
        done = given(*history).when(found[0].command, by=SYSTEM, on=instant(NEXT)).accepted()
        history += [event for event in done if isinstance(event, Event)]
    assert given_keys == [hers.key, his.key, finalize.key, seal.key]
    assert [event for event in history if isinstance(event, OutcomeBecameFinal)] == [outcome]


def test_the_same_thing_due_has_the_same_id_on_every_run_and_no_other_has_it() -> None:
    ids = {one.command_id(LEDGER, CASE) for one in (hers, his, finalize, seal)}
    assert len(ids) == 4
    assert hers.command_id(LEDGER, CASE) == hers.command_id(LEDGER, CASE)
    assert hers.command_id(LEDGER, an_id("another case")) not in ids
    assert hers.command_id(UUID(int=1), CASE) not in ids


def test_windows_of_different_days_close_on_their_own_days() -> None:
    later = LAST + timedelta(days=3)
    hers_until, his_until = (
        replace(one, appeal_until=until)
        for one, until in zip(determination.deliveries, (LAST, later), strict=True)
    )
    apart = fold(but(determined, determination, deliveries=(hers_until, his_until)))
    assert due(apart, NEXT) == [hers]
    assert next_on(apart, LAST) == NEXT
    assert due(apart, later + timedelta(days=1)) == [hers, his]
