"""Who acts and who advises: 34 CFR 106.45(b)(1)(iii), (b)(5)(iv), (b)(6)(i), (b)(7)(i) [S]."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from domain.events.case import (
    AdvisorProvided,
    AdvisorRemoved,
    AdvisorSelected,
    ConflictAlleged,
    ConflictDecided,
    RoleAssigned,
    RoleUnassigned,
    Screen,
)
from domain.ids import Narrative, Secret
from domain.refusals import No
from domain.rules.roles import (
    CONCERNED,
    AssignRole,
    ProvideAdvisor,
    RemoveAdvisor,
    SelectAdvisor,
)
from domain.state.office import StaffMember
from domain.terms import CaseRole, OfficeRole
from tests.spec.cases import (
    CORA_ID,
    IVY_ID,
    granted,
    noticed,
    opened,
    reported,
    role,
    staffed,
)
from tests.spec.kit import (
    COMPLAINANT,
    CORA,
    DORA,
    EVE,
    HUGO,
    IVY,
    RESPONDENT,
    Given,
    an_id,
    given,
    party,
    trained,
)

DAY = "2025-01-31"
NIA = an_id("nia")
assign = AssignRole(role="investigator", staff_id=NIA)
assigned = role("investigator", NIA)


def for_nia(*events: Any, **about: Any) -> Given:
    """Nia is known to the office: with these office roles, trainings, until then."""
    member = replace(trained(*about.pop("roles", ()), **about), staff_id=NIA)
    return given(*(events or noticed), staff={NIA: member})


def test_a_trained_person_becomes_investigator() -> None:
    for_nia().when(assign, by=CORA, on=DAY).then(assigned, granted("investigator", NIA))


@pytest.mark.parametrize(
    "name", ["investigator", "hearing_officer", "decision_maker", "appeal_officer"]
)
def test_every_role_of_a_case_can_be_given(name: CaseRole) -> None:
    for_nia().when(replace(assign, role=name), on=DAY).then(role(name, NIA), granted(name, NIA))


def test_a_written_designation_is_kept() -> None:
    paper = an_id("designation")
    for_nia().when(replace(assign, designation_ref=paper), on=DAY).then(
        replace(assigned, designation_ref=paper), granted("investigator", NIA)
    )


def test_the_screen_is_of_the_day_of_the_decision() -> None:
    screen = Screen(training_ok=True, conflict_ok=True, declared_on=date(2025, 2, 3))
    for_nia().when(assign, on="2025-02-03").then(
        replace(assigned, screen=screen), granted("investigator", NIA)
    )


def test_nobody_whom_the_case_concerns_acts_on_it() -> None:
    """Known by the blind index: a party, reporter, witness or advisor, or close to one."""
    somebody = an_id("somebody else")
    for_nia().and_(concerned=frozenset({NIA, somebody})).when(assign, on=DAY).refused(
        No.ROLE_CONFLICT, role=CONCERNED
    )
    for_nia().and_(concerned=frozenset({somebody})).when(assign, on=DAY).accepted()


def test_who_only_has_the_same_name_is_assigned_once_somebody_has_looked_into_it() -> None:
    conflict = an_id("conflict")
    alleged = ConflictAlleged(
        conflict_id=conflict,
        staff_id=NIA,
        about_role="investigator",
        by=CORA_ID,
        note=Narrative("The same name as the respondent."),
    )
    for upheld in (False, True):
        decided = ConflictDecided(
            conflict_id=conflict, staff_id=NIA, upheld=upheld, by=CORA_ID, note=Narrative("Looked.")
        )
        screened = for_nia(*noticed, alleged, decided).and_(concerned=frozenset({NIA}))
        if upheld:
            screened.when(assign, on=DAY).refused(No.ROLE_CONFLICT)
        else:
            event, _grant = screened.when(assign, on=DAY).accepted()
            assert isinstance(event, RoleAssigned)
            assert not event.screen.conflict_ok  # What the index answered.


def test_the_person_is_known_to_the_office() -> None:
    given(*noticed, staff={NIA: StaffMember()}).when(assign, on=DAY).refused(
        No.INPUT_INVALID, fields="staff_id"
    )
    for_nia().when(assign, on=DAY).accepted()


def test_a_role_is_given_to_one_person_once() -> None:
    for_nia(*noticed, assigned).when(assign, on=DAY).refused(No.INPUT_INVALID, fields="staff_id")
    for_nia(*noticed, role("investigator", IVY_ID)).when(assign, on=DAY).accepted()


# Training


@pytest.mark.parametrize(
    ("name", "has", "lacks"),
    [
        ("investigator", ["trauma_informed"], "title_ix"),
        ("investigator", ["title_ix"], "trauma_informed"),
        ("hearing_officer", ["title_ix"], "hearing"),
        ("decision_maker", ["title_ix", "appeal"], "hearing"),
        ("appeal_officer", ["title_ix", "hearing"], "appeal"),
    ],
)
def test_the_training_for_the_role_is_there(name: CaseRole, has: list[str], lacks: str) -> None:
    wanted = replace(assign, role=name)
    for_nia(topics=has).when(wanted, on=DAY).refused(No.TRAINING_NOT_CURRENT, topic=lacks)
    for_nia(topics=[*has, lacks]).when(wanted, on=DAY).accepted()


def test_training_runs_out() -> None:
    for_nia(until="2025-01-30").when(assign, on=DAY).refused(
        No.TRAINING_NOT_CURRENT, topic="title_ix"
    )
    for_nia(until="2025-01-31").when(assign, on=DAY).accepted()


def test_a_role_for_which_the_policy_asks_no_training() -> None:
    untrained = given(*noticed, staff={NIA: StaffMember(staff_id=NIA)})
    untrained.when(assign, on=DAY).refused(No.TRAINING_NOT_CURRENT, topic="title_ix")
    lenient = untrained.policy(lambda pack: pack["roles"]["training"].pop("investigator"))
    lenient.when(assign, on=DAY).then(assigned, granted("investigator", NIA))


# Conflicts


@pytest.mark.parametrize(
    ("already", "name"),
    [
        ("investigator", "decision_maker"),
        ("decision_maker", "investigator"),
        ("hearing_officer", "decision_maker"),
        ("investigator", "hearing_officer"),
        ("decision_maker", "appeal_officer"),
        ("investigator", "appeal_officer"),
    ],
)
def test_who_acts_in_one_role_does_not_judge_in_another(already: CaseRole, name: CaseRole) -> None:
    wanted = replace(assign, role=name)
    for_nia(*noticed, role(already, NIA)).when(wanted, on=DAY).refused(
        No.ROLE_CONFLICT, role=already.replace("_", " ")
    )
    for_nia(*noticed, role(already, IVY_ID)).when(wanted, on=DAY).accepted()


@pytest.mark.parametrize(
    ("office", "name"),
    [
        ("coordinator", "investigator"),
        ("coordinator", "hearing_officer"),
        ("coordinator", "decision_maker"),
        ("deputy", "decision_maker"),
        ("coordinator", "appeal_officer"),
    ],
)
def test_the_coordinator_decides_no_case(office: OfficeRole, name: CaseRole) -> None:
    wanted = replace(assign, role=name)
    for_nia(roles=(office,)).when(wanted, on=DAY).refused(No.ROLE_CONFLICT, role=office)
    for_nia().when(wanted, on=DAY).accepted()


def test_what_somebody_is_in_general_counts_only_where_this_case_gave_it() -> None:
    wanted = replace(assign, role="decision_maker")
    for_nia(roles=("investigator",)).when(wanted, on=DAY).accepted()


@pytest.mark.parametrize("reason", ["replaced", "assigned_in_error"])
def test_a_role_that_ended_still_keeps_from_judging_in_another(reason: Any) -> None:
    wanted = replace(assign, role="decision_maker")
    left = RoleUnassigned(role="investigator", staff_id=NIA, reason_code=reason)
    for_nia(*noticed, assigned, left).when(wanted, on=DAY).refused(
        No.ROLE_CONFLICT, role="investigator"
    )
    other = (role("investigator", IVY_ID), replace(left, staff_id=IVY_ID))
    for_nia(*noticed, *other).when(wanted, on=DAY).accepted()


def test_a_role_that_ended_can_be_given_to_the_same_person_again() -> None:
    left = RoleUnassigned(role="investigator", staff_id=NIA, reason_code="unavailable")
    for_nia(*noticed, assigned, left).when(assign, on=DAY).accepted()


def test_who_left_is_assigned_to_nothing() -> None:
    member = replace(trained(), staff_id=NIA)
    given(*noticed, staff={NIA: replace(member, left_on=date(2025, 1, 30))}).when(
        assign, on=DAY
    ).refused(No.INPUT_INVALID, fields="staff_id")
    given(*noticed, staff={NIA: member}).when(assign, on=DAY).accepted()


def test_two_roles_that_the_policy_lets_one_person_hold() -> None:
    wanted = replace(assign, role="appeal_officer")
    for_nia(*noticed, role("hearing_officer", NIA)).when(wanted, on=DAY).accepted()


# The advisor of choice

select = SelectAdvisor(for_party=RESPONDENT, name=Secret("an advisor"), attorney=Secret("yes"))
selected = AdvisorSelected(
    for_party=RESPONDENT, name=Secret("an advisor"), contact=None, attorney=Secret("yes")
)


def test_a_party_has_the_advisor_it_chose() -> None:
    given(*noticed).when(select, by=party("respondent"), on=DAY).then(selected)


def test_the_office_takes_the_choice_down() -> None:
    given(*noticed).when(select, by=CORA, on=DAY).then(selected)


def test_an_advisor_need_not_be_an_attorney() -> None:
    given(*noticed).when(replace(select, attorney=None), on=DAY).then(
        replace(selected, attorney=None)
    )


def test_a_party_may_choose_again() -> None:
    given(*noticed, selected).when(select, on=DAY).accepted()


def test_a_party_chooses_for_itself() -> None:
    given(*noticed).when(select, by=party("complainant"), on=DAY).refused(No.ROLE_NOT_ALLOWED)
    own = replace(select, for_party=COMPLAINANT)
    given(*noticed).when(own, by=party("complainant"), on=DAY).accepted()


def test_an_advisor_has_a_name() -> None:
    given(*noticed).when(replace(select, name=Secret("")), on=DAY).refused(
        No.INPUT_INVALID, fields="name"
    )


# The advisor that the institution provides

provide = ProvideAdvisor(
    for_party=COMPLAINANT, reason_code="none_chosen", name=Secret("an advisor")
)
provided = AdvisorProvided(
    for_party=COMPLAINANT,
    free_of_charge=True,
    reason_code="none_chosen",
    name=Secret("an advisor"),
    contact=None,
    attorney=None,
)


def test_a_party_without_an_advisor_is_given_one_free_of_charge() -> None:
    given(*reported).when(provide, by=CORA, on="2025-04-07").then(provided)


def test_who_chose_one_is_not_said_to_have_none() -> None:
    chosen = given(*reported, replace(selected, for_party=COMPLAINANT))
    chosen.when(provide, on="2025-04-07").refused(No.INPUT_INVALID, fields="reason_code")
    absent = replace(provide, reason_code="did_not_appear")
    chosen.when(absent, on="2025-04-07").then(replace(provided, reason_code="did_not_appear"))


@pytest.mark.parametrize("reason", ["did_not_appear", "removed"])
def test_an_advisor_who_never_was_did_not_fail(reason: Any) -> None:
    missing = replace(provide, reason_code=reason)
    given(*reported).when(missing, on="2025-04-07").refused(No.INPUT_INVALID, fields="reason_code")


def test_a_provided_advisor_has_a_name() -> None:
    nameless = replace(provide, name=Secret(" "))
    given(*reported).when(nameless, on="2025-04-07").refused(No.INPUT_INVALID, fields="name")


def test_no_party_provides_an_advisor() -> None:
    given(*reported).when(provide, by=party("complainant"), on="2025-04-07").refused(
        No.ROLE_NOT_ALLOWED
    )


# An advisor who is removed: A-103

remove = RemoveAdvisor(for_party=RESPONDENT, reason_code="disruptive")
removed = AdvisorRemoved(for_party=RESPONDENT, reason_code="disruptive")


def test_an_advisor_is_removed_by_the_office_or_the_hearing_officer() -> None:
    for who in (CORA, HUGO):
        given(*staffed, selected).when(remove, by=who, on=DAY).then(removed)
    for who in (IVY, party("respondent")):
        given(*staffed, selected).when(remove, by=who, on=DAY).refused(No.ROLE_NOT_ALLOWED)
    given(*staffed, selected).when(remove, by=EVE, on=DAY).not_found()


@pytest.mark.parametrize("events", [(), (selected, removed)])
def test_only_an_advisor_who_is_there_is_removed(events: Any) -> None:
    given(*staffed, *events).when(remove, on=DAY).refused(No.ILLEGAL_TRANSITION)
    hers = replace(selected, for_party=COMPLAINANT)
    given(*staffed, hers, *events).when(remove, on=DAY).refused(
        No.INPUT_INVALID, fields="for_party"
    )


@pytest.mark.parametrize("reason", ["none_chosen", "did_not_appear"])
def test_who_comes_after_one_who_was_removed_is_said_to(reason: Any) -> None:
    his = replace(provide, for_party=RESPONDENT)
    setting = given(*staffed, selected, removed)
    setting.when(replace(his, reason_code=reason), on=DAY).refused(
        No.INPUT_INVALID, fields="reason_code"
    )
    after = replace(provided, for_party=RESPONDENT, reason_code="removed")
    setting.when(replace(his, reason_code="removed"), on=DAY).then(after)
    again = given(*staffed, selected, removed, after)
    again.when(replace(his, reason_code="removed"), on=DAY).refused(
        No.INPUT_INVALID, fields="reason_code"
    )


def test_the_party_chooses_another() -> None:
    given(*staffed, selected, removed).when(select, by=party("respondent"), on=DAY).then(selected)


# Who, and when in the process

SOMEBODY = an_id("not of this case")


@pytest.mark.parametrize(
    "command", [replace(one, for_party=SOMEBODY) for one in (select, provide, remove)]
)
def test_an_advisor_is_a_partys(command: Any) -> None:
    given(*noticed, selected).when(command, on=DAY).refused(No.INPUT_INVALID, fields="for_party")


@pytest.mark.parametrize("command", [assign, select, provide])
def test_a_stranger_does_not_learn_that_the_case_exists(command: Any) -> None:
    for_nia().when(command, by=EVE, on=DAY).not_found()


@pytest.mark.parametrize("who", [IVY, DORA])
def test_only_the_office_assigns(who: Any) -> None:
    for_nia(*staffed).when(assign, by=who, on=DAY).refused(No.ROLE_NOT_ALLOWED)


@pytest.mark.parametrize("command", [assign, select, provide])
def test_as_soon_as_there_is_a_case(command: Any) -> None:
    for_nia(*opened).when(command, on=DAY).accepted()
    given(staff={NIA: trained()}).when(command, on=DAY).not_found()
