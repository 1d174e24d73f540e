"""Ledgers to be attacked, on every server that is here."""

from collections.abc import Callable, Iterator

import pytest

from tests.databases import Cluster, Databases
from tests.ledger.attempts import write
from tests.softhsm import MODULE

# Without SoftHSM there is nothing that a token's own tests could run on.
collect_ignore = [] if MODULE else ["test_pkcs11.py"]


@pytest.fixture(scope="package")
def kept(each_cluster: Cluster) -> Iterator[Databases]:
    """One ledger for all attempts that are refused, since they leave no trace."""
    databases = each_cluster.new()
    write(databases)
    yield databases
    each_cluster.drop(databases)


@pytest.fixture
def written(each_new: Callable[..., Databases]) -> Databases:
    """A ledger for an attempt that succeeds."""
    databases = each_new()
    write(databases)
    return databases


@pytest.fixture
def closed(each_cluster: Cluster) -> None:
    """What follows needs the layer that only a superuser can make, or needs a superuser."""
    if not each_cluster.superuser():
        pytest.skip("not applicable: this server gives no superuser")
