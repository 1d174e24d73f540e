"""A party asks to see the own record: 34 CFR 99.10 [S]."""

from collections.abc import Sequence
from datetime import date
from typing import Literal
from uuid import UUID

from domain.commands import Command, restate
from domain.context import Context, Who
from domain.errors import require
from domain.events import Event
from domain.events.access import AccessRequestFulfilled, AccessRequestReceived
from domain.ids import PartyId
from domain.refusals import No
from domain.rules.known import known, needs, new_id, party, valid
from domain.state.access import Access
from domain.state.case import Case
from domain.terms import Role

_PARTIES = frozenset({Role.COMPLAINANT, Role.RESPONDENT})


class ReceiveAccessRequest(Command):
    request_id: UUID
    party_id: PartyId
    received_on: date


class FulfillAccessRequest(Command):
    request_id: UUID
    on: date
    method: Literal["inspection", "copy"]


def receive(command: ReceiveAccessRequest, state: Access, context: Context) -> Sequence[Event]:
    """From the party, or taken down by the office. The days count from the day it came."""
    new_id(command.request_id in state.requests, "request_id")
    party(context.case, command.party_id)
    ours = context.who.kind == "staff" or context.actor == str(command.party_id)
    require(ours, No.ROLE_NOT_ALLOWED)
    require(command.received_on <= context.today, No.DATE_IN_FUTURE)
    length = context.policy(context.case).access.request
    due_on = context.last_day(length, "access.request", command.received_on)
    pack = context.case.bound_pack or context.case.intake_pack
    taken_by = context.staff_id if context.who.kind == "staff" else None
    return [
        restate(
            AccessRequestReceived,
            command,
            case=context.case_id,
            due_on=due_on,
            pack=pack,
            taken_by=taken_by,
        )
    ]


def may_have_copy(
    party_id: PartyId, case: Case, beside: Access, who: Who, seeing: frozenset[Role]
) -> None:
    """The party itself, or the office for it; once the party has asked. 34 CFR 99.10 [S].

    `seeing`: the roles in which the reader sees that part. Errors: Refused.
    """
    ours = seeing - _PARTIES or who.id == str(party_id)
    require(ours, No.ROLE_NOT_ALLOWED)
    party(case, party_id, field="party")
    asked = beside.asked_by(party_id)
    require(asked, No.NO_INSTITUTIONAL_INTEREST)
    # Nobody makes the ground for his own reading.
    another = any(str(one.taken_by) != who.id for one in asked)
    require(another, No.SECOND_APPROVER_REQUIRED)


def may_fulfill(_case: Case, context: Context) -> None:
    is_open = any(not one.fulfilled for one in context.access.requests.values())
    needs(is_open, "a request that waits", "ReceiveAccessRequest")


def fulfill(command: FulfillAccessRequest, state: Access, context: Context) -> Sequence[Event]:
    request = known(
        state.requests.get(command.request_id), "request_id", "names no request of this case"
    )
    valid(not request.fulfilled, "request_id", "names a request that was fulfilled")
    require(command.on <= context.today, No.DATE_IN_FUTURE)
    valid(request.received_on <= command.on, "on", "lies before the request came")
    return [
        restate(AccessRequestFulfilled, command, case=context.case_id, party_id=request.party_id)
    ]
