"""The canary search finds a planted word, in every form and every place: it can fail."""

import gzip
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from html import escape
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from tests.canary.search import BLOCK, Hit, find, words

WORD = "Zoë o'Planted/Word~?>"


@pytest.mark.parametrize(
    "write",
    [
        lambda word: word,
        lambda word: word.lower(),
        lambda word: word.upper(),
        lambda word: word.encode().hex(),
        lambda word: b64encode(word.lower().encode()),
        lambda word: word.encode().hex().upper(),
        lambda word: word.encode("utf-16-le"),
        lambda word: word.encode("utf-16-be"),
        lambda word: json.dumps({"name": word}),
        quote,
        lambda word: quote(word, safe=""),
        lambda word: urlencode({"q": word}),
        escape,
        lambda word: repr([word]),
        lambda word: repr(word.encode()),
    ],
    ids=[
        "clear",
        "lower",
        "upper",
        "hex",
        "base64 of lower",
        "HEX",
        "UTF-16LE",
        "UTF-16BE",
        "JSON",
        "path",
        "URL",
        "form",
        "HTML",
        "repr",
        "bytes",
    ],
)
def test_a_word_is_found_however_it_was_written(write: Callable[[str], str | bytes]) -> None:
    for word in (*words(3), "Ann Planted-Word"):
        written = write(word)
        raw = written if isinstance(written, bytes) else written.encode()
        found = find([word, "another one"], texts={"page": b"...\x00\xff" + raw + b"..."})
        assert [(hit.word, hit.place) for hit in found] == [(word, "page")]


@pytest.mark.parametrize("write", [json.dumps, quote, urlencode, escape, repr])
def test_characters_that_need_escaping_hide_nothing(write: Callable[..., str]) -> None:
    written = write({"q": WORD}) if write is urlencode else write(WORD)
    assert [hit.word for hit in find([WORD], texts={"page": written})] == [WORD]


@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
def test_a_word_inside_base64_is_found_wherever_it_begins(encode: Callable[[bytes], bytes]) -> None:
    for word in (*words(3), WORD):
        for before in range(9):
            for after in range(4):
                text = encode(b"\xfb" * before + word.encode() + b"\xef" * after)
                assert [hit.word for hit in find([word], texts={"page": text})] == [word]


def test_a_word_that_is_not_there_is_not_found() -> None:
    first, second = words(2)
    assert find([first], texts={"page": second, "other": first[:-1], "third": b""}) == []
    assert find([first]) == []


def test_a_word_is_told_once_for_each_place() -> None:
    (word,) = words(1)
    assert find([word], texts={"a": f"{word} {word.lower()} {word.encode().hex()}", "b": word}) == [
        Hit(word, "clear", "a"),
        Hit(word, "clear", "b"),
    ]


def test_of_many_words_each_is_told_by_itself() -> None:
    sought = words(50)
    assert {hit.word for hit in find(sought, texts={"page": " ".join(sought[10:20])})} == set(
        sought[10:20]
    )


def test_of_words_in_clear_only_the_letters_are_looked_for() -> None:
    sought, in_clear = words(2)
    written = f"{in_clear.upper()} {sought.upper()}"
    found = find([sought], texts={"page": written}, in_clear=[in_clear])
    assert {hit.word for hit in found} == {sought, in_clear}
    encoded = in_clear.encode().hex() + sought.encode().hex()
    found = find([sought], texts={"page": encoded}, in_clear=[in_clear])
    assert [hit.word for hit in found] == [sought]


def test_no_two_words_are_alike() -> None:
    assert len(set(words(1000))) == 1000


@pytest.mark.parametrize("before", [0, BLOCK - 10, BLOCK - 1, BLOCK, BLOCK + 5])
def test_a_word_in_a_file_is_found_also_between_two_blocks(tmp_path: Path, before: int) -> None:
    (word,) = words(1)
    deep = tmp_path / "base" / "5"
    deep.mkdir(parents=True)
    (deep / "16384").write_bytes(bytes(before) + word.encode() + bytes(10))
    (deep / "16385").write_bytes(bytes(10))
    assert find([word], files=[tmp_path]) == [Hit(word, "clear", str(deep / "16384"))]
    assert find([word], files=[deep / "16385"]) == []


def test_a_files_name_counts(tmp_path: Path) -> None:
    (word,) = words(1)
    (tmp_path / f"statement of {word}.tmp").touch()
    (tmp_path / "other.tmp").touch()
    assert [hit.word for hit in find([word], files=[tmp_path])] == [word]


def test_a_file_that_is_gone_is_no_hit(tmp_path: Path) -> None:
    assert find(words(1), files=[tmp_path / "gone"]) == []


def test_compressed_data_is_out_of_reach(tmp_path: Path) -> None:
    (word,) = words(1)
    assert find([word], texts={"page": gzip.compress(word.encode() * 9)}) == []
