"""Which events a command may record, read from the functions that decide it."""

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from types import ModuleType

from domain.commands import Command
from domain.registry import TYPES
from domain.rules import RULES

KINDS = {kind.__name__: kind for kind in TYPES.values()}


@cache
def recorded_by(command: type[Command]) -> list[str]:
    """Names of events, in the order in which the code makes them."""
    decide = RULES[command].decide
    module = inspect.getmodule(decide)
    assert module is not None
    return list(dict.fromkeys(_made(module, decide.__name__, set())))


def _made(module: ModuleType, name: str, seen: set[str]) -> Iterator[str]:
    """Events that a function of this module makes, by itself or through another function of it."""
    functions = _functions(module)
    if name not in functions or name in seen:
        return
    seen.add(name)
    for node in ast.walk(functions[name]):
        if not isinstance(node, ast.Call):
            continue
        # `Made(...)`, `restate(Made, ...)`
        for word in (node.func, *node.args):
            if isinstance(word, ast.Name) and word.id in KINDS:
                yield word.id
        if isinstance(node.func, ast.Name):
            yield from _made(module, node.func.id, seen)


@cache
def _functions(module: ModuleType) -> dict[str, ast.FunctionDef]:
    tree = ast.parse(inspect.getsource(module))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
