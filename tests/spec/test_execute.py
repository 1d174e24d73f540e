"""For how long a decision holds: while the day of the institution and the minute are the same."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from domain.execute import holds
from domain.state.case import Case
from tests.spec.kit import ZONE, scene

MINUTE, LEAST = timedelta(minutes=1), timedelta(microseconds=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


@pytest.mark.parametrize(
    ("now", "since", "until"),
    [
        ("2025-01-15 12:00", at("2025-01-15 11:59"), at("2025-01-15 12:01")),
        ("2025-01-15 00:00:20", at("2025-01-15 00:00"), at("2025-01-15 00:01:20")),
        ("2025-01-15 23:59:40", at("2025-01-15 23:58:40"), at("2025-01-16 00:00") - LEAST),
        # The clock is put forward and back on these days.
        ("2025-03-09 23:59:40", at("2025-03-09 23:58:40"), at("2025-03-10 00:00") - LEAST),
        ("2025-11-02 23:59:40", at("2025-11-02 23:58:40"), at("2025-11-03 00:00") - LEAST),
    ],
)
def test_a_decision_holds_for_a_minute_and_on_its_day(
    now: str, since: datetime, until: datetime
) -> None:
    context = replace(scene(Case()), now=at(now))
    assert holds(context) == (since, until)
