"""What a view is, and the one way from events to its rows, live and in a rebuild alike."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, LiteralString, NamedTuple, TypeAlias

import msgspec

from projections import facts
from projections.days import Days
from projections.facts import Fact, Place, Reader

# As PostgreSQL reads it: an id, an array or a timestamp is its text.
Row: TypeAlias = tuple[str | int | date | None, ...]

# The calendar that the clocks are counted on is kept beside the memories of cases, under no id.
SHARED = "00000000-0000-0000-0000-000000000000"


def array(words: Iterable[str]) -> str:
    """An array of words and ids, which hold no comma, brace or quote."""
    return "{" + ",".join(words) + "}"


class View(NamedTuple):
    """A table that is folded from the events of one stream at a time.

    Of each stream it keeps a memory. A row begins at its `from_position`; it is complete when
    `apply` returns it, and `standing` gives those that go on. `schema`: each column and its type,
    in the order of a row. `key`: what tells rows apart. `finish`: the columns that are set when a
    row is complete. `indexes`: as each would stand behind CREATE INDEX ON a table.
    """

    name: LiteralString
    version: int
    schema: Mapping[LiteralString, LiteralString]
    key: Sequence[LiteralString]
    finish: Sequence[LiteralString]
    indexes: Sequence[LiteralString]
    memory: type[msgspec.Struct]
    reads: frozenset[type[Fact]]
    apply: Callable[[Any, Fact, Place, Days], Sequence[Row]]
    standing: Callable[[Any, str], Iterable[Row]]

    @property
    def table(self) -> str:
        """A new version has a table of its own, beside the one that is shown."""
        return f"{self.name}_v{self.version}"

    @property
    def readers(self) -> dict[str, Reader]:
        """How what it reads is read: its own events, and those of the calendar."""
        return facts.readers({*self.reads, facts.CalendarDayMarked})

    def begin(self, row: Row) -> int:
        """The position from which a row holds."""
        position = row[list(self.schema).index("from_position")]
        assert isinstance(position, int)
        return position


_CALENDAR = "CalendarDayMarked/1"

# An event of a page: position, stream, topic, recorded_at, and the state where it is read.
Recorded: TypeAlias = tuple[int, str, str, datetime, bytes | None]


class Fold:
    """A view's memories, and the rows that events complete."""

    def __init__(self, view: View, days: Days, memories: dict[str, msgspec.Struct]) -> None:
        self.days = days
        self.memories = memories
        self._new = view.memory
        self._apply = view.apply
        self._readers = view.readers

    def take(self, event: Recorded) -> Sequence[Row]:
        """Fold one event; return the rows that it completes.

        Errors: UnknownTopic; LookupError for a policy pack that this version does not have;
        msgspec's errors for a state that does not hold what it should.
        """
        position, stream, topic, recorded_at, state = event
        reader = self._readers.get(topic)
        if reader is None:
            facts.require_known(topic)
            return ()
        fact = reader(state)
        if topic == _CALENDAR:
            assert isinstance(fact, facts.CalendarDayMarked)
            self.days.mark(fact.day, closed=fact.closed)
            return ()
        memory = self.memories.get(stream)
        if memory is None:
            memory = self.memories[stream] = self._new()
        return self._apply(memory, fact, Place(position, stream, recorded_at), self.days)
