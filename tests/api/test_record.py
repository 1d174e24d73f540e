"""What stands in the way of an append, in the domain's words."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from api.record import Record
from domain.errors import Conflict, DecideAgain, Refused
from domain.refusals import No
from ledger.errors import TimeRefused
from ledger.events import SchemaMigrated
from ledger.store import Appended, Entry
from tests.api.conftest import NewSite


@pytest.fixture
def record(new_site: NewSite) -> Record:
    return new_site().record


def append(record: Record, *entries: Entry, **more: object) -> Appended:
    words = {
        "command_id": uuid4(),
        "actor": "operator",
        "actor_role": "operator",
        "entries": list(entries),
        "guards": {},
        "holds": None,
        "given_at": record.read([]).now if record.clock == "simulated" else None,
        "request_mac": None,
        "occurred_on": None,
        **more,
    }
    return record.append(**words)  # type: ignore[arg-type]


def one(stream: UUID, version: int) -> Entry:
    return Entry(stream, version, [SchemaMigrated(number=1, sha256="")])


def test_its_own_stream_moved(record: Record) -> None:
    stream = uuid4()
    append(record, one(stream, 0))
    with pytest.raises(Conflict) as caught:
        append(record, one(stream, 0))
    assert (caught.value.stream, caught.value.version) == (stream, 1)


def test_another_stream_that_it_writes_moved(record: Record) -> None:
    other = uuid4()
    append(record, one(other, 0))
    with pytest.raises(DecideAgain):
        append(record, one(uuid4(), 0), one(other, 0))


def test_a_stream_that_it_read_moved(record: Record) -> None:
    read = uuid4()
    append(record, one(read, 0))
    with pytest.raises(DecideAgain):
        append(record, one(uuid4(), 0), guards={read: 0})


def test_a_simulated_clock_went_past_the_time_given(record: Record) -> None:
    early = record.read([]).now - timedelta(seconds=1)
    with pytest.raises(DecideAgain):
        append(record, one(uuid4(), 0), given_at=early)


def test_a_real_clock_takes_no_given_time(new_site: NewSite) -> None:
    record = new_site(clock="real").record
    with pytest.raises(TimeRefused):
        append(record, one(uuid4(), 0), given_at=record.read([]).now)


def test_the_day_turned(new_site: NewSite) -> None:
    record = new_site(clock="real").record
    now = record.read([]).now
    with pytest.raises(DecideAgain):
        append(record, one(uuid4(), 0), holds=(now - timedelta(days=1), now - timedelta(hours=1)))


def test_a_command_id_was_used_by_another(record: Record) -> None:
    command_id = uuid4()
    append(record, one(uuid4(), 0), command_id=command_id)
    for call in (
        lambda: append(record, one(uuid4(), 0), command_id=command_id, actor="system"),
        lambda: record.first_result(command_id, "system"),
    ):
        with pytest.raises(Refused) as caught:
            call()
        assert caught.value.refusal is No.COMMAND_ID_REUSED
    again = append(record, one(uuid4(), 0), command_id=command_id)
    assert again.repeated
    assert record.first_result(uuid4(), "operator") is None
