"""A record in memory: the domain's view of the ledger, holding the bytes that it would be given.

For walks of thousands of commands. `test_storage.py` gives the same commands to a real ledger and
compares. What is sealed stands as an envelope that no key opens, as after shredding.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple, Self, TypeAlias, TypeVar, cast
from uuid import UUID, uuid5

import msgspec

from api.record import Record
from api.watch import Watch
from domain.commands import Intention
from domain.context import Who
from domain.events import Event
from domain.events.case import ReportReceived
from domain.execute import Done, Entry, Request, execute
from domain.ids import access_stream
from domain.indexed import INDEXED
from domain.registry import Registry

S = TypeVar("S")
Identifier: TypeAlias = tuple[str, str]  # Its kind, and the form of it that is compared.

ZONE = "America/Chicago"
LEDGER = UUID("6d756e69-6d65-4e74-8000-000000000000")
OPENED_AT = datetime.fromisoformat("2020-08-03T08:00:00-05:00")
SEALED = "munimentenc:1:shredded"

_REGISTRY = Registry()
_STEP = re.compile(r"(\w+)(?:\[(\d+)\])?")


class Row(NamedTuple):
    """One recorded event: as it was decided, and as it reads back."""

    position: int
    stream: UUID
    version: int
    recorded_at: datetime
    actor: str
    decided: Event
    event: Event


class Reading(NamedTuple):
    now: datetime
    streams: Mapping[UUID, Sequence[Row]]


class Appended(NamedTuple):
    first: int
    last: int
    recorded_at: datetime
    versions: Mapping[UUID, int]
    repeated: bool


def mac(purpose: str, text: str) -> str:
    return hmac.new(b"properties", f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()


class Paper:
    """Appends are checked as the ledger checks them: versions, guards, time, sealed fields."""

    zone = ZONE
    clock: Literal["real", "simulated"] = "simulated"

    def __init__(self, ledger: UUID = LEDGER, mac: Callable[[str, str], str] = mac) -> None:
        self.id = ledger
        self.mac = mac
        self.now = OPENED_AT
        self.rows: list[Row] = []
        self.streams: dict[UUID, tuple[Row, ...]] = {}
        self.watch = Watch(cast("Any", self))
        self._given = 0
        self._cases: dict[UUID, UUID] = {}  # By the stream beside each.
        self._known: dict[UUID, frozenset[Identifier]] = {}  # By stream.
        self._folds: dict[UUID, tuple[Sequence[Row], object]] = {}

    def copy(self) -> Self:
        """The same record, to be written on from here."""
        other = type(self)(self.id, self.mac)
        other.now, other.rows, other.streams = self.now, [*self.rows], {**self.streams}
        other.watch.cases = {**self.watch.cases}
        other.watch._position = self.watch._position
        other._given, other._cases = self._given, {**self._cases}
        other._known = {**self._known}
        other._folds = {**self._folds}
        return other

    def as_record(self) -> Record:
        """For the loader and the clock, which take the record that the api has."""
        return cast("Record", self)

    def give(self, command: Intention, stream: UUID, who: Who, at: datetime) -> Done:
        """Through the domain's own way of a command. Errors: those of `execute`."""
        self._given += 1
        command_id = uuid5(self.id, f"given {self._given}")
        return execute(
            self,
            Request(command=command, stream=stream, who=who, command_id=command_id, given_at=at),
        )

    def meet(self, one: UUID, other: UUID) -> bool:
        """Whether anybody is known in both streams, by the words as they were given."""
        nobody = frozenset[Identifier]()
        return not self._known.get(one, nobody).isdisjoint(self._known.get(other, nobody))

    def begins_with(self, stream: UUID, kind: type[Event]) -> bool:
        rows = self.streams.get(stream)
        return rows is not None and isinstance(rows[0].event, kind)

    def beside(self, case: UUID) -> tuple[Row, ...]:
        """What was recorded of who may read a case."""
        return self.streams.get(access_stream(self.id, case), ())

    def case_of(self, stream: UUID) -> UUID:
        """The case that a stream stands beside; of any other, itself."""
        return self._cases.get(stream, stream)

    def folded(self, stream: UUID, fold: Callable[[Iterable[Event]], S]) -> S:
        """The state of a stream; worked out once for as long as nothing is added."""
        rows = self.streams.get(stream, ())
        known = self._folds.get(stream)
        if known is None or known[0] is not rows:
            known = self._folds[stream] = (rows, fold(row.event for row in rows))
        return cast("S", known[1])

    def read(self, streams: Sequence[UUID]) -> Reading:
        return Reading(self.now, {stream: self.streams.get(stream, ()) for stream in streams})

    def page(self, after: int, limit: int) -> list[Row]:
        return self.rows[after : after + limit]

    def first_result(self, _command_id: UUID, _actor: str) -> Appended | None:
        return None

    def recorded(self, _command_id: UUID) -> Appended | None:
        return None

    def append(
        self,
        *,
        command_id: UUID,
        actor: str,
        actor_role: str,
        entries: Sequence[Entry],
        guards: Mapping[UUID, int],
        holds: tuple[datetime, datetime] | None,
        given_at: datetime | None,
        request_mac: bytes | None,
        occurred_on: str | None,
    ) -> Appended:
        del command_id, holds, request_mac, occurred_on  # What a test of the ledger looks at.
        assert given_at is not None
        assert given_at >= self.now, "a simulated clock does not go back"
        assert actor_role
        for stream, version in guards.items():
            assert self._version(stream) == version, "a guard has moved"
        first = len(self.rows) + 1
        for entry in entries:
            assert self._version(entry.stream) == entry.expected_version, "a stream has moved"
            assert entry.events, "an entry without events"
            for event in entry.events:
                self._write(entry.stream, event, given_at, actor)
        self.now = given_at
        versions = {entry.stream: self._version(entry.stream) for entry in entries}
        return Appended(first, len(self.rows), given_at, versions, repeated=False)

    def _version(self, stream: UUID) -> int:
        return len(self.streams.get(stream, ()))

    def _write(self, stream: UUID, decided: object, at: datetime, actor: str) -> None:
        assert isinstance(decided, Event)
        row = Row(
            position=len(self.rows) + 1,
            stream=stream,
            version=self._version(stream) + 1,
            recorded_at=at,
            actor=actor,
            decided=decided,
            event=stored(decided, stream),
        )
        if type(decided) in INDEXED:
            fields = _REGISTRY.sealed_fields(decided, stream)
            terms = {(term.kind, term.normalized) for field in fields for term in field.terms}
            self._known[stream] = self._known.get(stream, frozenset()) | terms
        if isinstance(decided, ReportReceived):
            self._cases[access_stream(self.id, stream)] = stream
        self.rows.append(row)
        self.streams[stream] = (*self.streams.get(stream, ()), row)


def stored(event: Event, stream: UUID) -> Event:
    """The event as it reads back from its bytes. Nothing but what is sealed may differ."""
    topic = _REGISTRY.topic(event)
    assert topic is not None, f"no topic for {type(event).__name__}"
    body = _REGISTRY.to_builtins(event)
    assert _REGISTRY.decode(topic, msgspec.json.encode(body)) == event
    for field in _REGISTRY.sealed_fields(event, stream):
        _seal(body, field.path)
    read = _REGISTRY.decode(topic, msgspec.json.encode(body))
    assert read is not None
    return read


def _seal(body: Any, path: str) -> None:
    """Put the envelope in the place of the words at `occasions[0].place`."""
    *steps, last = path.split(".")
    for step in steps:
        match = _STEP.fullmatch(step)
        assert match is not None
        body = body[match[1]]
        body = body[int(match[2])] if match[2] else body
    assert isinstance(body[last], str), f"nothing to seal at {path}"
    body[last] = SEALED
