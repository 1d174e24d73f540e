"""Opening sealed words over HTTP: recorded first; a refusal is recorded too."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from api.revealing import NOT_SEALED
from domain.ids import access_stream
from ledger.events import IdentityRevealed, RevealDenied
from tests.api.conftest import Site
from tests.api.grants import CaseAtHand
from tests.api.reports import received

WORDS = "Wrennaquoring said so"


def wish(version: int = 2, path: str = "narrative", **more: Any) -> dict[str, Any]:
    return {
        "purpose": "intake",
        "reason": "to read the report",
        "fields": [{"version": version, "path": path}],
        **more,
    }


def access(site: Site, case: UUID) -> list[object]:
    rows = site.record.ledger.history(access_stream(site.record.id, case))
    return [row.event for row in rows if type(row.event).__name__ != "KeyCreated"]


def test_the_coordinator_reads_the_words_and_it_stands_recorded(demo: Site) -> None:
    case, _ = received(demo, narrative=WORDS)
    answer = demo.post(f"/cases/{case}/reveal", wish(), version=None)
    assert answer.status_code == 200
    said = answer.json()
    assert said["fields"] == [
        {
            "stream": str(case),
            "version": 2,
            "path": "narrative",
            "text": WORDS,
            "destroyed": False,
        }
    ]
    (recorded,) = access(demo, case)
    assert isinstance(recorded, IdentityRevealed)
    assert (recorded.basis, recorded.purpose) == ("coordinator_role", "intake")
    assert recorded.reason.startswith("munimentenc:1:")
    row = demo.record.between(said["position"], said["position"])[0]
    assert row.event == recorded
    assert row.envelope.actor == str(demo.staff("coordinator-1"))
    assert row.envelope.actor_role == "coordinator"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("auditor-1", "NO_INSTITUTIONAL_INTEREST"),
        ("investigator-1", "NO_INSTITUTIONAL_INTEREST"),
        ("hearing-officer-1", "NO_INSTITUTIONAL_INTEREST"),
        ("decision-maker-1", "NO_INSTITUTIONAL_INTEREST"),
        ("operator", "ROLE_NOT_ALLOWED"),
    ],
)
def test_who_may_know_of_the_case_but_not_read_is_refused_and_recorded(
    demo: Site, who: str, code: str
) -> None:
    case = demo.cases["01"]
    before = len(access(demo, case))
    line = _first(demo, case, "ReportReceived")
    answer = demo.post(f"/cases/{case}/reveal", wish(line), who, version=None)
    assert (answer.status_code, answer.json()["code"]) == (403, code)
    denied = access(demo, case)[before:]
    assert len(denied) == 1
    assert isinstance(denied[0], RevealDenied)
    assert (denied[0].purpose, denied[0].code) == ("intake", code)


def test_a_party_is_refused_and_recorded(demo: Site) -> None:
    case = demo.cases["12"]
    party = next(iter(demo.get(f"/cases/{case}").json()["state"]["parties"]))
    path = f"/cases/{case}/reveal"
    answer = demo.post(path, wish(), party, version=None, party_of=case)
    assert answer.status_code == 403
    assert isinstance(access(demo, case)[-1], RevealDenied)


@pytest.mark.parametrize("who", ["faculty-1", "security-1", "admin-1"])
def test_who_may_not_know_of_the_case_learns_and_leaves_nothing(demo: Site, who: str) -> None:
    case = demo.cases["15"]
    before = demo.record.read([]).head
    answer = demo.post(f"/cases/{case}/reveal", wish(), who, version=None)
    assert answer.status_code == 404
    assert demo.record.read([]).head == before


def test_words_whose_key_is_destroyed_are_answered_as_such(demo: Site) -> None:
    case, _ = received(demo, narrative=WORDS)
    demo.destroy_key(case)
    answer = demo.post(f"/cases/{case}/reveal", wish(), version=None)
    (field,) = answer.json()["fields"]
    assert (field["text"], field["destroyed"]) == (None, True)


def test_a_retry_reads_again_under_the_first_record(demo: Site) -> None:
    case, _ = received(demo, narrative=WORDS)
    key = uuid4()
    first = demo.post(f"/cases/{case}/reveal", wish(), version=None, key=key)
    again = demo.post(f"/cases/{case}/reveal", wish(), version=None, key=key)
    assert first.json() == again.json()
    assert len(access(demo, case)) == 1
    other = demo.post(f"/cases/{case}/reveal", wish(purpose="support"), version=None, key=key)
    assert (other.status_code, other.json()["code"]) == (422, "COMMAND_ID_REUSED")


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (wish(99), f"fields {NOT_SEALED}"),
        (wish(1), f"fields {NOT_SEALED}"),
        (wish(path="place"), f"fields {NOT_SEALED}"),
        (wish(path="Wrennaquoring"), "fields.path names no field that is sealed"),
        (wish(path="channel"), "fields.path names no field that is sealed"),
        (wish(purpose="Wrennaquoring"), "purpose is none of the words that it may be"),
        (wish(reason="  "), "reason is empty"),
        (wish(fields=[]), "fields does not have the form asked for"),
        (wish(more=1), "the body holds an unknown field; it may hold purpose, reason, fields"),
    ],
)
def test_only_a_sealed_value_with_a_purpose_and_a_reason_can_be_asked_for(
    demo: Site, body: dict[str, Any], wrong: str
) -> None:
    case, _ = received(demo, narrative=WORDS)
    answer = demo.post(f"/cases/{case}/reveal", body, version=None)
    assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_INVALID")
    assert answer.json()["detail"].endswith(f": {wrong}.")
    assert access(demo, case) == []


def test_words_of_another_case_are_not_read_through_this_one(demo: Site) -> None:
    case, _ = received(demo)
    other, _ = received(demo, narrative=WORDS)
    fields = [{"stream": str(other), "version": 2, "path": "narrative"}]
    answer = demo.post(f"/cases/{case}/reveal", wish(fields=fields), version=None)
    assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_INVALID")
    nowhere = wish(fields=[{**fields[0], "stream": str(uuid4())}])
    missing = demo.post(f"/cases/{case}/reveal", nowhere, version=None)
    assert answer.json()["detail"] == missing.json()["detail"]


def test_words_of_the_cases_evidence_are_read_through_it(demo: Site) -> None:
    case = CaseAtHand(demo)
    item = case.add_evidence()
    (added,) = [
        row.version for row in demo.record.ledger.history(item) if row.topic == "EvidenceAdded/1"
    ]
    fields = [{"stream": str(item), "version": added, "path": "description"}]
    answer = demo.post(f"/cases/{case.id}/reveal", wish(fields=fields), version=None)
    assert answer.status_code == 200
    assert answer.json()["fields"][0]["text"] == "What the message says"


def test_of_a_case_that_is_over_the_office_reads_with_a_grant_of_another(demo: Site) -> None:
    case = demo.cases["01"]
    wanted = wish(_first(demo, case, "ReportReceived"))
    refused = demo.post(f"/cases/{case}/reveal", wanted, version=None)
    assert (refused.status_code, refused.json()["code"]) == (403, "NO_INSTITUTIONAL_INTEREST")
    given = {
        "grant_id": str(uuid4()),
        "user": str(demo.staff("coordinator-1")),
        "purpose": "intake",
        "field_scope": ["narratives"],
        "expires_on": "2100-01-01",
    }
    to = f"/cases/{case}/commands/grant-access"
    assert demo.post(to, given, version=None).json()["code"] == "SECOND_APPROVER_REQUIRED"
    assert demo.post(to, given, "deputy-1", version=None).status_code == 201
    assert demo.post(f"/cases/{case}/reveal", wanted, version=None).status_code == 200
    assert access(demo, case)[-1].grant_id == given["grant_id"]


def test_the_reasons_given_are_not_read_in_passing(demo: Site) -> None:
    """They say who looked at whom: for that a purpose of its own is needed."""
    case, _ = received(demo, narrative=WORDS)
    demo.post(f"/cases/{case}/reveal", wish(), version=None)
    stream = access_stream(demo.record.id, case)
    version = demo.record.ledger.history(stream)[-1].version
    fields = [{"stream": str(stream), "version": version, "path": "reason"}]
    answer = demo.post(f"/cases/{case}/reveal", wish(fields=fields), version=None)
    assert (answer.status_code, answer.json()["code"]) == (403, "NO_INSTITUTIONAL_INTEREST")


def _first(site: Site, case: UUID, name: str) -> int:
    lines = site.get(f"/cases/{case}/history").json()["events"]
    return next(int(line["version"]) for line in lines if line["name"] == name)
