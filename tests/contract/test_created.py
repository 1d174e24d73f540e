"""One owner, one key, told of once in the whole ledger; a lost key is never silently replaced."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

from ledger.errors import ClaimTaken, KeyGone, RevealBroken
from ledger.events import KeyCreated, RevealFailed
from ledger.keyring import FileKeyring
from ledger.keys import KeyContext, KeyRefused, KeyStore
from ledger.seal import PREFIX, check_value
from ledger.store import FieldRef, Ledger, Wish
from tests.contract.notes import NoteTaken, put
from tests.databases import Databases


@pytest.fixture
def ledger(databases: Databases, new_ledger: Callable[..., Ledger]) -> Ledger:
    return new_ledger(databases)


@pytest.fixture
def second(databases: Databases, ledger: Ledger, new_ledger: Callable[..., Ledger]) -> Ledger:
    """The same ledger, as another process has it."""
    return new_ledger(databases)


def created(ledger: Ledger) -> list[KeyCreated]:
    return [row.event for row in ledger.page(0, 1000) if isinstance(row.event, KeyCreated)]


def key_row(databases: Databases, owner: UUID) -> tuple[object, ...] | None:
    with databases.connect("keys_admin") as db:
        return db.execute(
            "SELECT key_id, announced FROM vault.keys WHERE owner_id = %s", [owner]
        ).fetchone()


def change(databases: Databases, statement: str, owner: UUID) -> None:
    """What only an administrator can do to the key store."""
    with databases.connect("keys_admin") as db:
        db.execute("ALTER TABLE vault.keys DISABLE TRIGGER keep")
        db.execute(statement.encode(), [owner])
        db.execute("ALTER TABLE vault.keys ENABLE ALWAYS TRIGGER keep")


def test_of_many_that_use_a_new_key_at_once_one_tells_of_it(ledger: Ledger, second: Ledger) -> None:
    party = uuid4()
    note = NoteTaken(text="x", about=party)
    streams = [uuid4() for _ in range(12)]
    with ThreadPoolExecutor(4) as pool:
        done = [
            pool.submit((ledger, second)[number % 2].append, **put(stream, 0, note))
            for number, stream in enumerate(streams)
        ]
        assert {one.result().repeated for one in done} == {False}
    assert [event.owner_id for event in created(ledger)] == [party]
    events = [ledger.history(stream)[-1].event for stream in streams]
    assert all(isinstance(event, NoteTaken) and event.text.startswith(PREFIX) for event in events)


def test_in_another_stream_a_key_is_not_told_of_again_after_a_crash(
    ledger: Ledger, second: Ledger, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    party, elsewhere = uuid4(), uuid4()
    note = NoteTaken(text="x", about=party)
    with monkeypatch.context() as crash:
        crash.setattr(KeyStore, "announced", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            ledger.append(**put(uuid4(), 0, note))
    second.append(**put(elsewhere, 0, note))
    assert [row.version for row in second.history(elsewhere)] == [1]
    assert len(created(ledger)) == 1
    assert key_row(databases, party) == (created(ledger)[0].key_id, True)


def test_the_claim_of_a_caller_is_told_from_that_of_a_key(ledger: Ledger) -> None:
    ledger.append(**put(uuid4(), 0, NoteTaken(), claims=[("number", b"1")]))
    stream, note = uuid4(), NoteTaken(text="x", about=uuid4())
    with pytest.raises(ClaimTaken) as taken:
        ledger.append(**put(stream, 0, note, claims=[("number", b"1")]))
    assert taken.value.kinds == ("number",)
    assert ledger.append(**put(stream, 0, note)).versions == {stream: 2}


def test_a_lost_key_is_never_replaced(
    ledger: Ledger, new_ledger: Callable[..., Ledger], databases: Databases
) -> None:
    party, stream = uuid4(), uuid4()
    note = NoteTaken(text="x", about=party)
    ledger.append(**put(stream, 0, note))
    (first,) = created(ledger)
    change(databases, "DELETE FROM vault.keys WHERE owner_id = %s", party)
    # A process that starts after the loss; as many times as it tries.
    for fresh in (new_ledger(databases), new_ledger(databases)):
        for _ in range(2):
            with pytest.raises(KeyGone, match=str(first.key_id)) as gone:
                fresh.append(**put(stream, 2, note))
            assert gone.value.key_id == first.key_id
    assert ledger.read([]).head == 2
    assert key_row(databases, party) is None  # Nothing stands where the backup will put it back.


def wish(row_stream: UUID, version: int) -> Wish:
    access = uuid4()
    return Wish(
        command_id=uuid4(),
        actor="staff-1",
        actor_role="coordinator",
        access_stream=access,
        access_version=0,
        purpose="notice",
        basis="coordinator_role",
        reason="To send the notice.",
        reason_owner=("case", row_stream),
        fields=[FieldRef(row_stream, version, "text")],
    )


@pytest.mark.parametrize("of_the_first_step", [False, True])
def test_a_reveal_opens_with_the_key_that_the_ledger_tells_of(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, *, of_the_first_step: bool
) -> None:
    stream = uuid4()
    for _ in range(3):
        ledger.append(**put(uuid4(), 0, NoteTaken(text="Ann", about=uuid4())))
    ledger.append(**put(stream, 0, NoteTaken(text="Marlowe", about=uuid4())))
    monkeypatch.setattr("ledger.created._PAGE", 2)
    if of_the_first_step:  # Before keys were claimed.
        monkeypatch.setattr(ledger._recorder, "claimed", lambda *_: None)
    asked = wish(stream, 2)
    assert ledger.reveal(asked).texts == {asked.fields[0]: "Marlowe"}


def test_another_key_in_its_place_opens_nothing_even_where_the_key_store_agrees(
    ledger: Ledger, second: Ledger, databases: Databases, keyring: FileKeyring
) -> None:
    """Somebody wrote over a row: another secret, and the check value that fits it."""
    party, stream = uuid4(), uuid4()
    ledger.append(**put(stream, 0, NoteTaken(text="Marlowe", about=party)))
    (recorded,) = created(ledger)
    secret = bytes(32)
    context = KeyContext(databases.identity.origin, recorded.key_id, "party", party)
    with databases.connect("keys_admin") as db:
        db.execute("ALTER TABLE vault.keys DISABLE TRIGGER keep")
        db.execute(
            "UPDATE vault.keys SET wrapped = %s, check_value = %s WHERE owner_id = %s",
            [
                keyring.wrap(recorded.epoch, secret, context),
                check_value(secret, recorded.key_id),
                party,
            ],
        )
    asked = wish(stream, 2)
    with pytest.raises(RevealBroken):
        second.reveal(asked)
    failed = second.history(asked.access_stream)[-1].event
    assert isinstance(failed, RevealFailed)
    assert failed.reason_code == "KeyRefused"


def test_a_key_that_no_event_tells_of_is_refused(ledger: Ledger) -> None:
    assert ledger._keys is not None
    with pytest.raises(KeyRefused, match="the ledger tells of"):
        ledger._created.check(ledger._keys.for_owner("party", uuid4()))
