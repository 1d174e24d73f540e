"""Many at once: racing guards, a reader at the tail, maintenance beside appends."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier, Event
from time import monotonic
from uuid import UUID, uuid4

import psycopg
import pytest

from ledger.commit import GroupCommit
from ledger.recorder import LedgerRecorder
from tests.contract.rows import batch, check_leaves, request, rows, words
from tests.databases import Databases


@pytest.fixture
def commits(databases: Databases) -> Iterator[list[GroupCommit]]:
    """Two writers, as of two processes."""
    made = [
        GroupCommit(lambda: psycopg.connect(databases.urls.writer, autocommit=True))
        for _ in range(2)
    ]
    yield made
    for commit in made:
        commit.close()


@pytest.mark.parametrize("processes", [1, 2])
def test_of_two_appends_that_guard_each_other_exactly_one_wins(
    commits: list[GroupCommit], processes: int
) -> None:
    rounds = [(uuid4(), uuid4()) for _ in range(200)]
    start = Barrier(2)

    def race(who: int) -> list[str]:
        commit = commits[who % processes]
        answers = []
        for pair in rounds:
            mine, theirs = pair[who], pair[1 - who]
            start.wait()
            answers.append(commit.append(request(*rows(mine, 1), guards={theirs: 0})).word)
        return answers

    with ThreadPoolExecutor(2) as threads:
        outcomes = zip(*threads.map(race, range(2)), strict=True)
    assert [sorted(pair) for pair in outcomes] == [["guard", "written"]] * len(rounds)


@pytest.mark.parametrize("seconds", [5, pytest.param(60, marks=pytest.mark.slow)])
def test_a_reader_at_the_tail_sees_exactly_what_was_written(
    databases: Databases,
    new_recorder: Callable[[Databases], LedgerRecorder],
    commits: list[GroupCommit],
    seconds: int,
) -> None:
    reader = new_recorder(databases)
    done = Event()

    def write(who: int) -> set[tuple[UUID, int]]:
        """Appends of 1 and of 40 events, some of them refused."""
        choice, mine = Random(who), set()  # noqa: S311  # The same appends in each run.
        end = monotonic() + seconds
        while monotonic() < end:
            stream, many = uuid4(), choice.choice((1, 1, 1, 40))
            first = choice.choice((1, 1, 1, 2))  # 2: not the first of a new stream.
            versions = range(first, first + many)
            answer = commits[who % 2].append(request(*rows(stream, *versions)))
            assert answer.word == ("written" if first == 1 else "version")
            if first == 1:
                mine |= {(stream, version) for version in versions}
        return mine

    def read() -> list[tuple[int, tuple[UUID, int]]]:
        """Page forward from the last position seen, until nothing follows after the writers."""
        seen: list[tuple[int, tuple[UUID, int]]] = []
        while True:
            over = done.is_set()
            page = reader.page(len(seen), 200)
            seen += [(row.position, (row.stream, row.version)) for row in page]
            if over and not page:
                return seen

    with ThreadPoolExecutor(9) as threads:
        reading = threads.submit(read)
        written = list(threads.map(write, range(8)))
        done.set()
        seen = reading.result()
    assert [position for position, _ in seen] == list(range(1, len(seen) + 1))
    assert {place for _, place in seen} == set().union(*written)
    with databases.connect("admin") as admin:
        assert check_leaves(admin, databases.identity.origin) == len(seen)


def test_appends_do_not_wait_for_maintenance(
    databases: Databases, commits: list[GroupCommit]
) -> None:
    with databases.connect("admin") as admin, admin.transaction():
        # What VACUUM, ANALYZE and CREATE INDEX CONCURRENTLY hold while they run.
        for table in ("events", "commands", "claims"):
            admin.execute(f"LOCK TABLE muniment.{table} IN SHARE UPDATE EXCLUSIVE MODE")  # type: ignore[arg-type]
        claims = [("number", b"1")]
        assert commits[0].append(request(*rows(uuid4(), 1), claims=claims)).word == "written"


def test_maintenance_beside_appends_changes_nothing(
    databases: Databases, commits: list[GroupCommit]
) -> None:
    done = Event()

    def maintain() -> int:
        times = 0
        with databases.connect("admin") as admin:
            while not done.is_set():
                admin.execute("VACUUM muniment.events, muniment.commands")
                admin.execute("ANALYZE muniment.events, muniment.commands")
                times += 1
        return times

    def write(who: int) -> None:
        stream = uuid4()
        for version in range(1, 101):
            assert commits[who].append(request(*rows(stream, version))).word == "written"

    with ThreadPoolExecutor(3) as threads:
        maintenance = threads.submit(maintain)
        list(threads.map(write, range(2)))
        done.set()
    assert maintenance.result() > 0
    with databases.connect("admin") as admin:
        assert check_leaves(admin, databases.identity.origin) == 200


def test_no_table_is_ever_scanned(
    databases: Databases,
    new_recorder: Callable[[Databases], LedgerRecorder],
    commits: list[GroupCommit],
) -> None:
    """Plans are made while the tables look empty, and must do when they are large."""
    scans = (
        "SELECT relname, seq_scan FROM pg_stat_user_tables WHERE schemaname = 'muniment'"
        " AND relname <> 'identity' ORDER BY relname"
    )
    with databases.connect("admin") as admin:
        admin.execute("VACUUM ANALYZE muniment.events, muniment.commands, muniment.claims")
        admin.execute("SELECT pg_stat_force_next_flush()")
        before = admin.execute(scans).fetchall()
        stream = uuid4()
        again = []
        for number in range(1, 21):
            claims = [("number", bytes([number]))]
            again.append(request(*rows(stream, number), guards={uuid4(): 0}, claims=claims))
            assert commits[0].append(again[-1]).word == "written"
            assert commits[0].append(again[0]).word == "known"
            # By the short way of the append function, too.
            plain = [request(*rows(uuid4(), 1), guards={stream: number}) for _ in range(2)]
            assert words(batch(commits[0], *plain)) == ["written"] * 2
        recorder = new_recorder(databases)
        for _ in range(10):
            recorder.read([stream, uuid4()])
            recorder.stream(stream, 5)
            recorder.claimed("number", bytes([3]))
            recorder.page(3, 10)
            recorder.row(stream, 3)
            recorder.command(again[0].command_id)
            recorder.versions(1, 5)
            recorder.max_notification_id()
            recorder.select_events(stream, gt=3, desc=True, limit=5)
            recorder.select_notifications(3, 10, topics=["NoteTaken/1"])
        commits[0].close()  # A backend's counts are complete when it has ended.
        recorder.close()
        until_ended(admin)
        admin.execute("SELECT pg_stat_clear_snapshot()")
        assert admin.execute(scans).fetchall() == before


def until_ended(admin: psycopg.Connection) -> None:
    query = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND usename = 'muniment_writer'"
    )
    while admin.execute(query).fetchone() != (0,):
        pass
