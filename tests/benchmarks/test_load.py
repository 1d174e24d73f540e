"""How fast a stream is loaded and the log replayed, against the library and a bare SELECT."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import islice
from random import Random
from statistics import median
from time import perf_counter, process_time
from typing import Any, NamedTuple, TypeVar, cast
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.application import Application
from psycopg.rows import tuple_row

from domain.registry import Registry
from domain.state.case import fold
from ledger.batch import Request, Row
from ledger.mapper import Envelope
from ledger.seal import PREFIX
from ledger.store import Ledger
from tests.benchmarks import synthetic
from tests.benchmarks.peers import TEXT, TOPIC, Note, create_peers, stock_application
from tests.contract.notes import Notes
from tests.databases import Cluster, Databases

STREAMS = {60: 200, 500: 20}  # Length: how many streams of it. Interleaved, as in life.
REPEATED = {60: 300, 500: 60}
STREAM = """SELECT position, stream, version, topic, recorded_at, leaf_hash, state
    FROM muniment.events WHERE stream = %b ORDER BY version"""
PAGE = """SELECT position, stream, version, topic, recorded_at, leaf_hash, state
    FROM muniment.events WHERE position > %b ORDER BY position LIMIT %b"""
TOGETHER = 200  # Events an append, when the ledgers are filled.

T = TypeVar("T")


class Filled(NamedTuple):
    """The same streams in our ledger and in the library's application."""

    ledger: Ledger
    stock: Application
    raw: psycopg.Cursor[tuple[Any, ...]]
    streams: dict[int, list[UUID]]


@pytest.fixture
def filled(cluster: Cluster, new_databases: Callable[..., Databases]) -> Iterator[Filled]:
    databases = new_databases()
    name = f"peers_{uuid4().hex[:8]}"
    with ExitStack() as stack:
        ledger = stack.enter_context(Ledger(databases.urls.writer, Notes()))
        stock = stack.enter_context(stock_application(create_peers(cluster.admin_url, name)))
        reader = psycopg.connect(databases.urls.reader, autocommit=True)
        stack.callback(reader.close)
        notes = {length: [note(length) for _ in range(many)] for length, many in STREAMS.items()}
        rows, events = [], []
        for some in notes.values():
            for one in some:
                recorded = list(one.collect_events())
                events.append(recorded)
                rows.append([row(ledger, one.id, number) for number in range(1, len(recorded) + 1)])
        for together in chunks(interleaved(rows)):
            ledger._recorder.append(Request(uuid4(), "staff-1", together))
        for together in chunks(interleaved(events)):
            stock.recorder.insert_events(list(map(stock.mapper.to_stored_event, together)))
        with databases.connect("admin") as admin:
            admin.execute("VACUUM ANALYZE")
        yield Filled(
            ledger,
            stock,
            reader.cursor(row_factory=tuple_row, binary=True),
            {length: [one.id for one in some] for length, some in notes.items()},
        )
    cluster._drop(name)


def note(length: int) -> Note:
    made = Note()
    for number in range(length - 1):
        made.trigger_event(
            Note.Taken,
            text=sealed_text(),
            about=made.id,
            actor="staff-1",
            actor_role="coordinator",
            command_id=str(uuid4()),
            occurred_on=f"2026-03-{number % 28 + 1:02}",
            event_id=str(uuid4()),
        )
    return made


def row(ledger: Ledger, stream: UUID, version: int) -> Row:
    envelope = Envelope(
        event_id=str(uuid4()),
        actor="staff-1",
        actor_role="coordinator",
        command_id=str(uuid4()),
        occurred_on="2026-03-01",
    )
    body = {"text": sealed_text(), "about": str(stream), "lines": []}
    return Row(stream, version, TOPIC, ledger._mapper.encode(envelope, body), bytes(32))


def sealed_text() -> str:
    """As long as the text of the other benchmarks once it is sealed."""
    return PREFIX + "A" * (4 * (30 + 448 + 16) // 3) if len(TEXT) < 448 else ""


def interleaved(sequences: list[list[T]]) -> Iterator[T]:
    """One of each in turn, in an order that changes, until all are used."""
    turns = [index for index, some in enumerate(sequences) for _ in some]
    Random(2).shuffle(turns)  # noqa: S311  # The same order in each run.
    rest = [iter(some) for some in sequences]
    for turn in turns:
        yield next(rest[turn])


def chunks(some: Iterator[T]) -> Iterator[list[T]]:
    while together := list(islice(some, TOGETHER)):
        yield together


def load_ours(filled: Filled, stream: UUID) -> int:
    return len(filled.ledger.read([stream]).streams[stream])


def load_stock(filled: Filled, stream: UUID) -> int:
    loaded: Note = filled.stock.repository.get(stream)
    return loaded.version


def load_raw(filled: Filled, stream: UUID) -> int:
    return len(filled.raw.execute(STREAM, [stream], prepare=True).fetchall())


def replay_ours(filled: Filled, page: int) -> int:
    seen = 0
    while recorded := filled.ledger.page(seen, page):
        seen = recorded[-1].position
    return seen


def replay_stock(filled: Filled, page: int) -> int:
    seen = 0
    while found := filled.stock.recorder.select_notifications(seen + 1, page):
        for one in found:
            filled.stock.mapper.to_domain_event(one)
        seen = found[-1].id
    return seen


def replay_raw(filled: Filled, page: int) -> int:
    seen = 0
    while found := filled.raw.execute(PAGE, [seen, page], prepare=True).fetchall():
        seen = found[-1][0]
    return seen


@pytest.mark.benchmark
@pytest.mark.timeout(1_200)
def test_load_of_a_stream(filled: Filled) -> None:
    loads = {"ours": load_ours, "stock": load_stock, "raw": load_raw}
    for length, streams in filled.streams.items():
        times: dict[str, list[float]] = {name: [] for name in loads}
        for number in range(REPEATED[length]):
            stream = streams[number % len(streams)]
            for name, load in loads.items():
                began = perf_counter()
                assert load(filled, stream) == length
                times[name].append(perf_counter() - began)
        print(f"\nload of a stream of {length} events; raw: its rows, undecoded")
        for name, found in times.items():
            found.sort()
            low, high = (found[len(found) * tenth // 10] * 1e3 for tenth in (1, 9))
            print(
                f"  {name:5} p50 {median(found) * 1e3:.2f} ms (p10 {low:.2f}, p90 {high:.2f})"
                f"  x{median(times['stock']) / median(found):.1f} stock"
            )


@pytest.mark.benchmark
@pytest.mark.timeout(1_200)
def test_load_of_a_case(new_databases: Callable[..., Databases]) -> None:
    """What a command waits for before its rule: the events of a case, typed and folded."""
    databases = new_databases()
    with databases.connect("owner") as owner:
        synthetic.fill(owner, STREAMS[60])
        rows = owner.execute("SELECT DISTINCT stream FROM muniment.events").fetchall()
    times, used = [], []
    with Ledger(databases.urls.writer, Registry()) as ledger:
        for number in range(REPEATED[60]):
            (case,) = rows[number % len(rows)]
            began, before = perf_counter(), process_time()
            state = fold([cast("Any", one.event) for one in ledger.read([case]).streams[case]])
            used.append(process_time() - before)
            times.append(perf_counter() - began)
            assert state.final_on is not None
    print(
        f"\nload and fold of a case of 60 events: p50 {median(times) * 1e3:.2f} ms, of which our"
        f" processor {median(used) * 1e3:.2f} ms"
    )


@pytest.mark.benchmark
@pytest.mark.timeout(1_200)
def test_replay_of_the_log(filled: Filled) -> None:
    events = sum(length * many for length, many in STREAMS.items())
    replays = {"ours": replay_ours, "stock": replay_stock, "raw": replay_raw}
    for page in (500, 5_000):
        rates: dict[str, list[float]] = {name: [] for name in replays}
        for _ in range(5):
            for name, replay in replays.items():
                began = perf_counter()
                assert replay(filled, page) == events
                rates[name].append(events / (perf_counter() - began))
        print(f"\nreplay of {events:,} events, {page:,} a page; raw: rows, undecoded")
        for name, found in rates.items():
            print(
                f"  {name:5} {median(found):9,.0f} events/s ({min(found):,.0f}..{max(found):,.0f})"
                f"  x{median(found) / median(rates['stock']):.1f} stock"
            )
