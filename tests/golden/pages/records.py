"""Which events a command may record, read from the functions that decide it."""

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from types import ModuleType

from domain.commands import Intention
from domain.registry import TYPES
from domain.rules import RULES

KINDS = {kind.__name__: kind for kind in TYPES.values()}


@cache
def recorded_by(command: type[Intention]) -> list[str]:
    """Names of events, in the order in which the code makes them."""
    decide = RULES[command].decide
    module = inspect.getmodule(decide)
    assert module is not None
    return list(dict.fromkeys(_made(module, decide.__name__, set())))


def _made(module: ModuleType, name: str, seen: set[tuple[ModuleType, str]]) -> Iterator[str]:
    """Events that a function of this module makes, by itself or through another function."""
    functions = _functions(module)
    if name not in functions or (module, name) in seen:
        return
    seen.add((module, name))
    for node in ast.walk(functions[name]):
        if not isinstance(node, ast.Call):
            continue
        # `Made(...)`, `restate(Made, ...)`
        for word in (node.func, *node.args):
            if isinstance(word, ast.Name) and word.id in KINDS:
                yield word.id
        match node.func:
            case ast.Name(id=called):
                yield from _made(module, called, seen)
            case ast.Attribute(value=ast.Name(id=name), attr=called):
                # A function of a rule module that this one imports.
                other = vars(module).get(name)
                if inspect.ismodule(other):
                    yield from _made(other, called, seen)


@cache
def _functions(module: ModuleType) -> dict[str, ast.FunctionDef]:
    tree = ast.parse(inspect.getsource(module))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
