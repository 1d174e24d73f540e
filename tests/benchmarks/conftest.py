"""Benchmarks run on a server as it is run: every commit is flushed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.server import Server
from tests.databases import Cluster


@pytest.fixture(scope="session")
def cluster(short_folder: Path) -> Iterator[Cluster]:
    with Server(short_folder / "flushed") as server:
        yield Cluster(server.admin_url, short_folder / "flushed")
