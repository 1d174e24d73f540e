"""The canary search finds what was planted in each place of a server: it can fail."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.canary.search import Hit, find, on_disk, words
from tests.databases import Cluster, Databases

pytestmark = pytest.mark.slow

# How a word can get into a database → the table where it then stands.
PLANTS = {
    "INSERT INTO vault.planted (t) VALUES ('{}')": "vault.planted",
    "INSERT INTO vault.planted (b) VALUES ('{}')": "vault.planted",
    "INSERT INTO vault.planted (j) VALUES (jsonb_build_object('name', '{}'))": "vault.planted",
    "INSERT INTO vault.planted (a) VALUES (ARRAY['x', '{}'])": "vault.planted",
    "INSERT INTO vault.planted (t) VALUES (repeat('x', 100000) || '{}')": "vault.planted",
    "CREATE MATERIALIZED VIEW vault.view AS SELECT '{}' AS t": "vault.view",
    "COMMENT ON TABLE vault.planted IS '{}'": "pg_catalog.pg_description",
    "CREATE TABLE vault.counted AS SELECT '{}' AS t FROM generate_series(1, 99);"
    "ANALYZE vault.counted; TRUNCATE vault.counted": "pg_catalog.pg_statistic",
    "INSERT INTO vault.planted (t) VALUES ('{0}'); DELETE FROM vault.planted WHERE t = '{0}'": "",
    "DO $$ BEGIN RAISE LOG 'about {}'; END $$": "",
    "SELECT '{}'": "pg_catalog.pg_stat_activity",  # The last statement of this connection.
}
COMPRESSED = [plant for plant in PLANTS if "repeat" in plant]
DELETED = [plant for plant in PLANTS if "DELETE" in plant]
LOGGED = [plant for plant in PLANTS if "RAISE LOG" in plant]


@pytest.fixture(scope="module")
def planted() -> dict[str, str]:
    return dict(zip(PLANTS, words(len(PLANTS)), strict=True))


@pytest.fixture(scope="module")
def hits(cage: Cluster, pg_dump: Path, planted: dict[str, str]) -> Iterator[list[Hit]]:
    pair = cage.new()
    with pair.connect("keys_admin") as db:
        db.execute("CREATE TABLE vault.planted (t text, b bytea, j jsonb, a text[])")
        for plant, word in planted.items():
            db.execute(plant.format(word))
        yield find(
            [*words(3), *planted.values()],
            databases={"ledger": pair.admin, "keys": pair.keys_admin},
            files=[cage.home, *on_disk(pair.admin)],
            pg_dump=pg_dump,
        )
    cage.drop(pair)


def places(hits: list[Hit], word: str) -> set[str]:
    return {hit.place for hit in hits if hit.word == word}


@pytest.mark.parametrize("plant", [plant for plant, table in PLANTS.items() if table])
def test_a_planted_word_is_found_in_its_table(
    hits: list[Hit], planted: dict[str, str], plant: str
) -> None:
    assert f"keys: table {PLANTS[plant]}" in places(hits, planted[plant])


@pytest.mark.parametrize(
    "plant", [p for p, t in PLANTS.items() if t in ("vault.planted", "vault.view")]
)
def test_and_in_the_dump(hits: list[Hit], planted: dict[str, str], plant: str) -> None:
    assert "keys: dump" in places(hits, planted[plant])


@pytest.mark.parametrize("plant", [p for p, table in PLANTS.items() if table.startswith("vault")])
def test_and_on_the_disk_unless_it_is_compressed(
    hits: list[Hit], planted: dict[str, str], cage: Cluster, plant: str
) -> None:
    if on_disk(cage.admin_url):
        found = {place for place in places(hits, planted[plant]) if "/base/" in place}
        assert bool(found) == (plant not in COMPRESSED)


def test_a_deleted_word_is_found_on_the_disk_only(
    hits: list[Hit], planted: dict[str, str], cage: Cluster
) -> None:
    (plant,) = DELETED
    if on_disk(cage.admin_url):
        found = places(hits, planted[plant])
        assert all("/base/" in place or "/pg_wal/" in place for place in found)
        assert len(found) >= 2


def test_a_word_in_the_servers_log_is_found(
    hits: list[Hit], planted: dict[str, str], cage: Cluster
) -> None:
    (plant,) = LOGGED
    log = cage.home / "postgres.log"
    assert places(hits, planted[plant]) == ({str(log)} if log.exists() else set())


def test_nothing_else_is_found(hits: list[Hit], planted: dict[str, str]) -> None:
    assert {hit.word for hit in hits} == set(planted.values())
    assert {hit.form for hit in hits} == {"clear"}
    (running,) = [hit for hit in hits if hit.place.startswith("ledger")]
    assert running.place == "ledger: table pg_catalog.pg_stat_activity"  # The whole server's.


def test_a_word_in_a_page_of_another_process_is_found(tmp_path: Path) -> None:
    (word,) = words(1)
    (tmp_path / "upload.tmp").write_text(f"... {word} ...")
    texts: dict[str, str | bytes] = {
        "GET /metrics": f'seen_total{{who="{word}"}} 1',
        "503": b"sorry",
        "log": word.lower(),
    }
    assert {hit.place for hit in find([word], files=[tmp_path], texts=texts)} == {
        str(tmp_path / "upload.tmp"),
        "GET /metrics",
        "log",
    }


def test_a_clean_pair_has_no_hit(pair: Databases, pg_dump: Path) -> None:
    databases = {"ledger": pair.admin, "keys": pair.keys_admin}
    assert find(words(3), databases=databases, pg_dump=pg_dump) == []
