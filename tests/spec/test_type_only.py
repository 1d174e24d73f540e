"""Type-only reports. TEC 51.252(c), 51.290(c) [P]; 19 TAC 3.5(c) [P]; 02.2.20 IV.C.1 [P].

A confidential employee says which type of incident was told, when, at which designated resource,
and nothing else. Such a report has no party, no words and no key, and never gets any.
"""

from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.commands import Command, Intention
from domain.events.case import CaseClosed, Occasion
from domain.ids import Narrative, Secret
from domain.owners import sealed_fields
from domain.refusals import No
from domain.rules import RULES, access, closing, intake, roles
from domain.rules.gate import possible_now
from domain.rules.type_only import ReportTypeOnly
from domain.state.case import fold
from domain.terms import Role, Stage
from tests.spec.cases import PACK, documented, received, told_in_confidence, type_only
from tests.spec.kit import CASE, CORA, DEE, EVE, OPERATOR, an_id, given, instant, party, scene
from tests.spec.test_classification import classify
from tests.spec.test_intake import report as ordinary

CODE = PACK.partition("/")[0]
LISTED = {CODE: frozenset({an_id("resource")})}
CONFIDENTIAL: dict[str, Any] = {"office": {Role.CONFIDENTIAL_EMPLOYEE}}

told = ReportTypeOnly(
    claimed_types=("sexual_assault",),
    received_at=instant("2025-01-14"),
    resource_id=an_id("resource"),
)
heard = given(resources=LISTED, **CONFIDENTIAL)
close = closing.CloseCase(reason_code="type_only")
no_words = replace(
    classify,
    policy_category=None,
    policy_subtype=None,
    offenses=(),
    victims=(),
    occasions=(),
    rows=(),
)


def test_a_type_a_time_and_a_resource_are_all_that_is_recorded() -> None:
    heard.when(told, by=EVE).then(told_in_confidence)
    assert fold(type_only).stage is Stage.TYPE_ONLY
    assert sealed_fields(told_in_confidence, CASE) == []


def test_there_is_no_other_field_not_even_when_it_happened() -> None:
    assert ReportTypeOnly.__struct_fields__ == ("claimed_types", "received_at", "resource_id")
    assert not issubclass(ReportTypeOnly, Command)
    assert [kind for kind in RULES if not issubclass(kind, Command)] == [ReportTypeOnly]


def test_a_report_is_not_refused_for_when_it_was_received() -> None:
    heard.when(replace(told, received_at=instant("2031-01-01")), by=EVE).accepted()


def test_it_comes_from_a_resource_that_the_policy_of_the_day_lists() -> None:
    heard.when(replace(told, resource_id=an_id("another")), by=EVE).refused(
        No.NOT_A_CONFIDENTIAL_RESOURCE
    )
    elsewhere = heard.and_(resources={"HMS-7.16": LISTED[CODE]})
    elsewhere.when(told, by=EVE).refused(No.NOT_A_CONFIDENTIAL_RESOURCE)
    heard.and_(resources={}).when(told, by=EVE).refused(No.NOT_A_CONFIDENTIAL_RESOURCE)
    heard.and_(packs=()).when(told, by=EVE).refused(
        No.POLICY_PARAMETER_UNSET, parameter="policy pack"
    )


@pytest.mark.parametrize("by", [CORA, DEE, OPERATOR])
def test_nobody_else_makes_such_a_report(by: Any) -> None:
    given(resources=LISTED).when(told, by=by).refused(No.ROLE_NOT_ALLOWED)
    given(resources=LISTED).when(told, by=EVE).refused(No.ROLE_NOT_ALLOWED)


def test_a_confidential_employee_makes_no_other_report() -> None:
    heard.when(ordinary, by=EVE).refused(No.ROLE_NOT_ALLOWED)
    given(office={Role.SECURITY}).when(ordinary, by=EVE).accepted()


def test_a_confidential_employee_may_give_this_and_nothing_else() -> None:
    role = frozenset({Role.CONFIDENTIAL_EMPLOYEE})
    assert {kind for kind, rule in RULES.items() if rule.by & role} == {ReportTypeOnly}


def test_who_reported_it_does_not_see_it() -> None:
    setting = heard.and_(*type_only)
    setting.when(told, by=EVE).not_found()
    setting.when(close, by=EVE).not_found()
    setting.when(close, by=party("reporter")).not_found()
    state = fold(type_only)
    assert state.reporter_id is None
    assert state.roles_of(EVE.id) == frozenset()


# What may still be done with it


def test_it_can_be_classified_and_closed_and_nothing_else() -> None:
    state = fold(type_only)
    everything = set(possible_now(state, scene(state), frozenset(Role)))
    assert {kind.__name__ for kind in everything} == {"ClassifyIncident", "CloseCase"}


@pytest.mark.parametrize(
    "command",
    [
        intake.AddParty(party_id=an_id("somebody"), role="complainant", identified=False),
        roles.AssignRole(role="investigator", staff_id=UUID(EVE.id)),
        ordinary,
    ],
    ids=lambda command: type(command).__name__,
)
@pytest.mark.parametrize("closed", [False, True])
def test_nothing_is_added_to_it_open_or_closed(command: Intention, *, closed: bool) -> None:
    ended = CaseClosed(reason_code="type_only", checklist={}, resume_state=None)
    history = (*type_only, ended) if closed else type_only
    given(*history).when(command).refused(No.TYPE_ONLY)


def test_nothing_is_granted_or_told_of_it() -> None:
    revoke = access.RevokeAccess(grant_id=an_id("grant"), reason_code="conflict")
    given(case=type_only).when(revoke).refused(No.TYPE_ONLY)


def test_the_facts_of_its_incident_may_be_counted_without_a_word() -> None:
    setting = given(*type_only)
    (event,) = setting.when(no_words).accepted()
    assert sealed_fields(event, CASE) == []
    ended = CaseClosed(reason_code="type_only", checklist={}, resume_state=None)
    setting.and_(ended).when(no_words).accepted()


@pytest.mark.parametrize(
    "words",
    [
        {"reason": Narrative("what was said")},
        {"reason": Narrative("")},
        {"occasions": (Occasion(occasion_no=1, place=Secret("a room")),)},
    ],
)
def test_a_classification_with_words_is_refused(words: dict[str, Any]) -> None:
    said = replace(no_words, **words)
    given(*type_only).when(said).refused(No.TYPE_ONLY)
    given(received).when(said).accepted()


def test_it_is_closed_as_what_it_is() -> None:
    setting = given(*type_only)
    setting.when(close).then(CaseClosed(reason_code="type_only", checklist={}, resume_state=None))
    setting.when(replace(close, reason_code="completed")).refused(
        No.INPUT_INVALID, fields="reason_code"
    )
    given(*documented).when(close, on="2026-05-06").refused(No.INPUT_INVALID, fields="reason_code")


def test_nothing_is_missing_of_it_but_the_closing() -> None:
    state = fold(type_only)
    when = given(*type_only).when(close)
    assert when.decide()
    closed = fold((*type_only, *when.decide()))  # type: ignore[arg-type]
    assert (closed.stage, closed.type_only, state.type_only) == (Stage.CLOSED, True, True)
    again = given(*type_only, *when.decide())  # type: ignore[arg-type]
    again.when(close).refused(No.ILLEGAL_TRANSITION)
