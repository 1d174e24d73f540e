"""A small kind of event with a sealed text, for tests of the ledger alone."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import msgspec

from ledger.mapper import Registry
from ledger.seal import SealedField
from ledger.store import Entry


class Line(msgspec.Struct, frozen=True):
    words: str


class NoteTaken(msgspec.Struct, frozen=True):
    """`text` is sealed for `about`, `lines` for the stream; without `about` nothing is sealed."""

    text: str = ""
    about: UUID | None = None
    lines: list[Line] = []


class Notes(Registry):
    """What the ledger must know of notes."""

    def __init__(self) -> None:
        super().__init__({"NoteTaken/1": NoteTaken})

    def sealed_fields(self, event: object, stream: UUID) -> Sequence[SealedField]:
        assert isinstance(event, NoteTaken)
        if event.about is None:
            return ()
        lines = (f"lines[{index}].words" for index in range(len(event.lines)))
        return [
            SealedField("text", "party", event.about, 64),
            *(SealedField(path, "case", stream, 1024) for path in lines),
        ]


def put(stream: UUID, version: int, *events: object, **more: Any) -> dict[str, Any]:
    """Arguments of an append that writes these to one stream."""
    return {
        "command_id": uuid4(),
        "actor": "staff-1",
        "actor_role": "coordinator",
        "entries": [Entry(stream, version, events)],
        "guards": {},
        "holds": None,
    } | more
