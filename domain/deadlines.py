"""Days in, days out: the institution's calendar and how a period is counted on it."""

from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

_SATURDAY = 5


class Length(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a period is, and where that is written. `days` unset: the policy does not say."""

    days: int | None
    unit: Literal["calendar", "business"]
    cite: str
    mark: Literal["P", "S", "K", "M", "D"]
    placeholder: bool = False


class Calendar(msgspec.Struct, frozen=True):
    """The institution's zone and closed days. Weekends are closed unless marked open."""

    zone: str
    closed: frozenset[date] = frozenset()
    opened: frozenset[date] = frozenset()

    def day_of(self, instant: datetime) -> date:
        """The date at the institution: 21:30 in Houston is the next day in UTC.

        A report keeps the dates that it was told, and they may be the calendar's first or last.
        """
        try:
            return instant.astimezone(ZoneInfo(self.zone)).date()
        except OverflowError:
            return instant.date()

    def is_open(self, day: date) -> bool:
        return day in self.opened or (day.weekday() < _SATURDAY and day not in self.closed)

    def last_day(self, start: date, length: Length) -> date:
        """The last day of a period that starts with an act on `start`.

        The day of the act is not counted, and a period that ends on a closed day runs to the next
        open day. The length must be set. What would end after the
        calendar ends with it.
        """
        assert length.days is not None
        day = start
        if length.unit == "business":
            for _ in range(length.days):
                day = self._next_open(_later(day, 1))
            return day
        return self._next_open(_later(start, length.days))

    def _next_open(self, day: date) -> date:
        while not self.is_open(day) and day < date.max:
            day = _later(day, 1)
        return day


def _later(day: date, days: int) -> date:
    try:
        return day + timedelta(days)
    except OverflowError:
        return date.max
