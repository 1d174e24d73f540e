"""Supportive measures: 34 CFR 106.30, 106.44(a) [S]; the policy, IV.E [P]."""

from collections.abc import Sequence
from datetime import date
from typing import Literal, get_args
from uuid import UUID

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import require
from domain.events import Event
from domain.events.case import (
    ResponseBasisDocumented,
    SupportiveMeasureAccepted,
    SupportiveMeasureEnded,
    SupportiveMeasureImplemented,
    SupportiveMeasureOffered,
)
from domain.ids import Narrative, PartyId, Secret
from domain.refusals import No
from domain.rules.known import MEASURE, measure_in, needs, new_id, party, said, valid
from domain.state.case import Case
from domain.terms import MeasureKind, Office, SanctionKind


class OfferMeasure(Command):
    measure_id: UUID
    for_party: PartyId
    kind: MeasureKind | SanctionKind
    mutual: bool | None = None
    requires_complaint: Literal["no", "yes"] = "no"
    affects_other_party: bool
    start_on: date
    end_on: date | None = None
    implementer_office: Office
    burden_assessment: Secret | None = None
    detail: Secret | None = None


class AcceptMeasure(Command):
    measure_id: UUID


class ImplementMeasure(Command):
    measure_id: UUID
    start_on: date
    implementer_office: Office


class EndMeasure(Command):
    measure_id: UUID
    end_on: date
    reason_code: Literal["no_longer_needed", "party_asked", "outcome_final", "replaced"]


class DocumentResponse(Command):
    equal_access_measures: tuple[MeasureKind, ...]
    not_deliberately_indifferent_basis: Narrative


def offer(command: OfferMeasure, state: Case, context: Context) -> Sequence[Event]:
    """To either party, with or without a complaint; a kind of its own needs its words."""
    party(state, command.for_party, field="for_party")
    new_id(command.measure_id in state.measures, "measure_id")
    require(command.kind in get_args(MeasureKind), No.MEASURE_IS_PUNITIVE)
    require(command.requires_complaint == "no", No.MEASURES_NOT_CONDITIONAL)
    if command.affects_other_party:
        weighed = command.burden_assessment and not command.burden_assessment.blank
        require(weighed, No.BURDEN_ASSESSMENT_REQUIRED)
    if command.kind in context.policy(state).measures.mutual_kinds:
        # One-sided is allowed with a reason, and warned about.
        valid(command.mutual is not None, "mutual", "is missing for this kind of measure")
    if command.kind == "other" or command.mutual is False:
        said(command.detail, "detail")
    ends = command.end_on is None or command.start_on <= command.end_on
    valid(ends, "end_on", "lies before start_on")
    return [restate(SupportiveMeasureOffered, command)]


def may_accept(state: Case, context: Context) -> None:
    """One is on offer: to a party, one of its own."""
    needs(_in(state, "offered", context), "a measure on offer", "OfferMeasure")


def accept(command: AcceptMeasure, state: Case, context: Context) -> Sequence[Event]:
    """By the party it is for, or by the office that took it down.

    To the other party a measure does not exist (A-81).
    """
    measure = state.measures.get(command.measure_id)
    ours = context.who.kind == "staff" or (measure and context.actor == str(measure.for_party))
    valid(ours, "measure_id", MEASURE)
    measure_in(state, command.measure_id, {"offered"}, command)
    return [restate(SupportiveMeasureAccepted, command)]


def may_implement(state: Case, context: Context) -> None:
    needs(
        _in(state, "accepted", context),
        "a measure that was accepted",
        "AcceptMeasure",
    )


def implement(command: ImplementMeasure, state: Case, context: Context) -> Sequence[Event]:
    measure_in(state, command.measure_id, {"accepted"}, command)
    require(command.start_on <= context.today, No.DATE_IN_FUTURE)
    return [restate(SupportiveMeasureImplemented, command)]


def may_end(state: Case, context: Context) -> None:
    needs(_in(state, "active", context), "a measure in effect", "ImplementMeasure")


def end(command: EndMeasure, state: Case, context: Context) -> Sequence[Event]:
    """Not before it began."""
    measure = measure_in(state, command.measure_id, {"active"}, command)
    require(command.end_on <= context.today, No.DATE_IN_FUTURE)
    assert measure.since is not None  # The status says so.
    valid(measure.since <= command.end_on, "end_on", "lies before the measure began")
    return [restate(SupportiveMeasureEnded, command)]


def _in(state: Case, status: str, context: Context) -> bool:
    """Whether a measure that the actor may know of stands so."""
    office = context.who.kind == "staff"
    return any(
        one.status == status and (office or context.actor == str(one.for_party))
        for one in state.measures.values()
    )


def document_response(
    command: DocumentResponse, _state: Case, _context: Context
) -> Sequence[Event]:
    """Always, whether measures were provided or not. 34 CFR 106.45(b)(10)(ii) [S]."""
    said(command.not_deliberately_indifferent_basis, "not_deliberately_indifferent_basis")
    return [restate(ResponseBasisDocumented, command)]
