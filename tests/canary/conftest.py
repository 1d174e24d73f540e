"""A server for the canary tests alone: else the leftovers of all other tests were searched too."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.server import Server, wheel_binaries
from tests.canary.whole import Whole
from tests.databases import Cluster, Databases


@pytest.fixture(scope="session")
def cage(short_folder: Path) -> Iterator[Cluster]:
    given = os.environ.get("MUNIMENT_ADMIN_URL")
    if given:
        cage = Cluster(given, short_folder / "given")
        yield cage
        cage.close()
        return
    with Server(short_folder / "cage") as server:
        yield Cluster(server.admin_url, short_folder / "cage")


@pytest.fixture
def pair(cage: Cluster) -> Iterator[Databases]:
    pair = cage.new()
    yield pair
    cage.drop(pair)


@pytest.fixture(scope="session")
def pg_dump() -> Path:
    return wheel_binaries() / "pg_dump"


@pytest.fixture(scope="session")
def whole(short_folder: Path) -> Whole:
    """A day of an installation of its own, on the embedded server."""
    whole = Whole(short_folder / "whole")
    whole.live()
    return whole
