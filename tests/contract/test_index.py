"""The blind index: written before what it leads to, gone with its key, silent without its own."""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.errors import InsufficientPrivilege

from ledger import index
from ledger.errors import KeyGone, WrongVersion
from ledger.index import Found
from ledger.keyring import FileKeyring, create_keyring
from ledger.keys import KeyRefused, KeyStore
from ledger.reindex import reindexing
from ledger.seal import SealedField, Term, lp
from ledger.store import Ledger
from tests.contract.notes import Notes, NoteTaken, put
from tests.databases import Databases

NAME = "jane roe"


class Named(Notes):
    """The text of a note is a name."""

    def sealed_fields(self, event: object, stream: UUID) -> Sequence[SealedField]:
        del stream
        assert isinstance(event, NoteTaken)
        assert event.about
        term = Term("party", "name", event.text)
        return [SealedField("text", "party", event.about, 64, (term,))]


def asked(name: str = NAME, kind: str = "name") -> list[Term]:
    return [Term("", kind, name)]


@pytest.fixture
def named(
    databases: Databases, new_keys: Callable[[Databases], KeyStore]
) -> Iterator[Callable[..., Ledger]]:
    """Ledgers of notes about people, over the same databases."""
    made: list[Ledger] = []

    def new(over: Databases = databases) -> Ledger:
        made.append(Ledger(over.urls.writer, Named(), new_keys(over)))
        return made[-1]

    yield new
    for ledger in made:
        ledger.close()


def take(ledger: Ledger, name: str = NAME, **more: Any) -> tuple[UUID, UUID]:
    """A note about somebody: the stream and the owner."""
    stream, about = uuid4(), uuid4()
    ledger.append(**put(stream, 0, NoteTaken(text=name, about=about), **more))
    return stream, about


def kept(databases: Databases) -> list[tuple[Any, ...]]:
    with databases.connect("keys_admin") as db:
        return db.execute("SELECT * FROM vault.people_index").fetchall()


def test_somebody_is_found_wherever_they_are_known(named: Callable[..., Ledger]) -> None:
    ledger = named()
    places = [take(ledger), take(ledger), take(ledger, "john roe")]
    found = {Found(stream, "party", about, "party", "name") for stream, about in places[:2]}
    assert set(ledger.people.find(asked())) == found
    assert set(named().people.find(asked())) == found
    assert ledger.people.find(asked("jane")) == []
    assert ledger.people.find(asked(kind="email")) == []
    assert ledger.people.find([]) == []


def test_an_event_that_is_recorded_has_its_rows(
    named: Callable[..., Ledger], databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows come first: where they cannot be written, nothing is."""
    ledger = named()
    monkeypatch.setattr("ledger.index.INDEX_KEY", 2)  # There is no such key.
    with pytest.raises(KeyRefused):
        take(ledger)
    assert ledger.page(0, 10) == []


def test_what_a_lost_race_leaves_behind_leads_to_nothing(
    named: Callable[..., Ledger], databases: Databases
) -> None:
    ledger = named()
    stream, about = take(ledger)
    with pytest.raises(WrongVersion):
        ledger.append(**put(stream, 0, NoteTaken(text="john roe", about=about)))
    (left,) = ledger.people.find(asked("john roe"))
    assert left.stream == stream
    assert [type(row.event) for row in ledger.history(stream)].count(NoteTaken) == 1


def test_the_same_again_is_one_row(named: Callable[..., Ledger], databases: Databases) -> None:
    ledger = named()
    stream, about = take(ledger)
    ledger.append(**put(stream, 2, NoteTaken(text=NAME, about=about)))
    assert len(kept(databases)) == 1


def test_the_rows_of_a_person_go_with_the_key(
    named: Callable[..., Ledger], databases: Databases
) -> None:
    ledger = named()
    _, gone = take(ledger)
    stays, _ = take(ledger)
    with databases.connect("keys_admin") as db:
        db.execute("SET ROLE muniment_keys_owner")
        db.execute("ALTER TABLE vault.keys DISABLE TRIGGER keep")
        db.execute("DELETE FROM vault.keys WHERE owner_id = %s", [gone])
        db.execute("ALTER TABLE vault.keys ENABLE ALWAYS TRIGGER keep")
    assert [one.stream for one in ledger.people.find(asked())] == [stays]
    # A process that still has the key at hand indexes nothing under it.
    with pytest.raises(KeyGone):
        ledger.append(**put(uuid4(), 0, NoteTaken(text=NAME, about=gone)))


def test_the_rows_of_an_orphaned_key_are_swept_with_it(
    databases: Databases, new_keys: Callable[[Databases], KeyStore]
) -> None:
    keys = new_keys(databases)
    key, other = keys.for_owner("party", uuid4()), keys.for_owner("party", uuid4())
    for one in (key, other):
        keys.people.add([index.Entry(one.key_id, uuid4(), Term("party", "name", NAME))])
    keys.withdraw(other.key_id)
    with databases.connect("keys_admin") as db:
        db.execute(
            "UPDATE vault.keys SET reserved_at = now() - interval '2 days' WHERE NOT announced"
        )
    assert keys.sweep_orphans([]) == [key.key_id]
    assert kept(databases) == []


def test_the_service_changes_and_takes_away_no_row(
    named: Callable[..., Ledger], databases: Databases
) -> None:
    take(named())
    before = kept(databases)
    for attempt in (
        "UPDATE vault.people_index SET stream = gen_random_uuid()",
        "DELETE FROM vault.people_index",
        "TRUNCATE vault.people_index",
        "INSERT INTO vault.people_index (written_at) VALUES (now())",
        "DROP TABLE vault.people_index",
        "SELECT * FROM vault.people_index_next",
        "DELETE FROM vault.index_rebuild",
    ):
        with databases.connect("keys") as db, pytest.raises(InsufficientPrivilege):
            db.execute(attempt.encode())
    assert kept(databases) == before


def test_two_ledgers_have_no_token_in_common_and_without_the_key_none_is_made(
    named: Callable[..., Ledger],
    databases: Databases,
    new_databases: Callable[..., Databases],
    tmp_path: Path,
) -> None:
    """The stolen key store: no name can be tried against it."""
    take(named())
    (row,) = kept(databases)
    token = row[1]
    other = new_databases()
    create_keyring(tmp_path / "other", b"passphrase")
    with KeyStore(
        other.urls.keys, FileKeyring(tmp_path / "other", b"passphrase"), other.identity.origin
    ) as keys:
        keys.provision()
        key = keys.for_owner("party", uuid4())
        keys.people.add([index.Entry(key.key_id, uuid4(), Term("party", "name", NAME))])
    (foreign,) = kept(other)
    assert foreign[1] != token
    preimage = lp("muniment.bidx/v1", databases.identity.origin, "name", b"\x00\x01", NAME)
    guesses = {sha256(text).digest()[:16] for text in (preimage, NAME.encode())}
    assert token not in guesses
    assert NAME.encode() not in b"".join(part for part in row if isinstance(part, bytes))


def test_an_origin_of_its_own_makes_tokens_of_its_own(keyring: FileKeyring) -> None:
    keyring.create_index_key("index-name-1")
    term = Term("party", "name", NAME)
    assert index.token(keyring, "one/log", term) != index.token(keyring, "other/log", term)


def test_an_index_key_that_was_lost_is_never_replaced_behind_its_rows(
    databases: Databases, tmp_path: Path
) -> None:
    folder = tmp_path / "keys"
    create_keyring(folder, b"passphrase")

    def store() -> KeyStore:
        return KeyStore(
            databases.urls.keys,
            FileKeyring(folder, b"passphrase"),
            databases.identity.origin,
        )

    with store() as keys:
        keys.provision()
        key = keys.for_owner("party", uuid4())
        entry = index.Entry(key.key_id, uuid4(), Term("party", "name", NAME))
        keys.people.add([entry])
    (folder / "index-name-1.mac").unlink()
    with store() as keys:
        keys.provision()
        assert not (folder / "index-name-1.mac").exists()
        for ask in (lambda: keys.people.find(asked()), lambda: keys.people.add([entry])):
            with pytest.raises(KeyRefused, match="no index key"):
                ask()


def test_who_is_known_in_two_streams_is_seen_without_a_word(named: Callable[..., Ledger]) -> None:
    ledger = named()
    one, about = take(ledger)
    other, _ = take(ledger)
    stranger, _ = take(ledger, "john roe")
    assert ledger.people.meet(one, other) == {("party", "party")}
    assert ledger.people.meet(one, stranger) == set()
    (found,) = ledger.people.elsewhere(one, about, "party")
    assert found.stream == other
    assert ledger.people.elsewhere(one, about, "advisor") == []
    assert ledger.people.elsewhere(one, uuid4(), "party") == []


def test_nothing_of_the_index_prints_a_word() -> None:
    field = SealedField("text", "party", uuid4(), 64, (Term("party", "name", NAME),))
    assert NAME not in repr(field) + repr(index.Entry(uuid4(), uuid4(), field.terms[0]))


def test_a_rebuild_needs_a_key_store_that_is_up_to_date(databases: Databases) -> None:
    with databases.connect("keys_admin") as db:
        db.execute("DELETE FROM vault.migrations WHERE number = 4")
    with pytest.raises(KeyRefused, match="muniment migrate"), reindexing(databases.keys_admin):
        pass
