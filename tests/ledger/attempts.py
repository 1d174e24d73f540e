"""Attempts on the record: what may be tried, and how to tell that it left no trace."""
# ruff: noqa: S608  Attempts at the tables that are named here.

from uuid import UUID

import psycopg
import pytest
from psycopg import Connection
from psycopg.errors import InsufficientPrivilege

from ledger.commit import GroupCommit
from tests.contract.rows import batch, request, rows, words
from tests.databases import Databases

COLUMNS = {  # every table of the ledger, and a column to try to change
    "events": "topic",
    "identity": "zone",
    "commands": "actor",
    "claims": "kind",
    "migrations": "sha256",
}
STREAM = UUID(int=1)

# All beside the rows that an attempt could change: rights, owners, triggers, functions.
RULES = """
    SELECT 'relation', c::text FROM (
        SELECT relname, relowner, relacl, relnatts, relhasrules, relrowsecurity FROM pg_class
        WHERE relnamespace IN ('muniment'::regnamespace, 'guard'::regnamespace)) c
    UNION ALL SELECT 'trigger', t::text FROM (
        SELECT tgrelid, tgname, tgfoid, tgenabled FROM pg_trigger) t
    UNION ALL SELECT 'event trigger', e::text FROM (
        SELECT evtname, evtowner, evtfoid, evtenabled FROM pg_event_trigger) e
    UNION ALL SELECT 'function', p::text FROM (
        SELECT proname, proowner, proacl, prosrc, proconfig, prosecdef FROM pg_proc
        WHERE pronamespace IN ('muniment'::regnamespace, 'guard'::regnamespace)) p
    UNION ALL SELECT 'schema', n::text FROM (SELECT nspname, nspowner, nspacl FROM pg_namespace
        WHERE nspname NOT LIKE 'pg\\_t%') n
    UNION ALL SELECT 'default rights', d::text FROM pg_default_acl d
    ORDER BY 1, 2
"""


def write(databases: Databases) -> None:
    with writer(databases) as commit:
        one = request(*rows(STREAM, 1, 2), claims=[("vendor", b"1")])
        assert words(batch(commit, one)) == ["written"]


class writer:  # noqa: N801  Reads as a function, closes as a file.
    """The append function, called as the service calls it."""

    def __init__(self, databases: Databases) -> None:
        self._commit = GroupCommit(lambda: psycopg.connect(databases.urls.writer, autocommit=True))

    def __enter__(self) -> GroupCommit:
        return self._commit

    def __exit__(self, *_: object) -> None:
        self._commit.close()


def refused(databases: Databases, who: str, *attempts: str, first: str = "") -> list[str]:
    """Each attempt is refused, and nothing in the database is other than before; says how."""
    answers = []
    with databases.connect("admin") as admin, databases.connect(who) as connection:
        before = everything(admin)
        connection.execute(first.encode())
        for attempt in attempts:
            with pytest.raises(InsufficientPrivilege) as error:
                connection.execute(attempt.encode())
            connection.execute("ROLLBACK")
            answers.append(str(error.value))
        assert everything(admin) == before
    return answers


def everything(admin: Connection) -> list[object]:
    rows = [admin.execute(f"TABLE muniment.{table}".encode()).fetchall() for table in COLUMNS]
    return [*rows, admin.execute(RULES).fetchall()]


def change(verb: str, table: str) -> str:
    column = COLUMNS[table]
    return {
        "UPDATE": f"UPDATE muniment.{table} SET {column} = {column}",
        "DELETE": f"DELETE FROM muniment.{table}",
        "TRUNCATE": f"TRUNCATE muniment.{table} CASCADE",
        "INSERT": f"INSERT INTO muniment.{table} SELECT * FROM muniment.{table}",
        "DO UPDATE": f"INSERT INTO muniment.{table} SELECT * FROM muniment.{table} LIMIT 1"
        f" ON CONFLICT ON CONSTRAINT {table}_pkey DO UPDATE SET {column} = excluded.{column}",
    }[verb]
