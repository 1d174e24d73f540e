"""The projector: exactly once, whatever happens; what cannot be taken is parked, never lost."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from queue import Queue
from threading import Event as Signal
from threading import Thread
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from projections import VIEWS, case_board, deadlines, projector, tables
from projections.days import Days
from projections.facts import Fact, PartyAdded, Place
from projections.feed import Superseded
from projections.parked import Parked, parked, unpark
from projections.projector import Projector, run
from projections.rebuild import rebuild
from projections.status import standings, wait_for
from projections.view import Row, View
from tests.projections.book import Book, memories_of, rows_of, state, tracked
from tests.spec import cases
from tests.spec.kit import CASE, an_id, instant

AT = instant("2025-01-14")
POISON = ("PartyAdded/1", b'{"envelope": {}, "event": {"party_id": "one", "role": 7}}')
FULL = (case_board.VIEW, deadlines.VIEW)  # Every case has rows there.
Follow = Callable[..., Projector]


@contextmanager
def running(book: Book, *views: View, **words: Any) -> Iterator[Queue[Parked]]:
    """The projectors of a process, in threads of this one; gives what they say of parked views."""
    stop, alerts = Signal(), Queue[Parked]()
    words["alert"] = alerts.put
    thread = Thread(target=run, args=[book.databases.urls.projector, views, stop], kwargs=words)
    thread.start()
    try:
        yield alerts
    finally:
        stop.set()
        thread.join()


def assert_as_rebuilt(book: Book, db: Connection[Any], view: View) -> None:
    """What was followed is, row for row and memory for memory, what a rebuild makes of it."""
    followed, memories = rows_of(db, view), memories_of(db, view)
    assert followed
    rebuild(book.databases.urls.projector, view)
    assert rows_of(db, view) == followed
    assert memories_of(db, view) == memories


def test_what_is_recorded_is_shown_soon(book: Book, db: Connection[Any]) -> None:
    with running(book, *VIEWS, poll=60.0):
        last = book.put(CASE, AT, *cases.opened)
        assert wait_for(db, last, 20.0, VIEWS)
        last = book.put(CASE, AT, *cases.contacted[3:])  # The notification alone wakes it.
        assert wait_for(db, last, 20.0, VIEWS)
        row = case_board.of_case(db, CASE)
        assert row is not None
        assert (row.parties, row.next_kind) == (2, None)


def test_nothing_falls_between_the_first_pull_and_the_first_wait(
    book: Book, db: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    wait, once = Projector._wait, Signal()

    def late(one: Projector, *args: Any) -> None:
        if not once.is_set():
            once.set()
            book.put(CASE, AT, cases.received)
        wait(one, *args)

    monkeypatch.setattr(Projector, "_wait", late)
    with running(book, case_board.VIEW, poll=60.0):
        assert wait_for(db, 1, 20.0, [case_board.VIEW])


def test_a_lost_notification_costs_a_poll_and_no_more(book: Book, db: Connection[Any]) -> None:
    with running(book, *VIEWS, poll=0.05):
        assert wait_for(db, book.put(CASE, AT, cases.received), 20.0, VIEWS)
        with book.databases.connect("admin") as admin:  # An event, and nobody is told.
            admin.execute(
                "INSERT INTO muniment.events SELECT 2, stream, 2, 'PartyAdded/1', recorded_at,"
                " %b, salt, leaf_hash FROM muniment.events",
                [state(cases.complainant)],
            )
        assert wait_for(db, 2, 20.0, VIEWS)


def test_a_killed_connection_recovers(book: Book, db: Connection[Any]) -> None:
    with running(book, *VIEWS, poll=0.05) as alerts, book.databases.connect("admin") as admin:
        for event in cases.opened:
            assert wait_for(db, book.put(CASE, AT, event), 20.0, VIEWS)
            killed = admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE usename = 'muniment_projector' AND datname = current_database()"
            ).fetchall()
            assert len(killed) >= len(VIEWS)  # The one that listens, and the one that feeds.
        assert wait_for(db, book.put(CASE, AT, cases.told), 20.0, VIEWS)
        assert alerts.empty()
    for view in FULL:
        assert_as_rebuilt(book, db, view)


def test_two_projectors_at_once_take_every_event_once(
    book: Book, db: Connection[Any], follow: Follow
) -> None:
    for view in FULL:
        competing = [follow(view, page=3) for _ in range(2)]
        finished = Signal()

        def take(one: Projector, finished: Signal = finished) -> None:
            while not finished.is_set():
                one.catch_up()
            one.catch_up()

        threads = [Thread(target=take, args=[one]) for one in competing]
        for thread in threads:
            thread.start()
        stream = an_id(view.name)
        for day, event in enumerate(cases.documented):
            last = book.put(stream, AT + timedelta(days=day + 500 * FULL.index(view)), event)
        finished.set()
        for thread in threads:
            thread.join()
        assert tracked(db, view) == last
        assert_as_rebuilt(book, db, view)


def test_a_poison_event_is_parked_and_nothing_is_lost(
    book: Book, db: Connection[Any], follow: Follow, alerts: list[Parked]
) -> None:
    mended = Signal()

    def apply(memory: Any, fact: Fact, at: Place, days: Days) -> Sequence[Row]:
        if isinstance(fact, PartyAdded) and fact.role == "respondent" and not mended.is_set():
            raise ZeroDivisionError("words of a case")
        return case_board.apply(memory, fact, at, days)

    other = an_id("other case")
    book.put(CASE, AT, cases.received, cases.complainant)
    position = book.put(CASE, AT, cases.respondent)
    book.put(other, AT, *cases.contacted)
    last = book.put(CASE, AT, cases.told)
    board = follow(case_board.VIEW._replace(apply=apply), page=4)
    clocks = follow(deadlines.VIEW)
    for view in (board, board, clocks):
        view.catch_up()
    # The other view went on, and this one had gone as far as it could.
    assert [tracked(db, one) for one in FULL] == [position - 1, last]
    found = parked(db)
    assert alerts == found
    assert [one[:4] for one in found] == [
        ("case_board_v2", position, "PartyAdded/1", "ZeroDivisionError")
    ]
    assert [one.parked for one in standings(db, FULL)] == [found[0], None]
    assert not wait_for(db, last, 60.0, FULL)  # At once: nobody waits for a parked view.
    row = case_board.of_case(db, CASE)
    assert row is not None
    assert row.parties == 1

    with book.databases.connect("projector") as owner:
        # It is not mended: parked again, and said again.
        assert unpark(owner, "case_board_v2")
        assert not unpark(owner, "case_board_v2")
        board.catch_up()
        assert [one.position for one in alerts] == [position, position]
        mended.set()
        assert unpark(owner, "case_board_v2")
    board.catch_up()
    assert parked(db) == []
    assert tracked(db, case_board.VIEW) == last
    assert_as_rebuilt(book, db, case_board.VIEW)


def test_an_event_of_an_unknown_kind_parks_every_view(
    book: Book, db: Connection[Any], follow: Follow
) -> None:
    book.put(CASE, AT, cases.received)
    book.put_raw(CASE, AT, ("CaseTeleported/1", b"{}"))
    for view in VIEWS:
        follow(view).catch_up()
    assert [(one.view, one.position, one.error) for one in parked(db)] == [
        (view.table, 2, "UnknownTopic") for view in VIEWS
    ]


def test_a_view_that_fails_for_a_while_goes_on_by_itself(
    book: Book,
    db: Connection[Any],
    follow: Follow,
    alerts: list[Parked],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    last = book.put(CASE, AT, *cases.contacted)
    view, failures = follow(deadlines.VIEW), iter([True] * 3)

    def sometimes(*args: Any, **words: Any) -> int:
        if next(failures, False):
            raise ArithmeticError("words of a case")
        return feed(*args, **words)

    feed: Callable[..., int] = vars(projector)["feed"]
    monkeypatch.setattr(projector, "feed", sometimes)
    view.catch_up()
    assert (tracked(db, deadlines.VIEW), alerts, parked(db)) == (last, [], [])


def test_a_new_version_is_shown_when_it_has_come_to_the_head(
    book: Book, db: Connection[Any], follow: Follow
) -> None:
    book.put(CASE, AT, *cases.contacted)
    old = follow(case_board.VIEW)
    old.catch_up()
    before = rows_of(db, case_board.VIEW)
    newer = case_board.VIEW._replace(version=case_board.VIEW.version + 1)
    new = follow(newer, page=2)
    stop = Signal()
    monitored = _after_each_page(new, lambda: rows_of(db, case_board.VIEW) == before)
    new.catch_up(stop)
    assert monitored
    assert all(monitored)
    assert rows_of(db, newer) == before
    assert tracked(db, newer) == len(cases.contacted)
    assert tracked(db, case_board.VIEW) is None
    with book.databases.connect("projector") as owner:
        assert not tables.exists(owner, f"case_board_v{case_board.VIEW.version}")
    with pytest.raises(Superseded):
        old.catch_up()


def _after_each_page(one: Projector, look: Callable[[], bool]) -> list[bool]:
    seen: list[bool] = []
    step = one._step

    def looking(stop: Signal) -> bool:
        seen.append(look())
        return step(stop)

    one._step = looking  # type: ignore[method-assign]
    return seen


def test_a_view_far_behind_is_rebuilt_first(
    book: Book, db: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    rebuilt: list[str] = []

    def rebuilding(url: str, view: View, **words: Any) -> Any:
        rebuilt.append(view.name)
        return rebuild(url, view, **words)

    monkeypatch.setattr(projector, "FAR_BEHIND", 3)
    monkeypatch.setattr(projector, "rebuild", rebuilding)
    last = book.put(CASE, AT, *cases.contacted)
    with running(book, *VIEWS):
        assert wait_for(db, last, 20.0, VIEWS)
    assert sorted(rebuilt) == sorted(view.name for view in VIEWS)


def test_poison_in_the_way_of_a_rebuild_is_found_and_parked(
    book: Book, db: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projector, "FAR_BEHIND", 1)
    book.put(CASE, AT, cases.received, cases.complainant)
    book.put_raw(CASE, AT, POISON)
    with running(book, *VIEWS, pauses=()) as alerts:
        assert wait_for(db, 3, 20.0, [deadlines.VIEW])
        assert alerts.get(timeout=20)[:2] == ("case_board_v2", 3)


def test_a_view_that_is_unparked_tries_again_at_once(book: Book) -> None:
    book.put_raw(CASE, AT, POISON)
    with (
        running(book, case_board.VIEW, pauses=(), poll=60.0) as alerts,
        book.databases.connect("projector") as owner,
    ):
        for _ in range(3):
            assert alerts.get(timeout=20).error == "ValidationError"
            assert unpark(owner, "case_board_v2")


def test_what_is_not_foreseen_stops_the_process(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Projector, "prepare", broken)
    with pytest.raises(ZeroDivisionError):
        run(book.databases.urls.projector, VIEWS, Signal(), alert=print)


def test_the_projector_reads_the_record_and_writes_views_alone(book: Book) -> None:
    with book.databases.connect("projector") as owner:
        for query in (
            "INSERT INTO muniment.claims VALUES ('a', 'b', 1)",
            "UPDATE muniment.events SET topic = 'A/1'",
            "SELECT * FROM muniment.commands",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                owner.execute(query)
