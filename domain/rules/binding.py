"""Which policy governs a case: the one in force when the incident happened (A-02, B-03) [P]."""

import calendar
from datetime import date
from typing import Literal, TypeAlias

from domain.context import Context
from domain.errors import Refused, require
from domain.policy import Adopted, in_force
from domain.refusals import No
from domain.state.case import Case

BoundBy: TypeAlias = Literal["incident_date", "receipt_date"]

_MONTH, _DAY = 2, 3  # So many parts has a date that names its month, its day.


def bind(
    incident_from: str | None, incident_to: str | None, state: Case, context: Context
) -> tuple[str, BoundBy]:
    """The pack of a case, and what it was chosen by. A case is bound once, for good.

    The dates are as people say them. Both unknown: the pack of receipt. Errors:
    NO_POLICY_FOR_DATE, SPLIT_BY_POLICY_DATE; INPUT_INVALID for a day that no calendar has.
    """
    if state.bound_pack and state.bound_by:
        return state.bound_pack, state.bound_by
    first = _days(incident_from, "incident_from")
    last = _days(incident_to, "incident_to")
    start, end = first or last, last or first
    if start is None or end is None:
        assert state.intake_pack is not None
        return state.intake_pack, "receipt_date"
    require(start[0] <= end[1], No.INPUT_INVALID, fields="incident_to")
    at_start = _in_force(start[0], incident_from or incident_to, context)
    at_end = _in_force(end[1], incident_to or incident_from, context)
    require(at_start == at_end, No.SPLIT_BY_POLICY_DATE)
    return at_start.ref, "incident_date"


def _in_force(day: date, told: str | None, context: Context) -> Adopted:
    pack = in_force(context.packs, day)
    if pack is None:
        raise Refused(No.NO_POLICY_FOR_DATE, date=told)
    return pack


def _days(told: str | None, field: str) -> tuple[date, date] | None:
    """The first and the last day that a day, a month or a year may mean; None: unknown."""
    if told is None or told == "unknown":
        return None
    parts = [int(part) for part in told.split("-")]
    year, month, day = (*parts, 0, 0)[:_DAY]
    try:
        if len(parts) == _DAY:
            return date(year, month, day), date(year, month, day)
        if len(parts) == _MONTH:
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        return date(year, 1, 1), date(year, 12, 31)
    except ValueError as error:
        raise Refused(No.INPUT_INVALID, fields=field) from error
