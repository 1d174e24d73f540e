"""Setting up. 34 CFR 106.45(b)(1)(iii) [P] (trained staff); 02.2.20 VI.A [P] (one policy in force).

A policy is in force from one day to another and no two Title IX policies meet; a staff member is
found by a keyed HMAC of the sign-in name; a counselor is a random id.
"""

from datetime import date
from uuid import uuid4

import pytest
from msgspec.structs import replace

from domain.commands import Command
from domain.events.office import (
    CalendarDayMarked,
    ConfidentialResourceDesignated,
    CounselorListed,
    PolicyAdopted,
    RoleGranted,
    StaffRegistered,
    TrainingCompleted,
)
from domain.ids import Secret, staff_stream
from domain.policy import load
from domain.refusals import No
from domain.rules.office import (
    AdoptPolicy,
    DesignateConfidentialResource,
    GrantRole,
    ListCounselor,
    MarkCalendarDay,
    RecordTraining,
    RegisterStaff,
)
from domain.state.office import (
    StaffMember,
    fold_calendar,
    fold_counselors,
    fold_pack,
    fold_resources,
    fold_staff,
)
from domain.terms import Role
from tests.spec.kit import (
    ADOPTED,
    CORA,
    EVE,
    LEDGER,
    OPERATOR,
    SYSTEM,
    ZONE,
    an_id,
    given,
    mac,
    party,
)

BCM = "BCM-02.2.20"
SIGN_IN_HMAC = mac("sign-in", "cora@example.edu")
CORA_ID = staff_stream(LEDGER, SIGN_IN_HMAC)

adopt = AdoptPolicy(code=BCM, version=1, effective_from=date(2020, 8, 12))
adopted = PolicyAdopted(
    code=BCM, version=1, effective_from=date(2020, 8, 12), effective_to=None, next_review_on=None
)
designate = DesignateConfidentialResource(
    code=BCM, resource_id=an_id("resource"), audience="students"
)
designated = ConfidentialResourceDesignated(resource_id=an_id("resource"), audience="students")
register = RegisterStaff(
    sign_in=Secret("cora@example.edu"), name=Secret("a coordinator"), office="title_ix"
)
registered = StaffRegistered(
    staff_id=CORA_ID,
    office="title_ix",
    sign_in_hmac=SIGN_IN_HMAC,
    name=Secret("a coordinator"),
    institutional_id=None,
)
grant = GrantRole(role="coordinator", start_on=date(2025, 1, 1), until=date(2025, 12, 31))
train = RecordTraining(topic="hearing", on=date(2025, 1, 10), valid_until=date(2026, 1, 9))
list_ = ListCounselor(
    counselor_id=an_id("counselor"),
    service="well_being",
    audience="all",
    name=Secret("a counselor"),
)

nothing_adopted = given(state=(), packs=())
on_staff = given(state=fold_staff([registered]))
no_counselors = given(state=frozenset())


# Policies


def test_a_pack_is_found_by_code_and_version_or_not_at_all() -> None:
    assert load(BCM, 1).pack.code == BCM
    with pytest.raises(LookupError, match="version 99"):
        load(BCM, 99)


def test_the_operator_adopts_a_policy_that_the_product_knows() -> None:
    nothing_adopted.when(adopt, by=OPERATOR).then(adopted)
    assert fold_pack([adopted]) == (ADOPTED,)


def test_an_administrator_adopts_a_policy_too_and_a_coordinator_does_not() -> None:
    given(state=(), packs=(), office={Role.ADMIN}).when(adopt, by=EVE).accepted()
    nothing_adopted.when(adopt, by=CORA).refused(No.ROLE_NOT_ALLOWED)


def test_a_policy_that_is_not_shipped_cannot_be_adopted() -> None:
    for other in (replace(adopt, version=99), replace(adopt, code="XYZ-1")):
        nothing_adopted.when(other, by=OPERATOR).refused(No.INPUT_INVALID, fields="code, version")


def test_a_policy_does_not_end_before_it_begins() -> None:
    one_day = replace(adopt, effective_to=adopt.effective_from)
    nothing_adopted.when(one_day, by=OPERATOR).accepted()
    ended = replace(adopt, effective_to=date(2020, 8, 11))
    nothing_adopted.when(ended, by=OPERATOR).refused(No.INPUT_INVALID, fields="effective_to")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2019, 1, 1), date(2020, 8, 12)),
        (date(2021, 1, 1), date(2022, 1, 1)),
        (date(2024, 7, 31), None),
        (date(2019, 1, 1), None),
    ],
)
def test_two_title_ix_policies_are_never_in_force_on_one_day(start: date, end: date | None) -> None:
    ends = replace(ADOPTED, effective_to=date(2024, 7, 31))
    command = replace(adopt, effective_from=start, effective_to=end)
    given(state=(), packs=(ends,)).when(command, by=OPERATOR).refused(
        No.INPUT_INVALID, fields="effective_from, effective_to"
    )


@pytest.mark.parametrize(
    ("start", "end"),
    [(date(2024, 8, 1), None), (date(2019, 1, 1), date(2020, 8, 11))],
)
def test_a_title_ix_policy_may_follow_or_precede_another_on_the_next_day(
    start: date, end: date | None
) -> None:
    ends = replace(ADOPTED, effective_to=date(2024, 7, 31))
    command = replace(adopt, effective_from=start, effective_to=end)
    given(state=(), packs=(ends,)).when(command, by=OPERATOR).accepted()


def test_a_mistreatment_policy_is_in_force_beside_a_title_ix_policy() -> None:
    command = AdoptPolicy(code="HMS-7.16", version=1, effective_from=date(2024, 3, 21))
    [event] = given(state=()).when(command, by=OPERATOR).accepted()
    assert isinstance(event, PolicyAdopted)
    assert fold_pack([event]) == ()


def test_a_mistreatment_policy_is_adopted_once_for_a_day() -> None:
    command = AdoptPolicy(code="HMS-7.16", version=1, effective_from=date(2024, 3, 21))
    stands = PolicyAdopted(
        code="HMS-7.16",
        version=1,
        effective_from=date(2024, 3, 21),
        effective_to=None,
        next_review_on=None,
    )
    given(state=(stands,)).when(command, by=OPERATOR).refused(
        No.INPUT_INVALID, fields="effective_from, effective_to"
    )


# Calendar


def test_a_day_is_marked_closed_and_may_be_marked_open_again() -> None:
    day = date(2025, 7, 3)
    closed, opened = (CalendarDayMarked(day=day, closed=closed) for closed in (True, False))
    given().when(MarkCalendarDay(day=day, closed=True), by=OPERATOR).then(closed)
    given().when(MarkCalendarDay(day=day, closed=False), by=OPERATOR).then(opened)
    assert not fold_calendar([closed], ZONE).is_open(day)
    assert fold_calendar([closed, opened], ZONE).is_open(day)


# Staff


def test_a_staff_member_is_found_by_the_keyed_hmac_of_the_sign_in_name() -> None:
    given(state=StaffMember()).when(register, by=OPERATOR).then(registered)


def test_a_sign_in_name_is_registered_once() -> None:
    on_staff.when(register, by=OPERATOR).refused(No.INPUT_INVALID, fields="sign_in")


@pytest.mark.parametrize("field", ["sign_in", "name"])
def test_a_staff_member_has_a_sign_in_name_and_a_name(field: str) -> None:
    blank = replace(register, **{field: Secret(" ")})
    given(state=StaffMember()).when(blank, by=OPERATOR).refused(No.INPUT_INVALID, fields=field)


def test_a_role_is_granted_for_a_time_and_by_somebody() -> None:
    granted = RoleGranted(
        role="coordinator",
        start_on=date(2025, 1, 1),
        until=date(2025, 12, 31),
        granted_by="operator",
    )
    on_staff.when(grant, by=OPERATOR).then(granted)
    staff = fold_staff([registered, granted])
    assert staff.roles_on(date(2025, 12, 31)) == {Role.COORDINATOR}
    assert staff.roles_on(date(2026, 1, 1)) == frozenset()
    assert staff.roles_on(date(2024, 12, 31)) == frozenset()


def test_a_role_does_not_end_before_it_begins() -> None:
    on_staff.when(replace(grant, until=date(2025, 1, 1)), by=OPERATOR).accepted()
    on_staff.when(replace(grant, until=None), by=OPERATOR).accepted()
    ended = replace(grant, until=date(2024, 12, 31))
    on_staff.when(ended, by=OPERATOR).refused(No.INPUT_INVALID, fields="until")


def test_completed_training_is_recorded_with_the_day_it_runs_out() -> None:
    on_staff.when(train, by=CORA).then(
        TrainingCompleted(
            topic="hearing", material_id=None, on=date(2025, 1, 10), valid_until=date(2026, 1, 9)
        )
    )


def test_training_stays_current_until_the_later_of_its_days() -> None:
    completed = [
        TrainingCompleted(
            topic="hearing", material_id=None, on=date(2025, 1, 10), valid_until=date(2026, 1, 9)
        ),
        TrainingCompleted(
            topic="hearing", material_id=None, on=date(2024, 1, 10), valid_until=date(2025, 1, 9)
        ),
    ]
    assert fold_staff([registered, *completed]).training == {"hearing": date(2026, 1, 9)}


def test_training_lies_in_the_past_and_runs_out_after_it() -> None:
    tomorrow = replace(train, on=date(2025, 1, 16))
    on_staff.when(tomorrow, by=CORA, on="2025-01-15").refused(No.DATE_IN_FUTURE)
    on_staff.when(tomorrow, by=CORA, on="2025-01-16").accepted()
    stale = replace(train, valid_until=date(2025, 1, 9))
    on_staff.when(stale, by=CORA).refused(No.INPUT_INVALID, fields="valid_until")


@pytest.mark.parametrize("command", [grant, train])
def test_somebody_who_is_not_registered_is_given_nothing(command: Command) -> None:
    given(state=StaffMember()).when(command, by=OPERATOR).not_found()


# Counselors


def test_a_counselor_is_listed_by_a_random_id_and_the_name_is_sealed() -> None:
    no_counselors.when(list_, by=CORA).then(
        CounselorListed(
            counselor_id=an_id("counselor"),
            service="well_being",
            audience="all",
            name=Secret("a counselor"),
        )
    )


def test_a_counselor_is_listed_once_and_has_a_name() -> None:
    on_list = CounselorListed(
        counselor_id=an_id("counselor"),
        service="well_being",
        audience="all",
        name=Secret("a counselor"),
    )
    listed = given(state=fold_counselors([on_list]))
    listed.when(list_, by=CORA).refused(No.INPUT_INVALID, fields="counselor_id")
    listed.when(replace(list_, counselor_id=uuid4()), by=CORA).accepted()
    blank = replace(list_, name=Secret(""))
    no_counselors.when(blank, by=CORA).refused(No.INPUT_INVALID, fields="name")


# Confidential resources


def test_a_confidential_resource_is_designated_under_a_policy_for_some_people() -> None:
    given(state=(adopted,)).when(designate, by=CORA).then(designated)
    given(state=(adopted,)).when(designate, by=OPERATOR).accepted()
    assert fold_resources([adopted, designated]) == {an_id("resource")}
    assert fold_pack([adopted, designated]) == (ADOPTED,)


def test_a_resource_is_designated_once_and_under_a_policy_that_is_adopted() -> None:
    listed = given(state=(adopted, designated))
    listed.when(designate, by=CORA).refused(No.INPUT_INVALID, fields="resource_id")
    listed.when(replace(designate, resource_id=uuid4()), by=CORA).accepted()
    nothing_adopted.when(designate, by=CORA).refused(
        No.POLICY_PARAMETER_UNSET, parameter="policy pack"
    )


def test_a_designation_neither_hides_nor_is_a_term_of_the_policy() -> None:
    ends = replace(adopted, effective_to=date(2024, 7, 31))
    listed = given(state=(ends, designated), packs=())
    again = replace(adopt, effective_from=date(2024, 8, 1))
    listed.when(again, by=OPERATOR).accepted()
    meets = replace(adopt, effective_from=date(2024, 7, 31))
    listed.when(meets, by=OPERATOR).refused(No.INPUT_INVALID)


def test_a_confidential_employee_is_nothing_else_at_the_institution() -> None:
    both = [
        RoleGranted(role=role, start_on=start, until=None, granted_by="operator")
        for role, start in (
            ("coordinator", date(2025, 1, 1)),
            ("confidential_employee", date(2025, 2, 1)),
        )
    ]
    member = fold_staff([registered, *both])
    assert member.roles_on(date(2025, 1, 31)) == {Role.COORDINATOR}
    assert member.roles_on(date(2025, 2, 1)) == {Role.CONFIDENTIAL_EMPLOYEE}


# Who


@pytest.mark.parametrize(
    "command", [adopt, MarkCalendarDay(day=date(2025, 7, 3), closed=True), register, grant]
)
def test_setting_up_is_for_operator_and_administrator(command: Command) -> None:
    on_staff.when(command, by=CORA).refused(No.ROLE_NOT_ALLOWED)
    on_staff.when(command, by=SYSTEM).refused(No.ROLE_NOT_ALLOWED)
    on_staff.when(command, by=EVE).not_found()
    on_staff.when(command, by=party("complainant")).not_found()


@pytest.mark.parametrize("command", [train, list_])
def test_training_and_counselors_are_kept_by_the_office_too(command: Command) -> None:
    setting = on_staff if command is train else no_counselors
    setting.when(command, by=OPERATOR).accepted()
    setting.when(command, by=CORA).accepted()
    setting.when(command, by=EVE).not_found()
    setting.and_(office={Role.SECURITY}).when(command, by=EVE).refused(No.ROLE_NOT_ALLOWED)
