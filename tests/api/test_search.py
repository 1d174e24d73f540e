"""Finding a person over HTTP: recorded first, without a name; refused ones are recorded too."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.ids import office_access_stream
from ledger.events import PartySearchDenied, PartySearchPerformed
from tests.api.conftest import Site
from tests.api.grants import CaseAtHand

EMAIL = "wren.quoring@example.edu"


@pytest.fixture
def name() -> str:
    return f"Wren Quoring {uuid4().hex}"


@pytest.fixture
def at_hand(demo: Site, name: str) -> CaseAtHand:
    """A case whose second respondent has this name."""
    at_hand = CaseAtHand(demo)
    fields = {"role": "respondent", "identified": True, "affiliation_class": "student"}
    at_hand.give("add-party", party_id=uuid4(), name=name, contact=f"mail {EMAIL}", **fields)
    return at_hand


@pytest.fixture(autouse=True)
def an_hour_later(demo: Site) -> Iterator[None]:
    """No test has used up the hour of another."""
    yield
    at = demo.record.read([]).now + timedelta(hours=1)
    headers = {"Muniment-At": at.isoformat()}
    body = {"purpose": "intake", "terms": [{"kind": "name", "text": "nobody"}]}
    demo.post("/search", body, "operator", version=None, headers=headers)


def ask(site: Site, text: str, who: str = "coordinator-1", **more: Any) -> Any:
    kind = more.pop("kind", "name")
    body = {"purpose": "intake", "terms": [{"kind": kind, "text": text}], **more.pop("body", {})}
    return site.post("/search", body, who, version=None, **more)


def office(site: Site) -> list[Any]:
    return site.record.ledger.history(office_access_stream(site.record.id))


def test_the_office_finds_where_somebody_is_known_and_it_is_recorded(
    demo: Site, at_hand: CaseAtHand, name: str
) -> None:
    answer = ask(demo, f"Dr. {name.upper()}")
    assert answer.status_code == 200, answer.text
    said = answer.json()
    (place,) = said["places"]
    assert place["case"] == str(at_hand.id)
    assert (place["role"], place["by"]) == ("respondent", ["name"])
    assert place["since"] == at_hand.today.isoformat()
    row = office(demo)[-1]
    assert row.position == said["position"]
    assert row.event == PartySearchPerformed(kinds=["name"], purpose="intake", hits=1)
    assert (row.envelope.actor, row.envelope.actor_role) == (
        str(demo.staff("coordinator-1")),
        "coordinator",
    )
    assert "Quoring" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_whoever_has_any_of_what_is_known_is_found_once(
    demo: Site, at_hand: CaseAtHand, name: str
) -> None:
    terms = [{"kind": "name", "text": name}, {"kind": "email", "text": EMAIL.upper()}]
    answer = ask(demo, "", body={"terms": terms})
    mine = [one for one in answer.json()["places"] if one["case"] == str(at_hand.id)]
    assert [one["by"] for one in mine] == [["email", "name"]]
    assert office(demo)[-1].event.kinds == ["email", "name"]


def test_a_miss_is_answered_and_recorded_alike(demo: Site, name: str) -> None:
    answer = ask(demo, name)
    assert (answer.status_code, answer.json()["places"]) == (200, [])
    assert office(demo)[-1].event == PartySearchPerformed(kinds=["name"], purpose="intake", hits=0)


def test_reporters_advisors_and_staff_are_found_as_what_they_are(
    demo: Site, at_hand: CaseAtHand, name: str
) -> None:
    at_hand.give("select-advisor", for_party=at_hand.complainant, name=f"{name} Advising")
    (advisor,) = ask(demo, f"{name} Advising").json()["places"]
    assert (advisor["role"], advisor["owner_id"]) == ("advisor", str(at_hand.complainant))
    reported = ask(demo, "Reporting Person").json()["places"]
    assert "reporter" in {one["role"] for one in reported if one["case"] == str(at_hand.id)}
    body = {"office": "title_ix", "sign_in": name, "name": f"{name} Staff"}
    assert demo.post("/office/commands/register-staff", body, "operator").status_code == 201
    (staff,) = ask(demo, f"{name} Staff").json()["places"]
    assert (staff["role"], staff["case"]) == ("staff", None)


@pytest.mark.parametrize(
    "who",
    ["investigator-1", "decision-maker-1", "security-1", "auditor-1", "faculty-1", "operator"],
)
def test_nobody_else_searches_and_that_they_asked_is_recorded(
    demo: Site, at_hand: CaseAtHand, name: str, who: str
) -> None:
    answer = ask(demo, name, who)
    assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_NOT_ALLOWED")
    assert office(demo)[-1].event == PartySearchDenied(
        kinds=["name"], purpose="intake", code="ROLE_NOT_ALLOWED"
    )
    assert "Quoring" not in answer.text


def test_a_party_does_not_search(demo: Site, at_hand: CaseAtHand, name: str) -> None:
    answer = ask(demo, name, str(at_hand.complainant), party_of=at_hand.id)
    assert answer.json()["code"] == "ROLE_NOT_ALLOWED"
    assert office(demo)[-1].envelope.actor_role == "party"


def test_a_case_behind_a_wall_is_not_found_and_not_counted(
    demo: Site, at_hand: CaseAtHand, name: str
) -> None:
    at_hand.give("disclose-conflict", "deputy-1", conflict_id=uuid4(), about_role="deputy")
    assert ask(demo, name, "deputy-1").json()["places"] == []
    assert office(demo)[-1].event.hits == 0
    assert len(ask(demo, name).json()["places"]) == 1


def test_a_retry_is_answered_again_and_recorded_once(
    demo: Site, at_hand: CaseAtHand, name: str
) -> None:
    key = uuid4()
    first = ask(demo, name, key=key)
    before = len(office(demo))
    again = ask(demo, name, key=key)
    assert (first.status_code, first.json()) == (200, again.json())
    assert len(office(demo)) == before
    other = ask(demo, f"{name}s", key=key)
    assert (other.status_code, other.json()["code"]) == (422, "COMMAND_ID_REUSED")
    denied = uuid4()
    for _ in range(2):
        assert ask(demo, name, "security-1", key=denied).json()["code"] == "ROLE_NOT_ALLOWED"
    assert len(office(demo)) == before + 1


def test_an_answer_that_would_be_another_is_not_given_again(
    demo: Site, at_hand: CaseAtHand, name: str
) -> None:
    key = uuid4()
    assert len(ask(demo, name, key=key).json()["places"]) == 1
    fields = {"role": "respondent", "identified": True, "affiliation_class": "student"}
    at_hand.give("add-party", party_id=uuid4(), name=name, **fields)
    assert ask(demo, name, key=key).json()["code"] == "COMMAND_ID_REUSED"


def test_so_often_an_hour_and_not_more(demo: Site, name: str) -> None:
    answers = [ask(demo, name, "deputy-1") for _ in range(31)]
    assert [one.status_code for one in answers] == [200] * 30 + [429]
    assert answers[-1].json()["code"] == "SEARCH_LIMIT"
    assert office(demo)[-1].event.code == "SEARCH_LIMIT"
    assert ask(demo, name).status_code == 200  # Somebody else.


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"terms": []}, "terms"),
        ({"terms": [{"kind": "name", "text": "  "}]}, "terms.text"),
        ({"terms": [{"kind": "email", "text": "Wrennaquoring"}]}, "terms.text"),
        ({"terms": [{"kind": "phone", "text": "Wrennaquoring"}]}, "terms.text"),
        ({"terms": [{"kind": "Wrennaquoring", "text": "x"}]}, "terms"),
        ({"terms": [{"kind": "name", "text": 5}]}, "terms"),
        ({"terms": [{"kind": "name", "text": "x"}] * 9}, "terms"),
        ({"purpose": "Wrennaquoring"}, "purpose"),
        ({"purpose": "priors"}, "purpose"),
        ({"Wrennaquoring": 1}, "unknown field"),
    ],
)
def test_what_is_no_search_is_refused_and_echoes_nothing(
    demo: Site, body: dict[str, Any], fields: str
) -> None:
    before = len(office(demo))
    answer = ask(demo, "x", body=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_INVALID")
    assert fields in answer.json()["detail"]
    assert "Wrennaquoring" not in answer.text
    assert len(office(demo)) == before


def priors(site: Site, case: UUID, party: object, who: str = "coordinator-1", **more: Any) -> Any:
    path = f"/cases/{case}/respondents/{party}/priors"
    return site.post(path, {}, who, version=None, **more)


def test_a_final_finding_against_the_same_person_is_a_prior(demo: Site) -> None:
    """Story 01 ended with one. Of the name alone it is said apart."""
    case = demo.cases["01"]
    rows = demo.record.ledger.history(case)
    added = next(
        row for row in rows if row.topic == "PartyAdded/1" and row.event.role == "respondent"
    )
    path = f"/cases/{case}/reveal"
    fields = [{"version": added.version, "path": name} for name in ("name", "contact")]
    told = demo.post(
        path, {"purpose": "support", "reason": "x", "fields": fields}, version=None
    ).json()["fields"]
    words = {one["path"]: one["text"] for one in told}
    at_hand = CaseAtHand(demo)
    same, alike = uuid4(), uuid4()
    common = {"role": "respondent", "identified": True, "affiliation_class": "student"}
    at_hand.give("add-party", party_id=alike, name=words["name"], **common)
    answer = priors(demo, at_hand.id, alike)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["findings"], answer.json()["name_only"]) == (0, 1)
    at_hand.give("add-party", party_id=same, **words, **common)
    assert priors(demo, at_hand.id, same).json()["findings"] == 1
    event = office(demo)[-1].event
    assert (event.purpose, event.case) == ("priors", at_hand.id)
    # The person who is a respondent here and nowhere found responsible.
    assert priors(demo, at_hand.id, at_hand.respondent).json()["findings"] == 0


def test_priors_are_for_the_office_and_for_who_decides_after_the_hearing(
    demo: Site, at_hand: CaseAtHand
) -> None:
    asked = (at_hand.id, at_hand.respondent)
    assert priors(demo, *asked, "decision-maker-1").json()["code"] == "HEARING_FIRST"
    assert office(demo)[-1].event == PartySearchDenied(
        kinds=["email", "institutional_id", "name", "phone"],
        purpose="priors",
        code="HEARING_FIRST",
        case=at_hand.id,
    )
    assert priors(demo, *asked, "investigator-1").json()["code"] == "ROLE_NOT_ALLOWED"
    assert priors(demo, at_hand.id, at_hand.complainant).json()["code"] == "INPUT_INVALID"
    before = len(office(demo))
    assert priors(demo, *asked, "faculty-1").status_code == 404
    assert priors(demo, uuid4(), uuid4()).status_code == 404
    assert priors(demo, at_hand.id, "x").status_code == 404
    assert len(office(demo)) == before
