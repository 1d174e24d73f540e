"""How fast one sealed event is appended, against the library and a bare INSERT.

Rounds are interleaved: each peer in turn, so that what slows the machine slows all of them. A flush
costs every append the same, so its time is printed too: where it is long, ratios shrink.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter
from uuid import uuid4

import pytest

from ledger.keyring import create_keyring
from tests.benchmarks.peers import Place, create_peers, in_process, in_threads, open_ledger, peer
from tests.databases import Cluster, Databases

PEERS = ("ours", "sealing", "stock", "raw")
ROUNDS = 9
EACH = {1: 250, 8: 80}  # Appends of each caller in a round.


@pytest.fixture
def place(
    cluster: Cluster, new_databases: Callable[..., Databases], tmp_path: Path
) -> Iterator[Place]:
    """An opened ledger with one party's key, and a database for the peers."""
    databases = new_databases(use="opened")
    name = f"peers_{uuid4().hex[:8]}"
    tmp_path.chmod(0o700)
    create_keyring(tmp_path, b"for benchmarks")
    made = Place(
        databases.urls.writer,
        databases.urls.keys,
        databases.identity.origin,
        tmp_path,
        b"for benchmarks",
        uuid4(),
        create_peers(cluster.admin_url, name),
        b"",
    )
    with ExitStack() as stack:
        ledger = open_ledger(made, stack)
        ledger.open([])
        peer("sealing", made, stack)()
        peer("stock", made, stack)
        state = ledger._recorder.page(0, 9)[-1].state
    yield made._replace(state=state)
    cluster._drop(name)


@pytest.mark.benchmark
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("callers", [1, 8])
def test_callers_of_one_process(place: Place, callers: int) -> None:
    rates: dict[str, list[float]] = {name: [] for name in PEERS}
    flushes: list[float] = []
    with ExitStack() as stack:
        appends = {name: peer(name, place, stack) for name in PEERS}
        for append in appends.values():
            in_threads(append, callers, 20)
        for _ in range(ROUNDS):
            for name, append in appends.items():
                flushes.append(flush_seconds(place.keyring))
                rates[name].append(in_threads(append, callers, EACH[callers]))
    report(f"{callers} caller(s) of one process", place, rates, flushes)


@pytest.mark.benchmark
@pytest.mark.timeout(1_200)
def test_eight_processes(place: Place) -> None:
    rates: dict[str, list[float]] = {name: [] for name in PEERS}
    flushes = []
    for _ in range(3):
        for name in PEERS:
            flushes.append(flush_seconds(place.keyring))
            rates[name].append(in_processes(name, place, 8, 60))
    report("8 processes", place, rates, flushes)


def in_processes(name: str, place: Place, processes: int, each: int) -> float:
    context = get_context("spawn")
    start, ended = context.Barrier(processes + 1), context.Queue()
    children = [
        context.Process(target=in_process, args=(name, place, each, start, ended))
        for _ in range(processes)
    ]
    for child in children:
        child.start()
    start.wait()
    began = perf_counter()  # One clock for all processes of a machine.
    last = max(ended.get(timeout=300) for _ in children)
    for child in children:
        child.join()
    return processes * each / (last - began)


def flush_seconds(folder: Path) -> float:
    """The median time that this disk takes to flush one page."""
    file = os.open(folder / "flushed", os.O_CREAT | os.O_WRONLY)
    times = []
    for _ in range(21):
        os.pwrite(file, os.urandom(8192), 0)
        began = perf_counter()
        os.fdatasync(file)
        times.append(perf_counter() - began)
    os.close(file)
    return median(times)


def report(title: str, place: Place, rates: dict[str, list[float]], flushes: list[float]) -> None:
    flush = median(flushes) * 1e6
    print(f"\n{title}: one sealed event an append, {len(place.state)} B; flush {flush:.0f} us")
    for name, found in rates.items():
        ratios = [one / stock for one, stock in zip(found, rates["stock"], strict=True)]
        print(
            f"  {name:7} {median(found):7,.0f}/s ({min(found):,.0f}..{max(found):,.0f})"
            f"  x{median(ratios):.2f} stock ({min(ratios):.2f}..{max(ratios):.2f})"
        )
