"""As of a position a view says what it said when it had come no further."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from psycopg import Connection

from domain.events import Event
from ledger.as_of import position_at
from projections import case_board, deadlines
from projections.projector import Projector
from tests.projections.book import Book
from tests.spec import cases
from tests.spec.kit import CASE, an_id, instant

_LATE = date(2099, 1, 1)


def test_as_of_each_position_is_what_was_shown_there(
    book: Book, db: Connection[Any], follow: Callable[..., Projector]
) -> None:
    other, at = an_id("other case"), instant("2025-01-14")
    board, clocks = follow(case_board.VIEW), follow(deadlines.VIEW)
    seen = []
    for stream, event in _interleaved(other):
        at += timedelta(hours=7)
        book.put(stream, at, event)
        board.catch_up()
        clocks.catch_up()
        seen.append((case_board.cases(db), deadlines.running(db, until=_LATE), _all(db, other)))
    for position, (shown, running, all_) in enumerate(seen, 1):
        then = case_board.cases(db, as_of=position)
        assert then == shown
        assert deadlines.running(db, until=_LATE, as_of=position) == running
        assert _all(db, other, as_of=position) == all_
    assert case_board.cases(db, as_of=0) == []


def _interleaved(other: UUID) -> list[tuple[UUID, Event]]:
    """Two cases: one begins when the other has."""
    events: list[tuple[UUID, Event]] = [(CASE, one) for one in cases.documented]
    events[3:3] = [(other, one) for one in cases.appeal_decided]
    return events


def _all(db: Connection[Any], case: Any, as_of: int | None = None) -> Any:
    return case_board.of_case(db, case, as_of=as_of) and deadlines.of_case(db, case, as_of=as_of)


def test_an_instant_is_the_last_position_recorded_by_then(book: Book, db: Connection[Any]) -> None:
    at = instant("2025-01-14")
    assert position_at(db, at) == 0
    book.put(CASE, at, *cases.opened)
    for hour in range(1, 6):
        book.put(CASE, at + timedelta(hours=hour), cases.told)
    tick = timedelta(microseconds=1)
    found = {moment: position_at(db, at + moment) for moment in (-tick, tick * 0, tick)}
    assert found == {-tick: 0, tick * 0: 3, tick: 3}
    for hour in range(1, 6):
        assert position_at(db, at + timedelta(hours=hour) - tick) == 2 + hour
        assert position_at(db, at + timedelta(hours=hour)) == 3 + hour
    assert position_at(db, at + timedelta(days=900)) == 8
