"""What is asked and by which step, from docs/reference/requirements.toml; what serves it, by id."""

import tomllib
from functools import cache
from typing import Any, NamedTuple

from domain.refusals import No
from tests.golden.kept import ROOT

FILE = ROOT / "docs" / "reference" / "requirements.toml"
BUILT = 1


class Requirement(NamedTuple):
    """`served_by`: refusals and warnings by code, and files, in that order."""

    id: str
    cite: str
    asks: str
    step: int
    served_by: tuple[str, ...]


class ToCome(NamedTuple):
    """A refusal of a later step."""

    code: str
    step: int
    rules: tuple[str, ...]


@cache
def requirements() -> dict[str, Requirement]:
    """By id, in the order of the file."""
    tables = {name: rows for name, rows in _file().items() if name not in _OTHER}
    return {
        name: Requirement(name, cite, asks, step, (*_codes(name), *more))
        for rows in tables.values()
        for name, (cite, asks, step, *more) in rows.items()
    }


def to_come() -> list[ToCome]:
    return [
        ToCome(code, step, tuple(rules))
        for code, (step, *rules) in _file()["codes_to_come"].items()
    ]


def steps() -> dict[int, str]:
    return {int(number): name for number, name in _file()["steps"].items()}


def rules_of(no: No) -> tuple[str, ...]:
    """The ids that a refusal of the catalog cites."""
    return tuple(one.strip() for one in no.because.rule.split(",") if one.strip())


_OTHER = {"steps", "codes_to_come"}


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text("utf-8"))


def _codes(requirement: str) -> list[str]:
    return [no.name for no in No if requirement in rules_of(no)]
