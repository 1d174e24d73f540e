"""The ledger as others use it: events in, sealed and in order; events out, still sealed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Literal, Self
from uuid import UUID, uuid5

import msgspec

from ledger.batch import Answer, Request
from ledger.created import CreatedKeys
from ledger.draft import Draft, Entry
from ledger.errors import ClaimTaken, CommandIdReused, NotOpened
from ledger.events import TYPES, LedgerOpened, Migration
from ledger.index import PeopleIndex
from ledger.keys import KeyStore
from ledger.mapper import Codec, Envelope, LedgerMapper, Registry
from ledger.recorder import EventRow, LedgerDatastore, LedgerRecorder
from ledger.reveal import FieldRef, Revealed, Wish, deny, reveal, state_of
from ledger.trail import TOPICS, Unmatched, unmatched

_PAGE = 5000

__all__ = ["Appended", "Entry", "FieldRef", "Ledger", "Reading", "Recorded", "Revealed", "Wish"]


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """An event as it stands in the record; what is sealed is still sealed."""

    position: int
    stream: UUID
    version: int
    topic: str
    recorded_at: datetime
    leaf_hash: bytes
    envelope: Envelope
    event: object


class Reading(msgspec.Struct, frozen=True):
    """Streams, head and the ledger's clock of one moment; every stream asked for is a key."""

    now: datetime
    head: int
    streams: dict[UUID, list[Recorded]]


class Appended(msgspec.Struct, frozen=True):
    """Where an append stands. `repeated`: its command id was known, this is the first result."""

    first: int
    last: int
    recorded_at: datetime
    versions: dict[UUID, int]
    repeated: bool


class Ledger:
    """One ledger, through one role's URL. Without a key store it reads, and seals nothing."""

    def __init__(self, url: str, codec: Codec, keys: KeyStore | None = None) -> None:
        """Raises NotOpened where the database has no ledger. Closes the key store with itself."""
        self._recorder = LedgerRecorder(LedgerDatastore(url))
        self._mapper = LedgerMapper([codec, Registry(TYPES)])
        self._keys = keys
        self._created = CreatedKeys(self._recorder, self._mapper, self._key_store)
        try:
            self.identity = self._recorder.identity()
        except BaseException:
            self._recorder.close()
            raise

    def close(self) -> None:
        self._recorder.close()
        if self._keys is not None:
            self._keys.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, streams: Sequence[UUID]) -> Reading:
        """All that a decision needs, in one round trip. Raises NotOpened, UnknownTopic."""
        head, now, rows = self._recorder.read(streams)
        if now is None:
            raise NotOpened("a simulated ledger has no time before it is opened")
        found: dict[UUID, list[Recorded]] = {stream: [] for stream in streams}
        for stream, some in groupby(rows, attrgetter("stream")):
            found[stream] = list(map(self._recorded, some))
        return Reading(now, head, found)

    def history(self, stream: UUID, *, as_of: int | datetime | None = None) -> list[Recorded]:
        """The events of a stream up to a position or an instant, which both count in."""
        return list(map(self._recorded, self._recorder.stream(stream, as_of)))

    def page(self, after: int, limit: int) -> list[Recorded]:
        """The events behind a position, in order: at most so many."""
        return list(map(self._recorded, self._recorder.page(after, limit)))

    def position_at(self, instant: datetime) -> int:
        """The last position recorded at or before this instant; 0: nothing was by then."""
        return self._recorder.position_at(instant)

    def append(
        self,
        *,
        command_id: UUID,
        actor: str,
        actor_role: str,
        entries: Sequence[Entry],
        guards: Mapping[UUID, int],
        holds: tuple[datetime, datetime] | None,
        given_at: datetime | None = None,
        request_mac: bytes | None = None,
        claims: Sequence[tuple[str, bytes]] = (),
        occurred_on: str | None = None,
        grant_id: str | None = None,
    ) -> Appended:
        """Seal and write all entries, or nothing.

        `guards`: versions of the other streams that the decision read. `holds`: between which
        instants of recording it holds. A key that is used for the first time is announced by a
        KeyCreated before the event, which takes a version of the stream. Raises what
        `LedgerRecorder.append` raises, and KeyRefused, KeyGone and SealRefused.
        """
        envelope = Envelope(
            actor=actor,
            actor_role=actor_role,
            grant_id=grant_id,
            command_id=str(command_id),
            occurred_on=occurred_on,
        )
        draft, answer = self._append(
            envelope,
            entries,
            Request(
                command_id=command_id,
                actor=actor,
                rows=(),
                request_mac=request_mac,
                guards=guards,
                claims=claims,
                holds=holds,
                given_at=given_at,
            ),
        )
        assert answer.recorded_at is not None
        if answer.word == "known":
            versions = self._recorder.versions(answer.first, answer.last)
            return Appended(answer.first, answer.last, answer.recorded_at, versions, repeated=True)
        if draft.created:
            self._key_store().announced(draft.created)
        versions = {row.stream: row.version for row in draft.rows}
        return Appended(answer.first, answer.last, answer.recorded_at, versions, repeated=False)

    def first_result(
        self, command_id: UUID, actor: str, request_mac: bytes | None
    ) -> Appended | None:
        """What this command led to, if it was recorded before. Raises CommandIdReused."""
        known = self._recorder.command(command_id)
        if known and (known.actor, known.request_mac) != (actor, request_mac):
            raise CommandIdReused("this command id was used by another actor or request")
        return self.recorded(command_id)

    def recorded(self, command_id: UUID) -> Appended | None:
        """The same, whoever gave it and whatever it said."""
        known = self._recorder.command(command_id)
        if known is None:
            return None
        versions = self._recorder.versions(known.first, known.last)
        return Appended(known.first, known.last, known.recorded_at, versions, repeated=True)

    def open(self, migrations: Sequence[Migration], given_at: datetime | None = None) -> Appended:
        """Record the opening, position 1, as the identity of the database says; once."""
        identity = self.identity
        opened = LedgerOpened(
            ledger=identity.ledger,
            origin=identity.origin,
            institution=identity.institution,
            clock=identity.clock,
            zone=identity.zone,
            migrations=list(migrations),
        )
        return self.append(
            command_id=uuid5(identity.ledger, "open"),
            actor="operator",
            actor_role="operator",
            entries=[Entry(identity.ledger, 0, [opened])],
            guards={},
            holds=None,
            given_at=given_at,
        )

    def mac(self, purpose: str, data: bytes) -> bytes:
        """Keyed digest of something that could be guessed; each purpose has its own."""
        return self._key_store().mac(purpose, data)

    @property
    def people(self) -> PeopleIndex:
        """Where somebody is known, without opening anything."""
        return self._key_store().people

    def reveal(self, wish: Wish) -> Revealed:
        """Record who reads what and why, then open it; raises what `reveal.reveal` raises."""
        return reveal(self, self._recorder, self._key_store(), self._created, wish)

    def deny(self, wish: Wish, code: str) -> Appended:
        """Record that this was asked for and refused."""
        return deny(self, wish, code)

    def state_of(self, values: Iterable[str]) -> dict[UUID, Literal["live", "destroyed"]]:
        """Of each key that sealed one of these values: can it still be opened? Opens nothing."""
        return state_of(self._key_store(), values)

    def unmatched(self) -> list[Unmatched]:
        """Where the key store's trail and the recorded reveals differ."""
        recorded, position = list[Recorded](), 0
        while rows := self._recorder.page(position, _PAGE):
            recorded += [self._recorded(row) for row in rows if row.topic in TOPICS]
            position = rows[-1].position
        return list(unmatched(recorded, self._key_store().trail()))

    def _key_store(self) -> KeyStore:
        assert self._keys is not None, "this ledger was opened to be read"
        return self._keys

    def _append(
        self, envelope: Envelope, entries: Sequence[Entry], request: Request
    ) -> tuple[Draft, Answer]:
        """Draft and write. A key that somebody else told of meanwhile needs a new draft."""
        while True:
            draft = Draft(self._mapper, self.identity.origin, envelope, self._key_store)
            for stream, expected, events in entries:
                draft.add(stream, expected, events)
            keys = [self._created.claim(created) for created in draft.created.values()]
            if draft.indexed:
                self.people.add(draft.indexed)
            try:
                return draft, self._recorder.append(
                    request._replace(rows=draft.rows, claims=[*request.claims, *keys])
                )
            except ClaimTaken as taken:
                if not self._created.settle(draft.created.values()):
                    raise ClaimTaken(tuple(kind for kind, _ in request.claims)) from taken

    def _recorded(self, row: EventRow) -> Recorded:
        position, stream, version, topic, recorded_at, leaf_hash, state = row
        envelope, event = self._mapper.decode(topic, state)
        return Recorded(position, stream, version, topic, recorded_at, leaf_hash, envelope, event)
