"""The ledger as others use it: sealed events in, the same events out, in order and as of a time."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import psycopg
import pytest

from ledger.errors import (
    ClaimTaken,
    CommandIdReused,
    DecideAgain,
    GuardMoved,
    Malformed,
    NotOpened,
    TimeRefused,
    UnknownTopic,
    UnreadableState,
    WrongVersion,
)
from ledger.events import KeyCreated, LedgerOpened, Migration
from ledger.identity import read_identity
from ledger.keys import KeyStore
from ledger.provision import create_database
from ledger.recorder import LedgerRecorder
from ledger.roles import url_of
from ledger.seal import PREFIX, check_value, header, open_
from ledger.store import Appended, Entry, Ledger
from tests.contract.notes import Line, Notes, NoteTaken, put
from tests.contract.rows import request, rows
from tests.databases import Cluster, Databases

PLAIN = NoteTaken(text="nothing to seal")


@pytest.fixture
def ledger(databases: Databases, new_ledger: Callable[..., Ledger]) -> Ledger:
    return new_ledger(databases)


def topics(ledger: Ledger, stream: UUID) -> list[str]:
    return [recorded.topic for recorded in ledger.history(stream)]


def test_what_is_appended_is_read_back_in_its_place(ledger: Ledger) -> None:
    stream, command = uuid4(), uuid4()
    appended = ledger.append(
        **put(
            stream, 0, PLAIN, NoteTaken(), command_id=command, occurred_on="2026-03", grant_id="g"
        )
    )
    first, second = ledger.history(stream)
    assert (first.position, first.version, first.topic) == (1, 1, "NoteTaken/1")
    assert (second.position, second.version, second.event) == (2, 2, NoteTaken())
    assert first.event == PLAIN
    assert first.envelope.event_id != second.envelope.event_id
    for recorded in (first, second):
        envelope = recorded.envelope
        assert (envelope.actor, envelope.actor_role) == ("staff-1", "coordinator")
        assert (envelope.command_id, envelope.grant_id) == (str(command), "g")
        assert envelope.occurred_on == "2026-03"
    at = first.recorded_at
    assert appended == Appended(1, 2, at, {stream: 2}, repeated=False)


def test_reading_gives_every_stream_asked_for_with_head_and_clock(ledger: Ledger) -> None:
    a, b, none = uuid4(), uuid4(), uuid4()
    ledger.append(**put(a, 0, PLAIN, entries=[Entry(b, 0, [PLAIN]), Entry(a, 0, [PLAIN, PLAIN])]))
    last = ledger.append(**put(b, 1, PLAIN))
    reading = ledger.read([none, a, b])
    assert list(reading.streams) == [none, a, b]
    assert {stream: [e.version for e in found] for stream, found in reading.streams.items()} == {
        none: [],
        a: [1, 2],
        b: [1, 2],
    }
    assert reading.head == 4
    assert last.recorded_at <= reading.now <= datetime.now(UTC) + timedelta(minutes=1)


def test_fields_are_sealed_for_their_owners_and_open_in_their_place(
    ledger: Ledger, databases: Databases, new_keys: Callable[[Databases], KeyStore]
) -> None:
    stream, party = uuid4(), uuid4()
    note = NoteTaken(text="Marlowe", about=party, lines=[Line("first"), Line("second")])
    ledger.append(**put(stream, 0, note))
    *created, recorded = ledger.history(stream)
    event = recorded.event
    assert isinstance(event, NoteTaken)
    sealed = {"text": event.text} | {
        f"lines[{i}].words": x.words for i, x in enumerate(event.lines)
    }
    assert all(value.startswith(PREFIX) for value in sealed.values())
    keys = new_keys(databases).find({header(value) for value in sealed.values()})
    opened = {
        path: open_(
            value,
            origin=databases.identity.origin,
            stream=stream,
            owner_id=keys[header(value)].owner_id,
            key=keys[header(value)],
            event_name="NoteTaken",
            path=path,
            version=3,
        )
        for path, value in sealed.items()
    }
    assert opened == {"text": "Marlowe", "lines[0].words": "first", "lines[1].words": "second"}
    assert recorded.version == 3
    for one in created:
        assert isinstance(one.event, KeyCreated)
        key = keys[one.event.key_id]
        assert (one.event.owner_kind, one.event.owner_id) == (key.owner_kind, key.owner_id)
        assert one.event.key_check_value == key.check_value.hex()
        assert one.envelope.actor == "staff-1"
    assert {one.event.owner_kind for one in created} == {"party", "case"}  # type: ignore[attr-defined]
    assert check_value(b"another", uuid4()) not in {key.check_value for key in keys.values()}


def test_text_that_looks_sealed_is_sealed_all_the_same(ledger: Ledger) -> None:
    stream, party = uuid4(), uuid4()
    ledger.append(**put(stream, 0, NoteTaken(text=PREFIX + "AQE", about=party)))
    event = ledger.history(stream)[-1].event
    assert isinstance(event, NoteTaken)
    assert header(event.text)


def test_a_key_is_announced_before_its_first_value_and_once(ledger: Ledger) -> None:
    case, other, party = uuid4(), uuid4(), uuid4()
    note = NoteTaken(text="x", about=party)
    first = ledger.append(**put(case, 0, PLAIN, note, note))
    assert topics(ledger, case) == ["NoteTaken/1", "KeyCreated/1", "NoteTaken/1", "NoteTaken/1"]
    assert first.versions == {case: 4}
    ledger.append(**put(case, 4, note, entries=[Entry(case, 4, [note]), Entry(other, 0, [note])]))
    assert topics(ledger, other) == ["NoteTaken/1"]


def test_a_crash_before_the_announcement_is_mended_by_the_next_append(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, party = uuid4(), uuid4()
    note = NoteTaken(text="x", about=party)
    with monkeypatch.context() as crash:
        crash.setattr(KeyStore, "announced", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            ledger.append(**put(stream, 0, note))
    ledger.append(**put(stream, 2, note))
    assert topics(ledger, stream) == ["KeyCreated/1", "NoteTaken/1", "NoteTaken/1"]
    assert ledger._keys is not None
    assert ledger._keys.for_owner("party", party).announced


def test_a_key_whose_append_was_refused_is_announced_by_the_next(ledger: Ledger) -> None:
    stream, party = uuid4(), uuid4()
    note = NoteTaken(text="x", about=party)
    with pytest.raises(WrongVersion):
        ledger.append(**put(stream, 3, note))
    ledger.append(**put(stream, 0, note))
    assert topics(ledger, stream) == ["KeyCreated/1", "NoteTaken/1"]


def test_what_stands_in_the_way_has_a_name_and_nothing_is_written(ledger: Ledger) -> None:
    stream, command = uuid4(), uuid4()
    ledger.append(**put(stream, 0, PLAIN, command_id=command, claims=[("number", b"1")]))
    past = datetime(2001, 1, 1, tzinfo=UTC)
    new = uuid4()
    for error, call in (
        (WrongVersion, put(stream, 0, PLAIN)),
        (WrongVersion, put(stream, 2, PLAIN)),
        (GuardMoved, put(new, 0, PLAIN, guards={stream: 0})),
        (ClaimTaken, put(new, 0, PLAIN, claims=[("number", b"1")])),
        (CommandIdReused, put(new, 0, PLAIN, command_id=command, actor="staff-2")),
        (DecideAgain, put(new, 0, PLAIN, holds=(past, past))),
        (TimeRefused, put(new, 0, PLAIN, given_at=past)),
        (Malformed, put(new, 0)),
        (UnknownTopic, put(new, 0, "not an event")),
    ):
        with pytest.raises(error):
            ledger.append(**call)
    assert ledger.read([]).head == 1


def test_a_conflict_names_the_stream(ledger: Ledger) -> None:
    stream = uuid4()
    ledger.append(**put(stream, 0, PLAIN))
    with pytest.raises(WrongVersion) as stale:
        ledger.append(**put(stream, 0, PLAIN))
    with pytest.raises(GuardMoved) as moved:
        ledger.append(**put(uuid4(), 0, PLAIN, guards={stream: 0}))
    assert stale.value.stream == moved.value.stream == stream


def test_the_same_command_again_gets_the_first_result(ledger: Ledger) -> None:
    a, b = uuid4(), uuid4()
    note = NoteTaken(text="x", about=uuid4())
    call = put(a, 0, entries=[Entry(a, 0, [note]), Entry(b, 0, [PLAIN])], request_mac=b"m")
    first = ledger.append(**call)
    ledger.append(**put(a, 2, PLAIN))
    again = Appended(first.first, first.last, first.recorded_at, {a: 2, b: 1}, repeated=True)
    assert ledger.append(**call) == again
    assert ledger.first_result(call["command_id"], "staff-1", b"m") == again


def test_a_first_result_is_for_the_same_actor_and_request_only(ledger: Ledger) -> None:
    call = put(uuid4(), 0, PLAIN, request_mac=b"m")
    ledger.append(**call)
    assert ledger.first_result(uuid4(), "staff-1", b"m") is None
    for actor, mac in (("staff-2", b"m"), ("staff-1", b"n"), ("staff-1", None)):
        with pytest.raises(CommandIdReused):
            ledger.first_result(call["command_id"], actor, mac)


def test_a_keyed_digest_depends_on_its_purpose(ledger: Ledger) -> None:
    assert ledger.mac("vendor", b"1") == ledger.mac("vendor", b"1")
    assert ledger.mac("vendor", b"1") != ledger.mac("import", b"1")


@pytest.fixture
def simulated(new_ledger: Callable[..., Ledger]) -> Ledger:
    return new_ledger(clock="simulated")


DAY = datetime(2026, 3, 9, 4, 59, 59, 999_999, tzinfo=UTC)  # The last instant of a day in Houston.


def test_history_as_of_a_position_or_an_instant(simulated: Ledger) -> None:
    stream = uuid4()
    for hour in range(3):
        at = DAY + timedelta(hours=hour)
        simulated.append(**put(stream, hour, PLAIN, given_at=at))
        simulated.append(**put(uuid4(), 0, PLAIN, given_at=at))
    versions = [
        [e.version for e in simulated.history(stream, as_of=as_of)]
        for as_of in (None, 0, 1, 2, 3, 5, 6, DAY - timedelta(microseconds=1), DAY)
    ]
    assert versions == [[1, 2, 3], [], [1], [1], [1, 2], [1, 2, 3], [1, 2, 3], [], [1]]


def test_the_log_in_pages(simulated: Ledger) -> None:
    for _ in range(5):
        simulated.append(**put(uuid4(), 0, PLAIN, given_at=DAY))
    pages = [[e.position for e in simulated.page(after, 2)] for after in (0, 2, 4, 5)]
    assert pages == [[1, 2], [3, 4], [5], []]


def test_a_simulated_ledger_stands_at_its_head(simulated: Ledger) -> None:
    with pytest.raises(NotOpened):
        simulated.read([])
    simulated.append(**put(uuid4(), 0, PLAIN, given_at=DAY))
    assert simulated.read([]).now == DAY


def test_a_decision_does_not_outlive_its_day(simulated: Ledger) -> None:
    houston = ZoneInfo("America/Chicago")
    today = date(2026, 3, 8)  # The day on which clocks go forward: 23 hours.
    begin = datetime.combine(today, clock_time(), houston).astimezone(UTC)
    end = datetime.combine(today, clock_time.max, houston).astimezone(UTC)
    assert (end - begin) < timedelta(hours=23)
    one = {"holds": (begin, end)}
    for at, holds in ((begin - timedelta(microseconds=1), False), (begin, True), (end, True)):
        call = put(uuid4(), 0, PLAIN, given_at=at, **one)
        if holds:
            assert simulated.append(**call).recorded_at == at
        else:
            with pytest.raises(DecideAgain):
                simulated.append(**call)
    with pytest.raises(DecideAgain):
        simulated.append(**put(uuid4(), 0, PLAIN, given_at=end + timedelta(microseconds=1), **one))
    assert simulated.read([]).head == 2


def test_a_real_ledger_decides_again_on_another_day(ledger: Ledger) -> None:
    now = ledger.read([]).now
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    yesterday = (midnight - timedelta(days=1), midnight - timedelta(microseconds=1))
    with pytest.raises(DecideAgain):
        ledger.append(**put(uuid4(), 0, PLAIN, holds=yesterday))
    around = (now - timedelta(seconds=60), now + timedelta(seconds=60))
    assert ledger.append(**put(uuid4(), 0, PLAIN, holds=around)).first == 1


def test_a_ledger_is_opened_with_its_identity_and_once(
    new_ledger: Callable[..., Ledger],
) -> None:
    ledger = new_ledger(use="opened", clock="simulated")
    identity = ledger.identity
    with pytest.raises(NotOpened):
        ledger.append(**put(uuid4(), 0, PLAIN, given_at=DAY))
    migrations = [Migration(number=1, sha256="00" * 32)]
    first = ledger.open(migrations, DAY)
    assert (first.first, first.last, first.repeated) == (1, 1, False)
    assert ledger.open(migrations, DAY).repeated
    (opened,) = ledger.history(identity.ledger)
    assert opened.event == LedgerOpened(
        ledger=identity.ledger,
        origin=identity.origin,
        institution=identity.institution,
        clock="simulated",
        zone=identity.zone,
        migrations=migrations,
    )
    assert ledger.append(**put(uuid4(), 0, PLAIN, given_at=DAY)).first == 2


def test_an_event_that_nobody_knows_stops_the_reader(
    ledger: Ledger, databases: Databases, new_recorder: Callable[[Databases], LedgerRecorder]
) -> None:
    recorder = new_recorder(databases)
    unknown, broken = uuid4(), uuid4()
    empty = b'{"envelope":{},"event":{}}'
    (row,) = rows(unknown, 1, topic="NoteForgotten/1")
    recorder.append(request(row._replace(state=empty)))
    recorder.append(request(*rows(broken, 1)))
    with pytest.raises(UnknownTopic, match="NoteForgotten/1"):
        ledger.history(unknown)
    with pytest.raises(UnreadableState, match="NoteTaken/1"):
        ledger.read([broken])


def test_without_keys_a_ledger_reads_and_seals_nothing(
    ledger: Ledger, databases: Databases
) -> None:
    stream = uuid4()
    ledger.append(**put(stream, 0, PLAIN))
    with Ledger(databases.urls.reader, Notes()) as reader:
        assert reader.history(stream) == ledger.history(stream)
        assert reader.read([stream]).head == 1
        with pytest.raises(AssertionError):
            reader.mac("vendor", b"1")


def test_another_database_than_a_ledger_s_has_no_identity(cluster: Cluster) -> None:
    with psycopg.connect(cluster.admin_url) as db:
        assert read_identity(db) is None


def test_a_database_without_an_identity_is_no_ledger(cluster: Cluster) -> None:
    name = f"{cluster._name}_nameless"
    create_database(cluster.admin_url, name, template=cluster._name)
    with pytest.raises(NotOpened):
        Ledger(url_of(cluster.admin_url, name), Notes())
    cluster._drop(name)
