"""Emergency removal. 34 CFR 106.44(c) [S]; 02.2.20 IV.F.2 [P]; TEC 51.253(b) [P].

With or without a complaint; only on an individualized analysis of an immediate threat to physical
health or safety that arises from the allegations; with notice and a way to challenge it at once.
"""

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from domain.commands import Command
from domain.errors import Refused
from domain.events import Event
from domain.events.case import (
    EmergencyRemovalChallenged,
    EmergencyRemovalChallengeDecided,
    EmergencyRemovalLifted,
    EmergencyRemovalNoticeServed,
    EmergencyRemovalOrdered,
)
from domain.ids import Narrative, Secret
from domain.owners import sealed_fields
from domain.refusals import No
from domain.rules.removal import (
    ChallengeRemoval,
    DecideChallenge,
    OrderEmergencyRemoval,
    ServeRemovalNotice,
    may_decide,
)
from domain.state.case import fold
from tests.spec.cases import CORA_ID, TEXT, contacted, filed, opened
from tests.spec.kit import (
    CASE,
    COMPLAINANT,
    CORA,
    DEE,
    EVE,
    RESPONDENT,
    an_id,
    given,
    instant,
    party,
    scene,
)

REMOVAL = an_id("removal")
AT = instant("2025-01-15", 9)

order = OrderEmergencyRemoval(
    removal_id=REMOVAL,
    respondent=RESPONDENT,
    analysis_id=an_id("analysis"),
    individualized=True,
    immediate=True,
    physical=True,
    arises_from_allegations=True,
    at_risk="student",
    scope=("campus", "classes"),
    ceo_report_ref=an_id("report to the chief executive"),
    challenge_contact_office="title_ix",
    how_to_challenge=True,
    analysis=TEXT,
)
ordered = EmergencyRemovalOrdered(
    removal_id=REMOVAL,
    respondent=RESPONDENT,
    ordered_by=CORA_ID,
    analysis_id=an_id("analysis"),
    individualized=True,
    immediate=True,
    physical=True,
    arises_from_allegations=True,
    at_risk="student",
    scope=("campus", "classes"),
    ceo_report_ref=an_id("report to the chief executive"),
    ceo_not_reported_reason=None,
    challenge_contact_office="title_ix",
    how_to_challenge=True,
    analysis=TEXT,
)
serve = ServeRemovalNotice(removal_id=REMOVAL, served_at=AT, method="in_person")
served = EmergencyRemovalNoticeServed(removal_id=REMOVAL, served_at=AT, method="in_person")
challenge = ChallengeRemoval(removal_id=REMOVAL, received_at=AT, grounds=Secret("no threat"))
challenged = EmergencyRemovalChallenged(
    removal_id=REMOVAL, respondent=RESPONDENT, received_at=AT, grounds=Secret("no threat")
)
decide = DecideChallenge(removal_id=REMOVAL, result="upheld", reason=TEXT)
decided = EmergencyRemovalChallengeDecided(
    removal_id=REMOVAL, decided_by=an_id("dee"), result="upheld", reason=TEXT
)
lifted = EmergencyRemovalLifted(removal_id=REMOVAL, reason_code="challenge")

at_order = (*contacted, ordered)
at_service = (*at_order, served)
at_challenge = (*at_service, challenged)


# The order


def test_a_respondent_who_is_an_immediate_threat_may_be_removed() -> None:
    given(*contacted).when(order).then(ordered)


def test_a_removal_needs_no_complaint_and_a_complaint_does_not_hinder_it() -> None:
    given(*opened).when(order).accepted()
    given(*filed).when(order).accepted()


def test_a_complainant_is_never_removed() -> None:
    for other in (COMPLAINANT, an_id("nobody")):
        given(*contacted).when(replace(order, respondent=other)).refused(
            No.INPUT_INVALID, fields="respondent"
        )


@pytest.mark.parametrize("analysis", [None, Narrative(" ")])
def test_a_removal_rests_on_a_written_analysis(analysis: Narrative | None) -> None:
    given(*contacted).when(replace(order, analysis=analysis)).refused(
        No.REMOVAL_ANALYSIS_REQUIRED, limb="the analysis itself"
    )


@pytest.mark.parametrize("limb", ["individualized", "immediate", "physical"])
def test_each_limb_of_the_analysis_must_be_shown(limb: str) -> None:
    given(*contacted).when(replace(order, **{limb: False})).refused(
        No.REMOVAL_ANALYSIS_REQUIRED, limb=limb
    )


def test_a_threat_to_reputation_or_to_the_inquiry_is_no_ground() -> None:
    elsewhere = replace(order, arises_from_allegations=False)
    given(*contacted).when(elsewhere).refused(
        No.REMOVAL_ANALYSIS_REQUIRED, limb="arises from allegations"
    )


@pytest.mark.parametrize(
    "lacking", [{"challenge_contact_office": None}, {"how_to_challenge": False}]
)
def test_the_respondent_is_told_how_to_challenge(lacking: dict[str, Any]) -> None:
    given(*contacted).when(replace(order, **lacking)).refused(No.CHALLENGE_ROUTE_REQUIRED)


def test_the_chief_executive_is_told_or_it_is_said_why_not() -> None:
    untold = replace(order, ceo_report_ref=None)
    given(*contacted).when(untold).refused(No.CEO_IMMEDIATE_REPORT)
    reason = "no_imminent_danger_to_safety"
    given(*contacted).when(replace(untold, ceo_not_reported_reason=reason)).then(
        replace(ordered, ceo_report_ref=None, ceo_not_reported_reason=reason)
    )


def test_the_analysis_is_answered_before_the_route() -> None:
    both = replace(order, physical=False, how_to_challenge=False)
    given(*contacted).when(both).refused(No.REMOVAL_ANALYSIS_REQUIRED, limb="physical")


def test_a_removal_id_is_minted_once() -> None:
    given(*at_order).when(order).refused(No.INPUT_INVALID, fields="removal_id")


# Notice and challenge


def test_the_respondent_is_served_and_may_challenge_at_once() -> None:
    given(*at_order).when(serve).then(served)
    given(*at_service).when(challenge, by=party("respondent")).then(challenged)
    given(*at_order).when(challenge, by=party("respondent")).then(challenged)
    [grounds] = sealed_fields(challenged, CASE)
    assert (grounds.owner_kind, grounds.owner_id) == ("party", RESPONDENT)


def test_the_office_may_take_a_challenge_down() -> None:
    given(*at_service).when(challenge, by=DEE).then(challenged)


def test_notice_and_challenge_have_been() -> None:
    later = instant("2025-01-15", 11)
    given(*at_order).when(replace(serve, served_at=later)).refused(No.DATE_IN_FUTURE)
    given(*at_service).when(replace(challenge, received_at=later)).refused(No.DATE_IN_FUTURE)
    given(*at_order).when(replace(serve, served_at=later), on=later).accepted()
    given(*at_service).when(replace(challenge, received_at=later), on=later).accepted()


def test_a_challenge_says_why() -> None:
    given(*at_service).when(replace(challenge, grounds=Secret(" "))).refused(
        No.INPUT_INVALID, fields="grounds"
    )


def test_another_respondent_does_not_challenge_it() -> None:
    another = replace(ordered, removal_id=an_id("other"), respondent=an_id("second"))
    theirs = replace(challenge, removal_id=an_id("other"))
    given(*contacted, another).when(theirs, by=party("respondent")).refused(No.ILLEGAL_TRANSITION)
    for removal_id in (another.removal_id, an_id("no removal")):
        given(*at_order, another).when(
            replace(theirs, removal_id=removal_id), by=party("respondent")
        ).refused(No.INPUT_INVALID, fields="removal_id", fault="names no removal of this case")


# The decision


def test_a_challenge_is_decided_by_another_than_who_ordered() -> None:
    given(*at_challenge).when(decide, by=CORA).refused(No.REMOVAL_REVIEWER_CONFLICT)
    given(*at_challenge).when(decide, by=DEE).then(decided)


def test_who_ordered_the_only_one_learns_so_before_a_word_is_said() -> None:
    case = fold(at_challenge)
    may_decide(case, scene(case, by=DEE))
    with pytest.raises(Refused) as caught:
        may_decide(case, scene(case, by=CORA))
    assert caught.value.refusal is No.REMOVAL_REVIEWER_CONFLICT


def test_a_removal_that_does_not_stand_is_lifted_in_the_same_append() -> None:
    given(*at_challenge).when(replace(decide, result="lifted"), by=DEE).then(
        replace(decided, result="lifted"), lifted
    )
    state = fold([*at_challenge, replace(decided, result="lifted"), lifted])
    assert state.removals[REMOVAL].status == "lifted"


def test_a_decision_gives_reasons() -> None:
    given(*at_challenge).when(replace(decide, reason=Narrative("")), by=DEE).refused(
        No.INPUT_INVALID, fields="reason"
    )


@pytest.mark.parametrize(
    ("command", "history"),
    [
        (serve, at_service),
        (serve, at_challenge),
        (challenge, at_challenge),
        (decide, at_order),
        (decide, at_service),
        (decide, (*at_challenge, decided)),
    ],
)
def test_each_step_follows_the_one_before(command: Command, history: Sequence[Event]) -> None:
    given(*history).when(command, by=DEE).refused(No.ILLEGAL_TRANSITION)


@pytest.mark.parametrize(
    ("command", "history", "events", "as_it_is"),
    [
        (serve, at_service, (ordered,), "served"),
        (challenge, at_challenge, (ordered,), "challenged"),
        (decide, at_service, (ordered, challenged), "served"),
    ],
)
def test_a_removal_does_not_go_on_with_another(
    command: Command, history: Sequence[Event], events: Any, as_it_is: str
) -> None:
    another = [replace(event, removal_id=an_id("another removal")) for event in events]
    given(*history, *another).when(command, by=DEE).refused(
        No.ILLEGAL_TRANSITION, stage=f"in a removal that is {as_it_is}"
    )


@pytest.mark.parametrize(
    ("command", "history"), [(serve, at_order), (challenge, at_service), (decide, at_challenge)]
)
def test_only_a_removal_of_this_case_can_be_taken_further(
    command: Any, history: Sequence[Event]
) -> None:
    another = replace(command, removal_id=an_id("another removal"))
    given(*history).when(another, by=DEE).refused(No.INPUT_INVALID, fields="removal_id")
    given(*contacted).when(command, by=DEE).refused(No.ILLEGAL_TRANSITION)


# Who, and when


def test_a_stranger_does_not_learn_that_the_case_exists() -> None:
    for command in (order, serve, challenge, decide):
        given(*at_challenge).when(command, by=EVE).not_found()
        given().when(command).not_found()


def test_a_removal_is_ordered_and_judged_by_the_office() -> None:
    for command in (order, serve, decide):
        given(*at_challenge).when(command, by=party("respondent")).refused(No.ROLE_NOT_ALLOWED)
    given(*at_service).when(challenge, by=party("complainant")).refused(No.ROLE_NOT_ALLOWED)
