"""When an append is recorded, and how a ledger begins, on every server that is supported."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tests.contract.rows import request, rows, words
from tests.contract.writer import Writer, by_hand, opening


def test_a_decision_is_written_only_while_it_holds(append: Writer) -> None:
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    for since, until, word in (
        (now - hour, now + hour, "written"),
        (now + hour, now + 2 * hour, "decide_again"),
        (now - 2 * hour, now - hour, "decide_again"),
    ):
        assert words(append(request(*rows(uuid4(), 1), holds=(since, until)))) == [word]


def test_the_interval_includes_its_ends(simulated: Writer) -> None:
    at, tick = datetime(2026, 3, 8, 6, tzinfo=UTC), timedelta(microseconds=1)
    for since, until, word in (
        (at, at, "written"),
        (at + tick, at + tick, "decide_again"),
        (at - tick, at - tick, "decide_again"),
    ):
        one = request(*rows(uuid4(), 1), holds=(since, until), given_at=at)
        assert words(simulated(one)) == [word]


def test_recorded_time_never_runs_back(new_writer: Callable[..., Writer]) -> None:
    append = new_writer()
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    with append.databases.connect("owner") as owner:
        # As if the server's clock had been a day ahead when the first event was recorded.
        owner.execute(
            "INSERT INTO muniment.events VALUES (1, gen_random_uuid(), 1, 'NoteTaken/1', %s, '',"
            " sha256(''), sha256(''))",
            [tomorrow],
        )
    (answer,) = append(request(*rows(uuid4(), 1)))
    assert (answer.first, answer.recorded_at) == (2, tomorrow)


def test_a_real_ledger_takes_no_given_time(append: Writer) -> None:
    assert words(append(request(*rows(uuid4(), 1), given_at=datetime.now(UTC)))) == ["time"]


def test_a_simulated_ledger_is_at_the_given_time_and_never_before_its_head(
    simulated: Writer,
) -> None:
    at = datetime(2031, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    first, none, before, same = simulated(
        request(*rows(uuid4(), 1), given_at=at),
        request(*rows(uuid4(), 1)),
        request(*rows(uuid4(), 1), given_at=at - timedelta(microseconds=1)),
        request(*rows(uuid4(), 1), given_at=at),
    )
    assert words([first, none, before, same]) == ["written", "time", "time", "written"]
    assert first.recorded_at == same.recorded_at == at
    assert simulated.written() == 2


@pytest.mark.parametrize("at", ["infinity", "-infinity", "10000-01-01 UTC", "0001-12-31 UTC BC"])
def test_a_time_that_no_leaf_can_write_is_refused(simulated: Writer, at: str) -> None:
    with simulated.databases.connect("writer") as db:
        assert db.execute(by_hand(given=f"'{{{at}}}'")).fetchall() == [("time",)]


def test_a_ledger_is_opened_first_and_once(new_writer: Callable[..., Writer]) -> None:
    append, stream = new_writer(use="opened"), uuid4()
    early, opened, later, again = append(
        request(*rows(stream, 1)),
        request(opening(append.identity)),
        request(*rows(stream, 1)),
        request(opening(append.identity)._replace(version=2)),
    )
    assert words([early, opened, later, again]) == ["not_opened", "written", "written", "malformed"]
    assert opened.first == 1
    assert append.written() == 2


@pytest.mark.parametrize("field", ["ledger", "origin", "institution", "clock", "zone"])
def test_an_opening_that_disagrees_with_the_identity_is_refused(
    unopened: Writer, field: str
) -> None:
    wrong = opening(unopened.identity, **{field: "other"})
    assert words(unopened(request(wrong))) == ["not_opened"]
    assert unopened.written() == 0


def test_an_opening_in_another_stream_is_refused(unopened: Writer) -> None:
    elsewhere = opening(unopened.identity)._replace(stream=uuid4())
    assert words(unopened(request(elsewhere))) == ["not_opened"]


@pytest.mark.parametrize(
    "topic",
    [
        *("noteTaken/1", "NoteTaken", "NoteTaken/0", "NoteTaken/01", "NoteTaken/1\n", "N/1", ""),
        *("Note Taken/1", "NoteTäken/1", "Note_Taken/1"),
    ],
)
def test_an_opened_ledger_takes_only_names_with_a_version(opened: Writer, topic: str) -> None:
    assert words(opened(request(*rows(uuid4(), 1, topic=topic)))) == ["malformed"]
    assert opened.written() == 0
    assert words(opened(request(*rows(uuid4(), 1, topic="NoteTaken/12")))) == ["written"]


def test_an_opened_ledger_has_no_version_zero(opened: Writer) -> None:
    assert words(opened(request(*rows(uuid4(), 0)))) == ["version"]


def test_a_ledger_for_tests_may_begin_at_zero_or_one_only(append: Writer) -> None:
    zero, one = uuid4(), uuid4()
    firsts = [
        request(*rows(zero, 0, 1)),
        request(*rows(one, 1)),
        request(*rows(uuid4(), 2)),
        request(*rows(uuid4(), 0, 0)),
        request(*rows(zero, 0)),
    ]
    assert words(append(*firsts)) == ["written"] * 2 + ["version"] * 3


def test_without_an_identity_nothing_is_taken(new_writer: Callable[..., Writer]) -> None:
    append = new_writer()
    with append.databases.connect("admin") as admin:
        # Nothing less than a superuser who takes the guards away can make a ledger nameless.
        admin.execute("SET session_replication_role = replica")
        for (trigger,) in admin.execute("SELECT evtname FROM pg_event_trigger").fetchall():
            admin.execute(SQL("ALTER EVENT TRIGGER {} DISABLE").format(Identifier(trigger)))
        admin.execute("ALTER TABLE muniment.identity DISABLE TRIGGER ALL")
        admin.execute("DELETE FROM muniment.identity")
    with pytest.raises(psycopg.errors.NoDataFound):
        append(request(*rows(uuid4(), 1)))
