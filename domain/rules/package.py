"""The evidence for the parties, and their answers: 34 CFR 106.45(b)(5)(vi) [S]."""

from collections.abc import Sequence
from datetime import date
from typing import Literal
from uuid import UUID

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import require
from domain.events import Event
from domain.events.case import EvidencePackageSent, EvidenceReviewClosed, PartyResponseReceived
from domain.events.evidence import EvidenceShared, SharedWith
from domain.ids import EvidenceId, Narrative, PartyId
from domain.refusals import No
from domain.rules.dispatch import Letter, dispatched
from domain.rules.known import new_id, party, said, valid
from domain.rules.rule import Decided, On
from domain.state.case import Case
from domain.state.parts import Review


class SendEvidence(Command):
    """`all_directly_related`: the investigator's word that nothing was held back."""

    package_id: UUID
    items: tuple[EvidenceId, ...]
    all_directly_related: Literal[True]
    deliveries: tuple[Letter, ...]
    dispatch_id: UUID


class RecordResponse(Command):
    response_to: UUID
    party_id: PartyId
    received_on: date
    text: Narrative


class CloseReview(Command):
    package_id: UUID
    early: Literal["no", "all_responded", "all_waived"] = "no"


def send(command: SendEvidence, state: Case, context: Context) -> Decided:
    """Relied on or not, to each party and advisor, with time to answer."""
    used = {state.review.package_id} if state.review else set()
    new_id(command.package_id in used | state.responses.keys(), "package_id")
    fit = all(
        context.evidence[item].case_id == context.case_id
        and context.evidence[item].directly_related
        for item in command.items
    )
    once = len(set(command.items)) == len(command.items)
    valid(command.items, "items", "is empty")
    valid(once and fit, "items", "must name directly related items of this case, each once")
    deliveries = dispatched(
        command.deliveries,
        state,
        context,
        to_advisors=True,
        otherwise=No.EVIDENCE_NOT_SENT_TO_ALL,
    )
    respond_by = context.last_day(
        context.policy(state).evidence_review.response, "evidence_review.response"
    )
    sent = restate(EvidencePackageSent, command, deliveries=deliveries, respond_by=respond_by)
    shared_with = tuple(
        SharedWith(party_id=delivery.party_id, advisor=delivery.advisor) for delivery in deliveries
    )
    shared = [
        On(
            item,
            EvidenceShared(
                package_id=command.package_id,
                version_no=context.evidence[item].version_no,
                shared_with=shared_with,
                since=context.now,
                until=respond_by,
            ),
        )
        for item in command.items
    ]
    return [sent, *shared]


def respond(command: RecordResponse, state: Case, context: Context) -> Sequence[Event]:
    """To the package or the report; late or not, it is kept."""
    answerable = {state.review.package_id if state.review else None}
    answerable |= {state.report.report_id if state.report else None}
    valid(command.response_to in answerable, "response_to", "names no package or report to answer")
    party(state, command.party_id)
    ours = context.who.kind == "staff" or context.actor == str(command.party_id)
    require(ours, No.ROLE_NOT_ALLOWED)
    require(command.received_on <= context.today, No.DATE_IN_FUTURE)
    said(command.text, "text")
    return [restate(PartyResponseReceived, command)]


def close(command: CloseReview, state: Case, context: Context) -> Sequence[Event]:
    """When the time to answer is over, or earlier where the policy lets it be and it is so."""
    review = state.review
    assert review is not None  # The stage says so.
    valid(command.package_id == review.package_id, "package_id", "is not the package under review")
    over = context.today > review.respond_by
    allowed = command.early in context.policy(state).evidence_review.early_close
    require(
        over or (allowed and _is_so(command.early, review, state)),
        No.EVIDENCE_REVIEW_OPEN,
        allowed_after=context.day_after(review.respond_by),
        date=review.respond_by,
    )
    early = "no" if over else command.early
    return [restate(EvidenceReviewClosed, command, closed_on=context.today, early=early)]


def _is_so(early: str, review: Review, state: Case) -> bool:
    """No event says yet that a party waived its time: only answers are known."""
    answered = state.responses.get(review.package_id, frozenset())
    return early == "all_responded" and state.known_parties <= answered
