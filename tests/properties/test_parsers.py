"""Whatever bytes come: a command or a refusal that echoes nothing; a story or the line at fault."""

import json
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid5

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api import stories
from api.bodies import decode, decode_exactly
from api.stories import Loader, StoryError
from domain.commands import Intention, said_on
from domain.errors import Refused
from domain.refusals import No
from domain.registry import dec_hook, enc_hook
from domain.rules import RULES
from tests.properties.chance import OTHERS, SAME, Chance, randoms
from tests.properties.paper import LEDGER
from tests.properties.places import set_up
from tests.properties.scene import Scene
from tests.properties.words import PLANTED, fields_of

WORDS = st.sampled_from([PLANTED, "", "@A", "@@counselor-1", "staff:x", "unknown", "yes", "\x00"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
BYTES = st.binary(max_size=60) | st.sampled_from(
    [
        b"",
        b"[" * 100_000,
        b'{"a":' * 5_000,
        b"\xff\xfe",
        b'"\\ud800"',
        b"1" * 5_000,
        b"{}}",
        b"\xef",
    ]
)


def bodies(kind: type[Intention]) -> st.SearchStrategy[bytes]:
    """Anything; or a good command with some of its fields changed, left out or added."""
    return BYTES | st.builds(
        partial(_spoiled, kind),
        randoms,
        st.dictionaries(
            st.sampled_from([*(field.encode_name for field in fields_of(kind)), "extra", PLANTED]),
            VALUES | st.just(...),
            max_size=3,
        ),
    )


def _spoiled(kind: type[Intention], random: Random, changes: dict[str, Any]) -> bytes:
    chance = Chance(random)
    paper = set_up()[-1]
    scene = Scene(paper, uuid5(LEDGER, "a case"), paper.now, chance)
    command = scene.words.command(kind, {}, [field.name for field in fields_of(kind)])
    body = msgspec.json.decode(msgspec.json.encode(command, enc_hook=enc_hook))
    for name, value in changes.items():
        body[name] = value
    return json.dumps({k: v for k, v in body.items() if v is not ...}).encode("utf-8", "replace")


def decoded(kind: type[Intention], body: bytes) -> Intention | Refused:
    try:
        misread = RULES[kind].misread
        if misread is No.INPUT_INVALID:
            return decode(body, kind)
        return decode_exactly(body, kind, misread)
    except Refused as refused:
        return refused


def says_a_command_or_nothing(kind: type[Intention], body: bytes) -> bool:
    """A command, which is the same when it is written out again; or a refusal without an echo."""
    read = decoded(kind, body)
    if isinstance(read, Refused):
        assert read.refusal is RULES[kind].misread
        assert PLANTED not in read.sentence
        assert "…" not in read.sentence
        assert read.__cause__ is None
        return False
    again = msgspec.json.encode(read, enc_hook=enc_hook)
    assert msgspec.json.decode(again, type=kind, dec_hook=dec_hook) == read
    assert PLANTED not in (said_on(read) or "")
    return True


@pytest.mark.parametrize("kind", RULES)
def test_any_body_is_a_command_or_malformed(kind: type[Intention]) -> None:
    read = {True: 0, False: 0}

    @settings(SAME, max_examples=20)
    @given(bodies(kind))
    def example(body: bytes) -> None:
        read[says_a_command_or_nothing(kind, body)] += 1

    example()
    assert all(read.values()), "both good and bad bodies must have come"


@pytest.mark.slow
@pytest.mark.parametrize("kind", RULES)
def test_many_more_bodies_are_commands_or_malformed(kind: type[Intention]) -> None:
    @settings(OTHERS, max_examples=1500)
    @given(bodies(kind))
    def example(body: bytes) -> None:
        says_a_command_or_nothing(kind, body)

    example()


# Stories

ROWS = [
    row
    for path in [stories.setup_story(), *stories.shipped()]
    for row in path.read_text("utf-8").splitlines()
    if row.startswith("{") and json.loads(row)["do"] in stories.COMMANDS
]
PLACEHOLDERS = st.sampled_from(
    [
        "@A",
        "@@b",
        "@",
        "@ a",
        "operator",
        "coordinator-1",
        "",
        "x",
        str(LEDGER),
        "staff:x",
        "system",
    ]
)
TIMES = st.sampled_from(
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2025-01-10T10:00:00", "soon"]
)
CHANGES: tuple[tuple[str, st.SearchStrategy[Any]], ...] = (
    ("do", st.sampled_from([*stories.COMMANDS])),
    ("do", st.just("Nothing")),
    ("by", PLACEHOLDERS | VALUES),
    ("on", PLACEHOLDERS | VALUES | st.just(...)),
    ("with", st.dictionaries(WORDS, VALUES, max_size=3) | VALUES),
    ("at", TIMES | VALUES),
    ("occurred_on", st.sampled_from(["2020", "2020-02-30", "unknown", "9999", "soon"])),
    ("extra", VALUES),
)
FIELDS = st.dictionaries(st.sampled_from(["evidence_id", "party_id", "case_id", "on"]), VALUES)


@st.composite
def rows(draw: st.DrawFn) -> bytes:
    """A row of a story, most often with something about it changed; or anything."""
    if draw(st.integers(0, 9)) == 0:
        return draw(BYTES)
    row = json.loads(draw(st.sampled_from(ROWS)))
    row = {"on": "@A"} | row
    for name, values in draw(st.lists(st.sampled_from(CHANGES), max_size=1)):
        row[name] = draw(values)
    if isinstance(row["with"], dict) and draw(st.booleans()):
        row["with"] |= draw(FIELDS)
    return json.dumps({k: v for k, v in row.items() if v is not ...}).encode("utf-8", "replace")


def loads_or_says_where(folder: Path, lines: list[bytes]) -> list[str]:
    """What became of each line; or of the story, which then names a line and repeats nothing."""
    path = folder / "a.jsonl"
    path.write_bytes(b"\n".join(lines))
    paper = set_up()[-1].copy()
    try:
        placed = stories.read([path])
        return [one.outcome for one in Loader(paper.as_record(), LEDGER).run(placed)]
    except StoryError as error:
        told = str(error)
    assert told.startswith("a.jsonl:")
    assert PLANTED not in told
    return ["told where"]


def test_any_story_is_loaded_or_the_line_at_fault_is_named(tmp_path: Path) -> None:
    became: set[str] = set()

    @settings(SAME, max_examples=250)
    @given(rows())
    def example(row: bytes) -> None:
        became.update(loads_or_says_where(tmp_path, [row]))

    example()
    assert became >= {"recorded", "refused", "not_found", "not_a_command", "told where"}


@pytest.mark.slow
def test_many_more_stories_are_loaded_or_the_line_at_fault_is_named(tmp_path: Path) -> None:
    @settings(OTHERS, max_examples=8000)
    @given(st.lists(rows(), min_size=1, max_size=4))
    def example(lines: list[bytes]) -> None:
        loads_or_says_where(tmp_path, lines)

    example()
