"""What the library may ask of a recorder and its own cases do not."""

from uuid import uuid4

import pytest
from eventsourcing.persistence import ProgrammingError, StoredEvent

from ledger.recorder import LedgerRecorder


def test_tables_are_made_by_migrations_alone(recorder: LedgerRecorder) -> None:
    with pytest.raises(ProgrammingError, match="made by its migrations"):
        recorder.create_table()


def test_nothing_is_appended_where_nothing_is_given(recorder: LedgerRecorder) -> None:
    assert recorder.insert_events([]) is None
    assert recorder.max_notification_id() is None


def test_a_stream_is_read_up_to_a_version(recorder: LedgerRecorder) -> None:
    stream = uuid4()
    events = [StoredEvent(stream, version, "NoteTaken/1", b"{}") for version in (1, 2, 3)]
    recorder.insert_events(events)
    assert recorder.select_events(stream, lte=2) == events[:2]
    assert recorder.select_events(stream, gt=1, lte=2) == events[1:2]
