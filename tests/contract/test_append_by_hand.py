"""Calls of the append function that somebody makes by hand: no row that no append decided."""

from uuid import UUID, uuid4

import psycopg
import pytest

from tests.contract.rows import request, rows
from tests.contract.writer import Writer, by_hand


def test_an_old_snapshot_cannot_append(append: Writer) -> None:
    with append.databases.connect("writer") as db:
        db.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with db.transaction():
            db.execute("SELECT count(*) FROM muniment.events")
            append(request(*rows(uuid4(), 1)))
            with pytest.raises(psycopg.errors.UniqueViolation):
                db.execute(by_hand())
    assert append.written() == 1


A, B = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    "other",
    [
        {"event_counts": "'{-1}'"},
        {"event_counts": "'{2}'"},
        {"event_counts": "'{NULL}'"},
        {"event_counts": "'{1,1}'"},
        {"guard_counts": "'{1}'"},
        {"guard_counts": "'{-1}'"},
        {"commands": "'{}'"},
        {"actors": "'[0:0]={a}'"},
        {"actors": "'{{a}}'"},
        {"actors": "NULL"},
        {"streams": f"'[2:2]={{{A}}}'"},
        {"streams": f"'{{{A},{B}}}'"},
        {"streams": f"'{{{{{A}}}}}'"},
        {"versions": "'[0:1]={1,2}'"},
        {"states": "ARRAY[''::bytea, '']"},
        {"salts": "NULL"},
    ],
)
def test_arrays_that_do_not_fit_together_write_nothing(
    append: Writer, other: dict[str, str]
) -> None:
    with append.databases.connect("writer") as db, pytest.raises(psycopg.DataError):
        db.execute(by_hand(**other))
    assert append.written() == 0


def test_a_gap_cannot_be_made_by_hand(append: Writer) -> None:
    """Three appends of -1, 1 and 1 events once left positions 1 and 3, and skipped a version."""
    with append.databases.connect("writer") as db, pytest.raises(psycopg.DataError):
        db.execute(
            """SELECT answer FROM muniment.append(
                ARRAY[gen_random_uuid(), gen_random_uuid(), gen_random_uuid()], '{a,a,a}',
                '{NULL,NULL,NULL}', '{NULL,NULL,NULL}', '{NULL,NULL,NULL}', '{NULL,NULL,NULL}',
                '{0,0,0}', '{0,0,0}', '{-1,1,1}', '{}', '{}', '{}', '{}',
                '[0:1]={00000000-0000-0000-0000-000000000009,00000000-0000-0000-0000-000000000009}',
                '[0:1]={1,2}', '[0:1]={NoteTaken/1,NoteTaken/1}',
                ('[0:1]={a,b}')::bytea[],
                array_prepend(sha256(''), ARRAY[]::bytea[]) || sha256(''))"""
        )
    assert append.written() == 0


def test_arrays_by_hand_that_fit_are_taken(append: Writer) -> None:
    with append.databases.connect("writer") as db:
        (row,) = db.execute(by_hand()).fetchall()
        assert row == ("written",)
    assert append.written() == 1
