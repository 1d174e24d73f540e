"""The cases as they stand, kept up with the record: what the clock looks at, and no more."""

from threading import Lock
from typing import TYPE_CHECKING

from domain.events import Event
from domain.events.case import ReportReceived
from domain.state.case import Case, evolve
from ledger.store import Ledger

if TYPE_CHECKING:
    from uuid import UUID

_PAGE = 1000


class Watch:
    """A fold of every case; a command that it leads to is decided on a reading of its own."""

    def __init__(self, ledger: Ledger) -> None:
        self.lock = Lock()  # Held by whoever runs the clock.
        self.cases: dict[UUID, Case] = {}
        self._ledger = ledger
        self._position = 0

    def follow(self) -> None:
        """Take in what was recorded since the last time. Call it with the lock."""
        while rows := self._ledger.page(self._position, _PAGE):
            for row in rows:
                known = self.cases.get(row.stream)
                if isinstance(row.event, Event) and (
                    known or isinstance(row.event, ReportReceived)
                ):
                    self.cases[row.stream] = evolve(known or Case(), row.event)
            self._position = rows[-1].position
