"""Emergency removal: 34 CFR 106.44(c) [S]; the policy, IV.F.2 [P]."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import require
from domain.events import Event
from domain.events.case import (
    EmergencyRemovalChallenged,
    EmergencyRemovalChallengeDecided,
    EmergencyRemovalLifted,
    EmergencyRemovalNoticeServed,
    EmergencyRemovalOrdered,
)
from domain.ids import Instant, Narrative, PartyId, Secret
from domain.refusals import No
from domain.rules.known import REMOVAL, needs, new_id, party, removal_in, said, valid
from domain.state.case import Case
from domain.terms import Method, Office, RemovalScope


class OrderEmergencyRemoval(Command):
    removal_id: UUID
    respondent: PartyId
    analysis_id: UUID
    individualized: bool
    immediate: bool
    physical: bool
    arises_from_allegations: bool
    at_risk: Literal["student", "other"]
    scope: tuple[RemovalScope, ...]
    ceo_report_ref: UUID | None = None
    ceo_not_reported_reason: Literal["no_imminent_danger_to_safety", "already_reported"] | None = (
        None
    )
    challenge_contact_office: Office | None = None
    how_to_challenge: bool = False
    analysis: Narrative | None = None


class ServeRemovalNotice(Command):
    removal_id: UUID
    served_at: Instant
    method: Method


class ChallengeRemoval(Command):
    removal_id: UUID
    received_at: Instant
    grounds: Secret


class DecideChallenge(Command):
    removal_id: UUID
    result: Literal["upheld", "modified", "lifted"]
    reason: Narrative


def order(command: OrderEmergencyRemoval, state: Case, context: Context) -> Sequence[Event]:
    """With or without a complaint; a threat to reputation or to the inquiry is no ground."""
    party(state, command.respondent, "respondent", field="respondent")
    new_id(command.removal_id in state.removals, "removal_id")
    require(
        command.analysis and not command.analysis.blank,
        No.REMOVAL_ANALYSIS_REQUIRED,
        limb="the analysis itself",
    )
    for limb in context.policy(state).emergency_removal.limbs:
        require(getattr(command, limb), No.REMOVAL_ANALYSIS_REQUIRED, limb=limb.replace("_", " "))
    require(
        command.challenge_contact_office and command.how_to_challenge, No.CHALLENGE_ROUTE_REQUIRED
    )
    require(command.ceo_report_ref or command.ceo_not_reported_reason, No.CEO_IMMEDIATE_REPORT)
    return [restate(EmergencyRemovalOrdered, command, ordered_by=context.staff_id)]


def may_serve(state: Case, _context: Context) -> None:
    ordered = any(one.status == "ordered" for one in state.removals.values())
    needs(ordered, "a removal to be served", "OrderEmergencyRemoval")


def serve(command: ServeRemovalNotice, state: Case, context: Context) -> Sequence[Event]:
    removal_in(state, command.removal_id, {"ordered"}, command)
    require(command.served_at <= context.now, No.DATE_IN_FUTURE)
    return [restate(EmergencyRemovalNoticeServed, command)]


def may_challenge(state: Case, context: Context) -> None:
    """There is one to challenge: for a respondent, one of its own."""
    office = context.who.kind == "staff"
    open_to_it = any(
        one.status in ("ordered", "served") and (office or context.actor == str(one.respondent))
        for one in state.removals.values()
    )
    needs(open_to_it, "a removal to challenge", "OrderEmergencyRemoval")


def challenge(command: ChallengeRemoval, state: Case, context: Context) -> Sequence[Event]:
    """By the respondent, or by the office that took it down. At any time after the order.

    To another respondent a removal does not exist.
    """
    found = state.removals.get(command.removal_id)
    ours = context.who.kind == "staff" or (found and context.actor == str(found.respondent))
    valid(ours, "removal_id", REMOVAL)
    removal = removal_in(state, command.removal_id, {"ordered", "served"}, command)
    require(command.received_at <= context.now, No.DATE_IN_FUTURE)
    said(command.grounds, "grounds")
    return [restate(EmergencyRemovalChallenged, command, respondent=removal.respondent)]


def may_decide(state: Case, context: Context) -> None:
    """There is one, to a removal that somebody else ordered."""
    ordered_by = {
        str(one.ordered_by) for one in state.removals.values() if one.status == "challenged"
    }
    needs(ordered_by, "a challenge to a removal", "ChallengeRemoval")
    require(ordered_by != {context.actor}, No.REMOVAL_REVIEWER_CONFLICT)


def decide_challenge(command: DecideChallenge, state: Case, context: Context) -> Sequence[Event]:
    """Who ordered it does not judge it."""
    removal = removal_in(state, command.removal_id, {"challenged"}, command)
    require(removal.ordered_by != context.staff_id, No.REMOVAL_REVIEWER_CONFLICT)
    said(command.reason, "reason")
    decided = restate(EmergencyRemovalChallengeDecided, command, decided_by=context.staff_id)
    if command.result != "lifted":
        return [decided]
    return [
        decided,
        EmergencyRemovalLifted(removal_id=command.removal_id, reason_code="challenge"),
    ]
