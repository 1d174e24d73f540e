"""Group commit: who waits together, and what each caller learns when a connection is lost."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any, cast
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection, pq

from ledger.batch import answers, encode
from ledger.commit import GroupCommit, _Batch, _Caller
from ledger.errors import LedgerBusy, LedgerUnreachable
from tests.contract.rows import check_leaves, request, rows
from tests.databases import Databases

LOCK = "SELECT pg_advisory_lock(7885654276)"  # The lock that the append function takes.
UNLOCK = "SELECT pg_advisory_unlock(7885654276)"


class Lossy:
    """A connection that is cut once: `before` the call reaches the server, or after its commit."""

    def __init__(self, real: Connection, *, before: bool) -> None:
        self.real = real
        self.before = before
        self.pgconn = self

    @property
    def closed(self) -> bool:
        return self.real.closed

    def close(self) -> None:
        self.real.close()

    def execute(self, settings: str) -> None:
        self.real.execute(settings)

    def prepare(self, *call: Any) -> pq.abc.PGresult:
        return self.real.pgconn.prepare(*call)

    def exec_prepared(self, *call: Any) -> pq.abc.PGresult:
        if not self.before:
            self.real.pgconn.exec_prepared(*call)
        self.real.close()
        raise psycopg.OperationalError("the connection is lost")

    def send_query_prepared(self, *call: Any) -> None:
        self.exec_prepared(*call)


@pytest.fixture
def new_commit(databases: Databases) -> Iterator[Callable[..., GroupCommit]]:
    """new_commit(False, True): the first connection is cut after the call, the second before it."""
    made: list[GroupCommit] = []

    def new(*cuts: bool) -> GroupCommit:
        remaining = list(cuts)

        def connect() -> Connection:
            real = psycopg.connect(databases.urls.writer, autocommit=True)
            if not remaining:
                return real
            return cast("Connection", Lossy(real, before=remaining.pop(0)))

        made.append(GroupCommit(connect))
        return made[-1]

    yield new
    for commit in made:
        commit.close()


def written(databases: Databases) -> int:
    with databases.connect("admin") as admin:
        return check_leaves(admin, databases.identity.origin)


def test_a_commit_whose_answer_is_lost_gives_the_first_result(
    databases: Databases, new_commit: Callable[..., GroupCommit]
) -> None:
    answer = new_commit(False).append(request(*rows(uuid4(), 1, 2)))
    assert (answer.word, answer.first, answer.last) == ("known", 1, 2)
    assert written(databases) == 2


def test_a_call_that_is_lost_on_its_way_is_made_again(
    databases: Databases, new_commit: Callable[..., GroupCommit]
) -> None:
    answer = new_commit(True).append(request(*rows(uuid4(), 1)))
    assert (answer.word, answer.first) == ("written", 1)
    assert written(databases) == 1


@pytest.mark.parametrize(("cuts", "events"), [((True, True), 0), ((False, True), 1)])
def test_a_connection_lost_twice_is_said_and_the_next_append_works(
    databases: Databases,
    new_commit: Callable[..., GroupCommit],
    cuts: tuple[bool, ...],
    events: int,
) -> None:
    commit = new_commit(*cuts)
    lost = request(*rows(uuid4(), 1))
    with pytest.raises(LedgerUnreachable):
        commit.append(lost)
    assert written(databases) == events
    assert commit.append(lost).first == 1
    assert written(databases) == 1


def test_a_backend_that_was_ended_while_idle_is_replaced(
    databases: Databases, new_commit: Callable[..., GroupCommit]
) -> None:
    commit = new_commit()
    commit.append(request(*rows(uuid4(), 1)))
    assert commit._connection is not None
    with databases.connect("admin") as admin:
        admin.execute(
            "SELECT pg_terminate_backend(%s, 5000)", [commit._connection.info.backend_pid]
        )
    assert commit.append(request(*rows(uuid4(), 1))).word == "written"


def test_a_server_that_is_not_there_is_unreachable(databases: Databases) -> None:
    commit = GroupCommit(lambda: psycopg.connect(databases.urls.writer, dbname="none-such"))
    with pytest.raises(LedgerUnreachable):
        commit.append(request(*rows(uuid4(), 1)))


def test_what_arrives_while_one_is_under_way_goes_together(
    databases: Databases, new_commit: Callable[..., GroupCommit]
) -> None:
    commit = new_commit()
    commit.append(request(*rows(uuid4(), 1)))
    with ThreadPoolExecutor(8) as threads, databases.connect("writer") as other:
        other.execute(LOCK)
        other.execute("LISTEN muniment")
        callers = [threads.submit(commit.append, request(*rows(uuid4(), 1)))]
        until(lambda: not commit._waiting and commit._led)
        callers += [threads.submit(commit.append, request(*rows(uuid4(), 1))) for _ in range(7)]
        until(lambda: len(commit._waiting) == 7)
        other.execute(UNLOCK)
        answers = [caller.result() for caller in callers]
        assert [answer.word for answer in answers] == ["written"] * 8
        assert {answer.first for answer in answers} == set(range(2, 10))
        assert len(list(other.notifies(timeout=10, stop_after=2))) == 2
        assert not list(other.notifies(timeout=0))
    assert written(databases) == 9


@pytest.mark.parametrize("cut", ["in between", "while it is under way"])
def test_those_who_wait_are_answered_over_a_new_connection(
    databases: Databases, new_commit: Callable[..., GroupCommit], cut: str
) -> None:
    """Their call goes out on the connection of the one before, and that may be gone."""
    commit = new_commit()
    commit.append(request(*rows(uuid4(), 1)))
    with ThreadPoolExecutor(3) as threads, databases.connect("writer") as other:
        other.execute(LOCK)
        callers = [threads.submit(commit.append, request(*rows(uuid4(), 1)))]
        until(lambda: commit._led)
        callers += [threads.submit(commit.append, request(*rows(uuid4(), 1))) for _ in range(2)]
        until(lambda: len(commit._waiting) == 2)
        assert commit._connection is not None
        pid = commit._connection.info.backend_pid
        if cut == "in between":
            end(databases, pid)
            other.execute(UNLOCK)
        else:
            send, sent = commit._send, Event()

            def sending(batch: _Batch) -> bool:
                other.execute(LOCK)
                assert send(batch)
                sent.set()
                return True

            commit._send = sending  # type: ignore[method-assign]
            other.execute(UNLOCK)
            assert sent.wait(10)
            end(databases, pid)
            other.execute(UNLOCK)
        assert [caller.result().word for caller in callers] == ["written"] * 3
    assert written(databases) == 4


def test_a_call_that_cannot_be_sent_is_made_by_who_leads(
    databases: Databases, new_commit: Callable[..., GroupCommit]
) -> None:
    commit = new_commit(False)
    commit._connected()
    batch = _Batch([_Caller(encode(request(*rows(uuid4(), 1)))) for _ in range(2)])
    assert not commit._send(batch)  # It was cut after the call.
    result = commit._result(batch)
    assert result is not None
    assert [one.word for one in answers(result)] == ["known", "known"]
    assert written(databases) == 2


def test_what_fails_in_making_the_next_call_is_met_by_who_leads_it(
    databases: Databases, new_commit: Callable[..., GroupCommit], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who leads the call before has an answer by then, and nobody hangs."""
    commit = new_commit()
    commit._connected()
    commit._waiting = [_Caller(encode(request(*rows(uuid4(), 1)))) for _ in range(2)]
    first, second = commit._waiting
    with monkeypatch.context() as broken:
        broken.setattr(_Batch, "parameters", out_of_memory)
        following = commit._begin_next()
        assert following is not None
        assert not following.sent
        with pytest.raises(MemoryError):
            commit._lead(following)
    for caller in (first, second):
        with pytest.raises(LedgerUnreachable):
            caller.result()
    assert second.woken
    assert commit.append(request(*rows(uuid4(), 1))).word == "written"


def test_an_error_of_one_is_not_the_error_of_the_others(
    new_databases: Callable[..., Databases],
) -> None:
    databases = new_databases(use="opened")
    commit = GroupCommit(lambda: psycopg.connect(databases.urls.writer, autocommit=True))
    (opening,) = rows(databases.identity.ledger, 1, topic="LedgerOpened/1")
    broken = request(opening._replace(state=b"\xff"))
    callers = [_Caller(encode(one)) for one in (request(*rows(uuid4(), 1)), broken)]
    assert commit._result(_Batch(callers)) is None
    assert callers[0].result().word == "not_opened"
    with pytest.raises(psycopg.errors.CharacterNotInRepertoire):
        callers[1].result()
    commit.close()


def test_followers_of_an_interrupted_leader_are_told(
    databases: Databases,
    new_commit: Callable[..., GroupCommit],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    commit = new_commit()
    commit._led = True
    batch = _Batch([_Caller(encode(request(*rows(uuid4(), 1)))) for _ in range(2)])
    with monkeypatch.context() as broken:
        broken.setattr(commit, "_call", interrupt)
        with pytest.raises(KeyboardInterrupt):
            commit._lead(batch)
    for caller in batch.callers:
        with pytest.raises(LedgerUnreachable):
            caller.result()
    assert commit.append(request(*rows(uuid4(), 1))).word == "written"


class Interrupted:
    """The turn of a caller whose thread is interrupted while it waits, once."""

    def __init__(self, turn: Any, before: Callable[[], object]) -> None:
        self.turn, self.release = turn, turn.release
        self.before: Callable[[], object] | None = before

    def acquire(self) -> None:
        if self.before:
            before, self.before = self.before, None
            before()
            raise KeyboardInterrupt
        self.turn.acquire()


def test_who_is_interrupted_while_waiting_leaves_the_queue(
    databases: Databases, new_commit: Callable[..., GroupCommit]
) -> None:
    commit = new_commit()
    commit._led = True
    caller = _Caller(encode(request(*rows(uuid4(), 1))))
    commit._waiting.append(caller)
    caller.turn = Interrupted(caller.turn, lambda: None)  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        commit._follow(caller)
    assert commit._begin_next() is None
    assert written(databases) == 0


def test_who_is_interrupted_with_a_batch_to_lead_leads_it(
    databases: Databases, new_commit: Callable[..., GroupCommit]
) -> None:
    commit = new_commit()
    commit._led = True
    first, second = (_Caller(encode(request(*rows(uuid4(), 1)))) for _ in range(2))
    commit._waiting += [first, second]

    def chosen() -> None:
        batch = commit._begin_next()
        assert batch is not None
        batch.callers[0].wake()

    again = Interrupted(first.turn, lambda: None)  # And once more while it is under way.
    first.turn = Interrupted(again, chosen)  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        commit._follow(first)
    assert second.result().word == "written"
    assert second.woken
    assert commit.append(request(*rows(uuid4(), 1))).word == "written"
    assert written(databases) == 3


@pytest.mark.slow
def test_a_lock_that_is_held_too_long_is_said_to_each_who_waits(
    databases: Databases, new_commit: Callable[..., GroupCommit]
) -> None:
    commit = new_commit()
    with ThreadPoolExecutor(3) as threads, databases.connect("writer") as other:
        other.execute(LOCK)
        callers: list[Future[Any]] = [
            threads.submit(commit.append, request(*rows(uuid4(), 1))) for _ in range(3)
        ]
        for caller in callers:
            with pytest.raises(LedgerBusy):
                caller.result()
        other.execute(UNLOCK)
    assert commit.append(request(*rows(uuid4(), 1))).first == 1


def end(databases: Databases, pid: int) -> None:
    with databases.connect("admin") as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def until(true: Callable[[], bool]) -> None:
    """Let the other threads run until it is true."""
    never = Event()
    while not true():
        never.wait(0.001)


def out_of_memory(_: object) -> None:
    raise MemoryError


def interrupt(_: object) -> None:
    raise KeyboardInterrupt
