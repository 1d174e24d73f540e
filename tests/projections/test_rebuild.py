"""A rebuild makes what following made, beside it, and is only seen when it is whole."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from threading import Event as Signal
from threading import Thread
from typing import Any

import pytest
from eventsourcing.persistence import OperationalError
from psycopg import Connection

from domain.events.office import CalendarDayMarked
from projections import VIEWS, case_board, deadlines, fill, tables
from projections import rebuild as rebuilding
from projections.days import Days
from projections.facts import Fact, Place
from projections.fill import Interrupted
from projections.parked import park, parked
from projections.projector import Projector
from projections.rebuild import Progress, rebuild
from projections.view import Row, View
from tests.projections.book import Book, memories_of, rows_of, tracked
from tests.spec import cases
from tests.spec.kit import an_id, instant

Follow = Callable[..., Projector]


@pytest.fixture
def told(book: Book) -> Book:
    """Six cases side by side, and a calendar that changes under way."""
    at = instant("2025-01-14")
    for number, event in enumerate(cases.documented):
        at += timedelta(days=1)
        for name in "abcdef":
            book.put(an_id(name), at, event)
        if number in (0, 7):
            day = CalendarDayMarked(day=date(2025, 2, 3 + number), closed=True)
            book.put(an_id("calendar"), at, day)
    return book


def _all(db: Connection[Any]) -> Any:
    return [(rows_of(db, view), memories_of(db, view), tracked(db, view)) for view in VIEWS]


@pytest.mark.parametrize("processes", [1, 2])
def test_rebuilt_is_what_was_followed(
    told: Book,
    db: Connection[Any],
    follow: Follow,
    monkeypatch: pytest.MonkeyPatch,
    processes: int,
) -> None:
    monkeypatch.setattr(fill, "TOO_MANY_FOR_ONE", 0 if processes > 1 else 1_000)
    for view in VIEWS:
        follow(view, page=1 + len(view.name)).catch_up()
    followed = _all(db)
    head = followed[0][2]
    assert head == 6 * len(cases.documented) + 2
    seen: list[Progress] = []
    for view in VIEWS:
        done = rebuild(told.databases.urls.projector, view, progress=seen.append)
        assert done[:3] == (view.name, head, head)
        assert seen[-1].total == head
    assert _all(db) == followed
    # And it is followed on from there.
    told.put(an_id("a"), instant("2026-01-01"), cases.complaint)
    for view in VIEWS:
        follow(view).catch_up()
    later = _all(db)
    assert later != followed
    for view in VIEWS:
        rebuild(told.databases.urls.projector, view)
    assert _all(db) == later


def test_progress_tells_the_rate_and_the_time_left() -> None:
    assert Progress("case_board", 0, 100, 0.0).seconds_left is None
    half = Progress("case_board", 50, 100, 2.0)
    assert (half.rate, half.seconds_left) == (25.0, 2.0)


def test_a_view_can_be_built_where_there_is_none(told: Book, db: Connection[Any]) -> None:
    for view in VIEWS:
        rebuild(told.databases.urls.projector, view)
    assert len(case_board.cases(db)) == 6
    assert len(deadlines.running(db, until=date(2099, 1, 1))) == 0


@pytest.mark.parametrize("processes", [1, 2])
def test_an_interrupted_rebuild_changes_nothing_and_can_begin_again(
    told: Book,
    db: Connection[Any],
    follow: Follow,
    monkeypatch: pytest.MonkeyPatch,
    processes: int,
) -> None:
    monkeypatch.setattr(fill, "TOO_MANY_FOR_ONE", 0 if processes > 1 else 1_000)
    view = case_board.VIEW
    follow(view).catch_up()
    before, stop = rows_of(db, view), Signal()
    stop.set()
    with pytest.raises(Interrupted):
        rebuild(told.databases.urls.projector, view, stop=stop)
    assert rows_of(db, view) == before
    assert not tables.exists(db, "case_board_v2_next")

    def interrupt(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(told.databases.urls.projector, view, progress=interrupt)
    assert rows_of(db, view) == before
    assert not tables.exists(db, "case_board_v2_next")
    # Killed, it leaves tables behind: they are in nobody's way.
    with told.databases.connect("projector") as owner:
        tables.create(owner, view, "case_board_v2_next")
        owner.execute("INSERT INTO projections.tracking VALUES ('case_board_v2_next', 7)")
    rebuild(told.databases.urls.projector, view)
    assert rows_of(db, view) == before
    assert tracked(db, view._replace(name="case_board_v2_next")) is None


def test_the_view_answers_while_it_is_rebuilt_and_then_shows_what_came_meanwhile(
    told: Book, db: Connection[Any], follow: Follow
) -> None:
    view = case_board.VIEW
    projector = follow(view)
    projector.catch_up()
    before, meanwhile = rows_of(db, view), list[int]()

    def look(_: Progress) -> None:
        assert rows_of(db, view) == before
        if not meanwhile:
            meanwhile.append(told.put(an_id("g"), instant("2026-01-01"), cases.received))

    rebuild(told.databases.urls.projector, view, progress=look)
    assert tracked(db, view) == meanwhile[0]
    assert len(case_board.cases(db)) == 7
    projector.catch_up()
    assert tracked(db, view) == meanwhile[0]


@pytest.mark.parametrize("processes", [1, 2])
def test_an_event_that_cannot_be_taken_fails_the_rebuild_and_nothing_else(
    told: Book,
    db: Connection[Any],
    follow: Follow,
    monkeypatch: pytest.MonkeyPatch,
    processes: int,
) -> None:
    monkeypatch.setattr(fill, "TOO_MANY_FOR_ONE", 0 if processes > 1 else 1_000)
    follow(case_board.VIEW).catch_up()
    before = _all_of(db, case_board.VIEW)
    with pytest.raises(ArithmeticError):
        rebuild(told.databases.urls.projector, case_board.VIEW._replace(apply=_broken))
    assert _all_of(db, case_board.VIEW) == before


def _broken(memory: Any, fact: Fact, at: Place, days: Days) -> Sequence[Row]:
    raise ArithmeticError


def _all_of(db: Connection[Any], view: View) -> Any:
    return rows_of(db, view), memories_of(db, view), tracked(db, view)


def test_a_view_that_was_parked_goes_on_after_a_rebuild(
    told: Book, db: Connection[Any], follow: Follow
) -> None:
    view = deadlines.VIEW
    projector = follow(view)
    with told.databases.connect("projector") as owner:
        park(owner, view.table, 1, "ReportReceived/1", "ArithmeticError")
    projector.catch_up()
    assert tracked(db, view) == 0
    rebuild(told.databases.urls.projector, view)
    assert parked(db) == []
    last = told.put(an_id("a"), instant("2026-01-01"), cases.complaint)
    projector.catch_up()
    assert tracked(db, view) == last


def test_the_switch_waits_for_a_long_reader_and_keeps_nobody_waiting(
    told: Book, db: Connection[Any], follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = case_board.VIEW
    follow(view).catch_up()
    before = rows_of(db, view)
    db.execute("BEGIN")
    assert rows_of(db, view) == before
    tries: list[str] = []

    def switch(*args: Any) -> None:
        try:
            return really(*args)
        except OperationalError:
            tries.append("waited")
            if len(tries) == 2:
                db.execute("COMMIT")
            raise

    really: Callable[..., None] = vars(rebuilding)["_switch"]
    monkeypatch.setattr(tables, "PATIENCE", "10ms")
    monkeypatch.setattr(rebuilding, "_switch", switch)
    rebuild(told.databases.urls.projector, view)
    assert tries == ["waited"] * 2
    assert rows_of(db, view) == before


def test_a_projector_that_waits_for_the_switch_goes_on_behind_it(
    told: Book, db: Connection[Any], follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = case_board.VIEW
    projector = follow(view)
    projector.catch_up()
    following = Thread(target=projector.catch_up)
    rename: Callable[..., None] = vars(tables)["rename"]

    def renaming(*args: Any) -> None:
        """In the middle of the switch: a projector comes, and has to wait."""
        following.start()
        with told.databases.connect("admin") as admin:
            while not admin.execute("SELECT FROM pg_locks WHERE NOT granted").fetchall():
                assert following.is_alive()
        rename(*args)

    monkeypatch.setattr(tables, "rename", renaming)
    rebuild(told.databases.urls.projector, view)
    following.join()
    last = told.put(an_id("a"), instant("2026-01-01"), cases.complaint)
    projector.catch_up()
    assert tracked(db, view) == last
    followed = rows_of(db, view)
    monkeypatch.undo()
    rebuild(told.databases.urls.projector, view)
    assert rows_of(db, view) == followed
