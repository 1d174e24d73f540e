"""Fold a whole ledger in memory and COPY it into the tables of a view; on two cores, if large."""

import gc
import multiprocessing
import os
from collections.abc import Generator, Iterator
from concurrent.futures import ProcessPoolExecutor, wait
from threading import Event
from typing import TYPE_CHECKING, NamedTuple

import psycopg
from psycopg.rows import tuple_row

from projections import facts, tables
from projections.days import Days
from projections.view import SHARED, Fold, Row, View

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import SynchronizedArray

# Up to here one process is done before a second is worth its start.
TOO_MANY_FOR_ONE = 200_000
_RANGE = 20_000  # Positions read at once: measured in docs/performance.md.

# Streams are dealt out by a byte of their id; every part needs the calendar.
_EVENTS = """SELECT position, stream::text, topic, recorded_at,
        CASE WHEN topic = ANY(%b) THEN state END
    FROM muniment.events WHERE position > %b AND position <= %b AND topic <> ALL(%b)
        AND (get_byte(uuid_send(stream), 0) %% %b = %b OR topic = 'CalendarDayMarked/1')
    ORDER BY position"""

_STOPPED = -1
# In a process of the pool: how far each part has come, or _STOPPED, set from outside.
_shared: list["SynchronizedArray[int]"] = []


class Interrupted(Exception):
    """Stopped on request. What was filled is dropped; the view that is shown was not touched."""


class Part(NamedTuple):
    """The streams of one process, up to a position, for one table."""

    url: str
    view: View
    table: str
    zone: str
    head: int
    number: int = 0
    of: int = 1


def fill(whole: Part, stop: Event) -> Generator[int, None, None]:
    """Fill the tables; yield now and then how many positions are done.

    Errors: Interrupted; what `Fold.take` raises. What is in the tables then is of no use.
    """
    parts = 2 if whole.head > TOO_MANY_FOR_ONE and (os.cpu_count() or 1) > 1 else 1
    if parts == 1:
        for done in _fold(whole):
            yield done
            if stop.is_set():
                raise Interrupted
        return
    start = multiprocessing.get_context("spawn")
    done_by = start.Array("q", parts)
    with ProcessPoolExecutor(
        parts, mp_context=start, initializer=_share, initargs=(done_by,)
    ) as pool:
        running = {
            pool.submit(_fold_part, whole._replace(number=number, of=parts))
            for number in range(parts)
        }
        try:
            while running:
                ended, running = wait(running, timeout=0.2)
                for one in ended:
                    one.result()
                if stop.is_set():
                    raise Interrupted
                yield max(0, min(done_by[:]))
        finally:
            if running:  # The others need not go on.
                done_by[:] = [_STOPPED] * parts


def _share(done_by: "SynchronizedArray[int]") -> None:
    _shared.append(done_by)


def _fold_part(part: Part) -> None:
    done_by = _shared[0]
    for done in _fold(part):
        with done_by:
            if done_by[part.number] == _STOPPED:
                raise Interrupted
            done_by[part.number] = done


def _fold(part: Part) -> Iterator[int]:
    """Fold one part and commit it; yield how many positions are done."""
    _, view, table, zone, head, number, of = part
    fold = Fold(view, Days(zone), {})
    take = fold.take
    states, unread = facts.told_by_state(view.readers), facts.unread(view.readers)
    collecting = gc.isenabled()
    gc.disable()  # Memories are many, all alive, and never in circles.
    try:
        with (
            psycopg.connect(part.url, autocommit=True, options="-c timezone=UTC") as reading,
            psycopg.connect(part.url) as writing,
            reading.cursor(row_factory=tuple_row, binary=True) as events,
        ):
            with writing.cursor().copy(tables.copy_rows(table)) as copy:
                for start in range(0, head, _RANGE):
                    until = min(start + _RANGE, head)
                    page = events.execute(_EVENTS, [states, start, until, unread, of, number])
                    rows = [_line(row) for event in page.fetchall() for row in take(event)]
                    copy.write("".join(rows))
                    yield until
                for stream, memory in fold.memories.items():
                    copy.write("".join(map(_line, view.standing(memory, stream))))
            with writing.cursor().copy(tables.copy_memories(table)) as copy:
                for stream, text in tables.texts(fold, fold.memories):
                    # JSON breaks no line, but may hold backslashes. The calendar is kept once.
                    if stream != SHARED or number == 0:
                        copy.write(_line((stream, text.replace("\\", "\\\\"))))
            writing.commit()
    finally:
        if collecting:
            gc.enable()


def _line(row: Row) -> str:
    """A row as COPY reads it: twice as fast as the driver's way. Words of rows need no escape."""
    cells = ["\\N" if one is None else one if one.__class__ is str else str(one) for one in row]
    return "\t".join(cells) + "\n"
