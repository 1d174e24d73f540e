"""Who may read what: 02.2.20 IV.C.3.a [P]; TEC 51.256 [P]; 19 TAC 3.17(a)(5) [P]."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.events.access import (
    AccessGranted,
    AccessRevoked,
    AuditReplayPerformed,
    RevealApproved,
)
from domain.events.case import ConflictDisclosed, RespondentIdentitySealed, RoleUnassigned
from domain.interest import INTERESTS
from domain.refusals import No
from domain.rules.access import ApproveReveal, GrantAccess, ReplayCase, RevokeAccess
from domain.rules.outcome import FinalizeOutcome, SealRespondent
from domain.rules.roles import UnassignRole
from domain.rules.rule import On
from domain.state.access import fold
from domain.state.office import StaffMember
from domain.terms import FieldScope
from tests.spec.cases import (
    ALLEGATION,
    DETERMINATION,
    DORA_ID,
    IVY_ID,
    but,
    determination,
    determined,
    finalized,
    granted,
    her_window_closed,
    his_window_closed,
    investigating,
    not_responsible,
    opened,
    outcome,
    staffed,
)
from tests.spec.kit import (
    ACCESS,
    CASE,
    CORA,
    DEE,
    EVE,
    IVY,
    RESPONDENT,
    SYSTEM,
    Given,
    an_id,
    given,
    instant,
    staff,
    trained,
)

DAY = "2025-02-03"
ADA, GREGOR = staff("ada"), staff("gregor")
ADA_ID, GREGOR_ID, DEE_ID = UUID(ADA.id), UUID(GREGOR.id), UUID(DEE.id)
GRANT, PAPER = an_id("grant"), an_id("paper")

STAFF: dict[UUID, StaffMember] = {
    UUID(CORA.id): trained("coordinator"),
    DEE_ID: trained("deputy"),
    IVY_ID: trained("investigator"),
    ADA_ID: trained("auditor"),
    GREGOR_ID: replace(trained(), office="general_counsel"),
    an_id("nobody"): StaffMember(),
}
investigators = granted("investigator", IVY_ID).event
decides = granted("decision_maker", DORA_ID, 1).event
sealed = RespondentIdentitySealed(respondent=RESPONDENT, allegation_ids=(ALLEGATION,))


def beside(*events: Any, case: Any = investigating, **more: Any) -> Given:
    """Events of the access stream, beside a case."""
    return given(*events, case=case, staff=STAFF, **more)


# Grants

grant = GrantAccess(
    grant_id=GRANT,
    user=DEE_ID,
    purpose="registrar",
    field_scope=("parties",),
    expires_on=date(2025, 3, 3),
)
registrars = AccessGranted(
    grant_id=GRANT,
    user=DEE_ID,
    case=CASE,
    purpose="registrar",
    basis="granted",
    field_scope=("parties",),
    expires_on=date(2025, 3, 3),
    approved_by=None,
    approval_ref=None,
)
audit = replace(grant, user=ADA_ID, purpose="audit", approved_by=GREGOR_ID, approval_ref=PAPER)
audits = replace(
    registrars, user=ADA_ID, purpose="audit", approved_by=GREGOR_ID, approval_ref=PAPER
)


def test_a_grant_is_for_one_person_one_case_one_purpose_these_fields_until_a_day() -> None:
    beside().when(grant, on=DAY).then(registrars)


def test_a_grant_is_given_by_somebody_else() -> None:
    beside().when(grant, by=DEE, on=DAY).refused(No.SECOND_APPROVER_REQUIRED)
    beside().when(replace(grant, user=UUID(CORA.id)), by=DEE, on=DAY).accepted()


def test_a_grant_is_given_to_somebody_known_to_the_office() -> None:
    wanted = replace(grant, user=an_id("nobody"))
    beside().when(wanted, on=DAY).refused(No.INPUT_INVALID, fields="user")


def test_a_grant_has_an_id_of_its_own() -> None:
    beside(registrars).when(grant, on=DAY).refused(No.INPUT_INVALID, fields="grant_id")
    beside(registrars).when(replace(grant, grant_id=an_id("another")), on=DAY).accepted()


@pytest.mark.parametrize("user", [IVY_ID, ADA_ID, GREGOR_ID])
def test_a_purpose_belongs_to_a_role(user: UUID) -> None:
    wanted = replace(grant, user=user)
    beside().when(wanted, on=DAY).refused(No.INPUT_INVALID, fields="user, purpose")


def test_an_investigator_whose_grant_ended_may_have_another() -> None:
    wanted = replace(grant, user=IVY_ID, purpose="investigate")
    beside().when(wanted, on=DAY).accepted()
    beside(case=opened).when(wanted, on=DAY).refused(No.INPUT_INVALID, fields="user, purpose")


@pytest.mark.parametrize("fields", [(), ("measures",), ("parties", "reporter")])
def test_a_grant_covers_what_its_purpose_needs_and_no_more(fields: tuple[FieldScope, ...]) -> None:
    wanted = replace(grant, field_scope=fields)
    beside().when(wanted, on=DAY).refused(No.INPUT_INVALID, fields="field_scope")
    beside().when(replace(grant, field_scope=("narratives",)), on=DAY).accepted()


def test_a_grant_has_a_last_day_that_is_to_come() -> None:
    wanted = replace(grant, expires_on=date(2025, 2, 2))
    beside().when(wanted, on=DAY).refused(No.INPUT_INVALID, fields="expires_on")
    beside().when(replace(grant, expires_on=date(2025, 2, 3)), on=DAY).accepted()


def test_a_grant_is_given_by_the_office_alone() -> None:
    beside().when(grant, by=IVY, on=DAY).refused(No.ROLE_NOT_ALLOWED)
    beside().when(grant, by=EVE, on=DAY).not_found()
    beside(case=()).when(grant, on=DAY).not_found()


def test_an_auditor_reads_identities_when_general_counsel_agreed_in_writing() -> None:
    beside().when(audit, on=DAY).then(audits)


@pytest.mark.parametrize(
    "lacking",
    [
        {"approved_by": None},
        {"approval_ref": None},
        {"approved_by": DEE_ID},
        {"approved_by": ADA_ID},
    ],
)
def test_an_auditors_grant_lacks_nobodys_word(lacking: dict[str, Any]) -> None:
    beside().when(replace(audit, **lacking), on=DAY).refused(No.SECOND_APPROVER_REQUIRED)
    beside().when(audit, on=DAY).accepted()


def test_an_auditor_does_not_agree_to_the_own_grant_even_as_counsel() -> None:
    both = {**STAFF, ADA_ID: replace(trained("auditor"), office="general_counsel")}
    setting = given(case=investigating, staff=both)
    wanted = replace(audit, approved_by=ADA_ID)
    setting.when(wanted, on=DAY).refused(No.SECOND_APPROVER_REQUIRED)
    setting.when(audit, on=DAY).accepted()


def test_who_gives_an_auditor_a_grant_does_not_agree_to_it_as_counsel() -> None:
    both = {**STAFF, UUID(CORA.id): replace(trained("coordinator"), office="general_counsel")}
    setting = given(case=investigating, staff=both)
    wanted = replace(audit, approved_by=UUID(CORA.id))
    setting.when(wanted, on=DAY).refused(No.SECOND_APPROVER_REQUIRED)
    setting.when(wanted, by=DEE, on=DAY).accepted()


def test_whoever_is_said_to_agree_is_known_and_another() -> None:
    wanted = replace(grant, approved_by=an_id("nobody"))
    beside().when(wanted, on=DAY).refused(No.INPUT_INVALID, fields="approved_by")
    for himself in (UUID(CORA.id), DEE_ID):
        wanted = replace(grant, approved_by=himself)
        beside().when(wanted, on=DAY).refused(No.SECOND_APPROVER_REQUIRED)
    wanted = replace(grant, approved_by=GREGOR_ID)
    beside().when(wanted, on=DAY).then(replace(registrars, approved_by=GREGOR_ID))


def test_a_grant_is_taken_back() -> None:
    revoke = RevokeAccess(grant_id=GRANT, reason_code="no_longer_needed")
    revoked = AccessRevoked(grant_id=GRANT, reason_code="no_longer_needed")
    beside(registrars).when(revoke, on=DAY).then(revoked)
    beside(registrars, revoked).when(revoke, on=DAY).refused(No.ILLEGAL_TRANSITION)
    beside(registrars).when(revoke, on="2025-03-04").refused(No.ILLEGAL_TRANSITION)
    another = replace(revoke, grant_id=an_id("another grant"))
    beside(registrars).when(another, on=DAY).refused(No.INPUT_INVALID, fields="grant_id")


# With a role


def test_what_a_role_needs_to_read_ends_with_the_role() -> None:
    unassign = UnassignRole(role="investigator", staff_id=IVY_ID, reason_code="unavailable")
    given(*investigating, access=[investigators, decides]).when(unassign, on=DAY).then(
        RoleUnassigned(role="investigator", staff_id=IVY_ID, reason_code="unavailable"),
        On(ACCESS, AccessRevoked(grant_id=investigators.grant_id, reason_code="role_unassigned")),
    )


def test_a_role_ends_for_whom_it_was_given_to() -> None:
    unassign = UnassignRole(role="investigator", staff_id=DORA_ID, reason_code="replaced")
    given(*staffed).when(unassign, on=DAY).refused(No.INPUT_INVALID, fields="staff_id, role")
    given(*staffed).when(replace(unassign, staff_id=IVY_ID), on=DAY).accepted()
    given(*opened).when(unassign, on=DAY).refused(No.ILLEGAL_TRANSITION)


def test_who_was_unassigned_does_not_find_the_case_any_more() -> None:
    gone = RoleUnassigned(role="investigator", staff_id=IVY_ID, reason_code="replaced")
    unassign = UnassignRole(role="decision_maker", staff_id=DORA_ID, reason_code="replaced")
    given(*investigating).when(unassign, by=IVY, on=DAY).refused(No.ROLE_NOT_ALLOWED)
    given(*investigating, gone).when(unassign, by=IVY, on=DAY).not_found()


def test_another_role_of_the_same_person_goes_on() -> None:
    appeals = granted("appeal_officer", IVY_ID, 1).event
    unassign = UnassignRole(role="investigator", staff_id=IVY_ID, reason_code="replaced")
    decided = given(*investigating, access=[investigators, appeals]).when(unassign, on=DAY)
    assert decided.accepted()[1:] == [
        On(ACCESS, AccessRevoked(grant_id=investigators.grant_id, reason_code="role_unassigned"))
    ]


# When the outcome is final

finalize = FinalizeOutcome(outcome_id=DETERMINATION)
over = (*determined, her_window_closed, his_window_closed)


def test_what_came_with_a_role_ends_so_many_days_after_the_outcome_is_final() -> None:
    until = date(2025, 5, 27)  # The last day is open: the 26th is a holiday.
    asked_for = replace(registrars, expires_on=date(2025, 6, 30))
    given(*over, access=[investigators, asked_for]).when(finalize, by=SYSTEM, on="2025-04-26").then(
        outcome,
        On(ACCESS, AccessRevoked(grant_id=investigators.grant_id, reason_code="outcome_final")),
        granted("investigator", IVY_ID, 2, until=until, after=investigators.grant_id),
    )


def test_a_policy_without_such_days_ends_nothing_by_itself() -> None:
    unset = given(*over, access=[investigators]).policy(
        lambda pack: pack["access"]["after_final"].update(days=None)
    )
    unset.when(finalize, by=SYSTEM, on="2025-04-26").then(outcome)


def test_the_last_day_of_a_grant_counts_in() -> None:
    state = fold([registrars])
    assert state.live(date(2025, 3, 3), DEE_ID)
    assert not state.live(date(2025, 3, 4), DEE_ID)
    assert not state.live(date(2025, 3, 3), IVY_ID)


# When the respondent is cleared

seal = SealRespondent(respondent=RESPONDENT)
cleared = but(finalized, determination, results=(not_responsible,), sanctions=())


def test_grants_outside_the_process_end_when_the_identity_is_sealed() -> None:
    names = replace(registrars, expires_on=None)
    task = replace(names, grant_id=an_id("a letter"), field_scope=("narratives",))
    audits_too = replace(audits, grant_id=an_id("audit"), expires_on=None)
    given(*cleared, access=[investigators, names, task, audits_too]).when(
        seal, by=SYSTEM, on="2025-04-26"
    ).then(
        sealed,
        On(ACCESS, AccessRevoked(grant_id=GRANT, reason_code="respondent_sealed")),
        On(ACCESS, AccessRevoked(grant_id=task.grant_id, reason_code="respondent_sealed")),
        On(ACCESS, AccessRevoked(grant_id=audits_too.grant_id, reason_code="respondent_sealed")),
    )


@pytest.mark.parametrize("fields", [("parties",), ("narratives",), ("parties", "narratives")])
def test_no_later_grant_shows_the_name_outside_the_process(fields: tuple[FieldScope, ...]) -> None:
    """A text may name anybody."""
    wanted = replace(grant, field_scope=fields, expires_on=date(2025, 6, 1))
    beside(case=(*cleared, sealed)).when(wanted, on="2025-05-05").refused(No.RESPONDENT_SEALED)
    beside(case=cleared).when(wanted, on="2025-05-05").accepted()


def test_a_later_grant_for_the_process_or_without_names_can_be_given() -> None:
    setting = beside(case=(*cleared, sealed))
    later = replace(grant, expires_on=date(2025, 6, 1))
    nameless = replace(later, purpose="legal", field_scope=("reporter",))
    setting.when(nameless, on="2025-05-05").accepted()
    inquiry = replace(later, user=IVY_ID, purpose="investigate")
    setting.when(inquiry, on="2025-05-05").accepted()


# A second person

approve = ApproveReveal(
    approval_id=an_id("approval"), user=DEE_ID, purpose="legal", field_scope=("parties",)
)
approved = RevealApproved(
    approval_id=an_id("approval"),
    user=DEE_ID,
    purpose="legal",
    field_scope=("parties",),
    until=instant(DAY) + timedelta(hours=24),
)


def test_another_person_of_the_office_agrees_for_some_hours() -> None:
    beside().when(approve, on=DAY).then(approved)


def test_nobody_agrees_to_the_own_reading() -> None:
    beside().when(approve, by=DEE, on=DAY).refused(No.SECOND_APPROVER_REQUIRED)
    beside().when(approve, by=CORA, on=DAY).accepted()


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"user": an_id("nobody")}, "user"),
        ({"user": IVY_ID}, "user, purpose"),
        ({"field_scope": ()}, "field_scope"),
        ({"purpose": "registrar", "field_scope": ("evidence",)}, "field_scope"),
    ],
)
def test_what_is_agreed_to_is_something_that_could_be_read(
    changes: dict[str, Any], fields: str
) -> None:
    beside().when(replace(approve, **changes), on=DAY).refused(No.INPUT_INVALID, fields=fields)


def test_nobody_agrees_for_somebody_with_a_conflict() -> None:
    conflict = ConflictDisclosed(
        conflict_id=an_id("conflict"), staff_id=DEE_ID, about_role="deputy", note=None
    )
    walled = beside(case=(*investigating, conflict))
    walled.when(approve, on=DAY).refused(No.ROLE_CONFLICT)
    beside(case=investigating).when(approve, on=DAY).accepted()


def test_an_agreement_has_an_id_of_its_own() -> None:
    beside(approved).when(approve, on=DAY).refused(No.INPUT_INVALID, fields="approval_id")


# Replay

replay = ReplayCase(grant_id=GRANT, as_of=120)


def test_an_auditor_says_that_a_case_is_replayed_with_identities() -> None:
    performed = AuditReplayPerformed(grant_id=GRANT, as_of=120)
    setting = beside(audits, office=frozenset({"auditor"}))
    setting.when(replay, by=ADA, on=DAY).then(performed)
    beside(audits, performed, office=frozenset({"auditor"})).when(replay, by=ADA, on=DAY).accepted()


def test_a_replay_with_identities_needs_a_grant_for_it_that_holds() -> None:
    as_auditor = {"office": frozenset({"auditor"})}
    for setting in (beside(**as_auditor), beside(replace(audits, user=DEE_ID), **as_auditor)):
        setting.when(replay, by=ADA, on=DAY).refused(No.NO_INSTITUTIONAL_INTEREST)
    other = beside(replace(audits, purpose="legal"), **as_auditor)
    other.when(replay, by=ADA, on=DAY).refused(No.NO_INSTITUTIONAL_INTEREST)
    late = beside(audits, **as_auditor).when(replay, by=ADA, on="2025-03-04")
    late.refused(No.NO_INSTITUTIONAL_INTEREST)


def test_a_replay_is_up_to_a_position() -> None:
    setting = beside(audits, office=frozenset({"auditor"}))
    setting.when(replace(replay, as_of=0), by=ADA, on=DAY).refused(No.INPUT_INVALID, fields="as_of")


def test_every_purpose_has_a_role_and_fields() -> None:
    assert all(interest.roles and interest.fields for interest in INTERESTS.values())
