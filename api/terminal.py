"""What a command says to the person at the terminal."""

import sys
from collections.abc import Callable

from ledger.progress import Progress


def say(text: str) -> None:
    """An answer, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def say_why(why: object, code: int) -> int:
    """One line on what is in the way; returns the exit code."""
    sys.stderr.write(f"muniment: {' '.join(str(why).split())}\n")
    return code


def show(progress: str) -> None:
    """Over the line before, and only to a person."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{progress}\x1b[K")  # And nothing of the line before.


def show_pace(items: str) -> Callable[[Progress], None]:
    """How far such items have come, their rate, and the time left."""

    def pace(so_far: Progress) -> None:
        left = so_far.seconds_left
        fast = f"{so_far.rate:,.0f} a second" + ("" if left is None else f", {left:.0f} s left")
        show(f"{so_far.done:,} of {so_far.total:,} {items}, {fast}")

    return pace
