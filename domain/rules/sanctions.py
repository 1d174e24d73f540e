"""After the outcome: sanctions, remedies, standing. 34 CFR 106.45(b)(1)(i), (b)(7)(iii) [S]."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import require
from domain.events import Event
from domain.events.case import (
    RemedyProvided,
    SanctionCompleted,
    SanctionImplemented,
    StandingTransferred,
)
from domain.ids import PartyId, Secret
from domain.refusals import No
from domain.rules.known import known, needs, not_now, party, valid
from domain.state.case import Case
from domain.state.parts import SanctionState
from domain.terms import Office, RemedyKind


class ImplementSanction(Command):
    sanction_id: UUID
    office: Office
    on: date


class CompleteSanction(Command):
    sanction_id: UUID
    office: Office
    on: date


class ProvideRemedy(Command):
    remedy_id: UUID
    for_party: PartyId
    kind: RemedyKind
    detail: Secret | None = None


class TransferStanding(Command):
    respondent: PartyId
    office: Office
    receipt_ref: UUID


def may_implement(state: Case, _context: Context) -> None:
    decided = any(one.status == "decided" for one in state.sanctions.values())
    needs(decided, "a sanction to be implemented", "IssueDetermination")


def implement(command: ImplementSanction, state: Case, context: Context) -> Sequence[Event]:
    """On or after the day on which the outcome became final, not before."""
    _sanction_in(state, command, {"decided"})
    require(command.on <= context.today, No.DATE_IN_FUTURE)
    assert state.final_on is not None  # The stage says so.
    require(command.on >= state.final_on, No.NOT_FINAL)
    return [restate(SanctionImplemented, command)]


def may_complete(state: Case, _context: Context) -> None:
    running = any(one.status == "implemented" for one in state.sanctions.values())
    needs(running, "a sanction that was implemented", "ImplementSanction")


def complete(command: CompleteSanction, state: Case, context: Context) -> Sequence[Event]:
    """Not before it was implemented."""
    sanction = _sanction_in(state, command, {"implemented"})
    require(command.on <= context.today, No.DATE_IN_FUTURE)
    assert sanction.since is not None  # The status says so.
    valid(sanction.since <= command.on, "on", "lies before the sanction was implemented")
    return [restate(SanctionCompleted, command)]


def provide_remedy(command: ProvideRemedy, state: Case, _context: Context) -> Sequence[Event]:
    """To restore or preserve the complainant's equal access."""
    party(state, command.for_party, "complainant", field="for_party")
    return [restate(RemedyProvided, command)]


def transfer_standing(command: TransferStanding, state: Case, _context: Context) -> Sequence[Event]:
    """To the office that keeps a lasting consequence when this record is gone."""
    party(state, command.respondent, "respondent", field="respondent")
    return [restate(StandingTransferred, command)]


def _sanction_in(
    state: Case, command: ImplementSanction | CompleteSanction, statuses: Collection[str]
) -> SanctionState:
    sanction = known(
        state.sanctions.get(command.sanction_id), "sanction_id", "names no sanction of this case"
    )
    if sanction.status not in statuses:
        raise not_now(command, f"with a sanction that is {sanction.status}")
    return sanction
