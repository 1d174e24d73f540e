"""Fold a whole ledger in memory and COPY it into the tables of a view, on from where that stood."""

import gc
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import psycopg
from psycopg import Cursor
from psycopg.rows import tuple_row

from projections import facts, tables
from projections.tracking import Tracker
from projections.view import Fold, Recorded, Row, View

KEEP = 500_000  # Positions between two commits: what is lost when a rebuild is cut short.
_RANGE = 20_000  # Positions of one query, which is then answered in the order of the index.
_CHUNK = 500  # Events folded at once: less than a socket holds, so that the server need not wait.

_EVENTS = """SELECT position, stream::text, topic, recorded_at,
        CASE WHEN topic = ANY(%b) THEN state END
    FROM muniment.events WHERE position > %b AND position <= %b AND topic <> ALL(%b)
    ORDER BY position"""


def fill(
    url: str, tracker: Tracker, view: View, table: str, *, zone: str, head: int
) -> Generator[int, None, None]:
    """Fill the tables up to this position and index them; yield now and then how far they are.

    Whatever ends this before: what is tracked by then stays, and another call goes on from there.
    Errors: what `Fold.take` raises.
    """
    transaction = tracker.datastore.transaction
    with (
        _without_collector(),
        psycopg.connect(url, autocommit=True, options="-c timezone=UTC") as reading,
        reading.cursor(row_factory=tuple_row) as events,
    ):
        with transaction(commit=True) as cursor:
            done = tracker.lock(cursor, table) or 0
            fold = tables.load(cursor.connection, view, table, zone, None)
        yield done
        while done < head:
            until = min(done + KEEP, head)
            with transaction(commit=True) as cursor:
                with cursor.copy(tables.copy_rows(table)) as copy:
                    for start in range(done, until, _RANGE):
                        end = min(start + _RANGE, until)
                        page = _read(events, view, start, end)
                        while some := list(islice(page, _CHUNK)):
                            copy.write(_lines(row for one in some for row in fold.take(one)))
                        yield end
                _remember(cursor, table, fold)
                tracker.put(cursor, table, until)
            done = until
        with transaction(commit=True) as cursor:
            with cursor.copy(tables.copy_rows(table)) as copy:
                for stream, memory in fold.memories.items():
                    copy.write(_lines(view.standing(memory, stream)))
            tables.index(cursor.connection, view, table)
            tables.begun_by(cursor.connection, table, None)  # There is no more to go on with.


@contextmanager
def _without_collector() -> Iterator[None]:
    """Memories are many, all alive, and never in circles."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _read(events: Cursor[Any], view: View, start: int, end: int) -> Iterator[Recorded]:
    """What the view reads of these positions; the server is ahead of whoever takes them."""
    values = [facts.told_by_state(view.readers), start, end, facts.unread(view.readers)]
    return events.stream(_EVENTS, values, binary=True, size=_CHUNK)


def _remember(cursor: Cursor[Any], table: str, fold: Fold) -> None:
    tables.forget_memories(cursor.connection, table)
    with cursor.copy(tables.copy_memories(table)) as copy:
        for stream, text in tables.texts(fold, fold.memories):
            # JSON breaks no line, but may hold backslashes.
            copy.write(_lines([(stream, text.replace("\\", "\\\\"))]))


def _lines(rows: Iterable[Row]) -> str:
    """Rows as COPY reads them: twice as fast as the driver's way. Their words need no escape."""
    return "".join([_line(row) for row in rows])


def _line(row: Row) -> str:
    cells = ["\\N" if one is None else one if one.__class__ is str else str(one) for one in row]
    return "\t".join(cells) + "\n"
