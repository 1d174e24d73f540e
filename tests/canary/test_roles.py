"""What each database role may read holds no word; and who has the one database lacks the other."""

import msgspec
import psycopg
import pytest

from ledger.roles import Urls
from ledger.seal import PREFIX
from projections import VIEWS
from tests.canary.search import find, readable
from tests.canary.whole import Whole

pytestmark = pytest.mark.timeout(900)

# Of our own tables; every role may also read what PostgreSQL shows everybody of itself.
MAY_READ = {
    "writer": {"claims", "commands", "events", "identity", "migrations"},
    "projector": {"events", "identity", "migrations"},
    "reader": {"events", "identity", "migrations"},
    "auditor": {"identity", "log", "migrations"},
    "checkpointer": {"events", "identity", "migrations"},
    "owner_migrator": set[str](),
    "keys": {"keys", "people_index", "unwraps"},
}


@pytest.fixture(scope="module")
def read(whole: Whole) -> dict[str, dict[str, bytes]]:
    """By role, by table, all that is there for it."""
    with whole.left() as left:
        return {role: readable(url) for role, url in msgspec.structs.asdict(left.roles).items()}


def test_every_role_is_asked(read: dict[str, dict[str, bytes]]) -> None:
    assert read.keys() == set(Urls.__struct_fields__) == MAY_READ.keys()


@pytest.mark.parametrize("role", MAY_READ)
def test_a_role_reads_what_it_is_there_for(read: dict[str, dict[str, bytes]], role: str) -> None:
    schema = "vault" if role == "keys" else "muniment"
    tables = {name.partition(".")[2] for name in read[role] if name.startswith(f"{schema}.")}
    assert tables == MAY_READ[role]


@pytest.mark.parametrize("role", ["projector", "reader"])
def test_the_views_are_read_by_who_makes_them_and_who_shows_them(
    read: dict[str, dict[str, bytes]], role: str
) -> None:
    assert {f"projections.{view.name}" for view in VIEWS} <= read[role].keys()


@pytest.mark.parametrize("role", ["writer", "auditor", "checkpointer", "owner_migrator", "keys"])
def test_nobody_else_reads_a_view(read: dict[str, dict[str, bytes]], role: str) -> None:
    assert [name for name in read[role] if name.startswith("projections.")] == []


@pytest.mark.parametrize("role", MAY_READ)
def test_no_word_is_in_what_a_role_may_read(
    whole: Whole, read: dict[str, dict[str, bytes]], role: str
) -> None:
    sealed = [planted.word for planted in whole.planted]
    hits = find([*sealed, *whole.reasons, whole.institution], texts=dict(read[role]))
    assert {hit.word for hit in hits} <= {whole.institution}
    # What is in clear is found, so the search looked; what is sealed is there, sealed.
    assert bool(hits) == (role not in ("keys", "owner_migrator"))
    states = [rows for name, rows in read[role].items() if name in STATES]
    assert any(PREFIX.encode() in rows for rows in states) == (role in READS_STATES)


STATES = {"muniment.events", "muniment.log"}
READS_STATES = {"writer", "projector", "reader", "auditor"}


def test_no_role_reads_what_others_ask_of_the_server(read: dict[str, dict[str, bytes]]) -> None:
    for role, tables in read.items():
        assert b"pg_stat_activity" in tables["pg_catalog.pg_stat_activity"], role  # Its own.
        assert "pg_catalog.pg_authid" not in tables
        assert "pg_catalog.pg_largeobject" not in tables


@pytest.mark.parametrize("role", MAY_READ)
def test_who_has_one_database_cannot_sign_in_to_the_other(whole: Whole, role: str) -> None:
    with whole.left() as left:
        url = getattr(left.roles, role)
        other = left.databases["ledger" if role == "keys" else "keys"]
        database = str(psycopg.conninfo.conninfo_to_dict(other)["dbname"])
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(url, dbname=database)
