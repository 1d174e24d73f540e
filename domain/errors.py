"""How the domain says no: with a stable code, a sentence, its rule, and what would help."""

from datetime import date, datetime
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID


class Because(NamedTuple):
    """Why not, in a sentence; the rule ids; where that is written; and what would help."""

    sentence: str
    rule: str
    cite: str
    remedy: str


class Refusal(Enum):
    """A refusal's name is its code; its value says why. See `domain/refusals.py`."""

    @property
    def because(self) -> Because:
        reason: Because = self.value
        return reason


class Refused(Exception):
    """A rule says no. Nothing was recorded.

    `refusal` is a row of the catalog; `facts` fill its sentence (dates, codes, counts and words
    that stand in the code, never words from the case or the request); `allowed_after` is the day
    from which the command may come.
    """

    def __init__(
        self, refusal: Refusal, *, allowed_after: date | datetime | None = None, **facts: Any
    ) -> None:
        super().__init__(refusal.name)
        self.refusal = refusal
        self.facts = facts
        self.allowed_after = allowed_after

    @property
    def code(self) -> str:
        return self.refusal.name

    @property
    def sentence(self) -> str:
        return self.refusal.because.sentence.format_map(_Blank(self.facts))

    @property
    def remedy(self) -> str:
        return self.refusal.because.remedy.format_map(_Blank(self.facts))


class NotFound(Exception):
    """Nothing here under this id, or nothing that you may know of: the same answer for both."""


class Conflict(Exception):
    """Somebody wrote first. Read again, decide again."""

    def __init__(self, stream: UUID, version: int) -> None:
        super().__init__(f"stream is at version {version}")
        self.stream = stream
        self.version = version


class DecideAgain(Exception):
    """The day turned, or another stream that the decision read has moved. Nothing was written."""


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def require(
    holds: object, refusal: Refusal, *, allowed_after: date | datetime | None = None, **facts: Any
) -> None:
    """State what must hold; raise Refused where it does not."""
    if not holds:
        raise Refused(refusal, allowed_after=allowed_after, **facts)
