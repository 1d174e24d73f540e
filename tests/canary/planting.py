"""Stories with a word of its own in every field that is sealed, given later than the shipped ones.

What is sealed is asked of the types of the commands: a field that is new is planted as well.
"""

import json
import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from api import stories
from api.stories import FORMS
from domain.ids import Secret
from tests.canary.search import words

_NAME = re.compile(r"\b([A-Z][a-z]+) ([A-Z][a-z]+)\b")
_DATE = re.compile(r"\b\d{4}-\d\d-\d\d(?=\b|T)")


class Place(NamedTuple):
    """Where in a command's body sealed text stands, or may stand."""

    holder: dict[str, Any]
    name: str
    path: str  # "occasions[0].place"


class Planted(NamedTuple):
    """One word. `refused`: the command was to be refused, so that it stands nowhere at all."""

    word: str
    command: str
    path: str
    refused: bool


def sealed_places(kind: type, body: dict[str, Any]) -> list[Place]:
    """Every place of this body where the command takes sealed text, filled or empty."""
    return list(_places(msgspec.inspect.type_info(kind), body, ""))


def sealed_paths(kind: type) -> set[str]:
    """The same for a type alone: `occasions[].place`."""
    return set(_paths(msgspec.inspect.type_info(kind), ""))


def plant(lines: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[Planted]]:
    """The same lines, each sealed field holding a sentence with a word of its own.

    Optional fields are filled too, but not in lines that are to be refused.
    """
    copied = deepcopy(list(lines))
    found = [
        (line, place)
        for line in copied
        for place in sealed_places(FORMS[line["do"]], line.setdefault("with", {}))
        if not line.get("refused") or place.name in place.holder
    ]
    planted = []
    for (line, place), word in zip(found, words(len(found)), strict=True):
        email = place.holder.get("kind") == "email"
        place.holder[place.name] = f"{word}@mail.example" if email else f"It was {word}, they said."
        planted.append(Planted(word, line["do"], place.path, bool(line.get("refused"))))
    return copied, planted


def told_too_much(
    lines: Sequence[dict[str, Any]],
) -> tuple[list[dict[str, Any]], list[Planted]]:
    """The same, and before its type-only report others that say more, each with a word."""
    place = next(
        number
        for number, line in enumerate(lines)
        if line["do"] == "ReportTypeOnly" and not line.get("refused")
    )
    right = lines[place]
    body, planted, wrong = right["with"], [], []
    for word in words(8):
        text = f"It was {word}, they said."
        ways: tuple[dict[str, Any], ...] = (
            {"with": {**body, "narrative": text}},
            {"with": {**body, word: 1}},
            {"with": {**body, "detail": {"said": [{word: text}]}}},
            {"with": {**body, "claimed_types": [text]}},
            {"with": {**body, "resource_id": {word: text}}},
            {"with": {word: [text]}},
            {"with": {**body, "reporter_name": text}, "by": "coordinator-1"},
            {"with": {**body, "resource_id": "@nowhere", "place": text}},
        )
        wrong.append({**right, **ways[len(wrong)], "refused": "TYPE_ONLY"})
        planted.append(Planted(word, "ReportTypeOnly", "", refused=True))
    return [*lines[:place], *wrong, *lines[place:]], planted


def cast() -> list[str]:
    """The first and last names of everybody in the shipped stories; all are invented."""
    told = [line for file in stories.shipped() for line in lines_of(file)]
    texts = [
        place.holder[place.name]
        for line in told
        for place in sealed_places(FORMS[line["do"]], line.get("with", {}))
        if place.name in ("name", "reporter_name") and place.name in place.holder
    ]
    names = {part for text in texts for name in _NAME.findall(text) for part in name}
    return sorted(names - {"Ferrin"})  # As in "transferring".


def later(lines: Sequence[dict[str, Any]], weeks: int) -> list[dict[str, Any]]:
    """The same lines with every date so many weeks later."""
    moved: list[dict[str, Any]] = json.loads(
        _DATE.sub(
            lambda day: (date.fromisoformat(day.group()) + timedelta(weeks=weeks)).isoformat(),
            json.dumps(lines),
        )
    )
    return moved


def lines_of(story: Path) -> list[dict[str, Any]]:
    rows = story.read_text("utf-8").splitlines()
    return [json.loads(row) for row in rows if row.strip() and not row.startswith("#")]


def write(file: Path, lines: Sequence[dict[str, Any]]) -> Path:
    file.write_text("\n".join(json.dumps(line) for line in lines))
    return file


def _paths(kind: Any, path: str) -> Iterator[str]:
    for one in getattr(kind, "types", [kind]):
        match one:
            case msgspec.inspect.StructType():
                for field in one.fields:
                    yield from _paths(field.type, f"{path}.{field.encode_name}".removeprefix("."))
            case msgspec.inspect.VarTupleType():
                yield from _paths(one.item_type, f"{path}[]")
            case msgspec.inspect.CustomType() if _secret(one):
                yield path


def _places(kind: Any, body: Any, path: str) -> Iterator[Place]:
    for one in getattr(kind, "types", [kind]):
        match one, body:
            case msgspec.inspect.StructType(), dict():
                for field in one.fields:
                    yield from _of_field(field, body, path)
            case msgspec.inspect.VarTupleType(), list():
                for index, item in enumerate(body):
                    yield from _places(one.item_type, item, f"{path}[{index}]")


def _of_field(field: msgspec.inspect.Field, body: dict[str, Any], path: str) -> Iterator[Place]:
    name = field.encode_name
    at = f"{path}.{name}".removeprefix(".")
    if any(_secret(one) for one in getattr(field.type, "types", [field.type])):
        yield Place(body, name, at)
    elif name in body:
        yield from _places(field.type, body[name], at)


def _secret(kind: Any) -> bool:
    return isinstance(kind, msgspec.inspect.CustomType) and issubclass(kind.cls, Secret)
