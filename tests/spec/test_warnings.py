"""Warnings: said beside an answer, no refusal. 02.2.20 IV.B, IV.E [P]; 106.45(b)(1)(v) [S].

OVERDUE: nobody tried to reach a complainant in time, or the whole process runs too long (A-35).
NOT_MUTUAL: a no-contact measure binds one side only (A-80).
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pytest

from domain.context import Context
from domain.deadlines import Calendar
from domain.events import Event
from domain.events.case import CaseClosed, ComplainantContacted, SupportiveMeasureOffered
from domain.events.case import SupportiveMeasureEnded as Ended
from domain.policy import Adopted
from domain.rules.warnings import warnings
from domain.state.case import fold
from tests.spec.cases import (
    but,
    complainant,
    contacted,
    filed,
    opened,
    received,
    reported,
    without,
)
from tests.spec.kit import (
    ADOPTED,
    CLOSED,
    COMPLAINANT,
    CORA,
    LEDGER,
    ZONE,
    an_id,
    given,
    instant,
    mac,
)

closed = CaseClosed(reason_code="completed", checklist={}, resume_state=None)


def said(history: Sequence[Event], on: str, packs: tuple[Adopted, ...] = (ADOPTED,)) -> list[str]:
    context = Context(
        now=instant(on),
        ledger=LEDGER,
        calendar=Calendar(ZONE, closed=CLOSED),
        who=CORA,
        office=frozenset(),
        packs=packs,
        mac=mac,
    )
    return warnings(fold(history), context)


def no_contact(*, mutual: bool) -> SupportiveMeasureOffered:
    return SupportiveMeasureOffered(
        measure_id=an_id("no contact"),
        for_party=COMPLAINANT,
        kind="no_contact",
        mutual=mutual,
        requires_complaint="no",
        affects_other_party=True,
        start_on=date(2025, 1, 15),
        end_on=None,
        implementer_office="title_ix",
        burden_assessment=None,
        detail=None,
    )


def test_a_complainant_is_to_be_contacted_within_two_business_days_of_the_report() -> None:
    assert said(opened, "2025-01-16") == []
    assert said(opened, "2025-01-17") == ["OVERDUE"]
    assert said(contacted, "2025-01-17") == []


def test_an_attempt_stops_the_clock_too() -> None:
    attempt = ComplainantContacted(
        party_id=COMPLAINANT, attempt_no=1, reached=False, topics=(), note=None
    )
    assert said([*opened, attempt], "2025-01-17") == []


def test_where_no_complainant_is_known_there_is_nobody_to_contact() -> None:
    assert said(without(opened, complainant), "2025-06-02") == []


def test_a_closed_case_is_not_overdue() -> None:
    assert said([*opened, closed], "2025-06-02") == []


def test_the_whole_process_runs_from_the_signature() -> None:
    # 120 business days after Monday 27 January 2025, Memorial Day and 4 July left out.
    assert said(reported, "2025-07-16") == []
    assert said(reported, "2025-07-17") == ["OVERDUE"]
    assert said(filed, "2025-07-17") == ["OVERDUE"]
    assert said([*reported, closed], "2025-07-17") == []


def test_a_length_that_the_policy_does_not_set_never_passes() -> None:
    def unset(pack: dict[str, Any]) -> None:
        pack["clocks"]["whole_process"]["days"] = None

    packs = given().policy(unset).elsewhere["packs"]
    assert said(reported, "2035-01-02", packs) == []


@pytest.mark.parametrize(("mutual", "found"), [(False, ["NOT_MUTUAL"]), (True, [])])
def test_a_one_sided_no_contact_measure_is_named(mutual: bool, found: list[str]) -> None:
    assert said([*contacted, no_contact(mutual=mutual)], "2025-01-17") == found


def test_a_measure_that_has_ended_warns_no_more() -> None:
    over = Ended(measure_id=an_id("no contact"), end_on=date(2025, 1, 16), reason_code="replaced")
    assert said([*contacted, no_contact(mutual=False), over], "2025-01-17") == []


def test_both_are_said_in_a_fixed_order() -> None:
    assert said([*opened, no_contact(mutual=False)], "2025-01-17") == ["OVERDUE", "NOT_MUTUAL"]


def test_an_empty_case_warns_of_nothing() -> None:
    assert said([received], "2025-01-14") == []


@pytest.mark.parametrize(
    ("told", "found"),
    [("0001-01-01T00:00:00+14:00", ["OVERDUE"]), ("9999-12-31T23:00:00-12:00", [])],
)
def test_a_report_that_keeps_impossible_dates_can_still_be_read(
    told: str, found: list[str]
) -> None:
    history = but(opened, received, received_at=datetime.fromisoformat(told))
    assert said(history, "2025-06-02") == found
