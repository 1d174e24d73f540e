"""Type-only and anonymous reports: what else was sent leaves no trace, and nobody is named."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from api.issuer import PERSONAS
from domain.events.case import ReportReceived
from ledger.events import KeyCreated
from tests.api.conftest import Site
from tests.api.reports import report

WORD = "Wrennaquoring"
WHO = "confidential-1"
SENTENCE = f"She said that it was {WORD}."


@pytest.fixture
def body(demo: Site) -> dict[str, Any]:
    told = demo.record.ledger.history(demo.cases["17"])[0].event
    assert isinstance(told, ReportReceived)
    return {
        "claimed_types": ["sexual_assault"],
        "received_at": "2026-01-20T14:00:00-06:00",
        "resource_id": str(told.resource_id),
    }


def give(site: Site, said: Any, case: UUID | None = None, query: str = "", **more: Any) -> Any:
    path = f"/cases/{case or uuid4()}/commands/report-type-only{query}"
    return site.post(path, said, more.pop("who", WHO), **more)


def written(said: Any) -> bytes:
    return said if isinstance(said, bytes) else json.dumps(said).encode()


def keys(site: Site, *owners: UUID) -> int:
    with site.databases.connect("keys_admin") as db:
        found = db.execute(
            "SELECT count(*) FROM vault.keys WHERE owner_id = ANY(%s)", [list(owners)]
        ).fetchone()
    assert found
    return int(found[0])


def test_a_type_is_recorded_and_nothing_is_sealed(demo: Site, body: dict[str, Any]) -> None:
    case, key = uuid4(), uuid4()
    answer = give(demo, body, case, "?wait=true", key=key)
    assert answer.status_code == 201, answer.text
    assert [event["name"] for event in answer.json()["events"]] == ["ReportReceived"]
    (row,) = demo.record.ledger.history(case)
    assert row.envelope.actor == str(demo.staff(WHO))
    assert row.envelope.actor_role == "confidential_employee"
    assert isinstance(row.event, ReportReceived)
    assert keys(demo, case, row.event.report_id, demo.staff(WHO)) == 1  # That of the register.
    again = give(demo, body, case, key=key)
    assert (again.status_code, again.json()["repeated"]) == (200, True)


def test_a_shipped_case_of_its_kind_has_no_key_to_the_end(demo: Site) -> None:
    case = demo.cases["17"]
    rows = demo.record.ledger.history(case)
    assert [row.topic for row in rows] == ["ReportReceived/1", "CaseClosed/1"]
    assert not [row for row in rows if isinstance(row.event, KeyCreated)]
    assert keys(demo, case) == 0


def test_who_reported_it_does_not_find_it(demo: Site, body: dict[str, Any]) -> None:
    case = uuid4()
    assert give(demo, body, case).status_code == 201
    for path in ("", "/history", "/actions", "/deadlines", "/disclosures", "/access"):
        there = demo.get(f"/cases/{case}{path}", WHO)
        assert there.status_code == 404
        assert there.content == demo.get(f"/cases/{uuid4()}{path}", WHO).content
    assert demo.get("/cases", WHO).status_code == 403
    assert give(demo, body, case, version=1).status_code == 404
    assert WHO in PERSONAS


def test_the_office_sees_that_it_is_there_and_what_can_be_done(
    demo: Site, body: dict[str, Any]
) -> None:
    case = uuid4()
    assert give(demo, body, case).status_code == 201
    demo.project()
    assert demo.get(f"/cases/{case}").json()["state"]["stage"] == "TYPE_ONLY"
    said = demo.get(f"/cases/{case}/actions").json()
    possible = {one["command"] for one in said["actions"] if one["allowed"]}
    assert possible == {"ClassifyIncident", "CloseCase"}
    row = next(one for one in demo.get("/cases").json()["cases"] if one["case_id"] == str(case))
    assert (row["missing"], row["next_on"], row["parties"]) == ([], None, 0)
    added = demo.post(
        f"/cases/{case}/commands/add-party",
        {"party_id": str(uuid4()), "role": "complainant", "identified": False},
        version=1,
    )
    assert (added.status_code, added.json()["code"]) == (422, "TYPE_ONLY")


def spoiled(body: dict[str, Any]) -> dict[str, bytes]:
    """What may not be sent, by how it is wrong; each has the word."""
    right = json.dumps(body)
    more: dict[str, Any] = {
        "a field": {**body, "narrative": SENTENCE},
        "a field of the envelope": {**body, "occurred_on": "2026-01-17", WORD: None},
        "its name": {**body, WORD: 1},
        "a map": {**body, "detail": {"said": [SENTENCE]}},
        "a map in a field": {**body, "resource_id": {WORD: SENTENCE}},
        "in the list": {**body, "claimed_types": ["sexual_assault", SENTENCE]},
        "not a type": {**body, "claimed_types": [SENTENCE]},
        "not a resource": {**body, "resource_id": SENTENCE},
        "not a time": {**body, "received_at": SENTENCE},
        "another name": {**{k: v for k, v in body.items() if k != "resource_id"}, WORD: 1},
        "a list": [body, SENTENCE],
        "text": SENTENCE,
    }
    return {
        **{name: json.dumps(value).encode() for name, value in more.items()},
        "a key twice": right.replace("{", f'{{"resource_id": "{SENTENCE}", ', 1).encode(),
        "something behind": f"{right} {SENTENCE}".encode(),
        "cut short": f'{{"narrative": "{SENTENCE}'.encode(),
        "no JSON": SENTENCE.encode(),
        "too deep": b"[" * 5_000 + SENTENCE.encode(),
        "half a character": f'{{"x": "{SENTENCE}\\ud800"}}'.encode(),
        "UTF-16": json.dumps({**body, "x": SENTENCE}).encode("utf-16"),
        "a long number": right.replace("{", f'{{"{WORD}": {"1" * 5_000}, ', 1).encode(),
    }


def test_whatever_else_is_sent_is_refused_whole_and_leaves_no_trace(
    demo: Site, body: dict[str, Any], logged: Callable[[], list[dict[str, Any]]]
) -> None:
    head, told = demo.record.read([]).head, set()
    for name, said in spoiled(body).items():
        case, key = uuid4(), uuid4()
        answer = give(demo, said, case, key=key)
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (422, "TYPE_ONLY"), name
        told.add(answer.text.replace(problem["instance"], ""))
        assert demo.record.read([]).head == head, name
        # Not even the command's id was kept: what is right may come under it.
        assert demo.record.first_result(key, str(demo.staff(WHO)), b"") is None
    assert len(told) == 1, "not one word depends on what was sent"
    assert WORD not in told.pop()
    assert WORD not in str(logged())
    assert {line["code"] for line in logged() if line["event"] == "refused"} == {"TYPE_ONLY"}
    assert not {"stream"} & {key for line in logged() for key in line}
    assert WORD not in demo.app.state.parts.metrics.text().decode()


def test_what_is_right_may_come_after_it_under_the_same_id(
    demo: Site, body: dict[str, Any]
) -> None:
    case, key = uuid4(), uuid4()
    assert give(demo, {**body, WORD: WORD}, case, key=key).status_code == 422
    assert give(demo, body, case, key=key).status_code == 201


@pytest.mark.parametrize(
    "query",
    [f"?{WORD}", f"?{WORD}=1", f"?wait={WORD}", f"?wait=true&x={WORD}", "?wait=true&wait=true"],
)
def test_nor_may_the_address_say_more(demo: Site, body: dict[str, Any], query: str) -> None:
    answer = give(demo, body, query=query)
    assert (answer.status_code, answer.json()["code"]) == (422, "TYPE_ONLY")
    assert WORD not in answer.text


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "x/y"])
def test_a_form_of_another_kind_is_no_type(demo: Site, kind: str) -> None:
    answer = give(demo, f"--x\r\n\r\n{WORD}".encode(), headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (422, "TYPE_ONLY")


def test_a_resource_that_is_not_designated_and_the_wrong_people(
    demo: Site, body: dict[str, Any]
) -> None:
    other = give(demo, {**body, "resource_id": str(uuid4())})
    assert (other.status_code, other.json()["code"]) == (422, "NOT_A_CONFIDENTIAL_RESOURCE")
    for who in ("coordinator-1", "faculty-1", "security-1"):
        answer = give(demo, body, who=who)
        assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_NOT_ALLOWED")
    ordinary = demo.post(f"/cases/{uuid4()}/commands/receive-report", report(), WHO)
    assert (ordinary.status_code, ordinary.json()["code"]) == (403, "ROLE_NOT_ALLOWED")


# Anonymous reports


def anonymous(**more: Any) -> dict[str, Any]:
    said = report(reporter_capacity="anonymous", anonymous=True, narrative="What was seen")
    return {key: value for key, value in said.items() if key != "reporter_id"} | more


def test_who_enters_an_anonymous_report_is_all_that_it_names(
    demo: Site, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    case = uuid4()
    headers = ("User-Agent", "Forwarded", "X-Forwarded-For", "X-Real-Ip", "Cookie", "Referer")
    from_where = dict.fromkeys(headers, WORD)
    path = f"/cases/{case}/commands/receive-report"
    answer = demo.post(path, anonymous(), headers=from_where)
    assert answer.status_code == 201, answer.text
    rows = demo.record.ledger.history(case)
    assert {row.envelope.actor for row in rows} == {str(demo.staff("coordinator-1"))}
    created = [row.event.owner_kind for row in rows if isinstance(row.event, KeyCreated)]
    assert created == ["case"]
    assert WORD not in str(rows)
    assert WORD not in str(logged())
    assert "testclient" not in str(logged())  # The address that the request came from.
    assert "testclient" not in demo.app.state.parts.metrics.text().decode()


@pytest.mark.parametrize(
    "identity",
    [
        {"reporter_name": SENTENCE},
        {"reporter_contact": SENTENCE},
        {"relation": SENTENCE},
        {"affiliation_class": "student"},
    ],
    ids=lambda identity: next(iter(identity)),
)
def test_an_identity_in_an_anonymous_report_is_neither_kept_nor_told(
    demo: Site, logged: Callable[[], list[dict[str, Any]]], identity: dict[str, str]
) -> None:
    case, head = uuid4(), demo.record.read([]).head
    path = f"/cases/{case}/commands/receive-report"
    answer = demo.post(path, anonymous(**identity))
    assert (answer.status_code, answer.json()["code"]) == (422, "ANONYMOUS_HAS_IDENTITY")
    assert demo.record.read([]).head == head
    for value in identity.values():
        assert value not in answer.text
        assert value not in str(logged())
    with demo.databases.connect("keys_admin") as db:
        found = db.execute("SELECT 1 FROM vault.keys WHERE NOT announced").fetchall()
    assert found == []
    assert keys(demo, case) == 0
