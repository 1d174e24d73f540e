"""docs/reference/events.md: every event, its fields, which are sealed and under whose key."""

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any, get_args

import msgspec

from domain import ids, terms
from domain.events import Event, access, case, evidence, office, person
from domain.owners import CASE, KIND_IN, OWNERS, Owner
from domain.registry import TOPICS
from domain.rules import RULES
from domain.state.stages import STAGE_AFTER
from ledger import events as ledger_events
from tests.golden.pages.markdown import code, page, table
from tests.golden.pages.records import recorded_by
from tests.golden.sample import words

MODULES = (case, evidence, access, person, office, ledger_events)


def text() -> str:
    return page(
        "Events",
        "Everything that can be recorded. Names and fields are permanent. A field of type `Secret` "
        "or `Narrative` is sealed on the way in, under the key named; everything else stays "
        "readable for good. Fields of a part stand in each event that holds it.",
        [part for module in MODULES for part in _module(module)] + list(_vocabulary()),
    )


def _module(module: ModuleType) -> Iterator[str]:
    yield f"## `{module.__name__.replace('.', '/')}.py`"
    yield (inspect.getdoc(module) or "").split("\n")[0]
    for name, annotated in _classes(module).items():
        kind = getattr(module, name)
        if annotated:
            yield f"### {name}"
            if opening := _opening(kind):
                yield opening
            yield table(("field", "type", "sealed under"), _fields(kind, annotated))


def _opening(kind: type[msgspec.Struct]) -> str:
    said = " ".join((kind.__doc__ or "").split())
    parts = [said] if said else []
    if kind in TOPICS:
        commands = [command.__name__ for command in RULES if kind.__name__ in recorded_by(command)]
        parts.append(f"Recorded by {code(commands)}.")
    elif issubclass(kind, Event):
        parts.append("A part of other events.")
    if kind.__name__ in STAGE_AFTER:
        parts.append(f"Moves the case to {STAGE_AFTER[kind.__name__]}.")
    return " ".join(parts)


def _fields(
    kind: type[msgspec.Struct], annotated: dict[str, str]
) -> Iterator[tuple[str, str, str]]:
    stored = dict(zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True))
    owners = OWNERS.get(kind, {}) if issubclass(kind, Event) else {}
    if kind is ledger_events.IdentityRevealed:
        owners = {"reason": CASE}  # Named by who asks: `api/reveal.py`.
    for name, annotation in annotated.items():
        sealed = _key(kind, owners[name], stored) if name in owners else ""
        yield f"`{stored[name]}`", f"`{annotation}`", sealed
    for path, owner in owners.items():
        if "." in path:
            yield f"`{path}`", "", _key(kind, owner, stored)


def _key(kind: type[msgspec.Struct], owner: Owner, stored: dict[str, str]) -> str:
    if owner.named_by == "stream":
        return f"the {owner.kind}"
    # Where a field of the event says of what kind the owner is.
    kinds = words(kind).get(f"{kind.__name__}.{KIND_IN.get(kind)}", [owner.kind])
    return f"the {' or '.join(kinds)} of `{stored[owner.named_by]}`"


@cache
def _classes(module: ModuleType) -> dict[str, dict[str, str]]:
    """The records of a module in its order, and their fields as annotated there."""
    return {
        node.name: {
            one.target.id: ast.unparse(one.annotation)
            for one in node.body
            if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
        }
        for node in ast.parse(inspect.getsource(module)).body
        if isinstance(node, ast.ClassDef)
    }


def _vocabulary() -> Iterator[str]:
    yield "## Words"
    yield "What the closed vocabularies of `domain/terms.py` hold."
    yield table(("type", "words"), ((f"`{name}`", code(said)) for name, said in _lists(terms)))
    yield (
        "Ids are UUIDs. A `SpokenDate` is a day, a month, a year or `unknown`. A `Secret` is "
        f"padded to a multiple of {ids.Secret.PAD} bytes, a `Narrative` of {ids.Narrative.PAD}."
    )


def _lists(module: Any) -> Iterator[tuple[str, tuple[Any, ...]]]:
    for name, value in vars(module).items():
        if name[0].isupper() and get_args(value):
            yield name, get_args(value)
