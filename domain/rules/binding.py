"""Which policy governs a case: the one in force when the incident happened (A-02, B-03) [P]."""

import calendar
from datetime import date
from typing import Literal, NamedTuple, TypeAlias

from domain.context import Context
from domain.errors import Refused, require
from domain.policy import Adopted, in_force
from domain.refusals import No
from domain.rules.known import valid
from domain.state.case import Case

BoundBy: TypeAlias = Literal["incident_date", "receipt_date"]

_MONTH, _DAY = 2, 3  # So many parts has a date that names its month, its day.


class _Told(NamedTuple):
    """What somebody said, and the first and the last day that it may mean."""

    words: str
    first: date
    last: date


def bind(
    incident_from: str | None, incident_to: str | None, state: Case, context: Context
) -> tuple[str, BoundBy]:
    """The pack of a case, and what it was chosen by. A case is bound once, for good.

    The dates are as people say them. Both unknown: the pack of receipt. Errors:
    NO_POLICY_FOR_DATE, SPLIT_BY_POLICY_DATE; INPUT_INVALID for a day that no calendar has.
    """
    if state.bound_by:
        assert state.bound_pack is not None
        return state.bound_pack, state.bound_by
    told = [*_days(incident_from, "incident_from"), *_days(incident_to, "incident_to")]
    if not told:
        assert state.intake_pack is not None
        return state.intake_pack, "receipt_date"
    start, end = told[0], told[-1]
    valid(start.first <= end.last, "incident_to", "lies before incident_from")
    at_start = _in_force(start.first, start.words, context)
    at_end = _in_force(end.last, end.words, context)
    require(at_start == at_end, No.SPLIT_BY_POLICY_DATE)
    return at_start.ref, "incident_date"


def _in_force(day: date, words: str, context: Context) -> Adopted:
    pack = in_force(context.packs, day)
    if pack is None:
        raise Refused(No.NO_POLICY_FOR_DATE, date=words)
    return pack


def _days(words: str | None, field: str) -> list[_Told]:
    """A day, a month or a year; nothing where it is unknown."""
    if words is None or words == "unknown":
        return []
    parts = [int(part) for part in words.split("-")]
    year, month, day = (*parts, 0, 0)[:_DAY]
    try:
        if len(parts) == _DAY:
            return [_Told(words, date(year, month, day), date(year, month, day))]
        if len(parts) == _MONTH:
            last = calendar.monthrange(year, month)[1]
            return [_Told(words, date(year, month, 1), date(year, month, last))]
        return [_Told(words, date(year, 1, 1), date(year, 12, 31))]
    except ValueError as error:
        raise Refused(No.INPUT_INVALID, fields=field, fault="is no day that there is") from error
