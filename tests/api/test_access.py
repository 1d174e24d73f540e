"""Every route, for every role: the whole table, compared with the kept one.

The case is history 15, in which every role of a case was held; `reporter` reported it and is no
party. Cells: `yes` (let in, whatever a rule then says), or the status that kept the door shut.
"""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from fastapi.routing import APIRoute

from api.commands import path_of
from domain.events.case import ConflictDisclosed, PartyAdded
from domain.rules import RULES
from domain.terms import Role
from tests.api.conftest import Site
from tests.api.reports import body_of
from tests.golden.kept import REFERENCE, same

pytestmark = pytest.mark.golden

STAFF = {
    "coordinator": "coordinator-1",
    "deputy": "deputy-1",
    "investigator": "investigator-1",
    "hearing_officer": "hearing-officer-1",
    "decision_maker": "decision-maker-1",
    "appeal_officer": "",  # Whoever of the two decided it.
    "confidential_employee": "confidential-1",
    "auditor": "auditor-1",
    "security": "security-1",
    "admin": "admin-1",
    "operator": "operator",
    "staff": "faculty-1",  # Of the institution, and nothing to do with the case.
}
COLUMNS = ["nobody", *STAFF, "complainant", "respondent", "reporter"]
PERSON, STAFF_MEMBER = uuid4(), "somebody-to-be-administered"
ADD_EVIDENCE = "/evidence/{item}/commands/add-evidence"
REVEAL = b'{"purpose":"audit","reason":"x","fields":[{"version":1,"path":"narrative"}]}'
OTHERS = {
    "/cases/{case}/reveal": REVEAL,
    "/people/{person}/reveal": REVEAL,
    "/search": b'{"purpose":"intake","terms":[{"kind":"name","text":"x"}]}',
    "/cases/{case}/respondents/{party}/priors": b"{}",
}


def test_who_may_come_through_which_door(demo: Site) -> None:
    routes, item = _routes(demo), _item(demo, demo.cases["15"])
    _people_there(demo)
    assert len(routes) > len(RULES)
    rows = [f"{'':64}" + " ".join(f"{name[:11]:>11}" for name in COLUMNS)]
    people = dict(_people(demo))
    assert list(people) == COLUMNS
    for route in routes:
        (method,) = route.methods or set()
        cells = [_ask(demo, item, method, route.path, *person) for person in people.values()]
        rows.append(f"{method:4} {route.path:59}" + " ".join(f"{cell:>11}" for cell in cells))
    same(REFERENCE / "access.txt", "\n".join(rows) + "\n")


def test_every_role_stands_in_the_table() -> None:
    assert {*COLUMNS} - {"nobody", "staff"} == {*Role} - {Role.SYSTEM}


def test_every_command_stands_in_the_table() -> None:
    text = (REFERENCE / "access.txt").read_text()
    assert [path for path in map(path_of, RULES) if f"POST {path} " not in text] == []


def _people_there(site: Site) -> None:
    """A person, and one of the staff of whom anything may be recorded."""
    person = {"person_id": str(PERSON), "identity": "A name"}
    path = f"/people/{PERSON}/commands/register-person"
    assert site.post(path, person).status_code == 201
    body = {"sign_in": STAFF_MEMBER, "name": "A name", "office": "housing"}
    path = "/office/commands/register-staff"
    assert site.post(path, body, "operator", version=None).status_code == 201


def _routes(site: Site) -> list[APIRoute]:
    routers = [one.original_router for one in site.app.routes if hasattr(one, "original_router")]
    routes = [route for router in routers for route in router.routes]
    return [route for route in routes if "rest:path" not in route.path]


def _people(site: Site) -> Iterator[tuple[str, tuple[str, UUID | None]]]:
    """Each column's sign-in name, or id and case."""
    case = site.cases["15"]
    state = site.get(f"/cases/{case}").json()["state"]
    officers = {str(site.staff(name)): name for name in ("appeal-officer-1", "appeal-officer-2")}
    yield "nobody", ("", None)
    for role, name in STAFF.items():
        yield role, (name or officers[state["roles"]["appeal_officer"][0]], None)
    for role in ("complainant", "respondent"):
        (party,) = [key for key, one in state["parties"].items() if one["role"] == role]
        yield role, (party, case)
    yield "reporter", (state["reporter_id"], case)


def _ask(site: Site, item: UUID, method: str, path: str, who: str, party_of: UUID | None) -> str:
    case = site.cases["15"]
    fields = {"case_id": case} if path == ADD_EVIDENCE else {}
    if path.endswith("/disclose-conflict"):
        # One that is there already: nobody shall be behind a wall for the rest of the table.
        fields = {"conflict_id": _conflict(site, case)}
    new = path.endswith(("/receive-report", "/report-type-only"))
    address = (
        path.replace("{case}", str(uuid4() if new else case))
        .replace("{item}", str(uuid4() if path == ADD_EVIDENCE else item))
        .replace("{staff}", str(site.staff(STAFF_MEMBER)))
        .replace("{person}", str(PERSON))
        .replace("{code}", "NOT_FOUND")
        .replace("{party}", _respondent(site, case))
    )
    headers = {"Idempotency-Key": str(uuid4())}
    if who:
        headers |= site.token(who, party_of)
    body = b""
    if method == "POST":
        kind = next((kind for kind in RULES if path_of(kind) == path), None)
        body = body_of(kind, **fields) if kind else OTHERS[path]
        named = path.startswith(("/cases", "/evidence", "/people"))
        stream = UUID(address.split("/")[2]) if named else None
        version = 0 if stream is None else site.record.version(stream)
        headers["If-Match"] = f'"{version}"'
    answer = site.client.request(method, address, headers=headers, content=body)
    assert answer.status_code < 500 or path == "/readyz", (path, who, answer.text)
    shut = answer.status_code in (401, 403, 404)
    return str(answer.status_code) if shut else "yes"


def _conflict(site: Site, case: UUID) -> UUID:
    events = (row.event for row in site.record.ledger.history(case))
    return next(event.conflict_id for event in events if isinstance(event, ConflictDisclosed))


def _respondent(site: Site, case: UUID) -> str:
    added = (row.event for row in site.record.ledger.history(case))
    parties = (event for event in added if isinstance(event, PartyAdded))
    return next(str(one.party_id) for one in parties if one.role == "respondent")


def _item(site: Site, case: UUID) -> UUID:
    lines = site.get(f"/cases/{case}/history").json()["events"]
    sent = next(line for line in lines if line["name"] == "EvidencePackageSent")
    return UUID(sent["fields"]["items"][0])
