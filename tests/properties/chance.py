"""Choices that hypothesis makes, repeats and shrinks: the first of each is the simplest."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

T = TypeVar("T")

# The same examples at every run, so that what they reach can be demanded.
SAME = settings(
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink],
)
# Others at every run: for the slow suites.
OTHERS = settings(SAME, derandomize=False)

# Hypothesis's own stand-in for Random: what is drawn from it is part of the example.
randoms = st.randoms(use_true_random=False)


class Chance:
    """A few words for drawing. Small ranges only: those are drawn evenly."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def upto(self, last: int) -> int:
        """From 0 to last, both included."""
        return self._random.randint(0, last)

    def yes(self, percent: int) -> bool:
        return self.upto(99) < percent

    def one(self, options: Sequence[T]) -> T:
        return options[self.upto(len(options) - 1)]

    def some(self, options: Sequence[T], least: int = 0) -> tuple[T, ...]:
        """Some of them, each once, in their order; all of them half of the time."""
        if self.yes(50):
            return tuple(options)
        kept = [option for option in options if self.yes(50)]
        for option in options:
            if len(kept) >= least:
                break
            if option not in kept:
                kept.append(option)
        return tuple(kept)
