"""The ledger as the domain wants it: `domain.execute.Ledger` over `ledger.store.Ledger`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Self, cast
from uuid import UUID

from api.watch import Watch
from domain.errors import Conflict, DecideAgain, Refused
from domain.execute import Entry
from domain.refusals import No
from domain.registry import Registry
from ledger import errors, store
from ledger.keys import KeyStore
from ledger.seal import header

if TYPE_CHECKING:
    from ledger.mapper import Codec

_ENVELOPE = "munimentenc:1:"


class Record:
    """One ledger, for deciding and for showing. Closing it closes the ledger."""

    def __init__(self, ledger: store.Ledger) -> None:
        self.ledger = ledger
        self.id = ledger.identity.ledger
        self.zone = ledger.identity.zone
        self.clock: Literal["real", "simulated"] = ledger.identity.clock
        self.watch = Watch(ledger)

    def close(self) -> None:
        self.ledger.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, streams: Sequence[UUID]) -> store.Reading:
        return self.ledger.read(streams)

    def mac(self, purpose: str, text: str) -> str:
        """Keyed HMAC in hex, of something that could be guessed."""
        return self.ledger.mac(purpose, text.encode()).hex()

    def meet(self, one: UUID, other: UUID) -> bool:
        """Is anybody known in both streams? By the blind index; nothing is opened."""
        return bool(self.ledger.people.meet(one, other))

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
    ) -> store.Appended:
        """Write all entries or nothing; the first entry is the command's own stream.

        Errors: Conflict where that stream has moved; DecideAgain where anything else has (another
        stream, the day, a simulated clock); Refused(COMMAND_ID_REUSED).
        """
        own = entries[0].stream
        try:
            return self.ledger.append(
                command_id=command_id,
                actor=actor,
                actor_role=actor_role,
                entries=[store.Entry(*entry) for entry in entries],
                guards=guards,
                holds=holds,
                given_at=given_at,
                request_mac=request_mac,
                occurred_on=occurred_on,
            )
        except errors.WrongVersion as error:
            if error.stream != own:
                raise DecideAgain from error
            raise Conflict(own, self.version(own)) from error
        except (errors.GuardMoved, errors.DecideAgain) as error:
            raise DecideAgain from error
        except errors.TimeRefused as error:
            if self.clock == "real":
                raise
            raise DecideAgain from error  # The head went past the time that was given.
        except errors.CommandIdReused as error:
            raise Refused(No.COMMAND_ID_REUSED) from error

    def first_result(
        self, command_id: UUID, actor: str, request_mac: bytes | None = None
    ) -> store.Appended | None:
        """What this command led to before. Errors: Refused(COMMAND_ID_REUSED)."""
        try:
            return self.ledger.first_result(command_id, actor, request_mac)
        except errors.CommandIdReused as error:
            raise Refused(No.COMMAND_ID_REUSED) from error

    def recorded(self, command_id: UUID) -> store.Appended | None:
        """What this command led to before, whoever gave it."""
        return self.ledger.recorded(command_id)

    def version(self, stream: UUID) -> int:
        rows = self.ledger.read([stream]).streams[stream]
        return rows[-1].version if rows else 0

    def between(self, first: int, last: int) -> list[store.Recorded]:
        """The events at these positions, both counted in."""
        return self.ledger.page(first - 1, last - first + 1)

    def openable(self, values: Iterable[str]) -> dict[str, bool]:
        """Of each sealed value: does its key still exist? Nothing is opened."""
        keys = {value: header(value) for value in values}
        if not keys:
            return {}
        states = self.ledger.state_of(keys)
        return {value: states[key_id] == "live" for value, key_id in keys.items()}


def sealed(value: object) -> bool:
    """A stored text that is sealed, whatever the field is called."""
    return isinstance(value, str) and value.startswith(_ENVELOPE)


def open_record(writer_url: str, keys: KeyStore | None) -> Record:
    """Connect. Errors: NotOpened where the database has no ledger; psycopg's where none answers."""
    # A sealed field is written down twice, alike: the layers do not import each other.
    codec = cast("Codec", Registry())
    return Record(store.Ledger(writer_url, codec, keys))
