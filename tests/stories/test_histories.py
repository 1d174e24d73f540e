"""Histories 01, 12, 15 and 17, written out in full: what happened, when, and what was refused.

`expected.json` holds the telling lines of the histories, not of the stories: a date, an event that
was recorded or a command that was refused, and the code.
"""

import json
from datetime import datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from api import stories
from api.record import Record
from api.stories import Loader, Result
from domain.events import Event
from domain.ids import access_stream, office_access_stream
from domain.state.case import fold
from domain.terms import Stage
from ledger.events import PartySearchDenied, RevealDenied
from tests.stories.conftest import EXPECTED

HISTORIES = json.loads(EXPECTED.read_text())


def path_of(history: str) -> list[object]:
    return [path for path in stories.shipped() if path.stem == history]


def load(record: Record, *files: object) -> list[Result]:
    lines = stories.read([stories.setup_story(), *files])  # type: ignore[list-item]
    return list(Loader(record, uuid4()).run(lines))


def case_of(results: list[Result], history: str) -> UUID:
    reports = ("ReceiveReport", "ReportTypeOnly")
    return next(r.on for r in results if r.file.startswith(history) and r.do in reports)


def day(instant: datetime) -> str:
    return instant.astimezone(ZoneInfo("America/Chicago")).date().isoformat()


def as_told(record: Record, results: list[Result], history: str) -> list[list[str]]:
    """The events of the case and beside it, and the refusals, in the order in which they came."""
    case = case_of(results, history)
    beside, office = access_stream(record.id, case), office_access_stream(record.id)
    told = [
        (row.recorded_at, row.position, [day(row.recorded_at), "recorded", row.topic[:-2]])
        for stream in (case, beside, office)
        for row in record.ledger.history(stream)
    ]
    positions = {result.at: 0 for result in results}
    told += [
        (result.at, positions[result.at], [day(result.at), "refused", result.do, str(result.code)])
        for result in results
        if result.outcome == "refused" and result.file.startswith(history)
    ]
    return [row for _, _, row in sorted(told, key=lambda entry: entry[:2])]


@pytest.mark.parametrize("history", HISTORIES)
def test_a_history_goes_as_it_was_told(record: Record, history: str) -> None:
    results = load(record, *path_of(history))
    assert [r for r in results if not r.as_written] == []
    told = as_told(record, results, history)
    missing = list(HISTORIES[history]["telling"])
    for row in told:
        if missing and row == missing[0]:
            missing.pop(0)
    assert missing == [], f"not told, or not in this order: {missing[0]}"
    events = [row.event for row in record.ledger.history(case_of(results, history))]
    state = fold(event for event in events if isinstance(event, Event))
    assert state.stage == Stage(HISTORIES[history]["stage"])


def test_all_histories_together_are_merged_by_time(record: Record) -> None:
    results = load(record, *stories.shipped())
    assert [r for r in results if not r.as_written] == []
    rows = record.ledger.page(0, 10_000)
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    times = [row.recorded_at for row in rows]
    assert times == sorted(times)


def test_a_refused_line_leaves_nothing_behind(record: Record) -> None:
    results = load(record, *stories.shipped())
    refused = [r for r in results if r.outcome == "refused"]
    assert len(refused) > 20
    recorded = {row.envelope.command_id for row in record.ledger.page(0, 10_000)}
    assert all(r.first is None for r in refused)
    accepted = {r.first for r in results if r.outcome == "recorded"}
    # Whatever stands was brought about by an accepted line, by the clock, or by the opening; and
    # of a reveal or a search that was refused stands that it was asked for.
    assert len(recorded) == len(accepted) + len(
        {
            row.envelope.command_id
            for row in record.ledger.page(0, 10_000)
            if row.envelope.actor == "system"
            or row.position == 1
            or isinstance(row.event, RevealDenied | PartySearchDenied)
        }
    )


def test_an_interrupted_load_goes_on_where_it_was(record: Record) -> None:
    lines = stories.read([stories.setup_story(), *stories.shipped(["15"])])
    load_id = uuid4()
    first = list(Loader(record, load_id).run(lines[:120]))
    head = record.ledger.read([]).head
    again = list(Loader(record, load_id).run(lines, resume=True))
    assert [r for r in again if not r.as_written] == []
    assert [r.first for r in again[:120]] == [r.first for r in first]
    assert {r.code for r in again[:120]} == {None}  # Not asked again, so not known.
    assert {r.outcome for r in again[:120]} == {"repeated", "passed"}
    assert min(r.first for r in again[120:] if r.first) == head + 1


def test_a_case_reads_back_as_of_each_of_its_dates(record: Record) -> None:
    results = load(record, *stories.shipped(["01"]))
    case = case_of(results, "01")
    whole = record.ledger.history(case)
    for row in whole:
        then = record.ledger.history(case, as_of=row.recorded_at)
        assert then == [one for one in whole if one.recorded_at <= row.recorded_at]
        assert record.ledger.history(case, as_of=row.position)[-1] == row
