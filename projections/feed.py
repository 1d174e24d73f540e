"""One page of events into the table of a view, with how far it has come, in one transaction."""

from typing import Any

from psycopg import Cursor
from psycopg.rows import tuple_row

from projections import facts, tables
from projections.tracking import Tracker
from projections.view import Recorded, View

# Every event of the record is passed, also those that the view does not read (D17): how far a
# view has come is then a position that others can wait for. Bytes that it does not read stay.
_PAGE = """SELECT position, stream::text, topic, recorded_at,
        CASE WHEN topic = ANY(%b) THEN state END
    FROM muniment.events WHERE position > %b ORDER BY position LIMIT %b"""


class Superseded(Exception):
    """The table is not there any more: a newer version of the view has taken its place."""


def feed(
    cursor: Cursor[Any], tracker: Tracker, view: View, table: str, *, zone: str, limit: int
) -> int:
    """Take the next events, at most so many; return how many those were.

    Whoever else feeds this table waits until the transaction of this cursor ends. Errors:
    Superseded; what `Fold.take` raises.
    """
    tracked = tracker.lock(cursor, table)
    if tracked is None:
        raise Superseded(table)
    db = cursor.connection
    readers = view.readers
    with db.cursor(row_factory=tuple_row, binary=True) as reading:
        page = reading.execute(_PAGE, [facts.told_by_state(readers), tracked, limit], prepare=True)
        events: list[Recorded] = page.fetchall()
    if not events:
        return 0
    streams = {stream for _, stream, topic, _, _ in events if topic in readers}
    fold = tables.load(db, view, table, zone, streams)
    rows = [row for event in events for row in fold.take(event)]
    for stream in streams & fold.memories.keys():
        standing = view.standing(fold.memories[stream], stream)
        rows += [row for row in standing if view.begin(row) > tracked]
    if streams:
        tables.write(db, view, table, rows)
        tables.remember(db, table, tables.texts(fold, streams))
    tracker.advance(cursor, table, events[-1][0])
    return len(events)
