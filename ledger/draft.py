"""From events to rows: versions counted, keys announced, fields sealed, bytes fixed."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from ledger import index
from ledger.batch import SALT, Row
from ledger.events import KeyCreated
from ledger.keys import KeyStore
from ledger.mapper import Body, Envelope, LedgerMapper
from ledger.seal import DataKey, SealedField, random_bytes, seal

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


class Entry(NamedTuple):
    """Events for one stream, to follow the version that was read last (0: a new stream)."""

    stream: UUID
    expected_version: int
    events: Sequence[object]


class SealedWith(NamedTuple):
    """An event, and whose keys seal which of its fields where its codec cannot tell."""

    event: object
    fields: Sequence[SealedField]


class Draft:
    """The rows of one append."""

    def __init__(
        self,
        mapper: LedgerMapper,
        origin: str,
        envelope: Envelope,
        keys: Callable[[], KeyStore],
    ) -> None:
        self.rows: list[Row] = []
        self.created: dict[UUID, KeyCreated] = {}  # By key id: those that these rows tell of.
        self.indexed: list[index.Entry] = []  # What the blind index is to know, in plain text.
        self._mapper = mapper
        self._origin = origin
        self._envelope = envelope
        self._keys = keys
        self._owners: dict[tuple[str, UUID], DataKey] = {}

    def add(self, stream: UUID, version: int, events: Sequence[object]) -> None:
        """Let these events follow that version of the stream."""
        for given in events:
            event, known = given if isinstance(given, SealedWith) else (given, None)
            topic, codec = self._mapper.codec(event)
            fields = codec.sealed_fields(event, stream) if known is None else known
            body = codec.to_builtins(event)
            keys = [self._key(field) for field in fields]
            for key in keys:
                version += self._announce(key, stream, version + 1)
            version += 1
            for field, key in zip(fields, keys, strict=True):
                self.indexed += [index.Entry(key.key_id, stream, term) for term in field.terms]
                self._seal(body, field, key, topic, stream, version)
            self._row(stream, version, topic, body)

    def _key(self, field: SealedField) -> DataKey:
        owner = field.owner_kind, field.owner_id
        key = self._owners.get(owner)
        if key is None:
            key = self._owners[owner] = self._keys().for_owner(*owner)
        return key

    def _announce(self, key: DataKey, stream: UUID, version: int) -> int:
        """How many rows it took: 1 for the first use of a key, else 0."""
        if key.announced or key.key_id in self.created:
            return 0
        created = self.created[key.key_id] = KeyCreated(
            key_id=key.key_id,
            owner_kind=key.owner_kind,
            owner_id=key.owner_id,
            key_check_value=key.check_value.hex(),
            epoch=key.epoch,
        )
        topic, codec = self._mapper.codec(created)
        self._row(stream, version, topic, codec.to_builtins(created))
        return 1

    def _seal(
        self, body: Body, field: SealedField, key: DataKey, topic: str, stream: UUID, version: int
    ) -> None:
        holder, last = _holder(body, field.path)
        holder[last] = seal(
            holder[last],
            origin=self._origin,
            stream=stream,
            owner_id=field.owner_id,
            key=key,
            event_name=event_name(topic),
            path=field.path,
            version=version,
            pad=field.pad,
        )

    def _row(self, stream: UUID, version: int, topic: str, body: Body) -> None:
        random = random_bytes(16 + SALT)
        envelope = msgspec.structs.replace(self._envelope, event_id=random_id(random[:16]))
        state = self._mapper.encode(envelope, body)
        self.rows.append(Row(stream, version, topic, state, random[16:]))


def random_id(random: bytes) -> str:
    """A UUID of version 4 as text, from 16 random bytes, without making a UUID object first."""
    digits = random.hex()
    variant = "89ab"[int(digits[16], 16) % 4]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def event_name(topic: str) -> str:
    """The topic without its schema version: what sealed values are bound to."""
    return topic.partition("/")[0]


def value_at(body: Body, path: str) -> object:
    """What stands at `occasions[0].place`. Raises KeyError, IndexError or TypeError if nothing."""
    holder, last = _holder(body, path)
    return holder[last]


def _holder(body: Body, path: str) -> tuple[Any, Any]:
    *steps, last = _steps(path)
    holder: Any = body
    for step in steps:
        holder = holder[step]
    return holder, last


@lru_cache(4096)
def _steps(path: str) -> tuple[str | int, ...]:
    found = _STEP.findall(path)
    return tuple(int(index) if index else name for name, index in found)
