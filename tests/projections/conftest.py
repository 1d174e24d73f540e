"""A simulated ledger and projectors for the tests of views."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from psycopg import Connection

from projections.parked import Parked
from projections.projector import Projector
from projections.view import View
from tests.databases import Databases
from tests.projections.book import Book


@pytest.fixture
def book(new_databases: Callable[..., Databases]) -> Iterator[Book]:
    book = Book(new_databases(clock="simulated"))
    yield book
    book.close()


@pytest.fixture
def db(book: Book) -> Iterator[Connection[Any]]:
    """As the role that reads the views."""
    with book.databases.connect("reader") as connection:
        yield connection


@pytest.fixture
def alerts() -> list[Parked]:
    """What the projectors of this test said of parked views."""
    return []


@pytest.fixture
def follow(book: Book, alerts: list[Parked]) -> Iterator[Callable[..., Projector]]:
    """follow(view): a projector that is ready to take events."""
    made: list[Projector] = []

    def new(view: View, **words: Any) -> Projector:
        url = book.databases.urls.projector
        made.append(Projector(url, view, alert=alerts.append, pauses=(0.0, 0.0), **words))
        made[-1].prepare()
        return made[-1]

    yield new
    for projector in made:
        projector.close()
