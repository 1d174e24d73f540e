"""How far long work has come, how fast it goes and how long it will still take."""

from typing import NamedTuple


class Progress(NamedTuple):
    """Of `total` items `done` are done, after so many seconds.

    `before`: how many of those done an earlier run, which was cut short, had done.
    """

    done: int
    total: int
    seconds: float
    before: int = 0

    @property
    def rate(self) -> float:
        """Items a second."""
        return (self.done - self.before) / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """None: nothing is done yet."""
        return (self.total - self.done) / self.rate if self.rate else None
