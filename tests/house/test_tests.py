"""The tests keep their shape: sentences, citations, and nothing passed over."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.house.tracked import ending

CITATION = re.compile(
    r"\d+ CFR \d|\d+ U\.S\.C\. \d|\bTEC \d|\bTAC \d|02\.2\.20|\b7\.16\b|\b[ABCFPT]-\d\d"
)
# A layer that needs a superuser says "not applicable" where the server gives none; vectors from
# outside are passed over where their folder is absent. Edited by hand, and only shrinks.
MAY_SKIP = {"tests/ledger/conftest.py": 1}
NAMED_BY_THE_LIBRARY = {"tests/contract/test_shipped.py: test_insert_subscribe"}
OF_EVERY_RULE = {
    "tests/spec/test_execute.py",
    "tests/spec/test_refusals.py",
    "tests/spec/test_registry.py",
}


@cache
def trees() -> list[tuple[str, ast.Module]]:
    """The tests and what they use."""
    return [
        (name, ast.parse(text)) for name, text in ending(".py").items() if name.startswith("tests/")
    ]


def names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name


def test_the_name_of_a_test_is_a_sentence() -> None:
    short = {
        f"{path}: {name}"
        for path, tree in trees()
        if not path.startswith("tests/benchmarks/")  # They measure, and say what.
        for name in names(tree)
        if len(name.split("_")) < 4
    }
    assert short == NAMED_BY_THE_LIBRARY


def test_no_two_specs_say_the_same() -> None:
    said: dict[str, list[str]] = {}
    for path, tree in trees():
        if path.startswith("tests/spec/"):
            for name in names(tree):
                said.setdefault(name, []).append(Path(path).stem)
    twice = {name: files for name, files in said.items() if len(files) != len(set(files))}
    assert twice == {}, "the first of them never runs"


def test_a_spec_opens_with_its_citation() -> None:
    silent = {
        path
        for path, tree in trees()
        if path.startswith("tests/spec/test_")
        and not CITATION.search((ast.get_docstring(tree) or "").partition("\n\n")[0])
    }
    assert silent == OF_EVERY_RULE


def test_every_file_of_tests_says_what_it_asks() -> None:
    silent = [path for path, tree in trees() if not ast.get_docstring(tree)]
    assert silent == []


def test_no_test_is_passed_over() -> None:
    marks, skips = [], dict[str, int]()
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                if node.attr in {"skip", "skipif", "xfail"} and _is(node.value, "mark"):
                    marks.append(path)
                if node.attr in {"skip", "xfail", "importorskip"} and _is(node.value, "pytest"):
                    skips[path] = skips.get(path, 0) + 1
    assert marks == []
    assert skips == MAY_SKIP


def _is(node: ast.expr, name: str) -> bool:
    return (isinstance(node, ast.Name) and node.id == name) or (
        isinstance(node, ast.Attribute) and node.attr == name
    )
