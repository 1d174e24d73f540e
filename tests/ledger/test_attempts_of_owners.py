"""Who may do what to the record: the table of attempts, for those who own it or the server.

42501 is PostgreSQL's word for "not yours to do". What is refused must also have left no trace.
"""

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from tests.contract.rows import check_leaves
from tests.databases import Databases
from tests.ledger.attempts import COLUMNS, change, refused

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
