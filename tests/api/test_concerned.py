"""Who is known in a case otherwise does not act on it: by the blind index, opening nothing."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.api.conftest import Site
from tests.api.grants import TOPICS, CaseAtHand

NAME = "Ibarra-Wexcombe, Nía"
SAME = "Dr. Nia Ibarra Wexcombe"


@pytest.fixture
def at_hand(demo: Site) -> CaseAtHand:
    return CaseAtHand(demo)


def register(at_hand: CaseAtHand, name: str) -> UUID:
    """Somebody new at the office, trained for everything."""
    site, sign_in = at_hand.site, f"new-{uuid4()}"
    staff = site.staff(sign_in)
    body = {"office": "title_ix", "sign_in": sign_in, "name": name}
    assert site.post("/office/commands/register-staff", body, "operator").status_code == 201
    for topic in TOPICS:
        at_hand.train(sign_in, topic)
    return staff


def assign(at_hand: CaseAtHand, staff: UUID) -> Any:
    return at_hand.ask("assign-role", role="investigator", staff_id=staff)


def test_somebody_who_has_the_name_of_a_party_is_not_assigned(at_hand: CaseAtHand) -> None:
    staff = register(at_hand, NAME)
    fields = {"role": "respondent", "identified": True, "affiliation_class": "staff"}
    at_hand.give("add-party", party_id=uuid4(), name=SAME, **fields)
    before = at_hand.site.record.read([]).head
    answer = assign(at_hand, staff)
    assert (answer.status_code, answer.json()["code"]) == (409, "ROLE_CONFLICT")
    assert "Wexcombe" not in answer.text
    assert at_hand.site.record.read([]).head == before


def test_nor_is_somebody_who_advises_a_party(at_hand: CaseAtHand) -> None:
    staff = register(at_hand, NAME)
    at_hand.give("select-advisor", for_party=at_hand.complainant, name=SAME)
    assert assign(at_hand, staff).json()["code"] == "ROLE_CONFLICT"


def test_nor_is_who_reported(at_hand: CaseAtHand) -> None:
    assert assign(at_hand, register(at_hand, "Person, Reporting")).json()["code"] == "ROLE_CONFLICT"


def test_anybody_else_is_and_the_screen_says_so(at_hand: CaseAtHand) -> None:
    staff = register(at_hand, f"Somebody Else {uuid4()}")
    assert assign(at_hand, staff).status_code == 201
    row = at_hand.site.record.ledger.history(at_hand.id)[-1]
    assert row.event.screen.conflict_ok is True  # type: ignore[attr-defined]
