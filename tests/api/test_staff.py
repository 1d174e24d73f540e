"""The registers of the office over HTTP: staff with dated roles, and counselors."""

from uuid import uuid4

from domain.ids import natural
from tests.api.conftest import NewSite, Site
from tests.api.grants import CaseAtHand


def test_the_register_shows_dated_roles_training_and_relations(new_site: NewSite) -> None:
    site = new_site()
    site.load([])
    ivy = site.staff("investigator-1")
    at = f"/office/staff/{ivy}"
    told = {"relation_id": str(uuid4()), "kind": "same_lab", "person": "A colleague"}
    answer = site.post(f"{at}/commands/declare-relation", told, "investigator-1", version=None)
    assert answer.status_code == 201, answer.text
    for who in ("coordinator-1", "auditor-1", "investigator-1"):
        shown = site.get(at, who)
        assert shown.status_code == 200
        state = shown.json()["state"]
        assert state["relations"][told["relation_id"]] == {"kind": "same_lab", "until": None}
        assert state["roles"]["investigator"]["revoked"] is False
        assert "A colleague" not in shown.text
    for who in ("decision-maker-1", "admin-1", "operator", "security-1"):
        assert site.get(at, who).status_code == 404


def test_who_left_finds_nothing_any_more(new_site: NewSite) -> None:
    site = new_site()
    site.load([])
    case = CaseAtHand(site)
    at = f"/office/staff/{site.staff('investigator-1')}"
    assert case.reveal("investigator-1", "investigate").status_code == 200
    body = {"left_on": case.after(0)}
    assert site.post(f"{at}/commands/end-staff", body, "admin-1", version=None).status_code == 201
    assert case.reveal("investigator-1", "investigate").status_code == 404
    assert case.get("", "investigator-1").status_code == 404
    assert site.get("/cases", "investigator-1").status_code == 403
    assert site.get(at, "investigator-1").status_code == 404
    assert site.get(at).json()["state"]["left_on"] == case.after(0)


def test_a_role_that_was_revoked_ends_on_cases_too(new_site: NewSite) -> None:
    site = new_site()
    site.load([])
    case = CaseAtHand(site)
    at = f"/office/staff/{site.staff('decision-maker-1')}/commands/revoke-role"
    assert case.get("", "decision-maker-1").status_code == 200
    body = {"role": "decision_maker", "reason_code": "changed_position"}
    assert site.post(at, body, "operator", version=None).status_code == 201
    assert case.get("", "decision-maker-1").status_code == 404


def test_the_cases_of_a_role_that_was_revoked_stand_in_no_list(new_site: NewSite) -> None:
    site = new_site()
    site.load([])
    lost, kept = CaseAtHand(site), CaseAtHand(site, roles={})
    ivy = site.staff("investigator-1")
    office = f"/office/staff/{ivy}/commands"
    role = {"role": "hearing_officer", "start_on": kept.after(0)}
    assert site.post(f"{office}/grant-role", role, "operator", version=None).status_code == 201
    kept.give("assign-role", role="hearing_officer", staff_id=ivy)
    site.project()
    ours = {str(lost.id), str(kept.id)}
    assert {row["case_id"] for row in site.get("/cases", "investigator-1").json()["cases"]} == ours
    body = {"role": "investigator", "reason_code": "changed_position"}
    assert site.post(f"{office}/revoke-role", body, "operator", version=None).status_code == 201
    shown = site.get("/cases", "investigator-1").json()["cases"]
    assert [row["case_id"] for row in shown] == [str(kept.id)]
    assert {row["case_id"] for row in site.get("/cases").json()["cases"]} == ours


def test_the_office_reads_which_counselors_there_are(demo: Site) -> None:
    """By id, with what each is for: the name stays sealed, and `AssignCounselor` takes the id."""
    register = natural(demo.record.id, "counselors", "counselors")
    listed = [
        row.event.counselor_id
        for row in demo.record.ledger.history(register)
        if row.topic == "CounselorListed/1"
    ]
    for who in ("coordinator-1", "deputy-1", "auditor-1"):
        found = demo.get("/office/counselors", who).json()["counselors"]
        assert [one["counselor_id"] for one in found] == [str(one) for one in listed]
    assert found[0] | {"counselor_id": ""} == {
        "counselor_id": "",
        "service": "student_mental_health",
        "audience": "students",
    }
    for who in ("investigator-1", "security-1", "confidential-1"):
        assert demo.get("/office/counselors", who).status_code == 404
