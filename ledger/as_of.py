"""From an instant to a position of the ledger: what was recorded up to then."""

from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import scalar_row

# Positions are dense and time never runs back, so halving finds the place in a few steps.
_POSITION_AT = """WITH RECURSIVE halving (low, high) AS (
        SELECT 0::bigint, coalesce(max(position), 0) FROM muniment.events
        UNION ALL
        SELECT CASE WHEN e.recorded_at <= %(instant)s THEN e.position ELSE h.low END,
            CASE WHEN e.recorded_at <= %(instant)s THEN h.high ELSE e.position - 1 END
        FROM halving h JOIN muniment.events e ON e.position = (h.low + h.high + 1) / 2
        WHERE h.low < h.high
    ) SELECT low FROM halving WHERE low = high"""


def position_at(db: Connection[Any], instant: datetime) -> int:
    """The last position recorded at or before this instant; 0: nothing was recorded by then."""
    with db.cursor(row_factory=scalar_row) as cursor:
        position: int | None = cursor.execute(_POSITION_AT, {"instant": instant}).fetchone()
    assert position is not None
    return position
