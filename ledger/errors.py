"""What can stand in an append's way, and what a reader may meet. Ids and codes, never case data."""

from uuid import UUID

from eventsourcing.persistence import IntegrityError


class LedgerError(Exception):
    """Anything that the ledger itself refuses or cannot do."""


class WrongVersion(LedgerError, IntegrityError):
    """Events do not follow the last one of their stream: stale, or ahead of it."""

    def __init__(self, stream: UUID) -> None:
        super().__init__(f"not the next version of stream {stream}")
        self.stream = stream


class GuardMoved(LedgerError, IntegrityError):
    """Another stream that the decision read has new events: decide again."""

    def __init__(self, stream: UUID) -> None:
        super().__init__(f"stream {stream} has moved")
        self.stream = stream


class ClaimTaken(LedgerError, IntegrityError):
    """A permanent unique key belongs to an earlier event."""

    def __init__(self, kinds: tuple[str, ...]) -> None:
        super().__init__(f"claimed before: one of {', '.join(kinds)}")
        self.kinds = kinds


class CommandIdReused(LedgerError, IntegrityError):
    """The command id was used by another actor or with another request."""


class DecideAgain(LedgerError):
    """It would be recorded outside the interval in which its decision holds."""


class TimeRefused(LedgerError):
    """A given time on a real ledger; none, or one before the head, on a simulated ledger."""


class NotOpened(LedgerError):
    """The first event of a ledger must be the LedgerOpened that agrees with its identity."""


class Malformed(LedgerError):
    """An append without events, or whose rows the append function would not take."""


class LedgerBusy(LedgerError):
    """The ledger's lock could not be had in time; nothing was written."""


class LedgerUnreachable(LedgerError):
    """No answer from the database, not even on asking again: the outcome is unknown.

    Ask again with the same command id: it is either recorded, or will be now.
    """


class UnknownTopic(LedgerError):
    """A row holds a kind of event that this program does not know. Stop, rather than skip it."""

    def __init__(self, topic: str) -> None:
        super().__init__(f"unknown topic {topic}")
        self.topic = topic


class UnreadableState(LedgerError):
    """The bytes of a row are not what its topic promises."""

    def __init__(self, topic: str) -> None:
        super().__init__(f"unreadable state of a {topic}")
        self.topic = topic


class KeyGone(LedgerError):
    """The ledger tells of a key of this owner that the key store does not have any more.

    It was destroyed, or lost: restore it from a backup of the key store. It is never replaced.
    """

    def __init__(self, key_id: UUID) -> None:
        super().__init__(f"key {key_id} of this owner is gone, and no other takes its place")
        self.key_id = key_id


class NotSealedThere(LedgerError):
    """A place that was asked for holds no sealed value."""


class RevealBroken(LedgerError):
    """A recorded reveal failed although the key was there; that is recorded too."""

    def __init__(self, position: int) -> None:
        super().__init__(f"the reveal at position {position} could not be carried out")
        self.position = position
