"""The loader: what a story may be, and how it says that one cannot be read."""

from pathlib import Path
from uuid import uuid4

import pytest

from api import stories
from api.record import Record
from api.stories import Loader, StoryError

GOOD = (
    '{"at": "2020-08-03T09:00:00-05:00", "by": "operator", "do": "MarkCalendarDay",'
    ' "with": {"day": "2020-09-07", "closed": true}}'
)


def story(folder: Path, *lines: str) -> Path:
    path = folder / "a.jsonl"
    path.write_text("\n".join(lines))
    return path


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("not json", "a.jsonl:2: not a line of a story"),
        (GOOD.replace('"by": "operator", ', ""), "a.jsonl:2: not a line of a story"),
        (GOOD.replace("-05:00", ""), "a.jsonl:2: `at` has no time zone"),
        (GOOD.replace("T09", "T08"), "a.jsonl:2: earlier than the line before it"),
        (GOOD.replace("2020-08-03", "9999-12-31"), "a.jsonl:2: `at` is no time of a story"),
        (GOOD.replace("operator", "@a b"), "a.jsonl:2: `by` names nobody"),
        (GOOD.replace("MarkCalendarDay", "CloseCase"), "a.jsonl:2: `on` is missing"),
        (
            GOOD.replace("MarkCalendarDay", "CloseCase").replace('"with"', '"on": "a b", "with"'),
            "a.jsonl:2: `on` names nothing",
        ),
        (GOOD.replace("operator", "x").replace('"by"', '"bye"'), "a.jsonl:2: not a line"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_not_repeated(
    tmp_path: Path, line: str, says: str
) -> None:
    with pytest.raises(StoryError) as error:
        stories.read([story(tmp_path, GOOD, line)])
    assert says in str(error.value)
    assert "2020-09-07" not in str(error.value)


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(StoryError, match=r"b\.jsonl: cannot be read"):
        stories.read([tmp_path / "b.jsonl"])


def test_an_unknown_number_names_those_that_there_are() -> None:
    with pytest.raises(StoryError, match="no shipped story 99; there are: 01, 12, 15, 17"):
        stories.shipped(["99"])


def test_a_line_with_an_unknown_command_does_not_stop_the_load(
    record: Record, tmp_path: Path
) -> None:
    unknown = GOOD.replace("MarkCalendarDay", "MarkDay").replace('"with"', '"on": "@A", "with"')
    lines = stories.read([story(tmp_path, unknown, GOOD)])
    results = list(Loader(record, uuid4()).run(lines))
    assert [(r.outcome, r.as_written) for r in results] == [
        ("not_a_command", False),
        ("recorded", True),
    ]


def test_a_refusal_that_was_foretold_but_did_not_come_is_not_as_written(
    record: Record, tmp_path: Path
) -> None:
    foretold = GOOD.replace('"with"', '"refused": "NOT_FINAL", "with"')
    (result,) = Loader(record, uuid4()).run(stories.read([story(tmp_path, foretold)]))
    assert (result.outcome, result.as_written) == ("recorded", False)


@pytest.mark.parametrize("asked", ["Reveal", "SearchParty", "CountPriors"])
def test_what_is_asked_in_a_wrong_form_is_refused(
    record: Record, tmp_path: Path, asked: str
) -> None:
    line = GOOD.replace("MarkCalendarDay", asked).replace('"with"', '"on": "@A", "with"')
    (result,) = Loader(record, uuid4()).run(stories.read([story(tmp_path, line)]))
    assert (result.outcome, result.code) == ("refused", "INPUT_INVALID")


@pytest.mark.parametrize(
    ("with_", "says"),
    [
        ('{"closed": true}', "INPUT_INVALID: This request cannot be taken: day is missing."),
        ('{"day": "Xquoring", "closed": true}', "day is no date or time"),
        ('{"day": "2020-09-07", "closed": true, "Xquoring": 1}', "holds an unknown field"),
    ],
)
def test_what_is_wrong_with_a_line_is_said_and_not_repeated(
    record: Record, tmp_path: Path, with_: str, says: str
) -> None:
    line = GOOD[: GOOD.index('"with"')] + f'"with": {with_}}}'
    (result,) = Loader(record, uuid4()).run(stories.read([story(tmp_path, line)]))
    assert result.code == "INPUT_INVALID"
    assert says in str(result)
    assert "Xquoring" not in str(result)


def test_every_command_has_a_schema() -> None:
    schemas = stories.schemas()
    assert set(schemas["commands"]) == set(stories.FORMS)
    for name in stories.FORMS:
        reference = schemas["commands"][name]["$ref"].rpartition("/")[2]
        assert schemas["$defs"][reference]["type"] == "object"
