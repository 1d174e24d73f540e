"""Who may do what to the record: the table of attempts, for those who write and read.

42501 is PostgreSQL's word for "not yours to do". What is refused must also have left no trace.
"""
# ruff: noqa: S608  Attempts at the tables that are named here.

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection
from psycopg.errors import InsufficientPrivilege

from ledger.commit import GroupCommit
from ledger.errors import LedgerBusy
from tests.contract.rows import batch, check_leaves, request, rows, words
from tests.databases import Databases
from tests.ledger.attempts import COLUMNS, STREAM, change, refused, writer

APPEND = f"SELECT * FROM muniment.append({', '.join(['NULL'] * 18)})"
LEDGER_LOCK = 7885654276  # 0002_append.sql

# The writer


@pytest.mark.parametrize("verb", ["UPDATE", "DELETE", "TRUNCATE", "INSERT", "DO UPDATE"])
def test_the_writer_changes_and_inserts_nothing_itself(kept: Databases, verb: str) -> None:
    refused(kept, "writer", *(change(verb, table) for table in COLUMNS))


@pytest.mark.parametrize(
    "statement",
    [
        "COPY muniment.events FROM STDIN",
        "SELECT 1 FROM muniment.events FOR UPDATE",
        "BEGIN; LOCK TABLE muniment.events IN EXCLUSIVE MODE",  # what the library does by default
        "SET session_replication_role = replica",
        "ALTER TABLE muniment.events DISABLE TRIGGER ALL",
        "SET ROLE muniment_owner",
        "SET SESSION AUTHORIZATION muniment_owner",
        "CREATE TABLE muniment.mine (n int)",
        "CREATE TABLE public.mine (n int)",
        "CREATE TABLE projections.mine (n int)",
        "CREATE TEMP TABLE events (n int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION muniment.append() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "SELECT pg_read_file('PG_VERSION')",
        "COPY (SELECT 1) TO '/tmp/muniment-attempt'",
    ],
)
def test_the_writer_gets_no_further(kept: Databases, statement: str) -> None:
    refused(kept, "writer", statement)


def test_the_writer_cannot_choose_position_or_leaf_hash(kept: Databases) -> None:
    with kept.connect("writer") as connection:
        (names,) = connection.execute(
            "SELECT proargnames[1:pronargs] FROM pg_proc WHERE proname = 'append'"
            " AND pronamespace = 'muniment'::regnamespace"
        ).fetchone() or ([],)

    assert names == [
        *("command_ids", "actors", "request_macs", "holds_from", "holds_to", "given_times"),
        *("guard_counts", "claim_counts", "event_counts", "guard_streams", "guard_versions"),
        *("claim_kinds", "claim_macs", "streams", "versions", "topics", "states", "salts"),
    ]


def test_the_writer_chooses_the_time_on_a_simulated_ledger_only_and_never_turns_it_back(
    written: Databases, each_new: Callable[..., Databases]
) -> None:
    noon = datetime(2026, 1, 5, 12, tzinfo=UTC)
    with writer(written) as real:
        assert words(batch(real, request(*rows(STREAM, 3), given_at=noon))) == ["time"]
    with writer(each_new(clock="simulated")) as simulated:
        first, earlier, later = (
            request(*rows(STREAM, version), given_at=noon + timedelta(hours=hours))
            for version, hours in ((1, 0), (2, -1), (2, 1))
        )
        assert words(batch(simulated, first, earlier, later)) == ["written", "time", "written"]


def test_of_a_batch_only_what_is_in_order_is_written(written: Databases) -> None:
    other = uuid4()
    good = request(*rows(STREAM, 3))
    with writer(written) as commit:
        answers = batch(
            commit,
            request(*rows(STREAM, 4)),
            request(*rows(STREAM, 2)),
            request(*rows(other, 1), guards={STREAM: 1}),
            request(*rows(other, 1), claims=[("vendor", b"1")]),
            good,
            good,
            good._replace(actor="staff-2"),
        )
    assert words(answers) == [
        *("version", "version", "guard", "claimed"),  # gap, stale, moved, taken
        *("written", "known", "reused"),
    ]
    assert answers[5][1:4] == answers[4][1:4]
    with written.connect("admin") as admin:
        assert check_leaves(admin, written.identity.origin) == 3


def test_a_name_that_the_writer_puts_in_the_way_is_not_met(written: Databases) -> None:
    with written.connect("admin") as admin:  # More than it has: even so.
        admin.execute(f'GRANT TEMP ON DATABASE "{admin.info.dbname}" TO muniment_writer'.encode())
    shadows = b"""
        CREATE TEMP TABLE events (LIKE muniment.events INCLUDING ALL);
        CREATE TEMP TABLE identity (LIKE muniment.identity INCLUDING ALL);
        CREATE FUNCTION pg_temp.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT $1';
        CREATE FUNCTION pg_temp.encode(bytea, text) RETURNS text LANGUAGE sql AS 'SELECT $2';
        CREATE DOMAIN pg_temp.uuid AS text;
        SET search_path = pg_temp, pg_catalog
    """

    def connect() -> Connection:
        connection = psycopg.connect(written.urls.writer, autocommit=True)
        connection.execute(shadows)
        return connection

    commit = GroupCommit(connect)
    assert words(batch(commit, request(*rows(STREAM, 3)))) == ["written"]
    assert commit._connection
    assert commit._connection.execute("SELECT count(*) FROM events").fetchone() == (0,)
    commit.close()
    with written.connect("admin") as admin:
        assert check_leaves(admin, written.identity.origin) == 3


def test_the_writer_can_delay_others_for_a_while_but_forge_nothing(written: Databases) -> None:
    with written.connect("writer") as idle, writer(written) as commit:
        idle.execute("SELECT pg_advisory_lock(%s)", [LEDGER_LOCK])
        with pytest.raises(LedgerBusy):
            batch(commit, request(*rows(STREAM, 3)))
        idle.execute("SELECT pg_advisory_unlock(%s)", [LEDGER_LOCK])
        assert words(batch(commit, request(*rows(STREAM, 3)))) == ["written"]
    with written.connect("admin") as admin:
        assert check_leaves(admin, written.identity.origin) == 3


# Everybody else


@pytest.mark.parametrize("who", ["projector", "reader", "auditor", "checkpointer"])
def test_only_the_writer_appends(kept: Databases, who: str) -> None:
    refused(kept, who, APPEND)


def test_no_function_is_everybodys_and_the_writer_has_only_append(kept: Databases) -> None:
    with kept.connect("reader") as connection:
        assert connection.execute(
            "SELECT proname, has_function_privilege('public', oid, 'EXECUTE'),"
            " has_function_privilege('muniment_writer', oid, 'EXECUTE') FROM pg_proc"
            " WHERE pronamespace = 'muniment'::regnamespace ORDER BY proname"
        ).fetchall() == [("append", False, True), ("leaf_hash", False, False)]


@pytest.mark.parametrize("verb", ["UPDATE", "DELETE", "TRUNCATE", "INSERT"])
@pytest.mark.parametrize("who", ["projector", "reader", "auditor", "checkpointer"])
def test_who_reads_changes_nothing(kept: Databases, who: str, verb: str) -> None:
    refused(kept, who, *(change(verb, table) for table in COLUMNS))


def test_the_checkpointer_reads_positions_and_leaves_only(kept: Databases) -> None:
    hidden = ("state", "stream", "version", "topic", "recorded_at", "salt", "*")
    refused(kept, "checkpointer", *(f"SELECT {what} FROM muniment.events" for what in hidden))
    with kept.connect("checkpointer") as connection:
        found = connection.execute("SELECT position, leaf_hash FROM muniment.events")
        assert found.rowcount == 2


def test_the_auditor_reads_the_log_and_no_table(kept: Databases) -> None:
    refused(
        kept, "auditor", *(f"TABLE muniment.{name}" for name in ("events", "commands", "claims"))
    )
    with kept.connect("auditor") as auditor, kept.connect("admin") as admin:
        log = auditor.execute("SELECT * FROM muniment.log").fetchall()
        assert log == admin.execute("SELECT * FROM muniment.events").fetchall()


@pytest.mark.parametrize(
    "who", ["owner_migrator", "writer", "projector", "reader", "auditor", "checkpointer"]
)
def test_no_role_of_the_ledger_enters_the_key_store(kept: Databases, who: str) -> None:
    keys_db = psycopg.conninfo.conninfo_to_dict(kept.keys_admin)["dbname"]
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(getattr(kept.urls, who), dbname=keys_db)


def test_the_role_of_the_key_store_does_not_enter_the_ledger(kept: Databases) -> None:
    ledger_db = psycopg.conninfo.conninfo_to_dict(kept.admin)["dbname"]
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(kept.urls.keys, dbname=ledger_db)


def test_the_reader_reads_what_the_projector_makes_and_cannot_touch_it(kept: Databases) -> None:
    with kept.connect("projector") as projector:
        projector.execute("CREATE TABLE projections.board (n int)")
        projector.execute("INSERT INTO projections.board VALUES (1)")
        with kept.connect("reader") as reader:
            assert reader.execute("SELECT n FROM projections.board").fetchall() == [(1,)]
            for attempt in (b"DELETE FROM projections.board", b"DROP TABLE projections.board"):
                with pytest.raises(InsufficientPrivilege):
                    reader.execute(attempt)
        projector.execute("ALTER TABLE projections.board ADD COLUMN m text")
        projector.execute("CREATE INDEX ON projections.board (m)")
        projector.execute("DROP TABLE projections.board")
