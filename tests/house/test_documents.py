"""The documents are true: files exist, commands exist, what is named is there."""

import re
from contextlib import redirect_stdout, suppress
from functools import cache
from io import StringIO

import pytest

from api.cli import main
from ledger.roles import KEY_ROLES, LEDGER_ROLES, OWNERS
from tests.house.tracked import ROOT, ending, texts

TOPS = ("api", "domain", "ledger", "projections", "retention", "tests", "docs")
IN_CODE = re.compile(rf"(?<![\w./-])(?:{'|'.join(TOPS)})/[\w./*-]*\w")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
SPOKEN = re.compile(r"`([^`\n]+)`")
GUIDE = ROOT / "docs" / "guide.md"


def written() -> dict[str, str]:
    """What people wrote for people; the reference is made from the code."""
    return {
        name: text
        for name, text in ending(".md").items()
        if not name.startswith(("docs/reference/", "tests/"))
    }


def there(path: str) -> bool:
    pattern = path.rstrip("/")
    return any(ROOT.glob(pattern))


@pytest.mark.parametrize("name", sorted(written()))
def test_a_document_names_files_that_are_there(name: str) -> None:
    text = written()[name]
    spoken = [hit for word in SPOKEN.findall(text) for hit in IN_CODE.findall(word)]
    assert [path for path in spoken if not there(path)] == []
    linked = [to for to in LINK.findall(text) if not re.match(r"[a-z]+:", to)]
    folder = (ROOT / name).parent
    assert [to for to in linked if not (folder / to).exists()] == []


def test_the_code_names_files_that_are_there() -> None:
    file = re.compile(rf"(?<![\w./-])(?:{'|'.join(TOPS)})/[\w./-]+\.(?:py|sql|md|toml|jsonl|txt)\b")
    gone = {
        f"{name}: {path}"
        for name, text in ending(".py", ".sql", ".toml", "Makefile").items()
        if not name.startswith("tests/")
        for path in file.findall(text)
        if not there(path)
    }
    assert gone == set()


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", texts()["Makefile"], re.MULTILINE))


def test_what_the_documents_say_to_make_can_be_made() -> None:
    asked = {
        f"{name}: make {target}"
        for name, text in written().items()
        for target in re.findall(r"(?:`|^ {4})make ([a-z]+)", text, re.MULTILINE)
        if target not in targets()
    }
    assert asked == set()
    assert {"demo", "test", "check", "golden", "verify"} <= targets()


def test_what_the_documents_say_to_ask_of_muniment_can_be_asked() -> None:
    asked = {
        f"{name}: muniment {command}"
        for name, text in written().items()
        for command in re.findall(r"(?:`|^ {4}|bin/)muniment ([a-z]+)", text, re.MULTILINE)
        if command not in subcommands()
    }
    assert asked == set()


def test_the_guide_lists_every_subcommand() -> None:
    rows = re.findall(r"^\| (`muniment .*?) \|", GUIDE.read_text("utf-8"), re.MULTILINE)
    listed = {command for row in rows for command in re.findall(r"`muniment ([a-z]+)", row)}
    assert listed == subcommands()


def test_the_guide_lists_every_database_role_that_the_ledger_makes() -> None:
    rows = re.findall(r"^\| (`muniment_.*?) \|", GUIDE.read_text("utf-8"), re.MULTILINE)
    listed = {role for row in rows for role in re.findall(r"`(muniment_\w+)`", row)}
    assert listed == {*OWNERS, *LEDGER_ROLES, *KEY_ROLES}


@cache
def subcommands() -> set[str]:
    """As the program itself says."""
    with redirect_stdout(StringIO()) as shown, suppress(SystemExit):
        main(["--help"])
    found = set(re.findall(r"^ {4}([a-z]+) ", shown.getvalue(), re.MULTILINE))
    assert found, shown.getvalue()
    return found


def test_every_setting_that_a_document_names_is_read() -> None:
    read = texts()["api/settings.py"] + texts()["tests/conftest.py"] + texts()["Makefile"]
    named = {
        setting
        for text in written().values()
        for setting in re.findall(r"\bMUNIMENT_([A-Z_]+[A-Z])\b", text)
    }
    assert {one for one in named if one not in read and one.lower() not in read} == set()
