"""The tests as sentences, and which codes each of them is about."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.golden.kept import ROOT

FOLDERS = ("spec", "api", "ledger", "contract")


class Spec(NamedTuple):
    """One test: its file, what it says, and the codes that it names."""

    file: Path
    sentence: str
    codes: frozenset[str]


@cache
def specs() -> list[Spec]:
    return [spec for folder in FOLDERS for spec in _specs(ROOT / "tests" / folder)]


def about(code: str) -> list[Spec]:
    """The tests that name a code."""
    return [spec for spec in specs() if code in spec.codes]


def _specs(folder: Path) -> Iterator[Spec]:
    for file in sorted(folder.glob("test_*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        tables = {
            target.id: _named(node, {})
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield Spec(file, sentence(node.name), frozenset(_named(node, tables)))


def sentence(name: str) -> str:
    return name.removeprefix("test_").replace("_", " ")


def _named(node: ast.AST, tables: dict[str, set[str]]) -> set[str]:
    """`No.X`, a word in capitals, and what stands in tables of the module that it uses."""
    found: set[str] = set()
    for part in ast.walk(node):
        match part:
            case ast.Attribute(value=ast.Name(id="No"), attr=code):
                found.add(code)
            case ast.Constant(value=str(word)) if word.isupper():
                found.add(word)
            case ast.Name(id=name) if name in tables:
                found |= tables[name]
    return found
