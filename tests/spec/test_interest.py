"""Which sealed words are which, and who needs them: model.md, 5.1; TEC 51.256 [P]."""

from typing import Any
from uuid import UUID

import pytest

from domain.events import Event
from domain.events.case import CounselorAssigned, SupportiveMeasureOffered
from domain.events.office import StaffRegistered
from domain.ids import Secret
from domain.interest import INTERESTS, OF_PARTY, Words, words_at
from domain.owners import OWNERS
from domain.terms import FieldScope
from tests.spec.cases import IVY_ID, complainant, interview, received
from tests.spec.kit import CASE, COMPLAINANT, an_id


def test_every_word_under_a_partys_key_is_of_some_kind() -> None:
    ours = {
        kind.__name__
        for kind, fields in OWNERS.items()
        if any(owner.kind == "party" for owner in fields.values())
    }
    assert ours <= OF_PARTY.keys()


@pytest.mark.parametrize(
    ("event", "path", "scope", "owner"),
    [
        (received, "narrative", "narratives", CASE),
        (received, "reporter_name", "reporter", received.reporter_id),
        (complainant, "name", "parties", COMPLAINANT),
        (interview, "notes", "statements", interview.subject),
    ],
)
def test_words_are_known_by_their_place(
    event: Event, path: str, scope: FieldScope, owner: UUID
) -> None:
    words = words_at(event, CASE, path)
    assert words is not None
    assert (words.scope, words.owner_id) == (scope, owner)


@pytest.mark.parametrize("kind", ["party", "reporter"])
def test_what_was_said_of_a_counselor_is_a_measure(kind: Any) -> None:
    event = CounselorAssigned(
        person=COMPLAINANT,
        person_kind=kind,
        counselor_id=an_id("counselor"),
        impracticable_reason=None,
        note=Secret("a note"),
    )
    words = words_at(event, CASE, "note")
    assert words == Words("measures", kind, COMPLAINANT)


@pytest.mark.parametrize("path", ["channel", "place", "nothing"])
def test_where_no_sealed_word_stands_there_is_none(path: str) -> None:
    assert words_at(received, CASE, path) is None


def test_the_offices_own_words_are_not_opened_through_a_case() -> None:
    registered = StaffRegistered(
        staff_id=IVY_ID,
        office="title_ix",
        sign_in_hmac="0",
        name=Secret("somebody"),
        institutional_id=None,
    )
    assert words_at(registered, IVY_ID, "name") is None


def test_measures_are_no_business_of_those_who_judge() -> None:
    judging = [one for name, one in INTERESTS.items() if name in ("hear", "decide", "appeal")]
    assert all("measures" not in one.fields and "reporter" not in one.fields for one in judging)
    assert OF_PARTY[SupportiveMeasureOffered.__name__] == "measures"
