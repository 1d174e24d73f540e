"""How fast views follow a ledger, and how fast they are rebuilt from one."""

from collections.abc import Callable
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from threading import Event
from time import perf_counter

import pytest
from psycopg import Connection

from projections import VIEWS
from projections.parked import Parked
from projections.projector import Projector
from projections.rebuild import rebuild
from projections.view import View
from tests.benchmarks import synthetic
from tests.databases import Databases

CASES = 5_000
FOLLOWED = 300
BEST_OF = 3


@pytest.mark.benchmark
@pytest.mark.timeout(1_200)
def test_rebuild(new_databases: Callable[..., Databases]) -> None:
    """The whole of it: fold, COPY, indexes, statistics, switch."""
    databases = new_databases()
    with databases.connect("owner") as owner:
        events = synthetic.fill(owner, CASES)
        size = _megabytes(owner)
    print(f"\nrebuild from {events:,} events of {CASES:,} cases, {size:,} MB")
    for view in VIEWS:
        best, used = 0.0, 0.0
        for _ in range(BEST_OF):
            before = _processor_seconds()
            rate = rebuild(databases.urls.projector, view).rate
            if rate > best:
                best, used = rate, _processor_seconds() - before
        micro = used / events * 1e6
        print(f"  {view.name}: {best:,.0f} events/s; {micro:.1f} us of our processors an event")


@pytest.mark.benchmark
@pytest.mark.timeout(1_200)
def test_catch_up(new_databases: Callable[..., Databases]) -> None:
    """Pages in one transaction with the tracking row, as a projector that is behind does it."""
    databases = new_databases()
    with databases.connect("owner") as owner:
        events = synthetic.fill(owner, FOLLOWED)
    print(f"\ncatch-up with {events:,} events of {FOLLOWED:,} cases")
    for view in VIEWS:
        for page in (1, 100, 500, 2_000):
            limit = events if page > 1 else 1_000
            seconds = _follow(databases, view._replace(version=page), page, limit)
            print(f"  {view.name}, {page:,} a page: {limit / seconds:,.0f} events/s")


def _follow(databases: Databases, view: View, page: int, limit: int) -> float:
    def alarmed(parked: Parked) -> None:
        raise AssertionError(parked)

    with Projector(databases.urls.projector, view, alert=alarmed, page=page) as projector:
        projector.prepare()
        began = perf_counter()
        for _ in range(limit // page + (limit % page > 0)):
            projector._step(Event())
        return perf_counter() - began


def _megabytes(owner: Connection) -> int:
    row = owner.execute("SELECT pg_total_relation_size('muniment.events') >> 20").fetchone()
    assert row is not None
    return int(row[0])


def _processor_seconds() -> float:
    """Of this process and those it started; not the server's."""
    return sum(
        used.ru_utime + used.ru_stime for used in map(getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN))
    )
