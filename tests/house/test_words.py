"""What no file says: names of real people and institutions, unfinished business."""

import re
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from tests.house.tracked import ending, texts

UNSAID = frozenset(
    line
    for line in (Path(__file__).parent / "unsaid.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
)
# Written so that this file holds none of them.
UNFINISHED = re.compile("TO" + "DO|FIX" + "ME|XX" + "X|HA" + "CK")
RESERVED = re.compile(r"(^|\.)(example|test|invalid|localhost)$|(^|\.)example\.(com|net|org|edu)$")


def grams(text: str) -> set[str]:
    """Every one, two and three words in a row."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return {
        " ".join(words[start : start + length])
        for length in (1, 2, 3)
        for start in range(len(words) - length + 1)
    }


def said(text: str, unsaid: Iterable[str]) -> set[str]:
    return {gram for gram in grams(text) if sha256(gram.encode()).hexdigest() in unsaid}


def test_no_file_names_a_real_person_institution_or_number() -> None:
    everything = set[str]().union(*map(grams, texts().values()))
    found = {gram for gram in everything if sha256(gram.encode()).hexdigest() in UNSAID}
    assert {name for name, text in texts().items() if found and found & grams(text)} == set()


def test_a_name_is_found_however_it_is_written() -> None:
    unsaid = {sha256(b"ann example").hexdigest(), sha256(b"555 010 0000").hexdigest()}
    assert said("Write to Ann\n  EXAMPLE, or ann.example@mail.example", unsaid) == {"ann example"}
    assert said("(555) 010-0000", unsaid) == {"555 010 0000"}
    assert said("Ann is an example", unsaid) == set()


def test_every_address_is_of_a_domain_that_belongs_to_nobody() -> None:
    address = re.compile(r"\b[\w.+-]+@([\w-]+(?:\.[\w-]+)+)\b")
    found = {
        f"{name}: {domain}"
        for name, text in texts().items()
        for domain in address.findall(text)
        if not RESERVED.search(domain.lower()) and not re.fullmatch(r"[\d.]+", domain)
    }
    assert found == set()


def test_nothing_is_left_unfinished() -> None:
    written = ending(".py", ".sql", ".md", ".toml", ".jsonl", ".yaml", "Makefile", "run", "verify")
    assert written
    assert [name for name, text in written.items() if UNFINISHED.search(text)] == []
