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
from ledger.progress import Progress
from projections import VIEWS, case_board, deadlines, fill, tables, walls
from projections import rebuild as rebuilding
from projections.days import Days
from projections.facts import Fact, Place
from projections.parked import park, parked
from projections.projector import Projector
from projections.rebuild import Interrupted, rebuild
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


@pytest.mark.parametrize("keep", [7, fill.KEEP])
def test_rebuilt_is_what_was_followed(
    told: Book,
    db: Connection[Any],
    follow: Follow,
    monkeypatch: pytest.MonkeyPatch,
    keep: int,
) -> None:
    monkeypatch.setattr(fill, "KEEP", keep)
    for view in VIEWS:
        follow(view, page=1 + len(view.name)).catch_up()
    followed = _all(db)
    head = followed[0][2]
    assert head == 6 * len(cases.documented) + 2
    seen: list[Progress] = []
    for view in VIEWS:
        done = rebuild(told.databases.urls.projector, view, progress=seen.append)
        assert done[:2] == (head, head)
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
    assert Progress(0, 100, 0.0).seconds_left is None
    half = Progress(50, 100, 2.0)
    assert (half.rate, half.seconds_left) == (25.0, 2.0)
    gone_on = Progress(80, 100, 2.0, before=60)
    assert (gone_on.rate, gone_on.seconds_left) == (10.0, 2.0)


def test_a_view_can_be_built_where_there_is_none(told: Book, db: Connection[Any]) -> None:
    for view in VIEWS:
        rebuild(told.databases.urls.projector, view)
    assert len(case_board.cases(db)) == 6
    assert len(deadlines.running(db, until=date(2099, 1, 1))) == 0


def _stopped(told: Book, view: View, at: int) -> None:
    """Begin a rebuild, and stop it when it says that it has come so far."""
    stop = Signal()

    def look(so_far: Progress) -> None:
        if so_far.done >= at:
            stop.set()

    with pytest.raises(Interrupted):
        rebuild(told.databases.urls.projector, view, progress=look, stop=stop)


def _killed(told: Book, view: View, at: int) -> None:
    def look(so_far: Progress) -> None:
        if so_far.done >= at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(told.databases.urls.projector, view, progress=look)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
@pytest.mark.parametrize("end", [_stopped, _killed])
def test_a_rebuild_that_was_cut_short_changed_nothing_and_the_next_goes_on_from_there(
    told: Book,
    db: Connection[Any],
    follow: Follow,
    monkeypatch: pytest.MonkeyPatch,
    view: View,
    end: Callable[[Book, View, int], None],
) -> None:
    monkeypatch.setattr(fill, "KEEP", 50)
    follow(view).catch_up()
    before = _all_of(db, view)
    taken: list[int] = []

    def taking(memory: Any, fact: Fact, at: Place, days: Days) -> Sequence[Row]:
        taken.append(at.position)
        return view.apply(memory, fact, at, days)

    watched = view._replace(apply=taking)
    for came_to, kept in ((20, 0), (130, 100), (140, 100)):
        taken.clear()
        end(told, watched, came_to)
        assert _all_of(db, view) == before
        assert _came_to(told, view) == kept
    taken.clear()
    done = rebuild(told.databases.urls.projector, watched)
    assert done.before == 100
    assert all(position > 100 for position in taken)
    assert view is walls.VIEW or min(taken) < 110
    assert _all_of(db, view) == before
    assert _came_to(told, view) is None
    # There is nothing left to go on with.
    assert rebuild(told.databases.urls.projector, view).before == 0
    assert _all_of(db, view) == before


def _came_to(told: Book, view: View) -> int | None:
    with told.databases.connect("projector") as owner:
        table = f"{view.table}_next"
        query = "SELECT notification_id FROM projections.tracking WHERE application_name = %s"
        row = owner.execute(query, [table]).fetchone()
        assert tables.exists(owner, table) == (row is not None)
        return None if row is None else int(row[0])


def test_a_rebuild_does_not_go_on_with_what_another_program_began(
    told: Book, db: Connection[Any], follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fill, "KEEP", 50)
    view = case_board.VIEW
    follow(view).catch_up()
    before = rows_of(db, view)
    _killed(told, view, 130)
    assert _came_to(told, view) == 100
    monkeypatch.setattr(rebuilding, "_program", lambda: "a newer one")
    assert rebuild(told.databases.urls.projector, view).before == 0
    assert rows_of(db, view) == before


def test_a_full_table_that_was_never_shown_is_filled_anew(
    told: Book, db: Connection[Any], follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = case_board.VIEW
    follow(view).catch_up()
    before = rows_of(db, view)
    monkeypatch.setattr(rebuilding, "_switch", _interrupt)
    with pytest.raises(KeyboardInterrupt):
        rebuild(told.databases.urls.projector, view)
    monkeypatch.undo()
    assert _came_to(told, view) == 6 * len(cases.documented) + 2
    assert rows_of(db, view) == before
    assert rebuild(told.databases.urls.projector, view).before == 0
    assert rows_of(db, view) == before


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


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


def test_an_event_that_cannot_be_taken_fails_the_rebuild_and_nothing_else(
    told: Book,
    db: Connection[Any],
    follow: Follow,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
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
