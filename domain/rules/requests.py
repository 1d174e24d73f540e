"""A party asks to see the own record: 34 CFR 99.10 [S]."""

from collections.abc import Sequence
from datetime import date
from typing import Literal
from uuid import UUID

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import require
from domain.events import Event
from domain.events.access import AccessRequestFulfilled, AccessRequestReceived
from domain.ids import PartyId
from domain.refusals import No
from domain.rules.known import known, new_id, party
from domain.state.access import Access


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
    return [restate(AccessRequestReceived, command, case=context.case_id, due_on=due_on, pack=pack)]


def fulfill(command: FulfillAccessRequest, state: Access, context: Context) -> Sequence[Event]:
    request = known(state.requests.get(command.request_id), "request_id")
    require(not request.fulfilled, No.INPUT_INVALID, fields="request_id")
    require(command.on <= context.today, No.DATE_IN_FUTURE)
    return [
        restate(AccessRequestFulfilled, command, case=context.case_id, party_id=request.party_id)
    ]
