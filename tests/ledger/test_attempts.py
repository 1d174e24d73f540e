"""Who may do what to the record: every row of the table of attempts, on every server that is here.

42501 is PostgreSQL's word for "not yours to do". What is refused must also have left no trace.
"""
# ruff: noqa: S608  Attempts at the tables that are named here.

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import Connection
from psycopg.errors import InsufficientPrivilege

from ledger.commit import GroupCommit
from ledger.errors import LedgerBusy
from tests.contract.rows import batch, check_leaves, request, rows, words
from tests.databases import Cluster, Databases

COLUMNS = {  # every table of the ledger, and a column to try to change
    "events": "topic",
    "identity": "zone",
    "commands": "actor",
    "claims": "kind",
    "migrations": "sha256",
}
APPEND = f"SELECT * FROM muniment.append({', '.join(['NULL'] * 18)})"
STREAM = UUID(int=1)
LEDGER_LOCK = 7885654276  # 0002_append.sql

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


@pytest.fixture(scope="module")
def kept(each_cluster: Cluster) -> Iterator[Databases]:
    """One ledger for all attempts that are refused, since they leave no trace."""
    databases = each_cluster.new()
    write(databases)
    yield databases
    each_cluster.drop(databases)


@pytest.fixture
def written(each_new: Callable[..., Databases]) -> Databases:
    """A ledger for an attempt that succeeds."""
    databases = each_new()
    write(databases)
    return databases


@pytest.fixture
def closed(each_cluster: Cluster) -> None:
    """What follows needs the layer that only a superuser can make, or needs a superuser."""
    if not each_cluster.superuser():
        pytest.skip("not applicable: this server gives no superuser")


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


def test_append_is_nobodys_by_default(kept: Databases) -> None:
    with kept.connect("reader") as connection:
        assert connection.execute(
            "SELECT has_function_privilege('public', oid, 'EXECUTE') FROM pg_proc"
            " WHERE pronamespace = 'muniment'::regnamespace"
        ).fetchall() == [(False,)]


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


# The owner: the migrator in its place


@pytest.mark.parametrize("verb", ["UPDATE", "DELETE", "TRUNCATE"])
def test_not_even_the_owner_changes_a_row(kept: Databases, verb: str) -> None:
    answers = refused(kept, "owner", *(change(verb, table) for table in COLUMNS))
    assert all("is append-only" in answer for answer in answers)


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE muniment.events DISABLE TRIGGER rows_stay",
        "ALTER TABLE muniment.events DISABLE TRIGGER USER",
        "DROP TRIGGER rows_stay ON muniment.events",
        "DROP TABLE muniment.claims",
        "DROP VIEW muniment.log",
        "DROP SCHEMA muniment CASCADE",
        "DROP FUNCTION muniment.append",
        "DROP OWNED BY muniment_owner CASCADE",
        "ALTER TABLE muniment.events RENAME TO other",
        "ALTER TABLE muniment.events ADD COLUMN note text",
        "ALTER TABLE muniment.events DROP COLUMN salt CASCADE",
        "ALTER TABLE muniment.commands ALTER COLUMN actor TYPE bytea USING ''",
        "ALTER TABLE muniment.events ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE muniment.events OWNER TO muniment_owner",
        "CREATE RULE quiet AS ON INSERT TO muniment.events DO INSTEAD NOTHING",
        "CREATE POLICY fewer ON muniment.events USING (position > 1)",
        """CREATE TRIGGER late BEFORE INSERT ON muniment.events
            FOR EACH ROW EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger()""",
        "CREATE OR REPLACE VIEW muniment.log AS SELECT * FROM muniment.events WHERE position > 1",
        "CREATE TABLE muniment.more () INHERITS (muniment.events)",
        "CREATE FUNCTION muniment.append() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER FUNCTION muniment.append SECURITY INVOKER",
        "ALTER FUNCTION muniment.append SET search_path = pg_temp",
        "GRANT UPDATE ON muniment.events TO muniment_writer",
        "GRANT EXECUTE ON FUNCTION muniment.append TO PUBLIC",
        "GRANT CREATE ON SCHEMA muniment TO muniment_writer",
        "REVOKE EXECUTE ON FUNCTION muniment.append FROM muniment_writer",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA muniment GRANT ALL ON TABLES TO muniment_writer",
        "COMMENT ON TABLE muniment.events IS 'mine'",
    ],
)
def test_the_owner_cannot_rebuild_what_it_owns(kept: Databases, statement: str) -> None:
    (answer,) = refused(kept, "owner", statement)
    assert "by a migration only" in answer or "is kept" in answer


@pytest.mark.parametrize(
    "statement",
    [
        """CREATE OR REPLACE FUNCTION guard.refuse() RETURNS trigger LANGUAGE plpgsql
            AS 'BEGIN RETURN NEW; END'""",
        "DROP FUNCTION guard.refuse() CASCADE",
        "DROP SCHEMA guard CASCADE",
        "CREATE SCHEMA mine",
        "ALTER SCHEMA muniment RENAME TO other",
        "CREATE TEMP TABLE mine () INHERITS (muniment.events)",
        "ALTER TABLE muniment.events SET SCHEMA projections",
        "SET session_replication_role = replica",
    ],
)
def test_the_owner_cannot_touch_what_guards_it(kept: Databases, statement: str) -> None:
    refused(kept, "owner", statement)


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER EVENT TRIGGER muniment_closed DISABLE",
        "DROP EVENT TRIGGER muniment_kept",
        "CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION guard.closed()",
    ],
)
def test_the_owner_cannot_open_what_is_closed(kept: Databases, statement: str) -> None:
    refused(kept, "owner", statement)


@pytest.mark.usefixtures("closed")
def test_the_owner_cannot_replace_append_even_by_itself(kept: Databases) -> None:
    with kept.connect("admin") as admin:
        (text,) = admin.execute(
            "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'append'"
            " AND pronamespace = 'muniment'::regnamespace"
        ).fetchone() or ("",)
    refused(kept, "owner", text)


def test_the_owner_cannot_drop_the_database(kept: Databases) -> None:
    name = psycopg.conninfo.conninfo_to_dict(kept.admin)["dbname"]
    with psycopg.connect(kept.urls.owner_migrator, autocommit=True) as connection:
        connection.execute("SET ROLE muniment_owner")
        with pytest.raises(InsufficientPrivilege):
            connection.execute(f'ALTER DATABASE "{name}" RENAME TO gone'.encode())


@pytest.mark.usefixtures("closed")
def test_a_right_to_update_would_be_worth_nothing(written: Databases) -> None:
    with written.connect("admin") as admin:
        admin.execute("ALTER EVENT TRIGGER muniment_closed DISABLE")
        admin.execute(
            "GRANT UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA muniment TO muniment_writer"
        )
    attempts = (change(verb, "events") for verb in ("UPDATE", "DELETE", "TRUNCATE"))
    assert all("is append-only" in answer for answer in refused(written, "writer", *attempts))


def test_the_owner_can_insert_past_the_function_and_the_leaves_tell(written: Databases) -> None:
    with written.connect("owner") as owner:
        owner.execute(
            "INSERT INTO muniment.events SELECT 3, stream, 3, topic, recorded_at, state, salt,"
            " leaf_hash FROM muniment.events WHERE position = 2"
        )
    with written.connect("admin") as admin, pytest.raises(AssertionError):
        check_leaves(admin, written.identity.origin)


# A superuser


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE", "TRUNCATE"])
def test_a_superuser_who_plays_replica_is_refused(kept: Databases, verb: str) -> None:
    attempts = (change(verb, table) for table in COLUMNS)
    refused(kept, "admin", *attempts, first="SET session_replication_role = replica")


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE muniment.events DISABLE TRIGGER ALL",
        "GRANT UPDATE ON muniment.events TO muniment_writer",
        "DROP TABLE muniment.claims",
    ],
)
def test_a_superuser_has_to_mean_it(kept: Databases, statement: str) -> None:
    refused(kept, "admin", statement)


@pytest.mark.usefixtures("closed")
def test_a_superuser_who_means_it_changes_a_row_and_the_leaves_tell(written: Databases) -> None:
    with written.connect("admin") as admin:
        assert check_leaves(admin, written.identity.origin) == 2
        admin.execute("ALTER EVENT TRIGGER muniment_closed DISABLE")
        admin.execute("ALTER TABLE muniment.events DISABLE TRIGGER rows_stay")
        admin.execute("UPDATE muniment.events SET state = 'forged' WHERE position = 1")
        admin.execute("ALTER TABLE muniment.events ENABLE ALWAYS TRIGGER rows_stay")
        admin.execute("ALTER EVENT TRIGGER muniment_closed ENABLE ALWAYS")

        with pytest.raises(AssertionError):
            check_leaves(admin, written.identity.origin)


@pytest.mark.usefixtures("closed")
def test_a_superuser_may_still_maintain(kept: Databases) -> None:
    with kept.connect("admin") as admin:
        for work in (b"REINDEX TABLE muniment.events", b"VACUUM ANALYZE muniment.events"):
            admin.execute(work)
        assert check_leaves(admin, kept.identity.origin) == 2
