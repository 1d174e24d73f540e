"""The closed registry of topics, and the bytes of events: `ReportReceived/1` and its type."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec

from domain.events import Event, access, case, evidence, office, person
from domain.ids import Secret
from domain.owners import sealed_fields

Body: TypeAlias = dict[str, Any]

# Parts of events that are records of their own and never stand alone in the ledger.
_PARTS = frozenset(
    {
        case.Delivery,
        case.Offense,
        case.Victim,
        case.Relationship,
        case.Occasion,
        case.Count,
        case.Act,
        case.Course,
        case.Source,
        case.Allegation,
        case.Screen,
        case.Result,
        case.Sanction,
        case.Blocks,
        case.Change,
        evidence.SharedWith,
    }
)

TYPES: dict[str, type[Event]] = {
    f"{kind.__name__}/1": kind
    for module in (access, case, evidence, office, person)
    for kind in vars(module).values()
    if isinstance(kind, type)
    and issubclass(kind, Event)
    and kind.__module__ == module.__name__
    and kind not in _PARTS
}
TOPICS: dict[type[Event], str] = {kind: topic for topic, kind in TYPES.items()}

# Older schema versions: topic → the function that turns its body into today's, and today's topic.
UPCASTERS: Mapping[str, tuple[Callable[[Body], Body], str]] = {}


def enc_hook(value: object) -> object:
    """Secrets as their text: the words before the append, the envelope after it."""
    if isinstance(value, Secret):
        return value.raw()
    raise NotImplementedError(type(value).__name__)


def dec_hook(kind: type, value: object) -> object:
    """The text of a Secret. Errors: TypeError, of which msgspec makes a ValidationError."""
    if not issubclass(kind, Secret):
        raise NotImplementedError(kind.__name__)
    if not isinstance(value, str):
        raise TypeError("Expected `str`")
    return kind(value)


_DECODERS = {topic: msgspec.json.Decoder(kind, dec_hook=dec_hook) for topic, kind in TYPES.items()}


class Registry:
    """What the ledger needs to know of domain events (its `Codec`)."""

    def topic(self, event: object) -> str | None:
        return TOPICS.get(type(event))  # type: ignore[arg-type]

    def to_builtins(self, event: object) -> Body:
        body: Body = msgspec.to_builtins(event, enc_hook=enc_hook, str_keys=True)
        return body

    def decode(self, topic: str, body: bytes) -> Event | None:
        """The event of a stored body; None: not one of ours. A broken body raises (validated)."""
        if decoder := _DECODERS.get(topic):
            event: Event = decoder.decode(body)
            return event
        if upcast := UPCASTERS.get(topic):
            change, today = upcast
            changed = change(msgspec.json.decode(body))
            return msgspec.convert(changed, TYPES[today], dec_hook=dec_hook)
        return None

    sealed_fields = staticmethod(sealed_fields)
