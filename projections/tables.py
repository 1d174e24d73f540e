"""The tables of a view: its rows, its memories, and the plain name under which it is read."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, LiteralString

import msgspec
from psycopg import Connection
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Composed, Identifier, Literal

from projections.days import Days
from projections.view import SHARED, Fold, Row, View

Marks = dict[date, bool]

PATIENCE = "2s"  # Who waits for a reader to end keeps all later readers waiting behind.
_MAKING = 7885654278  # An advisory lock: the number is ours alone.


def memory_of(table: str) -> str:
    return f"{table}_memory"


def create(db: Connection[Any], view: View, table: str) -> None:
    """Make the tables of a view under this name, empty and without indexes."""
    columns = SQL(", ").join(
        SQL("{} {}").format(Identifier(name), SQL(kind)) for name, kind in view.schema.items()
    )
    db.execute(SQL("CREATE TABLE {} ({})").format(_name(table), columns))
    db.execute(
        SQL("CREATE TABLE {} (stream uuid NOT NULL, memory text NOT NULL)").format(
            _name(memory_of(table))
        )
    )


def index(db: Connection[Any], view: View, table: str) -> None:
    """Make the indexes, which a table is filled faster without."""
    key = SQL(", ").join(map(Identifier, view.key))
    db.execute(SQL("CREATE UNIQUE INDEX ON {} ({}) NULLS NOT DISTINCT").format(_name(table), key))
    for columns in view.indexes:
        db.execute(SQL("CREATE INDEX ON {} {}").format(_name(table), SQL(columns)))
    db.execute(SQL("CREATE UNIQUE INDEX ON {} (stream)").format(_name(memory_of(table))))
    db.execute(SQL("ANALYZE {}, {}").format(_name(table), _name(memory_of(table))))


def drop(db: Connection[Any], table: str) -> None:
    for name in (table, memory_of(table)):
        db.execute(SQL("DROP TABLE IF EXISTS {}").format(_name(name)))


def rename(db: Connection[Any], table: str, to: str) -> None:
    for old, new in ((table, to), (memory_of(table), memory_of(to))):
        db.execute(SQL("ALTER TABLE {} RENAME TO {}").format(_name(old), Identifier(new)))


def forget(db: Connection[Any], table: str) -> None:
    """Drop a table, and what is kept about it."""
    drop(db, table)
    db.execute("DELETE FROM projections.tracking WHERE application_name = %s", [table])
    db.execute("DELETE FROM projections.parked WHERE view = %s", [table])


def hide(db: Connection[Any], view: View) -> None:
    db.execute(SQL("DROP VIEW IF EXISTS {}").format(_name(view.name)))


def show(db: Connection[Any], view: View) -> None:
    """Let the plain name mean the table of this version."""
    hide(db, view)
    db.execute(
        SQL("CREATE VIEW {} AS SELECT * FROM {}").format(_name(view.name), _name(view.table))
    )


def shown(db: Connection[Any], view: View) -> str | None:
    """The table that the plain name means, asked as its owner; None: nothing is shown yet."""
    row = _one(
        db,
        "SELECT table_name::text FROM information_schema.view_table_usage"
        " WHERE view_schema = 'projections' AND view_name = %s",
        [view.name],
    )
    return None if row is None else str(row[0])


def drop_older(db: Connection[Any], view: View) -> None:
    """Drop the tables of other versions, which nobody reads after a switch."""
    with db.cursor(row_factory=tuple_row) as cursor:
        found = cursor.execute(
            "SELECT tablename::text FROM pg_tables"
            " WHERE schemaname = 'projections' AND tablename ~ %s AND tablename <> %s",
            [f"^{view.name}_v[0-9]+(_next)?$", view.table],
        ).fetchall()
    for (table,) in found:
        forget(db, table)


def one_at_a_time(db: Connection[Any]) -> None:
    """Until this transaction ends nobody else makes, drops or renames what is a view's."""
    db.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
    db.execute("SELECT pg_advisory_xact_lock(%s)", [_MAKING])


def zone(db: Connection[Any]) -> str:
    """The institution's zone. Errors: LookupError where this database has no ledger yet."""
    row = _one(db, "SELECT zone FROM muniment.identity", [])
    if row is None:
        raise LookupError("this database has no ledger yet")
    return str(row[0])


def exists(db: Connection[Any], table: str) -> bool:
    return _one(db, "SELECT to_regclass(%s)", [f"projections.{table}"]) != (None,)


def begun_by(db: Connection[Any], table: str, program: str | None) -> None:
    """Note which program fills a table; None: it is full."""
    db.execute(SQL("COMMENT ON TABLE {} IS {}").format(_name(table), Literal(program)))


def was_begun_by(db: Connection[Any], table: str) -> str | None:
    """Which program began to fill a table and has not ended."""
    query = "SELECT obj_description(to_regclass(%s), 'pg_class')"
    row = _one(db, query, [f"projections.{table}"])
    assert row is not None
    program: str | None = row[0]
    return program


def load(
    db: Connection[Any], view: View, table: str, zone: str, streams: Iterable[str] | None
) -> Fold:
    """The memories of these streams (None: of all), ready to take the next events."""
    query = SQL("SELECT stream::text, memory FROM {}").format(_name(memory_of(table)))
    values = None
    if streams is not None:
        query += SQL(" WHERE stream = ANY(%b::uuid[])")
        values = [[SHARED, *streams]]
    with db.cursor(row_factory=tuple_row, binary=True) as cursor:
        found: dict[str, str] = dict(cursor.execute(query, values, prepare=True))
    marks = msgspec.json.decode(found.pop(SHARED, "{}"), type=Marks)
    decoder = msgspec.json.Decoder(view.memory)
    return Fold(
        view, Days(zone, marks), {stream: decoder.decode(text) for stream, text in found.items()}
    )


def write(db: Connection[Any], view: View, table: str, rows: Sequence[Row]) -> None:
    """Add rows; those that are there are the same but for being complete."""
    values = SQL(", ").join(
        SQL("%s::{}").format(SQL(kind.partition(" ")[0])) for kind in view.schema.values()
    )
    finish = SQL(", ").join(
        SQL("{0} = excluded.{0}").format(Identifier(name)) for name in view.finish
    )
    key = SQL(", ").join(map(Identifier, view.key))
    query = SQL("INSERT INTO {} VALUES ({}) ON CONFLICT ({}) DO UPDATE SET {}")
    with db.cursor() as cursor:
        cursor.executemany(query.format(_name(table), values, key, finish), rows)


def remember(db: Connection[Any], table: str, memories: Iterable[tuple[str, str]]) -> None:
    """Keep these memories in place of those that were."""
    with db.cursor() as cursor:
        cursor.executemany(
            SQL(
                "INSERT INTO {} VALUES (%s::uuid, %s)"
                " ON CONFLICT (stream) DO UPDATE SET memory = excluded.memory"
            ).format(_name(memory_of(table))),
            memories,
        )


def forget_memories(db: Connection[Any], table: str) -> None:
    db.execute(SQL("TRUNCATE {}").format(_name(memory_of(table))))


def copy_rows(table: str) -> Composed:
    return SQL("COPY {} FROM STDIN").format(_name(table))


def copy_memories(table: str) -> Composed:
    return SQL("COPY {} FROM STDIN").format(_name(memory_of(table)))


def texts(fold: Fold, streams: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The memories of these streams as they are kept, and the calendar."""
    yield SHARED, msgspec.json.encode(fold.days.marks).decode()
    for stream in streams:
        if stream in fold.memories:
            yield stream, msgspec.json.encode(fold.memories[stream]).decode()


def _one(db: Connection[Any], query: LiteralString, values: list[Any]) -> tuple[Any, ...] | None:
    with db.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(query, values).fetchone()


def _name(table: str) -> Identifier:
    return Identifier("projections", table)
