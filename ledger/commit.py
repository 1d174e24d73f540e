"""Group commit: appends that arrive while one is under way go together in the next.

A lone caller appends at once, in its own thread. Whoever comes meanwhile waits; with the answer the
next call of the append function goes out for all who wait by then, and one of them leads it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

import psycopg
from psycopg import generators, pq

from ledger.batch import (
    APPEND_FORMATS,
    APPEND_SQL,
    APPEND_TYPES,
    Answer,
    Encoded,
    Request,
    answers,
    encode,
    parameters,
)
from ledger.errors import LedgerBusy, LedgerUnreachable

LARGEST_BATCH = 64
_STATEMENT = b"append"
# Plans made while the tables were small must not become scans when they are large, and none is made
# anew for a call. As settings of the function they would be made and taken back for each.
_SETTINGS = "SET enable_seqscan = off; SET jit = off; SET plan_cache_mode = force_generic_plan"
_LOCK_NOT_AVAILABLE = b"55P03"


class _ConnectionLost(Exception):
    """The outcome is unknown: perhaps it was committed."""


class GroupCommit:
    """Appends over one connection of its own. Safe to call from any number of threads."""

    def __init__(self, connect: Callable[[], psycopg.Connection]) -> None:
        """`connect` gives an autocommit connection of the writer."""
        self._connect = connect
        self._connection: psycopg.Connection | None = None
        self._mutex = Lock()
        self._waiting: list[_Caller] = []
        self._led = False  # Somebody leads, and has the connection to himself.

    def append(self, request: Request) -> Answer:
        """Raises Malformed, LedgerBusy, LedgerUnreachable; what else stood in the way is answered.

        A connection that is lost is asked again, once: had the first call been committed, its
        command ids are known by then and give its result.
        """
        caller = _Caller(encode(request))
        with self._mutex:
            follows, self._led = self._led, True
            if follows:
                self._waiting.append(caller)
        if follows:
            self._follow(caller)
        else:
            self._lead(_Batch([caller]))
        return caller.result()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _follow(self, caller: "_Caller") -> None:
        """Wait for the answer, or lead. The main thread may be interrupted while it waits: then it
        leaves the queue, or, once its append is under way, sees to it first that nobody hangs."""
        interrupted: BaseException | None = None
        while not caller.woken:
            try:
                caller.turn.acquire()
            except BaseException as error:
                if self._leave(caller):
                    raise
                interrupted = error
        if caller.leads:
            self._lead(caller.leads)
        if interrupted is not None:
            raise interrupted

    def _leave(self, caller: "_Caller") -> bool:
        with self._mutex:
            waits = caller in self._waiting
            if waits:
                self._waiting.remove(caller)
            return waits

    def _lead(self, batch: "_Batch") -> None:
        result: pq.abc.PGresult | None = None
        try:
            result = self._result(batch)
        except BaseException:
            for caller in batch.callers:
                caller.error = LedgerUnreachable("the thread that led was interrupted")
            self.close()  # It may owe an answer that nobody would read.
            raise
        finally:
            # The server has its next call before anybody is woken: whoever runs first would keep
            # it waiting for as long as it takes to prepare an append.
            following = self._begin_next()
            try:
                if result is not None:
                    for caller, answer in zip(batch.callers, answers(result), strict=True):
                        caller.answer = answer
            finally:
                if following is not None:
                    following.callers[0].wake()
                for caller in batch.callers[1:]:  # The first of a batch is who leads it.
                    caller.wake()

    def _begin_next(self) -> "_Batch | None":
        """Those who wait by now, with one of them who leads; None: nobody waits."""
        with self._mutex:
            if not self._waiting:
                self._led = False
                return None
            batch = _Batch(self._waiting[:LARGEST_BATCH])
            del self._waiting[:LARGEST_BATCH]
            batch.callers[0].leads = batch
        batch.sent = self._send(batch)
        return batch

    def _result(self, batch: "_Batch") -> pq.abc.PGresult | None:
        """What the server answered; None: each caller has an answer or an error of his own."""
        try:
            return self._call(batch)
        except (LedgerBusy, LedgerUnreachable) as error:
            for caller in batch.callers:
                caller.error = error
        except psycopg.Error as error:
            if len(batch.callers) == 1:
                batch.callers[0].error = error
            else:
                # One of them is not as the database wants it. Nobody else shall fail with it.
                for caller in batch.callers:
                    alone = self._result(_Batch([caller]))
                    if alone is not None:
                        (caller.answer,) = answers(alone)
        return None

    def _call(self, batch: "_Batch") -> pq.abc.PGresult:
        """One call of the append function, made again if the connection is lost over it."""
        try:
            return self._received() if batch.sent else self._once(batch)
        except _ConnectionLost:
            pass
        try:
            return self._once(batch)
        except _ConnectionLost as error:
            raise LedgerUnreachable("the database gave no answer, twice") from error

    def _send(self, batch: "_Batch") -> bool:
        """Say whether the call is on its way, its answer still to be read."""
        if self._connection is None or self._connection.closed:
            return False
        try:
            self._connection.pgconn.send_query_prepared(
                _STATEMENT, batch.parameters(), APPEND_FORMATS, pq.Format.BINARY
            )
        except Exception:  # noqa: BLE001 - psycopg's, or memory: who leads meets it himself.
            self._connection.close()  # As if it had not been asked.
            return False
        return True

    def _received(self) -> pq.abc.PGresult:
        connection = self._connection
        assert connection is not None
        with _lost_if_closed(connection):
            result: pq.abc.PGresult
            (result,) = connection.wait(generators.execute(connection.pgconn))
            _check(result)
        return result

    def _once(self, batch: "_Batch") -> pq.abc.PGresult:
        connection = self._connected()
        with _lost_if_closed(connection):
            result = connection.pgconn.exec_prepared(
                _STATEMENT, batch.parameters(), APPEND_FORMATS, pq.Format.BINARY
            )
            _check(result)
        return result

    def _connected(self) -> psycopg.Connection:
        if self._connection is None or self._connection.closed:
            try:
                fresh = self._connect()
                with _lost_if_closed(fresh):
                    fresh.execute(_SETTINGS)
                    _check(fresh.pgconn.prepare(_STATEMENT, APPEND_SQL, APPEND_TYPES))
            except psycopg.OperationalError as error:
                raise _ConnectionLost from error
            self._connection = fresh
        return self._connection


class _Caller:
    """One who waits: woken with an answer, with an error, or to lead."""

    __slots__ = ("answer", "encoded", "error", "leads", "turn", "woken")

    def __init__(self, encoded: Encoded) -> None:
        self.encoded = encoded
        self.turn = Lock()
        self.turn.acquire()
        self.woken = False
        self.leads: _Batch | None = None
        self.answer: Answer | None = None
        self.error: BaseException | None = None

    def wake(self) -> None:
        self.woken = True
        self.turn.release()

    def result(self) -> Answer:
        if self.error is not None:
            raise self.error
        assert self.answer is not None
        return self.answer


class _Batch:
    """Who goes together; `sent`: the call is on its way."""

    __slots__ = ("callers", "sent")

    def __init__(self, callers: list[_Caller]) -> None:
        self.callers = callers
        self.sent = False

    def parameters(self) -> list[bytes]:
        return parameters([caller.encoded for caller in self.callers])


@contextmanager
def _lost_if_closed(connection: psycopg.Connection) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        if connection.closed:
            raise _ConnectionLost from error
        raise


def _check(result: pq.abc.PGresult) -> None:
    if result.status in {pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK}:
        return
    if result.error_field(pq.DiagnosticField.SQLSTATE) == _LOCK_NOT_AVAILABLE:
        raise LedgerBusy("the ledger's lock could not be had in time")
    raise psycopg.errors.error_from_result(result)
