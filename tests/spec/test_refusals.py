"""The catalog of refusals: why, by which rule, where that is written, and what would help.

Marks: P primary text read, S secondary, K from memory, M likewise, D derived.
"""

import re
import string
from datetime import date

import pytest
from msgspec.structs import replace

from domain.commands import Command
from domain.errors import Refused
from domain.ids import Secret
from domain.refusals import No
from domain.rules.intake import AddParty, ContactComplainant
from domain.rules.measures import OfferMeasure
from tests.spec.cases import opened
from tests.spec.kit import COMPLAINANT, RESPONDENT, an_id, given

MARKED = re.compile(r"\[[PSKMD]\]$")


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", list(No), ids=lambda code: code.name)
def test_a_refusal_cites_where_it_is_written_and_how_far_that_was_checked(code: No) -> None:
    assert MARKED.search(code.because.cite)


def test_a_fact_that_is_missing_is_shown_as_missing() -> None:
    refused = Refused(No.APPEAL_LATE)
    assert "…" in refused.sentence


@pytest.mark.parametrize("code", list(No), ids=lambda code: code.name)
def test_a_remedy_is_a_plain_sentence_that_knows_no_more_than_the_refusal(code: No) -> None:
    because = code.because
    assert because.remedy.endswith(".")
    assert because.sentence.rstrip("'").endswith(".")
    assert blanks(because.remedy) <= blanks(because.sentence)


def test_no_two_codes_are_one() -> None:
    """Enum members of equal value would be aliases: a code that can never be answered."""
    assert len(No.__members__) == len(list(No))


# What is wrong with a field

offer = OfferMeasure(
    measure_id=an_id("measure"),
    for_party=COMPLAINANT,
    kind="other",
    affects_other_party=False,
    start_on=date(2025, 1, 15),
    implementer_office="curriculum",
    detail=Secret("a parking place"),
)
reach = ContactComplainant(party_id=COMPLAINANT, reached=True)


@pytest.mark.parametrize(
    ("command", "fields", "fault"),
    [
        (replace(offer, detail=None), "detail", "is missing"),
        (replace(offer, detail=Secret(" ")), "detail", "is empty"),
        (replace(offer, for_party=an_id("nobody")), "for_party", "names no party of this case"),
        (replace(reach, party_id=RESPONDENT), "party_id", "names no complainant of this case"),
        (replace(reach, party_id=an_id("nobody")), "party_id", "names no complainant of this case"),
        (
            AddParty(party_id=COMPLAINANT, role="respondent", identified=False),
            "party_id",
            "is taken already",
        ),
        (replace(offer, end_on=date(2025, 1, 14)), "end_on", "lies before start_on"),
    ],
)
def test_what_is_wrong_with_a_field_is_said(command: Command, fields: str, fault: str) -> None:
    given(*opened).when(command).refused(No.INPUT_INVALID, fields=fields, fault=fault)


@pytest.mark.parametrize("command", [offer, reach])
def test_with_nothing_wrong_it_is_taken(command: Command) -> None:
    given(*opened).when(command).accepted()
