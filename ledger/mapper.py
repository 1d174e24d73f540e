"""Between an event and the bytes of its row: a closed registry of topics, and nothing imported.

Bytes that were stored are never made again: they are read, and older forms are changed in memory.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias
from uuid import UUID

import msgspec
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent

from ledger.errors import UnknownTopic, UnreadableState
from ledger.seal import SealedField

Body: TypeAlias = dict[str, Any]
Upcaster: TypeAlias = tuple[Callable[[Body], Body], str]


class Envelope(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Who, for which command, and when it happened; stands beside the event in the state."""

    event_id: str | None = None
    actor: str | None = None
    actor_role: str | None = None
    grant_id: str | None = None
    command_id: str | None = None
    occurred_on: str | None = None


class Codec(Protocol):
    """What the ledger must know of events that it does not understand."""

    def topic(self, event: object) -> str | None:
        """`ReportReceived/1`; None: not one of mine."""

    def to_builtins(self, event: object) -> Body:
        """The event as JSON will hold it; what is to be sealed still in plain text."""

    def decode(self, topic: str, body: bytes) -> object | None:
        """The event of a stored body, in today's form; None: not one of mine."""

    def sealed_fields(self, event: object, stream: UUID) -> Sequence[SealedField]:
        """Which of its fields are sealed, and under whose key. Absent ones are left out."""


class Registry:
    """A codec over a table of types; an older topic has a function into the next one."""

    def __init__(
        self,
        types: Mapping[str, type[msgspec.Struct]],
        upcasters: Mapping[str, Upcaster] | None = None,
    ) -> None:
        self._types = types
        self._topics = {kind: topic for topic, kind in types.items()}
        self._decoders = {topic: msgspec.json.Decoder(kind) for topic, kind in types.items()}
        self._upcasters = upcasters or {}

    def topic(self, event: object) -> str | None:
        return self._topics.get(type(event))  # type: ignore[arg-type]

    def to_builtins(self, event: object) -> Body:
        body: Body = msgspec.to_builtins(event)
        return body

    def decode(self, topic: str, body: bytes) -> object | None:
        if decoder := self._decoders.get(topic):
            return decoder.decode(body)
        if topic not in self._upcasters:
            return None
        builtins: Body = msgspec.json.decode(body)
        while topic in self._upcasters:
            change, topic = self._upcasters[topic]
            builtins = change(builtins)
        return msgspec.convert(builtins, self._types[topic])

    def sealed_fields(self, event: object, stream: UUID) -> Sequence[SealedField]:
        del event, stream  # What such a table holds is clear.
        return ()


class StreamEvent(msgspec.Struct, frozen=True):
    """An event in its place, for the library: it keeps the bytes that it was read from."""

    originator_id: UUID
    originator_version: int
    topic: str
    state: bytes
    envelope: Envelope
    event: object


class _State(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    envelope: Envelope
    event: msgspec.Raw


_STATE = msgspec.json.Decoder(_State)


class LedgerMapper(Mapper[UUID]):
    """The library's mapper, over the codecs given. The first that knows an event has it."""

    def __init__(self, codecs: Sequence[Codec]) -> None:
        super().__init__(JSONTranscoder())  # Asked for by the library, and never used.
        self.codecs = codecs

    def codec(self, event: object) -> tuple[str, Codec]:
        """Topic and codec of an event. Raises UnknownTopic, naming its type."""
        for codec in self.codecs:
            if topic := codec.topic(event):
                return topic, codec
        raise UnknownTopic(type(event).__name__)

    def encode(self, envelope: Envelope, body: Body) -> bytes:
        """The state of a new row."""
        return msgspec.json.encode({"envelope": envelope, "event": body})

    def decode(self, topic: str, state: bytes) -> tuple[Envelope, object]:
        """Envelope and event of a row.

        Raises UnknownTopic rather than pass over an event, and UnreadableState.
        """
        try:
            read = _STATE.decode(state)
            for codec in self.codecs:
                event = codec.decode(topic, bytes(read.event))
                if event is not None:
                    return read.envelope, event
        except (msgspec.MsgspecError, UnicodeDecodeError):
            # Without its cause, which may quote what stands there.
            raise UnreadableState(topic) from None
        raise UnknownTopic(topic)

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        """The row of an event in its place: the very bytes."""
        assert isinstance(domain_event, StreamEvent)
        return StoredEvent(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=domain_event.topic,
            state=domain_event.state,
        )

    def to_domain_event(self, stored_event: StoredEvent) -> StreamEvent:
        """The event of a row. Raises as `decode` does."""
        assert isinstance(stored_event.originator_id, UUID)
        return StreamEvent(
            stored_event.originator_id,
            stored_event.originator_version,
            stored_event.topic,
            stored_event.state,
            *self.decode(stored_event.topic, stored_event.state),
        )
