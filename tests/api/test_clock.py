"""What time alone brings about is recorded by the clock, once, in order, as the actor `system`."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from uuid import UUID

import pytest

from api import clock, stories
from api.clock import look, run, run_until
from api.record import Record
from api.watch import Watch
from ledger.errors import LedgerUnreachable
from ledger.events import SchemaMigrated
from ledger.store import Entry
from tests.api.conftest import NewSite, Site

DUE = ["AppealWindowClosed", "AppealWindowClosed", "OutcomeBecameFinal"]


@pytest.fixture
def determined(new_site: NewSite, tmp_path: Path) -> Site:
    """History 01 up to its determination: appeals are possible until 25 April 2025."""
    (whole,) = stories.shipped(["01"])
    lines = whole.read_text("utf-8").splitlines()
    end = next(
        place
        for place, line in enumerate(lines)
        if line.startswith("{")
        and (said := json.loads(line))["do"] == "IssueDetermination"
        and "refused" not in said
    )
    story = tmp_path / "01-determined.jsonl"
    story.write_text("\n".join(lines[: end + 1]), "utf-8")
    site = new_site()
    site.load([story])
    return site


def by_system(record: Record, case: UUID) -> list[tuple[str, str]]:
    return [
        (row.topic.partition("/")[0], row.recorded_at.isoformat())
        for row in record.ledger.history(case)
        if row.envelope.actor == "system"
    ]


def test_a_simulated_clock_records_each_at_its_own_midnight(determined: Site) -> None:
    case = determined.cases["01"]
    run_until(determined.record, datetime.fromisoformat("2025-04-25T23:59:59-05:00"))
    assert by_system(determined.record, case) == []
    run_until(determined.record, datetime.fromisoformat("2025-09-01T00:00:00-05:00"))
    midnight = "2025-04-26T05:00:00+00:00"
    recorded = [(name, midnight) for name in DUE]
    assert by_system(determined.record, case) == recorded
    determined.record.watch = Watch(determined.record.ledger)  # Started anew.
    run_until(determined.record, datetime.fromisoformat("2025-09-01T00:00:00-05:00"))
    assert by_system(determined.record, case) == recorded  # Once.


def test_a_look_gives_all_that_is_due_on_that_day(determined: Site) -> None:
    """As on a real ledger, where nobody says what time it is."""
    record = determined.record
    look(record)
    assert by_system(record, determined.cases["01"]) == []
    _pass_time(record, timedelta(days=30))
    look(record)
    assert [name for name, _ in by_system(record, determined.cases["01"])] == DUE


def test_the_process_goes_on_when_the_record_was_away(
    new_site: NewSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = new_site(clock="real").record
    stop, looks = Event(), []

    def away_once(_: Record) -> None:
        looks.append(1)
        if len(looks) == 1:
            raise LedgerUnreachable("no answer")
        stop.set()

    monkeypatch.setattr(clock, "look", away_once)
    run(record, stop, every=0)
    assert len(looks) == 2


def test_the_process_leaves_a_simulated_clock_alone(
    new_site: NewSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[object] = []
    monkeypatch.setattr(clock, "look", looks.append)
    stop = Event()
    stop.set()
    run(new_site().record, stop, every=0)
    assert looks == []


def _pass_time(record: Record, length: timedelta) -> None:
    """Something is recorded later, and nobody ran the clock up to it."""
    stream = record.id
    record.append(
        command_id=UUID(int=7),
        actor="operator",
        actor_role="operator",
        entries=[Entry(stream, record.version(stream), [SchemaMigrated(number=99, sha256="")])],
        guards={},
        holds=None,
        given_at=record.read([]).now + length,
        request_mac=None,
        occurred_on=None,
    )
