"""Group commit: appends that arrive while one is under way go together in the next.

A lone caller appends at once, in its own thread. Whoever comes meanwhile waits; the first of them
leads the next call of the append function for all who wait by then.
"""

from collections.abc import Callable, Sequence
from threading import Lock, get_ident
from time import sleep

import psycopg
from psycopg import pq

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
        self._led = False
        self._seen: set[int] = set()  # The threads of the last batch, and of the one before.
        self._seen_before: set[int] = set()

    def append(self, request: Request) -> Answer:
        """Raises Malformed, LedgerBusy, LedgerUnreachable; what else stood in the way is answered.

        A connection that is lost is asked again, once: had the first call been committed, its
        command ids are known by then and give its result.
        """
        caller = _Caller(encode(request))
        with self._mutex:
            self._waiting.append(caller)
            follows, self._led = self._led, True
        if follows:
            caller.turn.acquire()
        if caller.leads or not follows:
            self._lead()
        return caller.result()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _lead(self) -> None:
        # While a batch is under way its callers wait, and those of the one before prepare their
        # next: two halves keep both the server and this process busy. So let callers run until half
        # of those seen lately are here, but wait for nobody. A lone caller is all of them.
        half = (len(self._seen | self._seen_before) + 1) // 2
        for _ in range(half):
            if len(self._waiting) >= half:
                break
            sleep(0)
        with self._mutex:
            batch, self._waiting = self._waiting[:LARGEST_BATCH], self._waiting[LARGEST_BATCH:]
        self._seen_before, self._seen = self._seen, {caller.thread for caller in batch}
        try:
            self._answer(batch)
        except BaseException:
            for caller in batch:
                caller.error = LedgerUnreachable("the thread that led was interrupted")
            raise
        finally:
            with self._mutex:
                if self._waiting:
                    self._waiting[0].leads = True
                    self._waiting[0].turn.release()
                else:
                    self._led = False
            for caller in batch[1:]:  # The first of a batch is who leads it.
                caller.turn.release()

    def _answer(self, batch: Sequence["_Caller"]) -> None:
        try:
            found = self.call([caller.encoded for caller in batch])
        except (LedgerBusy, LedgerUnreachable) as error:
            for caller in batch:
                caller.error = error
        except psycopg.Error as error:
            if len(batch) == 1:
                batch[0].error = error
            else:
                # One of them is not as the database wants it. Nobody else shall fail with it.
                for caller in batch:
                    self._answer([caller])
        else:
            for caller, answer in zip(batch, found, strict=True):
                caller.answer = answer

    def call(self, batch: Sequence[Encoded]) -> list[Answer]:
        """One call of the append function, made again if the connection is lost over it."""
        values = parameters(batch)
        try:
            return self._once(values)
        except _ConnectionLost:
            pass
        try:
            return self._once(values)
        except _ConnectionLost as error:
            raise LedgerUnreachable("the database gave no answer, twice") from error

    def _once(self, values: list[bytes]) -> list[Answer]:
        connection = self._connected()
        try:
            result = connection.pgconn.exec_prepared(
                _STATEMENT, values, APPEND_FORMATS, pq.Format.BINARY
            )
            _check(result)
        except psycopg.Error as error:
            if connection.closed:
                raise _ConnectionLost from error
            raise
        return answers(result)

    def _connected(self) -> psycopg.Connection:
        if self._connection is None or self._connection.closed:
            try:
                fresh = self._connect()
            except psycopg.OperationalError as error:
                raise _ConnectionLost from error
            _check(fresh.pgconn.prepare(_STATEMENT, APPEND_SQL, APPEND_TYPES))
            self._connection = fresh
        return self._connection


class _Caller:
    """One who waits: woken with an answer, with an error, or to lead."""

    __slots__ = ("answer", "encoded", "error", "leads", "thread", "turn")

    def __init__(self, encoded: Encoded) -> None:
        self.encoded = encoded
        self.thread = get_ident()
        self.turn = Lock()
        self.turn.acquire()
        self.leads = False
        self.answer: Answer | None = None
        self.error: BaseException | None = None

    def result(self) -> Answer:
        if self.error is not None:
            raise self.error
        assert self.answer is not None
        return self.answer


def _check(result: pq.abc.PGresult) -> None:
    if result.status in {pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK}:
        return
    if result.error_field(pq.DiagnosticField.SQLSTATE) == _LOCK_NOT_AVAILABLE:
        raise LedgerBusy("the ledger's lock could not be had in time")
    raise psycopg.errors.error_from_result(result)
