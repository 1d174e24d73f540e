"""Reading what is sealed: recorded first, opened after; a destroyed key is an answer."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest

from ledger.errors import CommandIdReused, GuardMoved, NotSealedThere, RevealBroken
from ledger.events import Field, IdentityRevealed, KeyCreated, RevealDenied, RevealFailed
from ledger.keyring import FileKeyring, create_keyring
from ledger.keys import KeyContext, KeyStore
from ledger.reveal import FieldRef, Wish
from ledger.seal import PREFIX, header
from ledger.store import Ledger, Reading, Recorded
from tests.contract.notes import Line, Notes, NoteTaken, put
from tests.databases import Cluster, Databases

REASON = "The coordinator prepares the notice."


class Keyring(FileKeyring):
    """The file keyring, with a say before a party's key is unwrapped."""

    def __init__(self, folder: Path, passphrase: bytes) -> None:
        super().__init__(folder, passphrase)
        self.before_unwrap: Callable[[], object] = lambda: None

    def unwrap(self, epoch: str, wrapped: bytes, context: KeyContext) -> bytes:
        if context.owner_kind == "party":
            self.before_unwrap()
        return super().unwrap(epoch, wrapped, context)


class Office(NamedTuple):
    """A case with one note about a party, and what is needed to read it."""

    ledger: Ledger
    keyring: Keyring
    databases: Databases
    case: UUID
    party: UUID
    access: UUID

    def wish(self, *paths: str, **other: Any) -> Wish:
        wish = Wish(
            command_id=uuid4(),
            actor="staff-7",
            actor_role="coordinator",
            access_stream=self.access,
            access_version=self.version(self.access),
            purpose="notice",
            basis="coordinator_role",
            reason=REASON,
            reason_owner=("case", self.case),
            fields=[self.ref(path) for path in paths],
        )
        return msgspec.structs.replace(wish, **other)

    def ref(self, path: str) -> FieldRef:
        note = next(e for e in self.ledger.history(self.case) if isinstance(e.event, NoteTaken))
        return FieldRef(self.case, note.version, path)

    def note(self) -> NoteTaken:
        return next(
            e.event for e in self.ledger.history(self.case) if isinstance(e.event, NoteTaken)
        )

    def version(self, stream: UUID) -> int:
        return max((each.version for each in self.ledger.history(stream)), default=0)

    def accesses(self) -> list[Recorded]:
        return self.ledger.history(self.access)

    def again(self) -> Ledger:
        """The same ledger as a process has it that knows no key yet."""
        keys = KeyStore(self.databases.urls.keys, self.keyring, self.ledger.identity.origin)
        return Ledger(self.databases.urls.writer, Notes(), keys)

    def keys_of(self, owner: UUID) -> list[UUID]:
        with self.databases.connect("keys") as db:
            rows = db.execute("SELECT key_id FROM vault.keys WHERE owner_id = %s", [owner])
            return [key_id for (key_id,) in rows]

    def destroy(self, owner: UUID) -> None:
        """What an ordered destruction will do; the service's own role may not."""
        with self.databases.connect("keys_admin") as db:
            db.execute("ALTER TABLE vault.keys DISABLE TRIGGER keep")
            db.execute("DELETE FROM vault.keys WHERE owner_id = %s", [owner])
            db.execute("ALTER TABLE vault.keys ENABLE ALWAYS TRIGGER keep")


@pytest.fixture(scope="module")
def pair(cluster: Cluster) -> Iterator[Databases]:
    pair = cluster.new()
    yield pair
    cluster.drop(pair)


@pytest.fixture
def office(pair: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """Cases are new for each test, so one pair of databases does."""
    monkeypatch.setattr("ledger.keyring._COSTS", {"iterations": 1, "lanes": 1, "memory_cost": 8})
    create_keyring(tmp_path / "keyring", b"passphrase")
    keyring = Keyring(tmp_path / "keyring", b"passphrase")
    with pair.connect("keys_admin") as db:
        db.execute("TRUNCATE vault.keys CASCADE")
    keys = KeyStore(pair.urls.keys, keyring, pair.identity.origin)
    keys.provision()
    case, party, access = uuid4(), uuid4(), uuid4()
    with Ledger(pair.urls.writer, Notes(), keys) as ledger:
        note = NoteTaken(text="Ann Example", about=party, lines=[Line("at noon"), Line("at ten")])
        ledger.append(**put(case, 0, note))
        yield Office(ledger, keyring, pair, case, party, access)


def test_what_is_read_stays_sealed(office: Office) -> None:
    with office.again() as ledger:
        office.keyring.before_unwrap = lambda: pytest.fail("a read unwrapped a key")
        (note,) = (e.event for e in ledger.history(office.case) if isinstance(e.event, NoteTaken))
        (again,) = (
            e.event
            for e in ledger.read([office.case]).streams[office.case]
            if isinstance(e.event, NoteTaken)
        )
    assert note == again
    assert note.text.startswith(PREFIX)
    assert all(line.words.startswith(PREFIX) for line in note.lines)


def test_a_reveal_opens_what_was_asked_for_and_nothing_else(office: Office) -> None:
    wish = office.wish("text", "lines[1].words")
    revealed = office.ledger.reveal(wish)

    assert revealed.texts == {
        office.ref("text"): "Ann Example",
        office.ref("lines[1].words"): "at ten",
    }
    assert repr(revealed) == f"Revealed({revealed.position})"


def test_who_read_what_and_why_is_recorded(office: Office) -> None:
    wish = office.wish("text", "lines[1].words")
    revealed = office.ledger.reveal(wish)
    (recorded,) = office.accesses()
    event = recorded.event
    assert isinstance(event, IdentityRevealed)

    assert recorded.position == revealed.position
    assert recorded.recorded_at == revealed.recorded_at
    assert (recorded.envelope.actor, recorded.envelope.actor_role) == ("staff-7", "coordinator")
    assert event == IdentityRevealed(
        grant_id=None,
        basis="coordinator_role",
        purpose="notice",
        key_ids=sorted(office.keys_of(office.party) + office.keys_of(office.case)),
        fields=[
            Field(stream=office.case, version=office.ref("text").version, path="text"),
            Field(stream=office.case, version=office.ref("text").version, path="lines[1].words"),
        ],
        reason=event.reason,
    )
    assert header(event.reason) == office.keys_of(office.case)[0]
    # The reason can be read like anything else that is sealed.
    place = FieldRef(office.access, recorded.version, "reason")
    assert office.ledger.reveal(office.wish(fields=[place])).texts == {place: REASON}


def test_it_is_recorded_before_a_key_is_unwrapped(office: Office) -> None:
    seen: list[int] = []
    with office.again() as ledger:
        office.keyring.before_unwrap = lambda: seen.append(len(office.accesses()))
        ledger.reveal(office.wish("text"))
    assert seen == [1]


def test_a_destroyed_key_is_an_answer(office: Office) -> None:
    wish = office.wish("text", "lines[0].words")
    office.destroy(office.party)
    revealed = office.ledger.reveal(wish)  # With the key still in this process's cache.

    assert revealed.texts == {office.ref("text"): None, office.ref("lines[0].words"): "at noon"}
    (recorded,) = office.accesses()
    assert isinstance(recorded.event, IdentityRevealed)


def test_which_fields_can_still_be_opened_is_known_without_opening(office: Office) -> None:
    note = office.note()
    values = [note.text, *(line.words for line in note.lines)]
    party, case = header(note.text), header(note.lines[0].words)

    assert office.ledger.state_of(values) == {party: "live", case: "live"}
    office.destroy(office.party)
    office.keyring.before_unwrap = lambda: pytest.fail("unwrapped")
    with office.again() as ledger:
        assert ledger.state_of(values) == {party: "destroyed", case: "live"}
        assert ledger.state_of([]) == {}


def test_a_case_is_read_as_before_when_a_key_is_destroyed(office: Office) -> None:
    before = office.ledger.history(office.case)
    office.destroy(office.party)
    with office.again() as ledger:
        assert ledger.history(office.case) == before


# What goes wrong


@pytest.mark.parametrize("path", ["about", "lines[2].words", "lines[0]", "nothing", "text[0]", ""])
def test_a_place_without_a_sealed_value_is_refused_before_anything_is_recorded(
    office: Office, path: str
) -> None:
    with pytest.raises(NotSealedThere):
        office.ledger.reveal(office.wish("text", path))
    assert office.accesses() == []


def test_an_unknown_event_is_refused_before_anything_is_recorded(office: Office) -> None:
    for ref in (FieldRef(office.case, 99, "text"), FieldRef(uuid4(), 1, "text")):
        with pytest.raises(NotSealedThere):
            office.ledger.reveal(office.wish(fields=[ref]))
    assert office.accesses() == []


def broken_store(office: Office) -> None:
    with office.databases.connect("keys_admin") as db:
        db.execute("ALTER TABLE vault.keys DISABLE TRIGGER keep")
        db.execute("UPDATE vault.keys SET wrapped = 'x' WHERE owner_id = %s", [office.party])
        db.execute("ALTER TABLE vault.keys ENABLE ALWAYS TRIGGER keep")


def broken_keyring(office: Office) -> None:
    def out_of_order() -> None:
        raise ConnectionError("the provider does not answer")

    office.keyring.before_unwrap = out_of_order


@pytest.mark.parametrize(
    ("break_it", "code"), [(broken_store, "KeyRefused"), (broken_keyring, "ConnectionError")]
)
def test_a_reveal_that_fails_is_recorded_as_failed(
    office: Office, break_it: Callable[[Office], None], code: str
) -> None:
    with office.again() as ledger:
        break_it(office)
        with pytest.raises(RevealBroken) as broken:
            ledger.reveal(office.wish("text"))
    revealed, failed = office.accesses()

    assert isinstance(revealed.event, IdentityRevealed)
    assert broken.value.position == revealed.position
    assert failed.event == RevealFailed(
        reveal_event_id=UUID(revealed.envelope.event_id or ""), reason_code=code
    )
    assert "Ann" not in str(broken.value)


def test_a_moved_value_is_not_opened_and_the_failure_is_recorded(office: Office) -> None:
    """Somebody with the writer's rights put a copy of a sealed value into another event."""
    note = office.note()
    copy = put(office.case, office.version(office.case), NoteTaken(text=note.text))
    version = office.ledger.append(**copy).versions[office.case]
    with pytest.raises(RevealBroken):
        office.ledger.reveal(office.wish(fields=[FieldRef(office.case, version, "text")]))
    assert [type(e.event) for e in office.accesses()] == [IdentityRevealed, RevealFailed]


def test_a_failure_is_recorded_behind_whatever_came_meanwhile(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.again() as ledger:
        read = ledger.read
        denials = [office.wish("text"), office.wish("text")]

        def read_and_be_overtaken(streams: Sequence[UUID]) -> Reading:
            reading = read(streams)
            if denials:
                wish = msgspec.structs.replace(
                    denials.pop(), access_version=office.version(office.access)
                )
                office.ledger.deny(wish, "NOT_GRANTED")
            return reading

        monkeypatch.setattr(ledger, "read", read_and_be_overtaken)
        broken_keyring(office)
        with pytest.raises(RevealBroken):
            ledger.reveal(office.wish("text"))
    assert [type(e.event) for e in office.accesses()] == [
        IdentityRevealed,
        RevealDenied,
        RevealDenied,
        RevealFailed,
    ]


def test_nothing_is_opened_if_the_decision_no_longer_holds(office: Office) -> None:
    office.keyring.before_unwrap = lambda: pytest.fail("unwrapped")
    wish = office.wish("text", guards={office.case: office.version(office.case) - 1})
    with office.again() as ledger, pytest.raises(GuardMoved):
        ledger.reveal(wish)
    assert office.accesses() == []


# Asking again


def test_a_reader_whose_answer_was_lost_may_ask_again(office: Office) -> None:
    wish = office.wish("text")
    assert office.ledger.reveal(wish) == office.ledger.reveal(wish)
    assert len(office.accesses()) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"purpose": "curiosity"},
        {"basis": "other"},
        {"reason": "another"},
        {"actor": "staff-8"},
        {"grant_id": "g"},
        {"access_stream": UUID(int=9)},
        {"fields": []},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_wish_does_not_ride_on_a_recorded_one(
    office: Office, change: dict[str, Any]
) -> None:
    wish = office.wish("lines[0].words")
    office.ledger.reveal(wish)
    if change == {"fields": []}:
        change = {"fields": [office.ref("text")]}
    with pytest.raises(CommandIdReused):
        office.ledger.reveal(msgspec.structs.replace(wish, **change))
    with pytest.raises(CommandIdReused):
        office.ledger.deny(wish, "NOT_GRANTED")


def test_a_recorded_reveal_is_not_good_for_ever(office: Office) -> None:
    assert office.wish("text").repeatable == timedelta(minutes=10)
    wish = office.wish("text", repeatable=timedelta(0))
    office.ledger.reveal(wish)
    with pytest.raises(CommandIdReused):
        office.ledger.reveal(wish)


# Refused by the caller's rule


def test_a_denied_reveal_is_recorded_and_opens_nothing(office: Office) -> None:
    office.keyring.before_unwrap = lambda: pytest.fail("unwrapped")
    ref = FieldRef(office.case, 77, "text")  # It need not be there.
    with office.again() as ledger:
        ledger.deny(office.wish(fields=[ref], actor="staff-9"), "NOT_GRANTED")
    (recorded,) = office.accesses()

    assert recorded.envelope.actor == "staff-9"
    assert recorded.event == RevealDenied(
        purpose="notice",
        fields=[Field(stream=office.case, version=77, path="text")],
        code="NOT_GRANTED",
    )


def test_a_wish_prints_no_reason() -> None:
    wish = Wish(
        command_id=UUID(int=1),
        actor="staff-7",
        actor_role="coordinator",
        access_stream=UUID(int=2),
        access_version=0,
        purpose="notice",
        basis="coordinator_role",
        reason=REASON,
        reason_owner=("case", UUID(int=3)),
        fields=[],
    )
    assert repr(wish) == "Wish(coordinator_role, notice)"


# Between the key's row and its event


def created(office: Office, stream: UUID) -> list[KeyCreated]:
    return [e.event for e in office.ledger.history(stream) if isinstance(e.event, KeyCreated)]


def test_a_key_comes_first_then_its_event_then_its_first_value(office: Office) -> None:
    events = [type(each.event) for each in office.ledger.history(office.case)]
    assert events == [KeyCreated, KeyCreated, NoteTaken]
    assert {(e.owner_kind, e.owner_id) for e in created(office, office.case)} == {
        ("party", office.party),
        ("case", office.case),
    }
    for event in created(office, office.case):
        key = office.ledger._key_store().find([event.key_id])[event.key_id]
        assert key.check_value.hex() == event.key_check_value
        assert key.announced


def test_a_key_whose_append_never_came_is_told_of_by_the_next(office: Office) -> None:
    """The process died between the key's row and the append."""
    party, case = uuid4(), uuid4()
    key = office.ledger._key_store().for_owner("party", party)
    with office.again() as ledger:
        ledger.append(**put(case, 0, NoteTaken(text="x", about=party)))
    assert [event.key_id for event in created(office, case)] == [key.key_id]
    assert office.ledger._key_store().for_owner("party", party).announced


def test_a_key_that_the_ledger_told_of_already_is_not_told_of_twice(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process died between the append and the note in the key store that it was made."""
    party, case = uuid4(), uuid4()

    def die(*_: object) -> None:
        raise psycopg.OperationalError("gone")

    with monkeypatch.context() as dying:
        dying.setattr(KeyStore, "announced", die)
        with pytest.raises(psycopg.OperationalError):
            office.ledger.append(**put(case, 0, NoteTaken(text="x", about=party)))
    with office.again() as ledger:
        version = ledger.history(case)[-1].version
        ledger.append(**put(case, version, NoteTaken(text="y", about=party)))
    assert len(created(office, case)) == 1
    assert office.ledger._key_store().for_owner("party", party).announced


def test_an_append_that_was_refused_leaves_a_key_for_the_next(office: Office) -> None:
    party, case = uuid4(), uuid4()
    note = NoteTaken(text="x", about=party)
    with pytest.raises(GuardMoved):
        office.ledger.append(**put(case, 0, note, guards={office.case: 99}))
    (key_id,) = office.keys_of(party)
    office.ledger.append(**put(case, 0, note))
    assert [event.key_id for event in created(office, case)] == [key_id]


# The trail of the key store


def differing(office: Office) -> list[tuple[str, UUID | None]]:
    """What the trail and the record say differently of the keys of this case."""
    keys = {*office.keys_of(office.party), *office.keys_of(office.case)}
    return [(one.what, one.event_id) for one in office.ledger.unmatched() if one.key_id in keys]


def test_every_reveal_leaves_a_line_for_each_key_it_opens(office: Office) -> None:
    wish = office.wish("text", "lines[1].words")
    office.ledger.reveal(wish)
    recorded = office.accesses()[-1]
    assert isinstance(recorded.event, IdentityRevealed)
    lines = [
        (one.key_id, one.event_id)
        for one in office.ledger._key_store().trail()
        if one.key_id in recorded.event.key_ids
    ]
    why = UUID(recorded.envelope.event_id)
    assert sorted(lines) == [(key_id, why) for key_id in recorded.event.key_ids]
    office.ledger.reveal(wish)  # Asked again, at hand or not: opened again, under the same event.
    assert len(office.ledger._key_store().trail()) >= 2 * len(lines)
    assert differing(office) == []


def test_the_line_stands_before_the_key_is_unwrapped(office: Office) -> None:
    (key_id,) = office.keys_of(office.party)
    with office.again() as ledger:
        seen: list[bool] = []
        office.keyring.before_unwrap = lambda: seen.append(
            key_id in {one.key_id for one in ledger._key_store().trail()}
        )
        ledger.reveal(office.wish("text"))
    assert seen == [True]


def test_a_key_opened_without_an_event_is_found(office: Office) -> None:
    (key_id,) = office.keys_of(office.party)
    office.ledger._key_store().find([key_id])
    office.ledger._key_store().find([key_id], office.case)  # The id of no reveal.
    assert differing(office) == [
        ("unwrap without an event", None),
        ("unwrap without an event", office.case),
    ]


def test_a_key_opened_under_the_event_of_another_is_found(office: Office) -> None:
    office.ledger.reveal(office.wish("lines[0].words"))
    why = UUID(office.accesses()[-1].envelope.event_id)
    (key_id,) = office.keys_of(office.party)
    revealed = office.accesses()[-1].event
    assert isinstance(revealed, IdentityRevealed)
    other = next(iter({key_id, *office.keys_of(office.case)} - set(revealed.key_ids)))
    office.ledger._key_store().find([other], why)
    assert differing(office) == [("unwrap without an event", why)]


def test_a_reveal_that_opened_nothing_is_found(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process died between the record and the key."""

    class Died(BaseException):
        pass

    def die(*_: object) -> None:
        raise Died

    with monkeypatch.context() as dying:
        dying.setattr(KeyStore, "find", die)
        with pytest.raises(Died):
            office.ledger.reveal(office.wish("text"))
    why = UUID(office.accesses()[-1].envelope.event_id)
    assert differing(office) == [("event without an unwrap", why)]


def test_a_reveal_that_is_recorded_as_failed_need_not_have_opened_anything(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise psycopg.OperationalError("gone")

    with monkeypatch.context() as failing:
        failing.setattr(KeyStore, "find", refuse)
        with pytest.raises(RevealBroken):
            office.ledger.reveal(office.wish("text"))
    assert isinstance(office.accesses()[-1].event, RevealFailed)
    assert differing(office) == []


def test_a_reveal_of_destroyed_words_stands_in_the_trail_too(office: Office) -> None:
    keys = {*office.keys_of(office.party), *office.keys_of(office.case)}
    wish = office.wish("text")
    office.destroy(office.party)
    with office.again() as ledger:
        ledger.reveal(wish)
        assert [one for one in ledger.unmatched() if one.key_id in keys] == []


@pytest.mark.parametrize(
    "attempt",
    [
        "UPDATE vault.unwraps SET reveal_event = NULL",
        "DELETE FROM vault.unwraps",
        "TRUNCATE vault.unwraps",
        "INSERT INTO vault.unwraps (at, key_id) VALUES (now(), gen_random_uuid())",
    ],
)
def test_the_trail_is_only_added_to_and_not_backdated(office: Office, attempt: str) -> None:
    office.ledger.reveal(office.wish("text"))
    roles = ["keys"] if attempt.startswith("INSERT") else ["keys", "keys_admin"]
    for role in roles:
        with (
            office.databases.connect(role) as db,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            db.execute(attempt)  # type: ignore[call-overload]
