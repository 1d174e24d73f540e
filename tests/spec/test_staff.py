"""The staff register: F-18, F-20; 34 CFR 106.45(b)(1)(iii) [P].

Who left, or lost a role, is from then on somebody without it, at the office and on every case.
"""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from domain.events import Event
from domain.events.office import (
    RelationDeclared,
    RoleGranted,
    RoleRevoked,
    StaffLeft,
    StaffRegistered,
)
from domain.ids import Secret
from domain.interest import words_at
from domain.owners import sealed_fields
from domain.refusals import No
from domain.rules.access import GrantAccess
from domain.rules.investigation import NotifyMeeting
from domain.rules.office import GrantRole
from domain.rules.staff import DeclareRelation, EndStaff, RevokeRole
from domain.state.office import Relation, StaffMember, fold_staff
from domain.terms import Role
from tests.spec.cases import CORA_ID, IVY_ID, TEXT, investigating
from tests.spec.kit import (
    CORA,
    DEE,
    EVE,
    IVY,
    OPERATOR,
    RESPONDENT,
    Given,
    an_id,
    given,
    party,
    trained,
)

DAY, TODAY = "2025-02-03", date(2025, 2, 3)
RELATION = an_id("a relation")

registered = StaffRegistered(
    staff_id=IVY_ID,
    office="title_ix",
    sign_in_hmac="0",
    name=Secret("an investigator"),
    institutional_id=None,
)
granted_role = RoleGranted(
    role="investigator", start_on=date(2025, 1, 1), until=None, granted_by="operator"
)
revoke = RevokeRole(role="investigator", reason_code="changed_position")
revoked = RoleRevoked(role="investigator", reason_code="changed_position", revoked_by="operator")
end = EndStaff(left_on=TODAY)
left = StaffLeft(left_on=TODAY)
declare = DeclareRelation(
    relation_id=RELATION, kind="same_lab", until=date(2026, 6, 30), person=Secret("a colleague")
)
declared = RelationDeclared(
    relation_id=RELATION, kind="same_lab", until=date(2026, 6, 30), person=Secret("a colleague")
)


def of(*events: Event, **elsewhere: Any) -> Given:
    return given(state=fold_staff([registered, *events]), **elsewhere)


nobody = given(state=StaffMember())


# Roles


def test_a_role_is_taken_back_at_once() -> None:
    of(granted_role).when(revoke, by=OPERATOR, on=DAY).then(revoked)
    member = fold_staff([registered, granted_role, revoked])
    assert member.roles_on(TODAY) == frozenset()
    assert member.ended == {Role.INVESTIGATOR}
    assert member.here


def test_a_role_that_was_taken_back_may_be_given_again() -> None:
    again = replace(granted_role, start_on=TODAY)
    member = fold_staff([registered, granted_role, revoked, again])
    assert member.roles_on(TODAY) == {Role.INVESTIGATOR}
    assert member.ended == frozenset()


@pytest.mark.parametrize("events", [(), (granted_role, revoked)])
def test_only_a_role_that_stands_is_taken_back(events: Any) -> None:
    of(*events).when(revoke, by=OPERATOR, on=DAY).refused(
        No.INPUT_INVALID, fields="role", fault="is none that this person holds"
    )


# Leaving


def test_somebody_leaves_and_every_role_with_them() -> None:
    of(granted_role).when(end, by=OPERATOR, on=DAY).then(left)
    member = fold_staff([registered, granted_role, left])
    assert (member.roles_on(TODAY), member.ended) == (frozenset(), frozenset(Role))
    assert not member.here


def test_nobody_has_left_before_the_day() -> None:
    later = replace(end, left_on=date(2025, 2, 4))
    of().when(later, by=OPERATOR, on=DAY).refused(No.DATE_IN_FUTURE)
    of().when(later, by=OPERATOR, on="2025-02-04").accepted()


@pytest.mark.parametrize(
    ("command", "by"),
    [
        (end, OPERATOR),
        (revoke, OPERATOR),
        (declare, CORA),
        (GrantRole(role="deputy", start_on=TODAY), OPERATOR),
    ],
)
def test_of_somebody_who_left_nothing_more_is_recorded(command: Any, by: Any) -> None:
    of(granted_role, left).when(command, by=by, on=DAY).refused(No.ILLEGAL_TRANSITION)
    of(granted_role).when(command, by=by, on=DAY).accepted()
    nobody.when(command, by=by, on=DAY).not_found()


@pytest.mark.parametrize("command", [end, revoke])
def test_who_grants_roles_takes_them_back(command: Any) -> None:
    of(granted_role, office={Role.ADMIN}).when(command, by=EVE, on=DAY).accepted()
    for who in (CORA, DEE):
        of(granted_role).when(command, by=who, on=DAY).refused(No.ROLE_NOT_ALLOWED)
    for stranger in (EVE, party("complainant")):
        of(granted_role).when(command, by=stranger, on=DAY).not_found()


# On cases

works = NotifyMeeting(
    meeting_id=an_id("a meeting"),
    kind="interview",
    subject=RESPONDENT,
    on=date(2025, 2, 20),
    sent_on=TODAY,
    at=TEXT,
    participants=TEXT,
    place=TEXT,
)


@pytest.mark.parametrize("ended", [frozenset({Role.INVESTIGATOR}), frozenset(Role)])
def test_who_lost_the_role_does_not_act_in_it_on_a_case(ended: Any) -> None:
    given(*investigating, ended=ended).when(works, by=IVY, on=DAY).not_found()
    given(*investigating, ended={Role.DECISION_MAKER}).when(works, by=IVY, on=DAY).accepted()


def test_nobody_grants_access_to_who_left() -> None:
    member = replace(trained("coordinator"), staff_id=CORA_ID)
    wanted = GrantAccess(
        grant_id=an_id("a grant"),
        user=CORA_ID,
        purpose="registrar",
        field_scope=("parties",),
        expires_on=date(2025, 3, 1),
    )
    of_case = {"case": investigating}
    given(staff={CORA_ID: replace(member, left_on=TODAY)}, **of_case).when(
        wanted, by=DEE, on=DAY
    ).refused(No.INPUT_INVALID, fields="user")
    given(staff={CORA_ID: member}, **of_case).when(wanted, by=DEE, on=DAY).accepted()


# Relations


def test_somebody_declares_a_relation_or_the_office_does() -> None:
    of(office={Role.INVESTIGATOR}).when(declare, by=IVY, on=DAY).then(declared)
    of().when(declare, by=CORA, on=DAY).then(declared)
    member = fold_staff([registered, declared])
    assert member.relations == {RELATION: Relation("same_lab", date(2026, 6, 30))}


def test_a_relation_is_sealed_under_the_key_of_who_has_it() -> None:
    (field,) = sealed_fields(declared, IVY_ID)
    assert (field.path, field.owner_kind, field.owner_id) == ("person", "person", IVY_ID)
    assert words_at(declared, IVY_ID, "person") is None


def test_nobody_declares_the_relations_of_another() -> None:
    of(office={Role.INVESTIGATOR}).when(declare, by=EVE, on=DAY).refused(No.ROLE_NOT_ALLOWED)
    of(office={Role.ADMIN}).when(declare, by=EVE, on=DAY).refused(No.ROLE_NOT_ALLOWED)
    of().when(declare, by=IVY, on=DAY).not_found()


def test_a_relation_is_declared_once_to_somebody_and_not_when_it_is_over() -> None:
    of(declared).when(declare, on=DAY).refused(No.INPUT_INVALID, fields="relation_id")
    unsaid = replace(declare, person=Secret(""))
    of().when(unsaid, on=DAY).refused(No.INPUT_INVALID, fields="person")
    over = replace(declare, until=date(2025, 2, 2))
    of().when(over, on=DAY).refused(No.INPUT_INVALID, fields="until")
    for until in (TODAY, None):
        of().when(replace(declare, until=until), on=DAY).accepted()
