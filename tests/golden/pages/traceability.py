"""docs/reference/traceability.md: what is asked, what serves it, and the tests that show it."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from domain.refusals import No
from tests.golden.kept import ROOT
from tests.golden.pages.markdown import code, page, table
from tests.golden.pages.requirements import (
    BUILT,
    Requirement,
    requirements,
    rules_of,
    steps,
    to_come,
)
from tests.golden.pages.specs import about

SOURCES = ("domain", "ledger", "projections", "retention", "api")


def text() -> str:
    every = requirements().values()
    built = [one for one in every if one.step == BUILT]
    waiting = [one for one in every if one.step != BUILT]
    return page(
        "Traceability",
        "From what the law and the policies ask, to the code that refuses or keeps it, to the "
        "tests that show it. Ids: A the Title IX policy, B the mistreatment policy, C Clery, F the "
        "federal rule of 2020, P privacy, T Texas; they are listed in "
        "[requirements.toml](requirements.toml).",
        [
            "## Built",
            table(("id", "asks", "written in", "kept by"), map(_built, built)),
            "## To come",
            "A code in brackets exists already and serves another rule.",
            table(("id", "asks", "written in", "comes with", "codes"), map(_waiting, waiting)),
            "## Refusals, and the tests that provoke them",
            *(part for no in No for part in _refusal(no)),
            "## Warnings",
            *(part for name in warnings() for part in _tests(name)),
        ],
    )


def kept_by(requirement: Requirement) -> list[Path]:
    """The tests' files that show a built requirement."""
    provoked = {spec.file for code in requirement.served_by for spec in about(code)}
    return sorted(provoked | {test for file in _files(requirement) for test in _tests_of(file)})


def warnings() -> list[str]:
    """Codes that refuse nothing: named by requirements, and not in the catalog."""
    named = {word for one in requirements().values() for word in one.served_by if word.isupper()}
    return sorted(named - {no.name for no in No})


def _built(one: Requirement) -> tuple[str, ...]:
    kept = [_anchor(word) for word in one.served_by if word.isupper()]
    for file in _files(one):
        kept += _links([file, *_tests_of(file)])
    later = code(coming.code for coming in to_come() if one.id in coming.rules)
    return one.id, one.asks, one.cite, ", ".join(kept) + (f"; to come {later}" if later else "")


def _waiting(one: Requirement) -> tuple[str, ...]:
    coming = [f"`{new.code}`" for new in to_come() if one.id in new.rules]
    there = [f"[`{word}`]" for word in one.served_by if word.isupper()]
    return one.id, one.asks, one.cite, steps()[one.step], ", ".join(coming + there)


def _refusal(no: No) -> Iterator[str]:
    rules = ", ".join(rules_of(no)) or "of the record itself"
    raised = ", ".join(_links(_raised_in(no.name)))
    yield from _tests(no.name, f"{rules}. Given in {raised}.")


def _tests(name: str, *said: str) -> Iterator[str]:
    yield f"### {name}"
    yield from said
    lines, file = [], None
    for spec in about(name):
        if spec.file != file:
            file = spec.file
            lines += [f"- {link}" for link in _links([file])]
        lines.append(f"  - {spec.sentence}")
    yield "\n".join(lines) or "No test names it."


def _raised_in(name: str) -> list[Path]:
    """The modules that name it, less the catalog and the table of statuses if there are others."""
    found = _raised()[name]
    return [path for path in found if path.name not in ("refusals.py", "errors.py")] or found


@cache
def _raised() -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {no.name: [] for no in No}
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for name in set(re.findall(r"\bNo\.([A-Z_]+)\b", path.read_text("utf-8"))):
                found[name].append(path)
    return found


def _files(one: Requirement) -> list[Path]:
    return [ROOT / word for word in one.served_by if "/" in word]


def _tests_of(module: Path) -> list[Path]:
    """One stem in every layer: the tests of `intake.py` are `test_intake.py`."""
    return sorted((ROOT / "tests").glob(f"*/test_{module.stem}.py"))


def _links(paths: Iterable[Path]) -> list[str]:
    return [f"[{path.stem}](../../{path.relative_to(ROOT).as_posix()})" for path in paths]


def _anchor(name: str) -> str:
    return f"[`{name}`](#{name.lower()})"
