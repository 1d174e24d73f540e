"""The house keeps its shape: sizes, names, documents that match the code."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from domain.events import Event
from domain.ids import Secret
from domain.indexed import EXEMPT, INDEXED
from domain.owners import OWNERS
from domain.refusals import No
from domain.registry import TYPES
from domain.rules import RULES
from ledger.events import TYPES as LEDGER_TYPES
from tests.house.tracked import ROOT, texts

PACKAGES = ("api", "retention", "projections", "domain", "ledger")
# Tables may run longer than a screenful of code.
TABLES = {"domain/events/case.py", "domain/refusals.py"}
FORBIDDEN_NAMES = {"utils", "helpers", "common", "base", "manager", "service"}


def modules() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_module_is_longer_than_400_lines_but_the_tables() -> None:
    long = {
        name(path): lines
        for path in modules()
        if (lines := len(path.read_text().splitlines())) > 400 and name(path) not in TABLES
    }
    assert long == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [name(path) for path in modules() if path.stem in FORBIDDEN_NAMES] == []


def test_every_module_opens_with_a_line_that_says_what_it_is_for() -> None:
    silent = [
        name(path) for path in modules() if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


@pytest.mark.parametrize("word", ["datetime.now", "time.time(", "uuid4(", "random.", "os.environ"])
def test_the_domain_takes_time_chance_and_settings_as_arguments(word: str) -> None:
    found = [name(path) for path in (ROOT / "domain").rglob("*.py") if word in path.read_text()]
    assert found == []


def test_only_settings_reads_the_environment() -> None:
    found = [
        name(path)
        for path in modules()
        if re.search(r"os\.environ|getenv", path.read_text()) and path.name != "settings.py"
    ]
    assert found == []


def test_every_sealed_field_has_an_owner_and_no_other_field_has() -> None:
    for kind in TYPES.values():
        assert set(OWNERS.get(kind, {})) == set(_sealed_paths(kind)), kind.__name__


def test_every_sealed_field_that_names_somebody_is_indexed_or_says_why_not() -> None:
    naming = re.compile(r"(.*_)?(name|contact|identity|institutional_id|person|relation)")
    sealed = {(kind, path) for kind, fields in OWNERS.items() for path in fields}
    named = {
        (kind, path)
        for kind, path in sealed
        if naming.fullmatch(path.rpartition(".")[2]) and path != "file_name"
    }
    indexed = {(kind, path) for kind, fields in INDEXED.items() for path in fields}
    assert not indexed & EXEMPT.keys()
    assert indexed | EXEMPT.keys() == named
    assert all(EXEMPT.values())


def _sealed_paths(kind: type[Event], prefix: str = "") -> list[str]:
    """Fields of a type with Secret in it; lists of parts with their own fields behind `[].`."""
    found = []
    for field, hint in _hints(kind).items():
        for part in _parts(hint):
            if isinstance(part, type) and issubclass(part, Secret):
                found.append(prefix + field)
            elif isinstance(part, type) and issubclass(part, Event):
                found += _sealed_paths(part, f"{prefix}{field}[].")
    return found


def _hints(kind: type) -> dict[str, object]:
    import typing  # noqa: PLC0415 - only here.

    return typing.get_type_hints(kind)


def _parts(hint: object) -> list[object]:
    import typing  # noqa: PLC0415 - only here.

    inner = typing.get_args(hint)
    return [hint] if not inner else [part for one in inner for part in _parts(one)]


def test_the_glossary_mentions_every_event() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text()
    kinds = {topic.split("/")[0] for topic in (*TYPES, *LEDGER_TYPES)}
    assert {kind for kind in kinds if kind not in text} == set()


def test_every_refusal_cites_its_rule_and_says_what_would_help() -> None:
    without_rule = {"INPUT_INVALID", "NOT_SIGNED_IN", "COMMAND_ID_REUSED", "ILLEGAL_TRANSITION",
                    "VERSION_CONFLICT", "VERSION_REQUIRED", "NOT_FOUND"}  # fmt: skip
    for refusal in No:
        because = refusal.because
        assert because.sentence, refusal.name
        assert because.remedy, refusal.name
        assert bool(because.rule and because.cite) or refusal.name in without_rule, refusal.name


# Where what is wrong with a request is told: the place of its words among the arguments.
FAULT_AT = {"valid": 2, "known": 2, "invalid": 1}


def test_what_is_wrong_with_a_request_is_told_in_words_that_stand_in_the_code() -> None:
    """Never in a value of the request or of the case; and told it is, wherever it is refused."""
    calls = [
        (name(path), call)
        for path in modules()
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
    ]
    faults = [(file, fault) for file, call in calls for fault in _faults(call)]
    assert len(faults) > len(No), "too few were found"
    assert [
        f"{file}:{fault.lineno}: {ast.unparse(fault)}"
        for file, fault in faults
        if not _in_the_code(fault)
    ] == []
    assert [
        f"{file}:{call.lineno}"
        for file, call in calls
        if any(ast.unparse(word) == "No.INPUT_INVALID" for word in call.args)
        and not {"fields", "fault"} <= {word.arg for word in call.keywords}
    ] == []


def _faults(call: ast.Call) -> list[ast.expr]:
    called = getattr(call.func, "id", "")
    given = call.args[FAULT_AT[called] :][:1] if called in FAULT_AT else []
    return given + [word.value for word in call.keywords if word.arg == "fault"]


def _in_the_code(fault: ast.expr) -> bool:
    """Words, or a constant or a table of such; or what was handed on by its own name."""
    if isinstance(fault, ast.Subscript):
        fault = fault.value
    return isinstance(fault, ast.Constant) or ast.unparse(fault).isupper() or _handed_on(fault)


def _handed_on(fault: ast.expr) -> bool:
    return isinstance(fault, ast.Name) and fault.id == "fault"


def test_every_refusal_that_a_rule_gives_is_provoked_by_a_spec() -> None:
    used = {
        refusal.name
        for refusal in No
        if any(f"No.{refusal.name}" in path.read_text() for path in (ROOT / "domain").rglob("*.py"))
    }
    specs = "".join(path.read_text() for path in (ROOT / "tests" / "spec").glob("test_*.py"))
    assert {code for code in used if f"No.{code}" not in specs} == set()


def test_every_command_is_a_verb_and_an_object_and_says_who_may_give_it() -> None:
    for kind, rule in RULES.items():
        assert re.fullmatch(r"([A-Z][a-z]+)+(CEO)?", kind.__name__), kind.__name__
        assert rule.by, kind.__name__
        assert rule.during, kind.__name__


def test_no_tracked_file_names_a_machine_or_a_registry() -> None:
    machine = re.compile(
        r"/(?:wo" + r"rk|farm|root)/|" + "py" + r"pi\.org|" + "python" + r"hosted\."
    )
    found = [
        f"{file}: {hit.group()}" for file, text in texts().items() for hit in machine.finditer(text)
    ]
    assert found == []


def test_the_lock_files_hold_what_pyproject_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    locked = (ROOT / "requirements.lock").read_text().lower()
    for wanted in project["dependencies"]:
        package = re.split(r"[\[<>=]", wanted)[0].strip().lower()
        assert f"{package}==" in locked, package
