"""An auditor's replay of a stream: each event with its numbers, its leaf, and its clear fields."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from api.record import Record, sealed
from domain.registry import enc_hook
from ledger.store import Recorded

SEALED, DESTROYED = "[sealed]", "[destroyed]"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """`number` is the position in the whole record; `leaf` its leaf's hash, in hex."""

    number: int
    version: int
    recorded_at: datetime
    occurred_on: str | None
    role: str | None
    name: str
    leaf: str
    fields: dict[str, Any]


def lines(record: Record, rows: Sequence[Recorded]) -> list[Line]:
    """What is readable of these events; of the rest, whether its key still exists."""
    bodies = [_body(row.event) for row in rows]
    openable = record.openable({value for body in bodies for value in _sealed_in(body)})
    return [
        Line(
            number=row.position,
            version=row.version,
            recorded_at=row.recorded_at,
            occurred_on=row.envelope.occurred_on,
            role=row.envelope.actor_role,
            name=row.topic.partition("/")[0],
            leaf=row.leaf_hash.hex(),
            fields=_marked(body, openable),
        )
        for row, body in zip(rows, bodies, strict=True)
    ]


def _body(event: object) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.to_builtins(
        event, str_keys=True, order="deterministic", enc_hook=enc_hook
    )
    return body


def _sealed_in(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _sealed_in(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _sealed_in(item)
    elif isinstance(value, str) and sealed(value):
        yield value


def _marked(value: Any, openable: dict[str, bool]) -> Any:
    """The same with a marker for each sealed value."""
    if isinstance(value, dict):
        return {key: _marked(item, openable) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_marked(item, openable) for item in value]
    if isinstance(value, str) and sealed(value):
        return SEALED if openable[value] else DESTROYED
    return value
