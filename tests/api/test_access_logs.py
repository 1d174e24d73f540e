"""The two logs beside a case, and a party's own copy: who may read which, and what it names."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from api.history import Line
from api.redacted import SOMEBODY_ELSE, about
from domain.events.case import Allegation, PartyAdded
from domain.rules.disclosure import NO_REDISCLOSURE
from domain.state.case import Case
from domain.state.parts import Party
from ledger.events import IdentityRevealed
from tests.api.conftest import Site
from tests.api.grants import CaseAtHand

OFFICER = "Officer Unnamed"


@pytest.fixture
def case(demo: Site) -> CaseAtHand:
    return CaseAtHand(demo)


def a_line(fields: dict[str, Any]) -> Line:
    return Line(
        number=1,
        version=1,
        recorded_at=datetime(2025, 1, 14, tzinfo=UTC),
        occurred_on=None,
        role=None,
        name="Something",
        leaf="",
        fields=fields,
    )


def tell_police(case: CaseAtHand, *about: Any) -> None:
    case.give(
        "record-disclosure",
        disclosure_id=uuid4(),
        about=[str(one) for one in about],
        recipient_class="police",
        interest="criminal_investigation",
        basis="police_investigation",
        items=["identity"],
        minimum_necessary=True,
        recipient=OFFICER,
        necessity="They cannot go on without it.",
    )


def test_a_party_reads_what_was_told_of_itself(case: CaseAtHand) -> None:
    tell_police(case, case.respondent)
    tell_police(case, case.complainant)
    said = case.get("/disclosures", str(case.respondent)).json()
    assert said["notice"] == NO_REDISCLOSURE
    (told,) = said["disclosures"]
    assert (told["to"], told["interest"], told["basis"], told["items"]) == (
        "police",
        "criminal_investigation",
        "police_investigation",
        ["identity"],
    )
    assert len(case.get("/disclosures").json()["disclosures"]) == 2
    assert OFFICER not in case.get("/disclosures").text


def test_who_looked_is_read_by_the_office_and_auditors_and_by_no_party(case: CaseAtHand) -> None:
    case.reveal("investigator-1", "investigate")
    case.reveal("investigator-1", "decide")
    for who in ("coordinator-1", "auditor-1"):
        said = case.get("/access", who).json()
        assert [line["name"] for line in said["events"] if line["name"] != "KeyCreated"][-2:] == [
            "IdentityRevealed",
            "RevealDenied",
        ]
        reasons = [
            line["fields"]["reason"] for line in said["events"] if "reason" in line["fields"]
        ]
        assert reasons == ["[sealed]"]
    for who in (str(case.respondent), "investigator-1"):
        assert case.get("/access", who).status_code == 403
    assert case.get("/access", "faculty-1").status_code == 404
    assert case.get("/disclosures", "investigator-1").status_code == 403


def test_the_audit_says_who_opened_whose_name_when_and_under_which_grant(case: CaseAtHand) -> None:
    rows = case.site.record.ledger.history(case.id)
    added = [row.event for row in rows if isinstance(row.event, PartyAdded)]
    assert [event.party_id for event in added] == [case.complainant, case.respondent]
    assert case.reveal("investigator-1", "investigate").status_code == 200
    assert case.reveal("decision-maker-1", "investigate").status_code == 403
    assert (
        case.reveal("coordinator-1", "intake", event="ReportReceived", path="narrative").status_code
        == 200
    )
    said = case.get(f"/access?about={case.complainant}", "auditor-1").json()["events"]
    opened, denied, _text = said
    assert (opened["name"], opened["actor"], opened["role"]) == (
        "IdentityRevealed",
        str(case.staff("investigator-1")),
        "investigator",
    )
    assert opened["fields"]["grant_id"] == str(case.grant_of("investigator-1"))
    assert opened["about"] == [str(case.complainant)]
    assert opened["recorded_at"] == said[0]["recorded_at"]
    assert (denied["name"], denied["actor"]) == (
        "RevealDenied",
        str(case.staff("decision-maker-1")),
    )
    (narrative,) = case.get(f"/access?about={case.id}").json()["events"]
    assert narrative["actor"] == str(case.staff("coordinator-1"))
    # A text may name anybody: it stands with those of each.
    assert case.get(f"/access?about={case.respondent}").json()["events"] == [narrative]
    assert case.get("/access?about=x").json()["code"] == "INPUT_INVALID"


def test_the_logs_are_read_as_of_a_point(case: CaseAtHand) -> None:
    assert case.reveal("investigator-1", "investigate").status_code == 200
    tell_police(case, case.respondent)
    whole = case.get("/access").json()["events"]
    for line in whole:
        upto = case.get(f"/access?as_of={line['number']}").json()
        assert upto["events"] == whole[: whole.index(line) + 1]
        assert upto["as_of"]["position"] == line["number"]
    told = whole[-1]["number"]
    assert len(case.get(f"/disclosures?as_of={told}").json()["disclosures"]) == 1
    assert case.get(f"/disclosures?as_of={told - 1}").json()["disclosures"] == []


def test_the_audit_knows_whose_words_an_item_of_evidence_holds(demo: Site) -> None:
    """Of the case's own items alone, whatever somebody asked for."""
    case, other = CaseAtHand(demo), CaseAtHand(demo)
    items = [one.add_evidence() for one in (case, other)]
    for item in items:
        case.site.post(
            f"/cases/{case.id}/reveal",
            {
                "purpose": "decide",
                "reason": "to see",
                "fields": [{"stream": str(item), "version": 2, "path": "description"}],
            },
            "investigator-1",
            version=None,
        )
    about = [one["about"] for one in case.get("/access").json()["events"]][-2:]
    assert about == [[str(items[0])], []]


def test_rows_that_say_of_nobody_whom_they_are_about_are_no_part_of_a_copy() -> None:
    mine, other, own, others = uuid4(), uuid4(), uuid4(), uuid4()

    def alleged(key: UUID, complainant: UUID) -> Allegation:
        return Allegation(
            allegation_id=key,
            complainant_id=complainant,
            respondent_id=other,
            category="stalking",
            subtype=None,
            incident_id=None,
        )

    case = Case(
        parties={
            mine: Party("complainant", True, "student"),
            other: Party("respondent", True, "student"),
        },
        allegations={own: alleged(own, mine), others: alleged(others, uuid4())},
    )
    fields = {
        "deliveries": [{"party_id": str(mine)}],
        "results": [
            {"allegation_id": str(own), "result": "responsible"},
            {"allegation_id": str(others), "result": "not_responsible"},
        ],
        "rows": [{"victim_no": 2}],
        "kinds": ["a", "b"],
        "priors_considered": 2,
        "signed_by": str(other),
        "capacity": "complainant",
        "signature_hmac": "00",
    }
    (left,) = about([a_line(fields)], mine, case)
    assert left.fields == {
        "deliveries": [{"party_id": str(mine)}],
        "results": [{"allegation_id": str(own), "result": "responsible"}],
        "rows": [],
        "kinds": ["a", "b"],
        "signed_by": SOMEBODY_ELSE,
    }


def test_who_looked_for_people_is_read_by_the_office_and_auditors(demo: Site) -> None:
    sought = {"purpose": "intake", "terms": [{"kind": "name", "text": f"Nobody {uuid4()}"}]}
    assert demo.post("/search", sought, "deputy-1", version=None).status_code == 200
    for who in ("coordinator-1", "auditor-1"):
        line = demo.get("/office/access", who).json()["events"][-1]
        assert (line["name"], line["actor"]) == (
            "PartySearchPerformed",
            str(demo.staff("deputy-1")),
        )
        assert line["fields"]["hits"] == 0
    assert demo.get("/office/access", "investigator-1").status_code == 403


def ask(case: CaseAtHand, party: Any) -> None:
    case.give(
        "receive-access-request",
        str(party),
        request_id=uuid4(),
        party_id=party,
        received_on=case.after(0),
    )


@pytest.mark.parametrize("by_office", [True, False])
def test_a_copy_opens_the_own_words_and_names_nobody_else(
    case: CaseAtHand, by_office: bool
) -> None:
    mine, other = str(case.respondent), str(case.complainant)
    ask(case, mine)
    who = "coordinator-1" if by_office else mine
    answer = case.get(f"/copy?party={mine}", who)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said["notice"] == NO_REDISCLOSURE
    assert "Name of the respondent" in answer.text
    for hidden in ("Name of the complainant", "Reporting Person", other, "What was seen"):
        assert hidden not in answer.text
    recorded = case.access()[-1]
    assert recorded.position == said["position"]
    assert isinstance(recorded.event, IdentityRevealed)
    assert recorded.event.basis == "access_request"
    own = [line for line in said["events"] if line["name"] == "PartyAdded"]
    assert [line["fields"]["name"] for line in own] == ["Name of the respondent"]


def test_what_is_about_somebody_else_in_the_same_event_is_taken_out() -> None:
    mine, other, reporter = uuid4(), uuid4(), uuid4()
    case = Case(
        parties={
            mine: Party("respondent", True, "student"),
            other: Party("complainant", True, "student"),
        },
        reporter_id=reporter,
    )
    letters = [{"party_id": str(mine)}, {"party_id": str(other)}]
    both = {"complainant_id": str(other), "respondent_id": str(mine)}
    fields = {
        "deliveries": letters,
        "allegations": [both],
        "advisors": {str(mine): True, str(other): False},
        "told_by": str(reporter),
        "count": 2,
    }
    line = a_line(fields)
    unrelated = a_line({"for_party": str(other)})
    (left,) = about([line, unrelated], mine, case)
    assert left.fields == {
        "deliveries": [{"party_id": str(mine)}],
        "allegations": [{"complainant_id": SOMEBODY_ELSE, "respondent_id": str(mine)}],
        "advisors": {str(mine): True},
        "told_by": SOMEBODY_ELSE,
        "count": 2,
    }


def test_nobody_makes_the_ground_for_the_own_copying(case: CaseAtHand) -> None:
    case.give(
        "receive-access-request",
        "deputy-1",
        request_id=uuid4(),
        party_id=case.respondent,
        received_on=case.after(0),
    )
    own = case.get(f"/copy?party={case.respondent}", "deputy-1")
    assert (own.status_code, own.json()["code"]) == (409, "SECOND_APPROVER_REQUIRED")
    assert case.get(f"/copy?party={case.respondent}").status_code == 200


def test_a_copy_is_made_for_who_has_asked(case: CaseAtHand) -> None:
    answer = case.get(f"/copy?party={case.respondent}")
    assert (answer.status_code, answer.json()["code"]) == (403, "NO_INSTITUTIONAL_INTEREST")
    ask(case, case.complainant)
    assert case.get(f"/copy?party={case.respondent}").status_code == 403
    own = case.get(f"/copy?party={case.complainant}", str(case.respondent))
    assert (own.status_code, own.json()["code"]) == (403, "ROLE_NOT_ALLOWED")
    assert case.get(f"/copy?party={case.complainant}", "investigator-1").status_code == 403
    assert case.get(f"/copy?party={case.complainant}", "faculty-1").status_code == 404


@pytest.mark.parametrize("party", ["", "?party=", "?party=x", f"?party={uuid4()}"])
def test_a_copy_is_of_a_party(case: CaseAtHand, party: str) -> None:
    answer = case.get(f"/copy{party}")
    assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_INVALID")


def test_a_copy_whose_words_are_destroyed_says_so(case: CaseAtHand) -> None:
    ask(case, case.respondent)
    with case.site.databases.connect("keys_admin") as db:
        db.execute("ALTER TABLE vault.keys DISABLE TRIGGER keep")
        db.execute("DELETE FROM vault.keys WHERE owner_id = %s", [case.respondent])
        db.execute("ALTER TABLE vault.keys ENABLE ALWAYS TRIGGER keep")
    said = case.get(f"/copy?party={case.respondent}").json()
    (own,) = [line for line in said["events"] if line["name"] == "PartyAdded"]
    assert own["fields"]["name"] == "[destroyed]"
