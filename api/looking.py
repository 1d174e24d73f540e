"""Reading one case: who may see it is asked of now, what is seen is as of a point."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Request

from api.bodies import invalid
from api.parts import parts_of
from api.record import Record
from domain.context import Context, Who
from domain.errors import NotFound
from domain.execute import always_read, context_of, events_of
from domain.ids import access_stream
from domain.state import evidence as evidence_state
from domain.state.case import Case
from domain.state.evidence import EvidenceItem
from domain.terms import Role
from domain.visibility import Part, see
from ledger.store import Recorded

_HIGHEST = 2**63 - 1  # Of a position, in the database.
_NO_POINT = "is no position, no date and no time with its offset"
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class Point(NamedTuple):
    """As of which moment: a position (all up to it), or an instant (all recorded up to it)."""

    position: int | None = None
    instant: datetime | None = None

    def holds(self, row: Recorded) -> bool:
        if self.position is not None:
            return row.position <= self.position
        return self.instant is None or row.recorded_at <= self.instant

    @property
    def until(self) -> int | datetime | None:
        """As the ledger wants it."""
        return self.instant if self.position is None else self.position


NOW = Point()


class Looked(NamedTuple):
    """One case. `seeing`: in which roles, as it stands now; `case`, `context`, `rows`: as of."""

    seeing: frozenset[Role]
    case: Case
    context: Context
    rows: list[Recorded]
    version: int  # As of that point; of now: for the next command.
    head: int


def point_of(text: str | None, zone: str) -> Point:
    """`?as_of=` and `--as-of`: a position, an instant with its offset, or a date (its end).

    Errors: Refused(INPUT_INVALID).
    """
    if text is None:
        return NOW
    if text.isascii() and text.isdigit():
        position = int(text) if len(text) < len(str(_HIGHEST)) else 0
        return Point(position=position) if position else invalid("as_of", _NO_POINT)
    instant = instant_of(text, zone)
    return Point(instant=instant) if instant else invalid("as_of", _NO_POINT)


def instant_of(text: str, zone: str) -> datetime | None:
    """An instant with its offset, or the end of a date in the zone; None: neither."""
    try:
        if _DATE.fullmatch(text):
            day = date.fromisoformat(text) + timedelta(days=1)
            end = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
            return end - timedelta(microseconds=1)
        # In an address, a plus sign stands for a space.
        instant = datetime.fromisoformat(text.replace(" ", "+"))
        return instant.astimezone(UTC) if instant.tzinfo else None
    except (ValueError, OverflowError):
        return None


def path_id(request: Request, name: str) -> UUID:
    """An id in the address; what is none leads to nothing. Errors: NotFound."""
    try:
        return UUID(request.path_params[name])
    except ValueError:
        raise NotFound from None


def look(record: Record, who: Who, case_id: UUID, part: Part, point: Point = NOW) -> Looked:
    """What this actor sees of a case. Errors: NotFound, Refused(ROLE_NOT_ALLOWED)."""
    wanted = {case_id, *always_read(record, who)}
    if part is Part.ACTIONS:  # Some of them act on what stands there.
        wanted.add(access_stream(record.id, case_id))
    reading = record.read(sorted(wanted))
    every = reading.streams
    rows = every[case_id]
    now = context_of(record, every, reading.now, who, case_id)
    seeing = see(part, now.case, now)
    if point == NOW:
        return Looked(seeing, now.case, now, rows, rows[-1].version, reading.head)
    known = {stream: [row for row in of if point.holds(row)] for stream, of in every.items()}
    then = moment(record, point, reading.now)
    context = context_of(record, known, then, who, case_id)
    seen = known[case_id]
    head = min(reading.head, position_of(record, point))
    return Looked(seeing, context.case, context, seen, seen[-1].version if seen else 0, head)


def look_beside(
    request: Request, who: Who, case_id: UUID, part: Part
) -> tuple[Looked, list[Recorded]]:
    """The case as far as it may be seen, and the events beside it, as of the point in the query.

    Errors: as `look`.
    """
    record = parts_of(request).record
    request.state.stream = case_id
    point = point_of(request.query_params.get("as_of"), record.zone)
    looked = look(record, who, case_id, part, point)
    beside = record.ledger.history(access_stream(record.id, case_id), as_of=point.until)
    return looked, beside


def look_at_item(record: Record, who: Who, item_id: UUID) -> tuple[EvidenceItem, int]:
    """An item of evidence, by who may see its case's evidence. Errors: as `look`."""
    rows = record.read([item_id]).streams[item_id]
    item = evidence_state.fold(events_of(rows, "evidence"))
    if item.case_id is None:
        raise NotFound
    look(record, who, item.case_id, Part.EVIDENCE)
    return item, rows[-1].version


def position_of(record: Record, point: Point) -> int:
    """The last position that the point counts in, where it is not now; it may lie ahead."""
    if point.instant is not None:
        return record.ledger.position_at(point.instant)
    assert point.position is not None
    return point.position


def moment(record: Record, point: Point, now: datetime) -> datetime:
    """The time of that point, never later than now: deadlines are judged at it."""
    if point.instant is not None:
        return min(point.instant, now)
    if point.position is None:
        return now
    at = record.ledger.page(point.position - 1, 1)
    return at[0].recorded_at if at else now
