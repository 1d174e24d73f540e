"""How views stand, and waiting for them to read one's own writes."""

from collections.abc import Callable
from typing import Any

from psycopg import Connection

from projections import VIEWS, case_board, deadlines
from projections.projector import Projector
from projections.status import Standing, standings, wait_for
from tests.projections.book import Book
from tests.spec import cases
from tests.spec.kit import CASE, instant


def test_where_no_projector_has_run_the_views_stand_at_the_beginning(
    book: Book, db: Connection[Any]
) -> None:
    head = book.put(CASE, instant("2025-01-14"), *cases.opened)
    assert standings(db, VIEWS) == [Standing(view.name, 0, head, None) for view in VIEWS]
    assert [one.behind for one in standings(db, VIEWS)] == [3] * len(VIEWS)
    assert not wait_for(db, head, 0.0, VIEWS)


def test_waiting_is_for_the_views_named_and_no_longer_than_told(
    book: Book, db: Connection[Any], follow: Callable[..., Projector]
) -> None:
    head = book.put(CASE, instant("2025-01-14"), *cases.opened)
    follow(case_board.VIEW).catch_up()
    follow(deadlines.VIEW)
    assert wait_for(db, head, 0.0, [case_board.VIEW])
    assert not wait_for(db, head, 0.0, VIEWS)
    assert not wait_for(db, head, 0.01, VIEWS)
    assert not wait_for(db, head + 1, 0.0, [case_board.VIEW])
    assert standings(db, [case_board.VIEW, deadlines.VIEW]) == [
        Standing("case_board", head, head, None),
        Standing("deadlines", 0, head, None),
    ]
