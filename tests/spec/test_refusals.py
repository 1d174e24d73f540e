"""The catalog of refusals: why, by which rule, where that is written, and what would help.

Marks: P primary text read, S secondary, K from memory, M likewise, D derived.
"""

import re
import string

import pytest

from domain.refusals import No

MARKED = re.compile(r"\[[PSKMD]\]$")


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", list(No), ids=lambda code: code.name)
def test_a_refusal_cites_where_it_is_written_and_how_far_that_was_checked(code: No) -> None:
    assert MARKED.search(code.because.cite)


@pytest.mark.parametrize("code", list(No), ids=lambda code: code.name)
def test_a_remedy_is_a_plain_sentence_that_knows_no_more_than_the_refusal(code: No) -> None:
    because = code.because
    assert because.remedy.endswith(".")
    assert because.sentence.rstrip("'").endswith(".")
    assert blanks(because.remedy) <= blanks(because.sentence)


def test_no_two_codes_are_one() -> None:
    """Enum members of equal value would be aliases: a code that can never be answered."""
    assert len(No.__members__) == len(list(No))
