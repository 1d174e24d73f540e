"""Failures over HTTP: one shape, a status for every code, and nothing of the request in it."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from api.edge import LARGEST_BODY
from api.errors import EDGE, STATUS
from domain.refusals import No
from domain.rules.intake import ReceiveReport
from ledger.errors import LedgerUnreachable
from tests.api.conftest import Site
from tests.api.reports import received, report

SHAPE = [
    "type",
    "title",
    "status",
    "detail",
    "instance",
    "code",
    "rule",
    "citation",
    "remedy",
    "allowed_after",
]
CANARY = "Wrennaquoring"
REPORT = ReceiveReport.__struct_fields__
WORDS = {"version": 2, "path": "narrative"}


def test_every_code_has_a_status() -> None:
    assert STATUS.keys() == set(No)


def test_a_refusal_is_a_problem_with_its_rule_and_what_would_help(demo: Site) -> None:
    case, version = received(demo)
    answer = demo.post(f"/cases/{case}/commands/close-case", {}, version=version)
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert list(said) == SHAPE
    assert said == {
        "type": "/problems/ILLEGAL_TRANSITION",
        "title": "Illegal transition",
        "status": 409,
        "detail": said["detail"],
        "instance": f"urn:uuid:{answer.headers['muniment-request']}",
        "code": "ILLEGAL_TRANSITION",
        "rule": "",
        "citation": No.ILLEGAL_TRANSITION.because.cite,
        "remedy": said["remedy"],
        "allowed_after": None,
    }
    assert said["detail"].startswith("CloseCase is not possible while the case is REPORTED.")
    assert "AddParty" in said["remedy"]


def test_the_type_of_a_problem_leads_to_what_its_code_means(demo: Site) -> None:
    for code in (*No.__members__, *EDGE):
        answer = demo.client.get(f"/problems/{code}")
        assert answer.status_code == 200, code
        assert answer.json()["code"] == code
    assert demo.client.get("/problems/NO_SUCH").status_code == 404


def test_who_is_not_signed_in_is_told_so(demo: Site) -> None:
    answer = demo.client.get("/cases")
    assert (answer.status_code, answer.json()["code"]) == (401, "NOT_SIGNED_IN")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH"])
@pytest.mark.parametrize("path", ["/cases", "/cases/{case}", "/cases/{case}/commands/add-party"])
def test_nothing_of_a_case_is_deleted_or_replaced(demo: Site, method: str, path: str) -> None:
    answer = demo.client.request(method, path.format(case=demo.cases["01"]))
    assert (answer.status_code, answer.json()["code"]) == (405, "NO_DELETE")
    assert answer.headers["allow"] == ("POST" if "commands" in path else "GET")


def test_another_method_is_refused_with_those_that_are_known(demo: Site) -> None:
    answer = demo.client.post("/deadlines")
    assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/cases/{case}/commands/zebra"), ("GET", "/cases/"), ("GET", "/cases/{case}/zebra")],
)
def test_an_address_of_nothing_is_not_found(demo: Site, method: str, path: str) -> None:
    """Though nothing may be deleted there, either."""
    answer = demo.client.request(method, path.format(case=demo.cases["01"]))
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert answer.content == demo.client.get("/zebra").content
    deleted = demo.client.delete(path.format(case=demo.cases["01"]))
    assert (deleted.status_code, deleted.json()["code"]) == (405, "NO_DELETE")
    known = demo.client.get(f"/cases/{demo.cases['01']}/commands/close-case")
    assert (known.status_code, known.headers["allow"]) == (405, "POST")


def test_a_body_that_is_too_large_is_not_read_to_its_end(demo: Site) -> None:
    body = b'{"reason": "' + b"x" * LARGEST_BODY + b'"}'
    answer = demo.post(f"/cases/{uuid4()}/commands/close-case", body)
    assert (answer.status_code, answer.json()["code"]) == (413, "TOO_LARGE")


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (b"{", "the body is not JSON"),
        (b"\xff\xfe", "the body is not JSON"),
        (b"[]", "the body does not have the form asked for"),
        (
            b'{"' + CANARY.encode() + b'": 1}',
            f"the body holds an unknown field; it may hold {', '.join(REPORT)}",
        ),
        (
            b'{"channel": {"' + CANARY.encode() + b'": 1}}',
            "channel does not have the form asked for",
        ),
        (
            b'{"geography": "' + CANARY.encode() + b'"}',
            "geography is none of the words that it may be",
        ),
        (b'{"report_id": "' + CANARY.encode() + b'"}', "report_id is no UUID"),
        (
            b'{"received_at": "' + CANARY.encode() + b'"}',
            "received_at is no date or time in the form of ISO 8601",
        ),
        (b'{"narrative": 7}', "narrative does not have the form asked for"),
        (b"{}", "report_id is missing"),
        (b"", "report_id is missing"),
    ],
)
def test_a_malformed_command_is_told_in_words_of_the_schema_and_nothing_else(
    demo: Site, body: bytes, wrong: str
) -> None:
    answer = demo.post(f"/cases/{uuid4()}/commands/receive-report", body)
    said = answer.json()
    assert (answer.status_code, said["code"]) == (422, "INPUT_INVALID")
    assert said["detail"] == f"This request cannot be taken: {wrong}."


@pytest.mark.parametrize(
    ("letter", "wrong"),
    [
        ({}, "deliveries.party_id is missing"),
        ({"party_id": str(uuid4()), CANARY: 1}, "deliveries holds an unknown field"),
        ({"party_id": CANARY}, "deliveries.party_id is no UUID"),
    ],
)
def test_what_is_wrong_inside_a_field_is_told_with_its_way_there(
    demo: Site, letter: dict[str, object], wrong: str
) -> None:
    body = {"deliveries": [letter]}
    said = demo.post(f"/cases/{uuid4()}/commands/issue-notice", body).json()
    assert said["detail"] == f"This request cannot be taken: {wrong}."


def test_no_answer_repeats_what_was_sent(demo: Site, capsys: pytest.CaptureFixture[str]) -> None:
    case, version = received(demo, narrative=CANARY, reporter_name=CANARY, place=CANARY)
    path = f"/cases/{case}/commands"
    answers = [
        demo.post(f"{path}/receive-report", report(narrative=CANARY), version=version),
        demo.post(f"{path}/receive-report", report(channel=CANARY), version=0),
        demo.post(f"{path}/receive-report", report(**{CANARY: CANARY})),
        demo.post(f"{path}/{CANARY}", {CANARY: CANARY}),
        demo.post(f"{path}/add-party", {"name": CANARY}, headers={"If-Match": CANARY}),
        demo.post(f"{path}/add-party", {"name": CANARY}, key=CANARY),
        demo.post(f"{path}/add-party", {"name": CANARY}, headers={"Muniment-At": CANARY}),
        demo.post(f"{path}/add-party?wait={CANARY}", {"name": CANARY}),
        demo.get(f"/cases/{CANARY}"),
        demo.get(f"/cases/{case}?as_of={CANARY}"),
        demo.get(f"/cases?offset={CANARY}"),
        demo.get(f"/deadlines?until={CANARY}"),
        demo.get(f"/problems/{CANARY}"),
        demo.get(f"/{CANARY}"),
        demo.client.get("/cases", headers={"Authorization": f"Bearer {CANARY}"}),
        demo.get(f"/cases/{case}"),
        demo.get(f"/cases/{case}/history"),
        demo.get(f"/cases/{case}/actions"),
        demo.get("/cases"),
        demo.client.get("/openapi.json"),
    ]
    for answer in answers:
        assert CANARY not in answer.text, answer.request.url
        assert CANARY not in str(answer.headers)
    assert CANARY not in demo.app.state.parts.metrics.text().decode()
    printed = capsys.readouterr()
    assert CANARY not in printed.out + printed.err


def test_a_bug_is_answered_without_its_words_and_logged_without_them(
    demo: Site,
    monkeypatch: pytest.MonkeyPatch,
    logged: Callable[[], list[dict[str, object]]],
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(demo.record, "read", broken)
    answer = demo.get(f"/cases/{uuid4()}")
    assert (answer.status_code, answer.json()["code"]) == (500, "UNEXPECTED")
    assert CANARY not in answer.text
    assert CANARY not in str(logged())
    assert logged()[0]["error"] == "RuntimeError"


def test_a_record_that_cannot_be_reached_is_worth_asking_again(
    demo: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise LedgerUnreachable("the database gave no answer, twice")

    monkeypatch.setattr(demo.record, "read", away)
    answer = demo.get(f"/cases/{uuid4()}")
    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")


def test_hidden_equals_missing_byte_for_byte(demo: Site) -> None:
    """On every route of a case, for everybody who may not know of it."""
    hidden, missing = demo.cases["01"], uuid4()
    for who in ("faculty-1", "security-1", "admin-1", "appeal-officer-2"):
        for path in ("", "/history", "/actions", "/deadlines"):
            there = demo.get(f"/cases/{hidden}{path}", who)
            nowhere = demo.get(f"/cases/{missing}{path}", who)
            assert there.status_code == 404, (who, path)
            assert there.content == nowhere.content
            assert _names(there) == _names(nowhere)
        for path, body in (
            ("commands/close-case", {}),
            (
                "reveal",
                {
                    "purpose": "audit",
                    "reason": "x",
                    "fields": [{"version": 1, "path": "narrative"}],
                },
            ),
        ):
            for version in (1, 10_000):
                there = demo.post(f"/cases/{hidden}/{path}", body, who, version=version)
                nowhere = demo.post(f"/cases/{missing}/{path}", body, who, version=version)
                assert there.status_code == 404, (who, path)
                assert there.content == nowhere.content


def test_a_party_of_one_case_knows_nothing_of_another(demo: Site) -> None:
    party = next(iter(demo.get(f"/cases/{demo.cases['12']}").json()["state"]["parties"]))
    other = demo.get(f"/cases/{demo.cases['01']}", party, party_of=demo.cases["12"])
    missing = demo.get(f"/cases/{uuid4()}", party, party_of=demo.cases["12"])
    assert (other.status_code, other.content) == (404, missing.content)
    own = demo.get(f"/cases/{demo.cases['12']}", party, party_of=demo.cases["12"])
    assert own.status_code == 200


def test_an_id_of_another_kind_of_stream_is_no_case(demo: Site) -> None:
    ledger, staff = demo.record.id, demo.staff("investigator-1")
    for stream in (ledger, staff):
        for path in ("", "/history", "/actions", "/deadlines"):
            assert demo.get(f"/cases/{stream}{path}").status_code == 404
        answer = demo.post(f"/cases/{stream}/commands/receive-report", report())
        assert answer.status_code == 404
    staff_as_item = demo.post(
        f"/evidence/{staff}/commands/classify-evidence",
        {"directly_related": True, "relevant": "yes", "relied_on": False, "sexual_history": "none"},
        "investigator-1",
    )
    assert staff_as_item.status_code == 404


def _names(answer: object) -> list[str]:
    return sorted(answer.headers)  # type: ignore[attr-defined]
