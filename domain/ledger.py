"""The ledger, as far as the domain knows it: what is read, what is written, what comes back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple, Protocol
from uuid import UUID


class Stored(Protocol):
    """One recorded event, as the ledger gives it back."""

    @property
    def version(self) -> int: ...
    @property
    def event(self) -> object: ...


class Reading(Protocol):
    """Several streams and the ledger's clock, of one moment."""

    @property
    def now(self) -> datetime: ...
    @property
    def streams(self) -> Mapping[UUID, Sequence[Stored]]: ...


class Appended(Protocol):
    @property
    def first(self) -> int: ...
    @property
    def last(self) -> int: ...
    @property
    def recorded_at(self) -> datetime: ...
    @property
    def versions(self) -> Mapping[UUID, int]: ...
    @property
    def repeated(self) -> bool: ...


class Entry(NamedTuple):
    """What is to be written to one stream, after the version that was read."""

    stream: UUID
    expected_version: int
    events: Sequence[object]


class Ledger(Protocol):
    """The domain's view of the record. Errors of `append`: Conflict, DecideAgain, Refused."""

    @property
    def id(self) -> UUID: ...
    @property
    def zone(self) -> str: ...
    @property
    def clock(self) -> Literal["real", "simulated"]: ...
    def read(self, streams: Sequence[UUID]) -> Reading: ...
    def mac(self, purpose: str, text: str) -> str: ...
    def meet(self, one: UUID, other: UUID) -> bool:
        """Is anybody known in both streams, by the blind index? Opens nothing."""

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
    ) -> Appended: ...
