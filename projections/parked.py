"""Views that stopped before an event they could not take, until a person lets them go on."""

from datetime import datetime
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

from ledger.recorder import CHANNEL

# `error` is the class of what was raised and nothing else: a message could hold words of a case.
SCHEMA = """CREATE TABLE IF NOT EXISTS projections.parked (
    view     text PRIMARY KEY,
    position bigint NOT NULL,
    topic    text NOT NULL,
    error    text NOT NULL,
    since    timestamptz NOT NULL DEFAULT now()
)"""

_ALL = "SELECT view, position, topic, error, since FROM projections.parked"


class Parked(NamedTuple):
    """Which view stands before which event, and what was raised when it tried."""

    view: str
    position: int
    topic: str
    error: str
    since: datetime


def parked(db: Connection[Any]) -> list[Parked]:
    """Every parked view."""
    with db.cursor(row_factory=args_row(Parked)) as cursor:
        return cursor.execute(_ALL + " ORDER BY view").fetchall()


def park(db: Connection[Any], view: str, position: int, topic: str, error: str) -> None:
    """Stop a view before an event; whoever was first has said why."""
    db.execute(
        "INSERT INTO projections.parked (view, position, topic, error) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        [view, position, topic, error],
    )


def unpark(db: Connection[Any], view: str) -> bool:
    """Let a view try again, at the event before which it stopped. False: it was not parked."""
    gone = db.execute("DELETE FROM projections.parked WHERE view = %s", [view]).rowcount
    db.execute("SELECT pg_notify(%s, '')", [CHANNEL])  # Its projector waits for news.
    return gone == 1
