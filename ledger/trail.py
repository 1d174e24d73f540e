"""Every key that was opened to read against every reveal that was recorded: they must agree."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple
from uuid import UUID

from ledger.events import IdentityRevealed, RevealFailed

if TYPE_CHECKING:
    from ledger.store import Recorded

TOPICS = frozenset({"IdentityRevealed/1", "RevealFailed/1"})


class Unwrap(NamedTuple):
    """A key was about to be opened, for this event of the ledger."""

    at: datetime
    key_id: UUID
    event_id: UUID | None


class Unmatched(NamedTuple):
    """An unwrap that no event tells of, or an event (at its position) that opened nothing."""

    what: Literal["unwrap without an event", "event without an unwrap"]
    at: datetime
    key_id: UUID
    event_id: UUID | None
    position: int | None


def unmatched(recorded: Iterable["Recorded"], unwraps: Iterable[Unwrap]) -> Iterator[Unmatched]:
    """What stands on one side alone. A reveal that is recorded as failed may have opened nothing.

    `recorded`: the reveals and failures of the ledger, in order.
    """
    told: dict[tuple[UUID | None, UUID], Recorded] = {}
    failed: set[UUID | None] = set()
    for row in recorded:
        if isinstance(row.event, IdentityRevealed):
            event_id = UUID(row.envelope.event_id)
            told |= {(event_id, key_id): row for key_id in row.event.key_ids}
        else:
            assert isinstance(row.event, RevealFailed)
            failed.add(row.event.reveal_event_id)
    opened: set[tuple[UUID | None, UUID]] = set()
    for one in unwraps:
        opened.add((one.event_id, one.key_id))
        if (one.event_id, one.key_id) not in told:
            yield Unmatched("unwrap without an event", one.at, one.key_id, one.event_id, None)
    for (said, key_id), row in told.items():
        if (said, key_id) not in opened and said not in failed:
            yield Unmatched("event without an unwrap", row.recorded_at, key_id, said, row.position)
