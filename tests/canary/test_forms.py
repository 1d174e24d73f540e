"""A body that does not have the form of its command is refused without a word of it, wherever."""

import json
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args
from uuid import uuid4

import pytest
from msgspec import inspect

from api import cli
from api.bodies import decode, decode_exactly
from api.stories import COMMANDS
from domain.commands import Intention
from domain.errors import Refused
from domain.ids import PackCode, PackRef, SpokenDate
from domain.refusals import No
from domain.rules import RULES
from tests.canary.search import find, words

(WORD,) = words(1)

# Text that is neither sealed nor of a fixed form; a rule holds it against a list.
IN_CLEAR = {
    ("ReceiveReport", "channel"),
    ("RecordDisclosure", "basis"),
    ("DiscloseFinalResults", "items"),
    ("DiscloseFinalResults", "items", "0"),
}

PLAIN: dict[type, Any] = {
    inspect.BoolType: True,
    inspect.IntType: 1,
    inspect.UUIDType: str(uuid4()),
    inspect.DateType: "2024-02-29",
    inspect.DateTimeType: "2024-02-29T12:00:00-06:00",
    inspect.CustomType: "sealed",
}
PATTERNS = {
    None: "in_person",
    get_args(SpokenDate)[1].pattern: "2024-02",
    get_args(PackCode)[1].pattern: "BCM-02.2.20",
    get_args(PackRef)[1].pattern: "BCM-02.2.20/1",
}


def filled(kind: Any) -> Any:  # noqa: PLR0911 - one for each kind of type.
    """A value of this type, with every field of it there."""
    match kind:
        case inspect.StructType():
            return {field.encode_name: filled(field.type) for field in kind.fields}
        case inspect.VarTupleType():
            return [filled(kind.item_type)]
        case inspect.DictType():
            return {filled(kind.key_type): filled(kind.value_type)}
        case inspect.UnionType():
            return filled(next(one for one in kind.types if not isinstance(one, inspect.NoneType)))
        case inspect.LiteralType():
            return kind.values[0]
        case inspect.EnumType():
            return next(iter(kind.cls)).value
        case inspect.StrType():
            return PATTERNS[kind.pattern]
        case _:
            return PLAIN[type(kind)]


def changed(body: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The body with a word at one place, for every place and every way; and the place."""
    for way in (WORD, [WORD], {WORD: WORD}, f"2020-01-01{WORD}", {"": [{WORD: WORD}]}):
        yield (), way
    if isinstance(body, dict):
        yield (WORD,), {**body, WORD: WORD}
        for key, value in body.items():
            yield (key,), {WORD if name == key else name: body[name] for name in body}
            for place, other in changed(value):
                yield (key, *place), {**body, key: other}
    if isinstance(body, list):
        for place, other in changed(body[0]):
            yield ("0", *place), [other]


def read(said: bytes, kind: type[Intention]) -> object:
    """As the api does."""
    misread = RULES[kind].misread
    return (
        decode(said, kind) if misread is No.INPUT_INVALID else decode_exactly(said, kind, misread)
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_a_body_of_the_wrong_form_is_refused_without_its_words(command: str) -> None:
    kind = COMMANDS[command]
    whole = filled(inspect.type_info(kind))
    read(json.dumps(whole).encode(), kind)
    for place, body in changed(whole):
        said = json.dumps(body).encode()
        assert WORD.encode() in said
        try:
            decoded = read(said, kind)
        except Refused as refused:
            told = "".join(traceback.format_exception(refused)) + repr(refused.facts)
            told += refused.sentence + refused.remedy
        else:
            told = repr(decoded)
            if (command, *place) in IN_CLEAR:
                assert WORD in told
                continue
        assert find([WORD], texts={"told": told}) == [], place


@pytest.mark.parametrize(
    "line",
    [
        f'{{"{WORD}": 1}}',
        f'{{"at": "{WORD}", "by": "x", "do": "x"}}',
        f'{{"at": "2020-01-01T00:00:00Z", "by": "x", "do": "x", "{WORD}": "{WORD}"}}',
        f'{{"at": "2020-01-01T00:00:00Z", "by": "x", "do": "x", "with": "{WORD}"}}',
        f'{{"at": "2020-01-01T00:00:00Z", "by": ["{WORD}"]}}',
        WORD,
        f'{{"at": "2020-01-01T00:00:00Z", "by": "x", "do": "x", "on": "@A", "on": "{WORD}"}}',
        (
            '{"at": "2020-01-01T00:00:00Z", "by": "x", "do": "ReportTypeOnly", "on": "@A",'
            f' "with": {{"resource_id": "{WORD}", "resource_id": "@@resource-1"}}}}'
        ),
    ],
)
def test_a_line_that_is_none_of_a_story_is_told_by_its_number(
    line: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    story = tmp_path / "story.jsonl"
    story.write_text(line)
    assert cli.main(["load", str(story)]) == cli.WRONG
    printed = capfd.readouterr()
    assert "story.jsonl:1" in printed.err
    assert find([WORD], texts={"printed": printed.out + printed.err}) == []


def test_a_bug_ends_a_command_without_its_message(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(_: str) -> str:
        raise ValueError(WORD) from RuntimeError(WORD)

    monkeypatch.setattr(cli, "version", broken)
    assert cli.main(["version"]) == cli.FAILED
    printed = capfd.readouterr()
    assert '"event": "crashed"' in printed.err
    assert '"error": "ValueError"' in printed.err
    assert find([WORD], texts={"printed": printed.out + printed.err}) == []
