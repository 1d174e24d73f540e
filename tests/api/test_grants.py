"""Who reads identities under which grant, over HTTP; and to whom a case does not exist."""

from typing import TYPE_CHECKING

import msgspec
import pytest
from fastapi.routing import APIRoute

from api.commands import path_of
from domain.commands import Intention
from domain.registry import enc_hook
from domain.rules import RULES
from ledger.events import IdentityRevealed, RevealDenied
from tests.api.conftest import Site
from tests.api.grants import CaseAtHand
from tests.golden.kept import REFERENCE, same
from tests.golden.sample import sample

if TYPE_CHECKING:
    from collections.abc import Callable


def test_an_investigator_reads_names_under_the_grant_of_the_role(demo: Site) -> None:
    case = CaseAtHand(demo)
    answer = case.reveal("investigator-1", "investigate")
    assert answer.status_code == 200
    assert [one["text"] for one in answer.json()["fields"]] == ["Name of the complainant"]
    recorded = case.access()[-1]
    assert isinstance(recorded.event, IdentityRevealed)
    assert recorded.event.basis == "role_assigned"
    assert recorded.event.grant_id == str(case.grant_of("investigator-1"))
    assert recorded.envelope.grant_id == recorded.event.grant_id


def test_opened_words_may_be_shown_for_the_time_of_the_policy(demo: Site) -> None:
    case = CaseAtHand(demo)
    answer = case.reveal("coordinator-1", "intake").json()
    (row,) = demo.record.between(answer["position"], answer["position"])
    shown = msgspec.convert(answer["until"], type(row.recorded_at)) - row.recorded_at
    assert shown.total_seconds() == 600


def test_the_deputy_reads_for_support_as_the_coordinator_does(demo: Site) -> None:
    case = CaseAtHand(demo)
    assert case.reveal("deputy-1", "support").status_code == 200
    assert case.access()[-1].event.basis == "coordinator_role"


@pytest.mark.parametrize(
    ("who", "purpose", "code"),
    [
        ("coordinator-1", "registrar", "NO_INSTITUTIONAL_INTEREST"),
        ("coordinator-1", "investigate", "NO_INSTITUTIONAL_INTEREST"),
        ("investigator-1", "decide", "NO_INSTITUTIONAL_INTEREST"),
        ("auditor-1", "audit", "NO_INSTITUTIONAL_INTEREST"),
        ("operator", "intake", "ROLE_NOT_ALLOWED"),
    ],
)
def test_what_is_refused_is_recorded(demo: Site, who: str, purpose: str, code: str) -> None:
    case = CaseAtHand(demo)
    answer = case.reveal(who, purpose)
    assert (answer.status_code, answer.json()["code"]) == (403, code)
    denied = case.access()[-1].event
    assert isinstance(denied, RevealDenied)
    assert (denied.purpose, denied.code) == (purpose, code)


def test_a_grant_that_was_taken_back_opens_nothing(demo: Site) -> None:
    case = CaseAtHand(demo)
    case.give(
        "revoke-access", grant_id=case.grant_of("investigator-1"), reason_code="no_longer_needed"
    )
    answer = case.reveal("investigator-1", "investigate")
    assert (answer.status_code, answer.json()["code"]) == (403, "NO_INSTITUTIONAL_INTEREST")
    assert case.get("").status_code == 200  # What names nobody is seen in the role.


def test_who_was_unassigned_does_not_find_the_case(demo: Site) -> None:
    case = CaseAtHand(demo)
    case.give(
        "unassign-role",
        role="investigator",
        staff_id=case.staff("investigator-1"),
        reason_code="replaced",
    )
    before = demo.record.read([]).head
    assert case.reveal("investigator-1", "investigate").status_code == 404
    assert case.get("", "investigator-1").status_code == 404
    assert demo.record.read([]).head == before


def test_an_auditor_reads_names_with_a_grant_and_the_word_of_two(demo: Site) -> None:
    case = CaseAtHand(demo)
    case.grant_audit()
    assert case.reveal("auditor-1", "audit").status_code == 200
    other = case.reveal("auditor-1", "audit", event="ReportReceived", path="narrative")
    assert other.json()["code"] == "SECOND_APPROVER_REQUIRED"  # Nobody agreed to that.


@pytest.mark.parametrize("who", ["coordinator-1", "investigator-1"])
def test_to_somebody_with_a_conflict_no_list_shows_the_case(demo: Site, who: str) -> None:
    case = CaseAtHand(demo)
    demo.project()
    assert str(case.id) in demo.get("/cases", who).text
    case.wall(who)
    demo.project()
    assert str(case.id) not in demo.get("/cases", who).text
    assert str(case.id) in demo.get("/cases", "deputy-1").text
    if who == "coordinator-1":
        assert str(case.id) not in demo.get("/deadlines", who).text
        assert str(case.id) in demo.get("/deadlines", "deputy-1").text


@pytest.mark.golden
def test_who_comes_through_which_door_with_which_grant(demo: Site) -> None:
    columns: dict[str, tuple[str, str, Callable[[CaseAtHand], None]]] = {
        "office": ("deputy-1", "intake", _as_it_is),
        "+ conflict": ("deputy-1", "intake", lambda case: case.wall("deputy-1")),
        "investigator": ("investigator-1", "investigate", _as_it_is),
        "+ revoked": ("investigator-1", "investigate", _revoked),
        "+ unassigned": ("investigator-1", "investigate", _unassigned),
        "+ conflict ": ("investigator-1", "investigate", lambda c: c.wall("investigator-1")),
        "judge": ("decision-maker-1", "decide", _as_it_is),
        "+ conflict  ": ("decision-maker-1", "decide", lambda c: c.wall("decision-maker-1")),
        "auditor": ("auditor-1", "audit", _as_it_is),
        "+ grant": ("auditor-1", "audit", lambda case: case.grant_audit()),
    }
    routes = [route for route in _routes(demo) if "{case}" in route.path]
    cells: dict[str, list[str]] = {_row(route): [] for route in routes}
    for who, purpose, change in columns.values():
        case = CaseAtHand(demo)
        change(case)
        # Behind a conflict that is disclosed there is nothing to see: it comes last.
        for route in sorted(routes, key=lambda one: one.path.endswith("/disclose-conflict")):
            method = _row(route).split()[0]
            cells[_row(route)].append(_ask(case, method, route.path, who, purpose))
    lines = [f"{'':58}" + " ".join(f"{name.strip():>12}" for name in columns)]
    lines += [f"{row:58}" + " ".join(f"{one:>12}" for one in found) for row, found in cells.items()]
    same(REFERENCE / "access-by-grant.txt", "\n".join(lines) + "\n")


def _row(route: APIRoute) -> str:
    (method,) = route.methods or set()
    return f"{method:4} {route.path}"


def _as_it_is(_: CaseAtHand) -> None:
    """Nobody did anything about it."""


def _revoked(case: CaseAtHand) -> None:
    grant = case.grant_of("investigator-1")
    case.give("revoke-access", grant_id=grant, reason_code="no_longer_needed")


def _unassigned(case: CaseAtHand) -> None:
    staff_id = case.staff("investigator-1")
    case.give("unassign-role", role="investigator", staff_id=staff_id, reason_code="replaced")


def _routes(site: Site) -> list[APIRoute]:
    routers = [one.original_router for one in site.app.routes if hasattr(one, "original_router")]
    routes = [route for router in routers for route in router.routes]
    return [route for route in routes if isinstance(route, APIRoute) and ":path" not in route.path]


def _ask(case: CaseAtHand, method: str, path: str, who: str, purpose: str) -> str:
    """`yes` (let in, whatever a rule then says), or the status that kept the door shut."""
    if path.endswith("/reveal"):
        answer = case.reveal(who, purpose)
    elif method == "GET":
        answer = case.site.get(path.replace("{case}", str(case.id)), who)
    elif path.endswith("/priors"):
        address = path.replace("{case}", str(case.id)).replace("{party}", str(case.respondent))
        answer = case.site.post(address, {}, who, version=None)
    else:
        kind = next(kind for kind in RULES if path_of(kind) == path)
        address = path.replace("{case}", str(case.id))
        version = case.site.record.version(case.id)
        answer = case.site.post(address, _body(kind), who, version=version)
    assert answer.status_code < 500, (path, who, answer.text)
    return str(answer.status_code) if answer.status_code in (401, 403, 404) else "yes"


def _body(kind: type[Intention]) -> bytes:
    return msgspec.json.encode(sample(kind), enc_hook=enc_hook)
