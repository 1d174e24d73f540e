"""Conflicts of interest: 34 CFR 106.45(b)(1)(iii) [P]; 02.2.20 V.A [P]. A wall beats every role."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.events.access import AccessRevoked
from domain.events.case import ConflictAlleged, ConflictDecided, ConflictDisclosed
from domain.ids import Narrative
from domain.refusals import No
from domain.rules.access import GrantAccess
from domain.rules.conflicts import AllegeConflict, DecideConflict, DiscloseConflict
from domain.rules.investigation import NotifyMeeting
from domain.rules.roles import AssignRole
from domain.rules.rule import On
from domain.state.office import StaffMember
from tests.spec.cases import (
    CORA_ID,
    DORA_ID,
    IVY_ID,
    granted,
    investigating,
    noticed,
    staffed,
)
from tests.spec.kit import (
    ACCESS,
    CORA,
    DEE,
    DORA,
    EVE,
    IVY,
    RESPONDENT,
    SYSTEM,
    Who,
    an_id,
    given,
    party,
    trained,
)

DAY = "2025-02-03"
CONFLICT = an_id("conflict")
NOTE = Narrative("they share a laboratory")

disclose = DiscloseConflict(conflict_id=CONFLICT, about_role="investigator", note=NOTE)
disclosed = ConflictDisclosed(
    conflict_id=CONFLICT, staff_id=IVY_ID, about_role="investigator", note=NOTE
)
allege = AllegeConflict(conflict_id=CONFLICT, staff_id=IVY_ID, about_role="investigator", note=NOTE)
alleged = ConflictAlleged(
    conflict_id=CONFLICT, staff_id=IVY_ID, about_role="investigator", by=RESPONDENT, note=NOTE
)
decide = DecideConflict(conflict_id=CONFLICT, upheld=True, note=NOTE)
upheld = ConflictDecided(conflict_id=CONFLICT, staff_id=IVY_ID, by=CORA_ID, upheld=True, note=NOTE)
not_upheld = replace(upheld, upheld=False)
STAFF = {IVY_ID: replace(trained("investigator"), staff_id=IVY_ID), an_id("no"): StaffMember()}
works = NotifyMeeting(
    meeting_id=an_id("a meeting"),
    kind="interview",
    subject=RESPONDENT,
    on=date(2025, 2, 20),
    sent_on=date(2025, 2, 3),
    at=Narrative("at ten"),
    participants=Narrative("both"),
    place=Narrative("the office"),
)


def test_somebody_discloses_a_conflict() -> None:
    given(*staffed).when(disclose, by=IVY, on=DAY).then(disclosed)


def test_nothing_need_be_said_of_a_conflict_that_is_disclosed() -> None:
    given(*staffed).when(replace(disclose, note=None), by=DORA, on=DAY).then(
        replace(disclosed, staff_id=DORA_ID, note=None)
    )


def test_somebody_alleges_a_conflict_of_another() -> None:
    respondent = party("respondent")
    given(*staffed, staff=STAFF).when(allege, by=respondent, on=DAY).then(alleged)
    given(*staffed, staff=STAFF).when(allege, by=CORA, on=DAY).then(replace(alleged, by=CORA_ID))


def test_what_is_alleged_is_of_somebody_known_and_not_of_oneself_and_says_why() -> None:
    setting = given(*staffed, staff=STAFF)
    setting.when(replace(allege, staff_id=an_id("no")), on=DAY).refused(
        No.INPUT_INVALID, fields="staff_id"
    )
    setting.when(allege, by=IVY, on=DAY).refused(No.INPUT_INVALID, fields="staff_id")
    setting.when(replace(allege, note=Narrative(" ")), on=DAY).refused(
        No.INPUT_INVALID, fields="note"
    )
    setting.when(allege, by=DORA, on=DAY).accepted()


@pytest.mark.parametrize("command", [disclose, allege])
def test_a_conflict_has_an_id_of_its_own(command: Any) -> None:
    setting = given(*staffed, replace(disclosed, staff_id=an_id("other")), staff=STAFF)
    setting.when(command, by=DORA, on=DAY).refused(No.INPUT_INVALID, fields="conflict_id")
    given(*staffed, staff=STAFF).when(command, by=DORA, on=DAY).accepted()


def test_strangers_say_nothing_of_conflicts() -> None:
    given(*staffed).when(disclose, by=EVE, on=DAY).not_found()
    given(*staffed, staff=STAFF).when(allege, by=EVE, on=DAY).not_found()
    given(*staffed).when(disclose, by=party("respondent"), on=DAY).refused(No.ROLE_NOT_ALLOWED)


# Deciding


def test_an_upheld_conflict_ends_what_the_person_could_read() -> None:
    grant = granted("investigator", IVY_ID).event
    other = granted("decision_maker", DORA_ID, 1).event
    given(*staffed, alleged, access=[grant, other]).when(decide, on=DAY).then(
        upheld, On(ACCESS, AccessRevoked(grant_id=grant.grant_id, reason_code="conflict"))
    )


def test_a_conflict_that_is_not_upheld_ends_nothing() -> None:
    grant = granted("investigator", IVY_ID).event
    given(*staffed, alleged, access=[grant]).when(replace(decide, upheld=False), on=DAY).then(
        not_upheld
    )


def test_a_conflict_is_decided_once() -> None:
    another = replace(alleged, conflict_id=an_id("another"))
    for before, as_it_is in ((upheld, "upheld"), (not_upheld, "not upheld")):
        given(*staffed, alleged, before).when(decide, on=DAY).refused(No.ILLEGAL_TRANSITION)
        given(*staffed, alleged, before, another).when(decide, on=DAY).refused(
            No.ILLEGAL_TRANSITION, stage=f"with a conflict that is {as_it_is}"
        )
    given(*staffed, alleged).when(decide, on=DAY).accepted()
    given(*staffed, disclosed).when(decide, on=DAY).accepted()


def test_a_conflict_to_decide_is_there_and_the_reasons_are_given() -> None:
    given(*staffed).when(decide, on=DAY).refused(No.ILLEGAL_TRANSITION)
    given(*staffed, alleged).when(replace(decide, conflict_id=an_id("another")), on=DAY).refused(
        No.INPUT_INVALID, fields="conflict_id"
    )
    given(*staffed, alleged).when(replace(decide, note=Narrative("")), on=DAY).refused(
        No.INPUT_INVALID, fields="note"
    )


def test_nobody_decides_the_own_conflict() -> None:
    mine = replace(alleged, staff_id=CORA_ID, about_role="coordinator")
    given(*staffed, mine).when(decide, by=CORA, on=DAY).refused(No.ROLE_CONFLICT)
    given(*staffed, mine).when(decide, by=DEE, on=DAY).accepted()
    given(*staffed, alleged).when(decide, by=DORA, on=DAY).refused(No.ROLE_NOT_ALLOWED)


def test_the_own_conflict_is_told_before_its_words_where_there_is_no_other() -> None:
    mine = replace(alleged, staff_id=CORA_ID, about_role="coordinator")
    another = replace(alleged, conflict_id=an_id("another"))
    unsaid = replace(decide, note=Narrative(""))
    given(*staffed, mine).when(unsaid, by=CORA, on=DAY).refused(No.ROLE_CONFLICT)
    of_another = replace(unsaid, conflict_id=another.conflict_id)
    given(*staffed, mine, another).when(of_another, by=CORA, on=DAY).refused(
        No.INPUT_INVALID, fields="note"
    )
    given(*staffed, mine, another).when(decide, by=CORA, on=DAY).refused(No.ROLE_CONFLICT)


# Walls


@pytest.mark.parametrize("event", [disclosed, upheld])
def test_to_somebody_with_a_conflict_the_case_does_not_exist(event: Any) -> None:
    given(*investigating).when(works, by=IVY, on=DAY).accepted()
    given(*investigating, event).when(works, by=IVY, on=DAY).not_found()


@pytest.mark.parametrize("events", [(alleged,), (disclosed, not_upheld), (alleged, not_upheld)])
def test_a_conflict_that_is_only_said_or_was_not_upheld_keeps_nobody_out(events: Any) -> None:
    given(*investigating, *events).when(works, by=IVY, on=DAY).accepted()


@pytest.mark.parametrize("who", [CORA, DEE])
def test_a_wall_beats_the_offices_role_too(who: Who) -> None:
    walled = replace(upheld, staff_id=UUID(who.id))
    given(*staffed, alleged, walled).when(disclose, by=who, on=DAY).not_found()
    given(*staffed).when(disclose, by=who, on=DAY).accepted()


def test_a_wall_on_another_keeps_nobody_else_out() -> None:
    given(*staffed, upheld).when(replace(disclose, conflict_id=an_id("c")), by=DORA, on=DAY).then(
        replace(disclosed, conflict_id=an_id("c"), staff_id=DORA_ID)
    )


def test_a_wall_holds_for_evidence_and_grants_too() -> None:
    grant = GrantAccess(
        grant_id=an_id("grant"),
        user=IVY_ID,
        purpose="investigate",
        field_scope=("parties",),
        expires_on=works.on,
    )
    given(case=(*staffed, replace(upheld, staff_id=CORA_ID)), staff=STAFF).when(
        grant, on=DAY
    ).not_found()
    given(case=(*staffed, upheld), staff=STAFF).when(grant, on=DAY).refused(No.ROLE_CONFLICT)
    given(case=staffed, staff=STAFF).when(grant, on=DAY).accepted()


def test_nobody_with_a_conflict_is_given_a_role() -> None:
    assign = AssignRole(role="investigator", staff_id=IVY_ID)
    given(*noticed, disclosed, staff=STAFF).when(assign, on=DAY).refused(
        No.ROLE_CONFLICT, role="one with a conflict of interest"
    )
    given(*noticed, disclosed, not_upheld, staff=STAFF).when(assign, on=DAY).accepted()


def test_the_system_meets_no_wall() -> None:
    given(*staffed, upheld).when(decide, by=SYSTEM, on=DAY).refused(No.ROLE_NOT_ALLOWED)
