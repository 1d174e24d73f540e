"""docs/reference/refusals.md: the catalog of refusals, with what HTTP answers."""

import re
from collections.abc import Iterator

from api.errors import EDGE, STATUS
from domain.refusals import No
from tests.golden.pages.markdown import groups, marks, page, table

HEAD = ("code", "HTTP", "sentence", "rule", "citation", "what would help")


def text() -> str:
    return page(
        "Refusals",
        "Every code that a command can be answered with. An answer over HTTP is an "
        "`application/problem+json` (RFC 9457) with `code`, `rule`, `citation`, `remedy` and, "
        "where time alone will allow it, `allowed_after`. Words in braces are filled in with "
        "dates, codes and counts, never with words of a case. Rules are those of "
        "[traceability.md](traceability.md).",
        [
            marks("".join(used_marks(no) for no in No)),
            *_catalog(),
            "## Not from a rule",
            "What the service itself answers.",
            table(
                ("code", "HTTP", "sentence"),
                ((f"`{name}`", edge.status, edge.sentence) for name, edge in EDGE.items()),
            ),
        ],
    )


def used_marks(no: No) -> str:
    """The marks of a citation: how far each part of it was checked."""
    return "".join(re.findall(r"\[([A-Z])\]", no.because.cite))


def _catalog() -> Iterator[str]:
    for heading, names in groups(No, r" {4}([A-Z_]+) = Because\("):
        yield f"## {heading}"
        yield table(HEAD, (_refusal(No[name]) for name in names))


def _refusal(no: No) -> tuple[object, ...]:
    because = no.because
    return (
        f"`{no.name}`",
        STATUS[no],
        because.sentence,
        because.rule,
        because.cite,
        because.remedy,
    )
