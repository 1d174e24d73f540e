"""Tables and pages as Markdown."""

import inspect
import re
from collections.abc import Iterable, Iterator, Sequence

from domain.terms import Stage

MARKS = {
    "P": "primary text read",
    "S": "secondary text that tracks it",
    "K": "known, not found in a stored text: confirm before use",
    "D": "derived or decided here",
}


def page(title: str, opening: str, parts: Iterable[str]) -> str:
    """`parts` are paragraphs, tables and headings."""
    made = "Generated from the code by `make golden`; what is edited here is lost."
    return "\n\n".join([f"# {title}", opening, made, *parts]) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [_row(head), "|" + "---|" * len(head)]
    return "\n".join([*lines, *(_row(row) for row in rows)])


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell).replace("|", r"\|") for cell in cells) + " |"


def marks(used: str) -> str:
    """What the marks mean that stand behind citations."""
    assert set(used) <= set(MARKS)
    return "Marks: " + "; ".join(f"[{mark}] {MARKS[mark]}" for mark in MARKS if mark in used) + "."


def code(words: Iterable[object]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def plain(word: str) -> str:
    return word.replace("_", " ")


def stages(those: Iterable[Stage]) -> str:
    """`A … C` for three or more in the model's order."""
    order, held = list(Stage), set(those)
    runs: list[list[Stage]] = []
    for one in (one for one in order if one in held):
        if runs and order.index(one) == order.index(runs[-1][-1]) + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    return ", ".join(f"{run[0]} … {run[-1]}" if len(run) > 2 else ", ".join(run) for run in runs)


def groups(source: object, row: str) -> Iterator[tuple[str, list[str]]]:
    """The headings that stand as comments in a table of the code, and the rows under each.

    `row` is what a row looks like; its first group names it.
    """
    text = source if isinstance(source, str) else inspect.getsource(source)  # type: ignore[arg-type]
    heading, found = "", list[str]()
    for line in text.splitlines():
        if comment := re.match(r" {4}# (.+)", line):
            if found:
                yield heading, found
            heading, found = comment[1], []
        elif named := re.match(row, line):
            found.append(named[1])
    yield heading, found
