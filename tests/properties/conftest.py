"""A real ledger for what the record in memory is compared with."""

import logging
from collections.abc import Iterator

import pytest
import structlog

from tests.stories.conftest import keyring

__all__ = ["keyring", "quiet"]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The clock says each thing that it records; walks run it thousands of times."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    yield
    structlog.configure(**before)
