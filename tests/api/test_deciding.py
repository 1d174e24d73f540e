"""Read, decide, append on a real ledger: decided again where the record moved in between."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from api.record import Record
from domain.context import OPERATOR
from domain.errors import Conflict
from domain.execute import Done, Request, execute
from domain.ids import natural
from domain.rules.office import MarkCalendarDay
from ledger.events import SchemaMigrated
from ledger.store import Entry, Reading
from tests.api.conftest import NewSite

Read = Callable[[Sequence[UUID]], Reading]


@pytest.fixture
def record(new_site: NewSite) -> Record:
    return new_site(clock="real").record


def mark(record: Record, expected: int | None = None) -> Done:
    command = MarkCalendarDay(day=date(2026, 12, 24), closed=True)
    request = Request(
        command=command,
        stream=calendar_of(record),
        who=OPERATOR,
        command_id=uuid4(),
        expected=expected,
    )
    return execute(record, request)


def calendar_of(record: Record) -> UUID:
    return natural(record.id, "calendar", "calendar")


def moves(record: Record, stream: UUID, times: int) -> list[int]:
    """Let another append come after each of so many readings; the head at every reading."""
    read: Read = record.read
    heads: list[int] = []

    def and_then(streams: Sequence[UUID]) -> Reading:
        reading = read(streams)
        heads.append(reading.head)
        if len(heads) <= times:
            record.ledger.append(
                command_id=uuid4(),
                actor="operator",
                actor_role="operator",
                entries=[
                    Entry(stream, record.version(stream), [SchemaMigrated(number=1, sha256="")])
                ],
                guards={},
                holds=None,
            )
        return reading

    record.read = and_then  # type: ignore[method-assign]
    return heads


def test_the_ledger_says_when_it_was(record: Record) -> None:
    before = record.read([]).now
    done = mark(record)
    assert before <= done.appended.recorded_at <= record.read([]).now


def test_a_stream_that_was_read_has_moved(record: Record) -> None:
    pack = natural(record.id, "policy-pack", "BCM-02.2.20")
    heads = moves(record, pack, 1)
    assert mark(record).appended.first == heads[-1] + 1
    assert len(heads) == 2


def test_its_own_stream_has_moved_and_no_version_was_named(record: Record) -> None:
    mark(record)
    heads = moves(record, calendar_of(record), 1)
    assert (mark(record).version, len(heads)) == (3, 2)


def test_its_own_stream_has_moved_past_the_version_that_was_named(record: Record) -> None:
    calendar = calendar_of(record)
    heads = moves(record, calendar, 1)
    with pytest.raises(Conflict) as caught:
        mark(record, expected=0)
    assert (caught.value.version, len(heads)) == (1, 1)
    assert record.version(calendar) == 1


@pytest.mark.parametrize("took", [timedelta(days=1), timedelta(minutes=2)], ids=str)
def test_a_decision_that_took_too_long_is_taken_again(record: Record, took: timedelta) -> None:
    read: Read = record.read
    heads: list[int] = []

    def long_ago(streams: Sequence[UUID]) -> Reading:
        reading = read(streams)
        heads.append(reading.head)
        return replace(reading, now=reading.now - took) if len(heads) == 1 else reading

    record.read = long_ago  # type: ignore[method-assign]
    done = mark(record)
    assert heads == [done.appended.first - 1] * 2
    (row,) = record.ledger.history(calendar_of(record))
    day = done.appended.recorded_at.astimezone(ZoneInfo(record.zone)).date()
    assert row.envelope.occurred_on == day.isoformat()


def test_a_record_that_moves_at_every_try_is_given_up(record: Record) -> None:
    mark(record)
    moves(record, calendar_of(record), 1_000)
    with pytest.raises(TimeoutError):
        mark(record)
