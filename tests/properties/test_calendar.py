"""The calendar: every period ends, on a day that is open, and not before its days have passed."""

from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.deadlines import Calendar, Length
from tests.properties.chance import SAME
from tests.spec.kit import CLOSED, ZONE

CALENDAR = Calendar(ZONE, closed=CLOSED)
SOME = settings(SAME, max_examples=150)

days = st.dates(date(2019, 1, 1), date(2035, 12, 31))
numbers = st.integers(0, 130)
instants = st.datetimes(
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))])
)


def length(number: int, unit: str) -> Length:
    return Length(days=number, unit=unit, cite="a test", mark="D")  # type: ignore[arg-type]


@SOME
@given(days, numbers)
def test_a_period_of_business_days_has_that_many_open_days(start: date, number: int) -> None:
    last = CALENDAR.last_day(start, length(number, "business"))
    between = [start + timedelta(days=n + 1) for n in range((last - start).days)]
    assert sum(CALENDAR.is_open(day) for day in between) == number
    assert number == 0 or CALENDAR.is_open(last)


@SOME
@given(days, numbers)
def test_a_period_of_calendar_days_runs_on_to_the_next_open_day(start: date, number: int) -> None:
    full = start + timedelta(days=number)
    last = CALENDAR.last_day(start, length(number, "calendar"))
    assert last >= full
    assert CALENDAR.is_open(last)
    skipped = [full + timedelta(days=n) for n in range((last - full).days)]
    assert not any(CALENDAR.is_open(day) for day in skipped)


@SOME
@given(days, numbers, st.sampled_from(["calendar", "business"]))
def test_who_starts_later_never_ends_earlier(start: date, number: int, unit: str) -> None:
    one = CALENDAR.last_day(start, length(number, unit))
    assert one <= CALENDAR.last_day(start + timedelta(days=1), length(number, unit))
    assert one <= CALENDAR.last_day(start, length(number + 1, unit))


@SOME
@given(instants, numbers, st.sampled_from(["calendar", "business"]))
def test_no_instant_that_can_be_told_stops_the_calendar(
    told: datetime, number: int, unit: str
) -> None:
    start = CALENDAR.day_of(told)
    assert CALENDAR.last_day(start, length(number, unit)) >= start
    shut = Calendar(ZONE, closed=frozenset({date.max}))
    assert shut.last_day(date.max, length(number, unit)) == date.max


@SOME
@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_the_day_is_that_of_the_institution(told: datetime) -> None:
    assert told.date() - CALENDAR.day_of(told) in (timedelta(0), timedelta(days=1))
