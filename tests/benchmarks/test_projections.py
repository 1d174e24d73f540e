"""How fast views follow a ledger, and how fast they are rebuilt from one (issue 2, point 10)."""

from collections.abc import Callable
from time import perf_counter

import pytest

from projections import VIEWS
from projections.parked import Parked
from projections.projector import Projector
from projections.rebuild import rebuild
from projections.view import View
from tests.benchmarks import synthetic
from tests.databases import Databases

CASES = 5_000


@pytest.mark.benchmark
@pytest.mark.timeout(600)
def test_rebuild_and_catch_up(new_databases: Callable[..., Databases]) -> None:
    databases = new_databases()
    with databases.connect("owner") as owner:
        began = perf_counter()
        events = synthetic.fill(owner, CASES)
        print(f"\n{events:,} events of {CASES:,} cases in {perf_counter() - began:.1f} s")
    for view in VIEWS:
        best = max(rebuild(databases.urls.projector, view).rate for _ in range(2))
        print(f"rebuild of {view.name}: {best:,.0f} events/s")
