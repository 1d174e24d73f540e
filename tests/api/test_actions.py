"""What can be done next on a case; what not yet, why, and what would allow it."""

from typing import Any
from uuid import uuid4

from domain.rules import RULES
from domain.rules.sanctions import ProvideRemedy
from tests.api.conftest import Site
from tests.api.reports import body_of, received

OF_CASE = {kind.__name__ for kind, rule in RULES.items() if rule.home == "case"}


def test_an_action_is_possible_or_says_when_and_why_not_yet(demo: Site) -> None:
    """In history 01 the report could not be issued before the parties' ten days were over."""
    path = f"/cases/{demo.cases['01']}/actions?as_of=2025-03-12"
    said = demo.get(path, "investigator-1").json()["actions"]
    actions = {action["command"]: action for action in said}
    report = actions["IssueReport"]
    assert (report["allowed"], report["code"]) == (False, "EVIDENCE_REVIEW_OPEN")
    assert "2025-03-13" in report["detail"]
    assert report["citation"]
    assert report["remedy"]
    assert actions["AddEvidence"]["allowed"]
    assert actions["AddEvidence"]["path"] == "/evidence/{item}/commands/add-evidence"
    assert "CloseCase" not in actions


def test_an_action_that_time_will_allow_says_from_when(demo: Site) -> None:
    path = f"/cases/{demo.cases['01']}/actions?as_of=2025-04-01"
    said = demo.get(path, "hearing-officer-1").json()["actions"]
    convene = next(action for action in said if action["command"] == "ConveneHearing")
    assert (convene["code"], convene["allowed_after"]) == ("REPORT_TEN_DAYS", "2025-04-03")


def test_a_step_waits_for_what_it_acts_on(demo: Site) -> None:
    case, version = received(demo)
    waits = _actions_of(demo, case)["FulfillAccessRequest"]
    assert (waits["allowed"], waits["code"]) == (False, "ILLEGAL_TRANSITION")
    assert "without a party (see AddParty)" in _actions_of(demo, case)["RecordWaiver"]["detail"]
    assert "(see ReceiveAccessRequest)" in waits["detail"]
    accept = _actions_of(demo, case)["AcceptMeasure"]
    assert "without a measure on offer" in accept["detail"]

    path = f"/cases/{case}/commands"
    her = str(uuid4())
    added = demo.post(
        f"{path}/add-party",
        {"party_id": her, "role": "complainant", "identified": False},
        version=version,
    )
    assert added.status_code == 201, added.text
    asked = {"request_id": str(uuid4()), "party_id": her, "received_on": "2025-01-14"}
    came = demo.post(f"{path}/receive-access-request", asked)
    assert came.status_code == 201, came.text
    assert _actions_of(demo, case)["FulfillAccessRequest"]["allowed"]


def test_the_refusal_of_a_step_names_the_actions_that_are_allowed(demo: Site) -> None:
    case, version = received(demo)
    path, body = f"/cases/{case}/commands/provide-remedy", body_of(ProvideRemedy)
    refused = demo.post(path, body, version=version).json()
    assert refused["code"] == "ILLEGAL_TRANSITION"
    actions = _actions_of(demo, case)
    allowed = [name for name, one in actions.items() if one["allowed"] and name in OF_CASE]
    told = [one for one in actions.values() if one["code"] == "ILLEGAL_TRANSITION"]
    assert len(told) > len(allowed)
    for said in (refused, *told):
        _, _, named = said["remedy"].rstrip(".").partition(": ")
        assert named.split(", ") == allowed


def _actions_of(demo: Site, case: object) -> dict[str, dict[str, Any]]:
    said = demo.get(f"/cases/{case}/actions").json()["actions"]
    return {action["command"]: action for action in said}


def test_what_is_allowed_is_not_then_refused_for_its_stage(demo: Site) -> None:
    case, version = received(demo)
    for action in demo.get(f"/cases/{case}/actions").json()["actions"]:
        answer = demo.post(action["path"], {}, version=version)
        stage = answer.json()["code"] in ("ILLEGAL_TRANSITION", "FORMAL_COMPLAINT_REQUIRED")
        if action["allowed"]:
            assert not stage, action
        assert answer.status_code != 403, action
