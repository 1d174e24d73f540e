"""Commands over HTTP: safe to retry, never on a version that was not read."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from api.commands import path_of
from domain.rules import RULES
from domain.rules.gate import VERSIONED
from tests.api.conftest import NewSite, Site
from tests.api.reports import body_of, received, report


def test_every_row_of_the_rules_has_a_route_and_no_two_have_the_same() -> None:
    paths = [path_of(kind) for kind in RULES]
    assert len(set(paths)) == len(RULES)
    assert path_of(next(iter(RULES))) == "/office/commands/adopt-policy"


def test_a_command_is_answered_with_what_was_recorded(demo: Site) -> None:
    case = uuid4()
    before = demo.record.read([]).head
    answer = demo.post(f"/cases/{case}/commands/receive-report", report(narrative="words"))
    assert answer.status_code == 201
    assert answer.headers["etag"] == '"2"'
    assert answer.headers["log-position"] == str(before + 2)
    said = answer.json()
    recorded_at = said.pop("recorded_at")
    assert datetime.fromisoformat(recorded_at) == demo.record.read([]).now
    assert said == {
        "command": "ReceiveReport",
        "stream": str(case),
        "version": 2,
        "repeated": False,
        "events": [
            {"position": before + number, "stream": str(case), "version": number, "name": name}
            for number, name in ((1, "KeyCreated"), (2, "ReportReceived"))
        ],
    }


def test_a_retry_gets_the_first_result_and_records_nothing(demo: Site) -> None:
    case, key, body = uuid4(), uuid4(), report()
    path = f"/cases/{case}/commands/receive-report"
    first = demo.post(path, body, key=key)
    head = demo.record.read([]).head
    again = demo.post(path, body, key=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == {**first.json(), "repeated": True}
    assert again.headers["etag"] == first.headers["etag"]
    assert demo.record.read([]).head == head


def test_a_retry_may_name_another_version(demo: Site) -> None:
    """Whoever lost the answer may read again before asking again."""
    case, version = received(demo)
    key = uuid4()
    party = {"party_id": str(uuid4()), "role": "respondent", "identified": False}
    path = f"/cases/{case}/commands/add-party"
    first = demo.post(path, party, key=key, version=version)
    again = demo.post(path, party, key=key, version=first.json()["version"])
    assert (first.status_code, again.status_code) == (201, 200)


def test_one_command_id_is_good_for_one_request(demo: Site) -> None:
    case, key, body = uuid4(), uuid4(), report()
    path = f"/cases/{case}/commands/receive-report"
    assert demo.post(path, body, key=key).status_code == 201
    others = [
        demo.post(path, {**body, "channel": "email"}, key=key),
        demo.post(f"/cases/{uuid4()}/commands/receive-report", body, key=key),
        demo.post(path, body, "deputy-1", key=key),
    ]
    for answer in others:
        assert (answer.status_code, answer.json()["code"]) == (422, "COMMAND_ID_REUSED")


@pytest.mark.parametrize("key", ["", "7", "not-an-id"])
def test_a_command_needs_an_id_of_its_own(demo: Site, key: str) -> None:
    answer = demo.post(
        f"/cases/{uuid4()}/commands/receive-report", report(), headers={"Idempotency-Key": key}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_INVALID")
    assert "Idempotency-Key" in answer.json()["detail"]


def test_a_refused_command_may_come_again_under_its_id(demo: Site) -> None:
    case, version = received(demo)
    key, path = uuid4(), f"/cases/{case}/commands/add-party"
    party = {"party_id": str(uuid4()), "role": "respondent", "identified": True}
    assert demo.post(path, party, key=key, version=version).status_code == 422
    mended = {**party, "identified": False}
    assert demo.post(path, mended, key=key, version=version).status_code == 201


def test_a_version_must_be_named_on_a_case(demo: Site) -> None:
    for kind, rule in RULES.items():
        if rule.home in VERSIONED:
            path = path_of(kind)
            for name in ("case", "item", "person"):
                path = path.replace(f"{{{name}}}", str(uuid4()))
            answer = demo.post(path, body_of(kind), version=None)
            assert (answer.status_code, answer.json()["code"]) == (428, "VERSION_REQUIRED"), path


def test_a_stale_version_is_told_with_the_one_that_stands(demo: Site) -> None:
    case, version = received(demo)
    party = {"party_id": str(uuid4()), "role": "respondent", "identified": False}
    path = f"/cases/{case}/commands/add-party"
    for wrong in (0, version - 1, version + 1, 10**17):
        answer = demo.post(path, party, version=wrong)
        assert (answer.status_code, answer.json()["code"]) == (412, "VERSION_CONFLICT")
        assert f"(version {version})" in answer.json()["detail"]
    assert demo.post(path, party, "faculty-1", version=version - 1).status_code == 404


@pytest.mark.parametrize("tag", ['W/"1"', "1", "*", '"01"', '"x"', f'"{10**18}"'])
def test_only_a_strong_entity_tag_names_a_version(demo: Site, tag: str) -> None:
    answer = demo.post(
        f"/cases/{uuid4()}/commands/receive-report", report(), headers={"If-Match": tag}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_INVALID")
    assert "If-Match" in answer.json()["detail"]


def test_a_simulated_ledger_takes_a_time_and_none_before_its_head(demo: Site) -> None:
    head = demo.record.read([]).now
    for at in (head - timedelta(microseconds=1), head - timedelta(days=900)):
        answer = _report_at(demo, at.isoformat())
        assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_INVALID")
    at = head + timedelta(hours=1)
    answer = _report_at(demo, at.isoformat())
    assert answer.status_code == 201
    assert datetime.fromisoformat(answer.json()["recorded_at"]) == at
    for wrong in ("2030-01-01", "2030-01-01T10:00:00", "noon", "0001-01-01T00:00:00+14:00"):
        assert _report_at(demo, wrong).json()["code"] == "INPUT_INVALID"


def test_a_real_ledger_takes_no_given_time(new_site: NewSite) -> None:
    site = new_site(clock="real", sign_in="local")
    answer = _report_at(site, "2030-01-01T10:00:00Z")
    assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_INVALID")
    assert "Muniment-At" in answer.json()["detail"]


def test_a_real_ledger_signs_nobody_in_by_itself(new_site: NewSite) -> None:
    site = new_site(clock="real")
    assert site.get("/cases").status_code == 401


def test_setting_up_over_http(new_site: NewSite) -> None:
    """What the operator gives has a natural stream, or names the staff member in the address."""
    site = new_site()
    pack = {"code": "BCM-02.2.20", "version": 1, "effective_from": "2020-08-12"}
    assert site.post("/office/commands/adopt-policy", pack, "operator").status_code == 201
    day = {"day": "2020-09-07", "closed": True}
    assert site.post("/office/commands/mark-calendar-day", day, "operator").status_code == 201
    person = {"sign_in": "coordinator-1", "name": "Somebody", "office": "title_ix"}
    registered = site.post("/office/commands/register-staff", person, "operator")
    staff = registered.json()["stream"]
    assert UUID(staff) == site.staff("coordinator-1")
    role = {"role": "coordinator", "start_on": "2019-01-01"}
    assert site.get("/cases").status_code == 403
    granted = site.post(f"/office/staff/{staff}/commands/grant-role", role, "operator")
    assert granted.status_code == 201
    not_yet = site.get("/cases")  # No projector has run.
    assert (not_yet.status_code, not_yet.json()["code"]) == (503, "UNAVAILABLE")
    site.project()
    assert site.get("/cases").status_code == 200
    nobody = site.post(f"/office/staff/{uuid4()}/commands/grant-role", role, "operator")
    assert nobody.status_code == 404


def test_an_answer_may_wait_for_the_views(demo: Site) -> None:
    """Here nobody feeds them: the wait ends, and what was recorded is answered all the same."""
    path = f"/cases/{uuid4()}/commands/receive-report"
    assert demo.post(f"{path}?wait=perhaps", report()).json()["code"] == "INPUT_INVALID"
    assert demo.post(f"{path}?wait=true", report()).status_code == 201


def _report_at(site: Site, at: str) -> Any:
    path = f"/cases/{uuid4()}/commands/receive-report"
    return site.post(path, report(), headers={"Muniment-At": at})
