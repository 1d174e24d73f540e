"""Reads: as of a point, by whom, without sealed words."""

import json
from datetime import datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from api import cases
from domain.state.case import Case
from domain.terms import Role
from domain.visibility import FIELDS, OWN, VISIBLE, Part
from tests.api.conftest import Site
from tests.api.reports import received


def test_every_field_of_a_case_has_its_readers() -> None:
    assert FIELDS.keys() == set(Case.__struct_fields__)
    assert OWN.keys() <= FIELDS.keys()


def test_no_part_of_a_case_is_for_security_or_those_who_run_the_system() -> None:
    for part in Part:
        assert not VISIBLE[part].keys() & {Role.SECURITY, Role.ADMIN, Role.OPERATOR, Role.SYSTEM}


def test_a_case_is_read_with_the_version_for_the_next_command(demo: Site) -> None:
    case, version = received(demo)
    answer = demo.get(f"/cases/{case}")
    said = answer.json()
    assert answer.headers["etag"] == f'"{version}"'
    assert answer.headers["log-position"] == str(demo.record.read([]).head)
    assert answer.headers["cache-control"] == "no-store"
    assert (said["case"], said["version"], said["roles"]) == (str(case), version, ["coordinator"])
    assert said["state"]["stage"] == "REPORTED"
    assert said["as_of"]["rules"] == "today"


# History 01, day by day: the stage at the end of each of its dates.
STAGES = [
    ("2025-01-13", "NONE"),
    ("2025-01-14", "REPORTED"),
    ("2025-01-22", "ASSESSED"),
    ("2025-01-27", "COMPLAINT_FILED"),
    ("2025-01-29", "NOTICED"),
    ("2025-01-31", "INVESTIGATING"),
    ("2025-03-03", "EVIDENCE_REVIEW"),
    ("2025-03-13", "EVIDENCE_REVIEW"),
    ("2025-03-14", "REPORT_DRAFTING"),
    ("2025-03-24", "REPORT_ISSUED"),
    ("2025-04-08", "HEARD"),
    ("2025-04-18", "DETERMINED"),
    ("2025-04-25", "DETERMINED"),
    ("2025-04-26", "FINAL"),
    ("2026-05-06", "CLOSED"),
]


@pytest.mark.parametrize(("day", "stage"), STAGES)
def test_a_case_is_read_back_as_of_each_of_its_dates(demo: Site, day: str, stage: str) -> None:
    said = demo.get(f"/cases/{demo.cases['01']}?as_of={day}").json()
    assert said["state"]["stage"] == stage
    history = demo.get(f"/cases/{demo.cases['01']}/history?as_of={day}").json()["events"]
    assert said["version"] == len(history)
    assert [line["version"] for line in history] == list(range(1, len(history) + 1))


def test_a_date_is_the_end_of_that_day_at_the_institution(demo: Site) -> None:
    """History 01 was reported on 14 January at 15:30 in UTC, which is 09:30 in Houston."""
    path = f"/cases/{demo.cases['01']}?as_of="
    moments = {
        "2025-01-14T15:29:59.999999Z": "NONE",
        "2025-01-14T15:30:00Z": "REPORTED",
        "2025-01-14T09:30:00-06:00": "REPORTED",
        "2025-01-15T05:59:59.999999Z": "REPORTED",
    }
    for at, stage in moments.items():
        assert demo.get(path + at).json()["state"]["stage"] == stage, at
    by_date = demo.get(path + "2025-01-14").json()
    by_instant = demo.get(path + "2025-01-15T05:59:59.999999Z").json()
    assert by_date == by_instant
    assert by_date["as_of"]["position"] == _recorded_by(demo, "2025-01-15T05:59:59.999999+00:00")
    assert datetime.fromisoformat(by_date["as_of"]["at"]) == datetime.fromisoformat(
        "2025-01-15T05:59:59.999999+00:00"
    )


def _recorded_by(demo: Site, instant: str) -> int:
    """The last position of all that was recorded by then, from the whole record."""
    at = datetime.fromisoformat(instant)
    rows = demo.record.ledger.page(0, 100_000)
    return max(row.position for row in rows if row.recorded_at <= at)


@pytest.mark.parametrize(("day", "stage"), STAGES)
def test_every_page_of_a_day_names_the_same_position(demo: Site, day: str, stage: str) -> None:
    demo.project()
    paths = ["/cases", "/deadlines"]
    paths += [f"/cases/{demo.cases['01']}{part}" for part in ("", "/history", "/actions")]
    end = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo("America/Chicago")) + timedelta(1)
    position = _recorded_by(demo, (end - timedelta(microseconds=1)).isoformat())
    for path in paths:
        answer = demo.get(f"{path}?as_of={day}")
        assert answer.json()["as_of"]["position"] == position, path
        assert answer.headers["Log-Position"] == str(position)


def test_a_position_counts_in_what_stands_at_it(demo: Site) -> None:
    lines = demo.get(f"/cases/{demo.cases['12']}/history").json()["events"]
    for line in lines:
        upto = demo.get(f"/cases/{demo.cases['12']}/history?as_of={line['number']}").json()
        assert upto["events"] == lines[: lines.index(line) + 1]
        assert upto["as_of"]["position"] == line["number"]
    assert [line["version"] for line in lines] == list(range(1, len(lines) + 1))


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "x", "2025-13-01", "2025-01-14T10:00:00", "9" * 30]
)
def test_a_point_that_is_none_is_refused(demo: Site, text: str) -> None:
    for path in ("/cases", "/deadlines", f"/cases/{demo.cases['01']}"):
        answer = demo.get(f"{path}?as_of={text}")
        assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_INVALID")


def test_a_history_has_numbers_times_roles_names_leaves_and_no_sealed_words(demo: Site) -> None:
    case, _ = received(demo, narrative="Wrennaquoring", occurred_on="2025-02")
    line = demo.get(f"/cases/{case}/history").json()["events"][-1]
    row = demo.record.ledger.history(case)[-1]
    fields = line.pop("fields")
    assert line == {
        "number": row.position,
        "version": 2,
        "recorded_at": line["recorded_at"],
        "occurred_on": "2025-02",
        "role": "reporter",
        "name": "ReportReceived",
        "leaf": row.leaf_hash.hex(),
    }
    assert (fields["narrative"], fields["place"]) == ("[sealed]", None)
    assert fields["in_us"] == "yes"


def test_what_is_sealed_says_so_and_a_destroyed_key_says_that(demo: Site) -> None:
    case, _ = received(demo, narrative="words")
    demo.destroy_key(case)
    line = demo.get(f"/cases/{case}/history").json()["events"][-1]
    assert line["fields"]["narrative"] == "[destroyed]"
    assert demo.get(f"/cases/{case}").status_code == 200


def test_the_board_shows_every_case_to_the_office_and_their_own_to_others(demo: Site) -> None:
    demo.project()
    everyone = _on_the_board(demo, "coordinator-1")
    assert set(map(str, demo.cases.values())) <= everyone
    # Other tests put a conflict between the coordinator and a case of theirs; never the auditor.
    every_case = _on_the_board(demo, "auditor-1")
    assert everyone <= every_case
    assert _on_the_board(demo, "appeal-officer-1") < every_case
    assert demo.get("/cases", "security-1").status_code == 403
    assert demo.get("/cases", "admin-1").status_code == 403


def _on_the_board(demo: Site, who: str) -> set[str]:
    """The cases on all its pages."""
    found, path = set(), "/cases"
    while path:
        board = demo.get(path, who).json()
        found |= {row["case_id"] for row in board["cases"]}
        path = board["next"]
    return found


def test_the_board_as_of_a_day_shows_what_was_known_then(demo: Site) -> None:
    rows = demo.get("/cases?as_of=2025-03-12").json()["cases"]
    row = next(row for row in rows if row["case_id"] == str(demo.cases["01"]))
    assert (row["stage"], row["next_on"]) == ("EVIDENCE_REVIEW", "2025-03-13")
    assert demo.get("/cases?as_of=2021-01-01").json()["cases"] == []


def test_a_list_goes_on_as_of_the_same_moment(demo: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    demo.project()
    monkeypatch.setattr(cases, "_MOST", 1)
    first = demo.get("/cases?as_of=2025-03-12").json()
    assert first["next"] == f"/cases?as_of={first['as_of']['position']}&offset=1"
    second = demo.get(first["next"]).json()
    assert second["as_of"]["position"] == first["as_of"]["position"]
    assert demo.get("/cases").json()["next"] == "/cases?offset=1"


def test_a_list_says_of_which_moment_it_is_where_its_view_lags(demo: Site) -> None:
    """Recorded since, and not yet shown: it is of the moment just before that, not of today, and
    not of the last event shown, which may be long ago: what was overdue would not be any more."""
    demo.project()
    shown = demo.record.read([])
    later = (shown.now + timedelta(hours=1)).isoformat()
    received(demo, at=later)
    assert demo.record.read([]).head > shown.head
    (row,) = demo.record.between(shown.head + 1, shown.head + 1)
    for path in ("/cases", "/deadlines", f"/cases?as_of={shown.head + 1}"):
        said = demo.get(path).json()["as_of"]
        assert said["position"] == shown.head
        assert datetime.fromisoformat(said["at"]) == row.recorded_at - timedelta(microseconds=1)
    demo.project()
    assert demo.get("/cases").json()["as_of"]["position"] == demo.record.read([]).head


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("asof=2025-03-12", "a parameter that this address does not know"),
        ("as_of=5&as_of=6", "a parameter twice"),
        ("as_of=5&x", "a parameter that this address does not know"),
        ("Xquoring=1", "a parameter that this address does not know"),
    ],
)
def test_a_query_that_an_address_does_not_know_is_refused(
    demo: Site, query: str, wrong: str
) -> None:
    """A mistyped `as_of` must not be answered with today."""
    case = demo.cases["01"]
    paths = ["/cases", "/deadlines", "/office/access", f"/people/{uuid4()}"]
    paths += [f"/cases/{case}{part}" for part in ("", "/history", "/actions", "/access", "/copy")]
    for path in paths:
        answer = demo.get(f"{path}?{query}")
        assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_INVALID"), path
        assert "Xquoring" not in answer.text
    said = demo.get(f"/cases?{query}").json()["detail"]
    assert said == f"This request cannot be taken: query holds {wrong}."
    posted = demo.post(f"/cases/{case}/commands/close-case?{query}", {}, version=1)
    assert (posted.status_code, posted.json()["code"]) == (422, "INPUT_INVALID")
    unsigned = demo.client.get(f"/cases?{query}")
    assert (unsigned.status_code, unsigned.json()["code"]) == (401, "NOT_SIGNED_IN")


def test_the_board_goes_on_where_it_is_told_to(demo: Site) -> None:
    demo.project()
    rows = demo.get("/cases").json()["cases"]
    assert demo.get("/cases?offset=1").json()["cases"] == rows[1:]
    for wrong in ("-1", "x", "9" * 12):
        assert demo.get(f"/cases?offset={wrong}").json()["code"] == "INPUT_INVALID"


def test_deadlines_are_judged_on_the_day_they_are_asked_for(demo: Site) -> None:
    def of(day: str) -> dict[str, tuple[str, bool, bool]]:
        path = f"/cases/{demo.cases['01']}/deadlines?as_of={day}"
        return {
            f"{one['kind']}": (one["due_on"], one["met"], one["overdue"])
            for one in demo.get(path).json()["deadlines"]
        }

    assert of("2025-01-14") == {"complainant_contact": ("2025-01-16", False, False)}
    assert of("2025-01-15") == {"complainant_contact": ("2025-01-16", True, False)}
    assert of("2025-03-04")["evidence_response"] == ("2025-03-13", False, False)
    due = demo.get("/deadlines?as_of=2025-03-04&until=2025-03-13").json()["deadlines"]
    assert {one["case"] for one in due} >= {str(demo.cases["01"])}
    assert all(one["due_on"] <= "2025-03-13" for one in due)
    assert demo.get("/deadlines?until=soon").json()["code"] == "INPUT_INVALID"
    assert demo.get("/deadlines", "investigator-1").status_code == 403


def _parties(site: Site, history: str) -> dict[str, UUID]:
    parties = site.get(f"/cases/{site.cases[history]}").json()["state"]["parties"]
    return {party["role"]: UUID(key) for key, party in parties.items()}


def test_a_party_sees_the_case_but_not_what_is_the_other_partys(demo: Site) -> None:
    case = demo.cases["12"]
    parties = _parties(demo, "12")
    whole = demo.get(f"/cases/{case}").json()["state"]
    assert whole["removals"]
    seen = {
        role: demo.get(f"/cases/{case}", str(party), party_of=case).json()["state"]
        for role, party in parties.items()
    }
    assert seen["respondent"]["removals"] == whole["removals"]
    assert seen["complainant"]["removals"] == {}
    for role, state in seen.items():
        assert all(m["for_party"] == str(parties[role]) for m in state["measures"].values())
        assert set(state["windows"]) <= {str(parties[role])}
        assert not state.keys() & {"reporter_id", "incidents", "attempts", "anonymous"}
        assert state["stage"] == whole["stage"]
    text = json.dumps(seen["respondent"]["measures"])
    assert str(parties["complainant"]) not in text
    for path in ("history", "reveal"):
        respondent = str(parties["respondent"])
        assert demo.get(f"/cases/{case}/{path}", respondent, party_of=case).status_code in (
            403,
            405,
        )


def test_a_party_sees_the_clocks_of_the_case_and_its_own(demo: Site) -> None:
    case = demo.cases["01"]
    parties = _parties(demo, "01")
    for role, party in parties.items():
        path = f"/cases/{case}/deadlines?as_of=2025-04-20"
        said = demo.get(path, str(party), party_of=case).json()["deadlines"]
        assert {one["party"] for one in said} == {None, str(party)}, role


def test_those_who_decide_see_no_measure(demo: Site) -> None:
    case = demo.cases["01"]
    for who in ("investigator-1", "hearing-officer-1", "decision-maker-1"):
        state = demo.get(f"/cases/{case}", who).json()["state"]
        assert not state.keys() & {"measures", "counselors", "removals", "reporter_id"}
    assert "determination" not in demo.get(f"/cases/{case}", "investigator-1").json()["state"]
    assert "measures" in demo.get(f"/cases/{case}", "auditor-1").json()["state"]


def test_an_item_of_evidence_is_read_by_those_who_work_with_it(demo: Site) -> None:
    sent = next(
        line
        for line in demo.get(f"/cases/{demo.cases['01']}/history").json()["events"]
        if line["name"] == "EvidencePackageSent"
    )
    item = sent["fields"]["items"][0]
    answer = demo.get(f"/evidence/{item}", "investigator-1")
    said = answer.json()
    assert answer.headers["etag"] == f'"{said["version"]}"'
    assert said["state"]["case_id"] == str(demo.cases["01"])
    assert demo.get(f"/evidence/{item}", "hearing-officer-1").status_code == 403
    assert demo.get(f"/evidence/{item}", "faculty-1").status_code == 404
    assert demo.get(f"/evidence/{uuid4()}").status_code == 404
    assert demo.get(f"/evidence/{demo.cases['01']}").status_code == 404


def test_a_case_warns_when_nobody_was_contacted_in_time(demo: Site) -> None:
    complainant = {"reporter_capacity": "complainant", "affiliation_class": "student"}
    case, _ = received(demo, reporter_name="Somebody", **complainant)
    assert demo.get(f"/cases/{case}").json()["warnings"] == []
    head = demo.record.read([]).now
    received(demo, at=(head + timedelta(days=10)).isoformat())
    assert demo.get(f"/cases/{case}").json()["warnings"] == ["OVERDUE"]
