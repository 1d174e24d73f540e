"""What storage loses: nothing. And what shredding changes: no state, and nothing that rules read.

The same commands are given to a record in memory, which the walks are on, and to a real ledger.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from uuid import UUID, uuid4, uuid5

import pytest
from hypothesis import Phase, given, settings

from api import stories
from api.clock import run_until
from api.record import Record, open_record
from api.stories import Loader
from domain.errors import NotFound, Refused
from domain.events import Event
from domain.events.case import ReportReceived
from domain.events.evidence import EvidenceAdded
from domain.execute import Request, execute
from domain.state import access as access_state
from domain.state import case as case_state
from domain.state import evidence as evidence_state
from ledger.keyring import FileKeyring
from ledger.keys import KeyStore
from tests.databases import Databases
from tests.properties.chance import OTHERS, SAME, Chance, randoms
from tests.properties.paper import OPENED_AT, Paper, stored
from tests.properties.places import Place, on_paper
from tests.properties.walk import Asked, Tally, Walk
from tests.properties.words import PLANTED

Make = Callable[..., Databases]


@contextmanager
def a_ledger(new_databases: Make, keyring: FileKeyring) -> Iterator[tuple[Databases, Record]]:
    databases = new_databases(use="opened", clock="simulated")
    keys = KeyStore(databases.urls.keys, keyring, databases.identity.origin)
    keys.provision()
    with open_record(databases.urls.writer, keys) as record:
        record.ledger.open([], given_at=OPENED_AT)
        yield databases, record


def both_walk(record: Record, random: Random, moves: int) -> Paper:
    """Part of a story and a walk from there, in memory and on the ledger, answer for answer."""
    chance = Chance(random)
    paper = Paper(record.id, record.mac)
    story = chance.one(stories.shipped())
    lines = [
        line
        for line in stories.read([stories.setup_story(), story])
        if line.line.do != "MarkCalendarDay"  # Most of the set-up; it seals nothing.
        and on_paper(line.line)
    ]
    first = next(place for place, line in enumerate(lines) if line.line.do == "ReceiveReport")
    upto = first + 1 + (len(lines) - first - 1) * chance.upto(99) // 99
    load = uuid5(record.id, "load")
    told = list(Loader(paper.as_record(), load).run(lines[:upto]))
    assert [(one.outcome, one.code) for one in Loader(record, load).run(lines[:upto])] == [
        (one.outcome, one.code) for one in told
    ]
    case = next(one.on for one in told if one.do == "ReceiveReport")
    walk = Walk(chance, Tally(), Place(paper, case))
    walk.go(moves)
    for asked in walk.asked:
        if walk.clocked:
            run_until(record, asked.at)
        assert answer(record, asked) == asked.code
    return walk.paper


def answer(record: Record, asked: Asked) -> str | None:
    request = Request(
        command=asked.command,
        stream=asked.stream,
        who=asked.who,
        command_id=uuid4(),
        given_at=asked.at,
    )
    try:
        execute(record, request)
    except NotFound:
        return "NOT_FOUND"
    except Refused as refused:
        return refused.code
    return None


def of_domain(record: Record, stream: UUID) -> list[Event]:
    return [row.event for row in record.ledger.history(stream) if isinstance(row.event, Event)]


def fold(events: list[Event]) -> object:
    """The state of a case, of who may read it, or of an item; that of the office holds nothing
    sealed."""
    match events[0]:
        case ReportReceived():
            return case_state.fold(events)
        case EvidenceAdded():
            return evidence_state.fold(events)
    if type(events[0]).__module__ == "domain.events.access":
        return access_state.fold(events)
    return None


def nothing_is_lost(record: Record, paper: Paper) -> None:
    """Every event reads back as it was decided but for what is sealed, and makes the same state."""
    for stream, rows in paper.streams.items():
        read = of_domain(record, stream)
        assert [stored(event, stream) for event in read] == [row.event for row in rows]
        assert fold(read) == fold([row.decided for row in rows])
    there = [row for row in record.ledger.page(0, 10_000) if isinstance(row.event, Event)]
    assert [(row.stream, row.recorded_at, row.envelope.actor) for row in there] == [
        (row.stream, row.recorded_at, row.actor) for row in paper.rows
    ]


def nothing_is_told(databases: Databases) -> None:
    """No word that was said in confidence stands in the ledger's bytes."""
    with databases.connect("admin") as db:
        for (state,) in db.execute("SELECT state FROM muniment.events"):
            assert PLANTED.encode() not in state


def compare(new_databases: Make, keyring: FileKeyring, random: Random, moves: int) -> None:
    with a_ledger(new_databases, keyring) as (databases, record):
        paper = both_walk(record, random, moves)
        nothing_is_lost(record, paper)
        nothing_is_told(databases)
        before = {stream: record.ledger.history(stream) for stream in paper.streams}
    with databases.connect("keys_admin") as db:
        db.execute("TRUNCATE vault.keys CASCADE")
    with open_record(databases.urls.writer, None) as record:
        assert {stream: record.ledger.history(stream) for stream in paper.streams} == before
        nothing_is_lost(record, paper)


def test_storage_loses_nothing_and_shredding_changes_no_state(
    new_databases: Make, keyring: FileKeyring
) -> None:
    @settings(SAME, max_examples=2, phases=[Phase.generate])  # To shrink would take an hour.
    @given(randoms)
    def example(random: Random) -> None:
        compare(new_databases, keyring, random, 16)

    example()


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_the_same_holds_for_more_ledgers(new_databases: Make, keyring: FileKeyring) -> None:
    @settings(OTHERS, max_examples=40, phases=[Phase.generate])
    @given(randoms)
    def example(random: Random) -> None:
        compare(new_databases, keyring, random, 60)

    example()
