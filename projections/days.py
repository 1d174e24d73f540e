"""The institution's calendar as far as the record tells of it: for promptness clocks."""

from datetime import date, datetime

from domain.deadlines import Calendar, Length


class Days:
    """Counts periods on the days marked so far, and remembers what it counted."""

    def __init__(self, zone: str, marks: dict[date, bool] | None = None) -> None:
        """`marks`: a day, and whether it is closed."""
        self.marks = marks or {}
        self._zone = zone
        self._calendar = self._of_marks()
        self._counted: dict[tuple[date, int, str], date] = {}

    def mark(self, day: date, *, closed: bool) -> None:
        """From here on, this day is closed or open."""
        self.marks[day] = closed
        self._calendar = self._of_marks()
        self._counted.clear()

    def last_day(self, start: datetime, length: Length) -> date | None:
        """The last day of a period that starts at this instant; None: the policy sets no length."""
        if length.days is None:
            return None
        day = self._calendar.day_of(start)
        key = (day, length.days, length.unit)
        if key not in self._counted:
            self._counted[key] = self._calendar.last_day(day, length)
        return self._counted[key]

    def _of_marks(self) -> Calendar:
        return Calendar(
            self._zone,
            closed=frozenset(day for day, closed in self.marks.items() if closed),
            opened=frozenset(day for day, closed in self.marks.items() if not closed),
        )
