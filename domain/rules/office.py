"""Setting up: policies in force, the calendar, staff with roles and training, counselors."""

from collections.abc import Sequence
from datetime import date
from typing import Literal
from uuid import UUID

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import NotFound, require
from domain.events import Event
from domain.events.office import (
    CalendarDayMarked,
    ConfidentialResourceDesignated,
    CounselorListed,
    PolicyAdopted,
    RoleGranted,
    StaffRegistered,
    TrainingCompleted,
)
from domain.ids import CounselorId, PackCode, Secret, staff_stream
from domain.policy import shipped
from domain.refusals import No
from domain.rules.known import known, new_id, not_now, said, valid
from domain.state.office import StaffMember, adoptions, fold_resources
from domain.terms import Audience, Office, OfficeRole


class AdoptPolicy(Command):
    code: PackCode
    version: int
    effective_from: date
    effective_to: date | None = None
    next_review_on: date | None = None


class MarkCalendarDay(Command):
    day: date
    closed: bool


class DesignateConfidentialResource(Command):
    """A program that keeps what it hears, under the policy with this code."""

    code: PackCode
    resource_id: UUID
    audience: Audience


class RegisterStaff(Command):
    sign_in: Secret
    name: Secret
    institutional_id: Secret | None = None
    office: Office


class GrantRole(Command):
    role: OfficeRole
    start_on: date
    until: date | None = None


class RecordTraining(Command):
    topic: Literal["title_ix", "trauma_informed", "hearing", "appeal"]
    material_id: UUID | None = None
    on: date
    valid_until: date


class ListCounselor(Command):
    counselor_id: CounselorId
    service: Literal["student_mental_health", "employee_assistance", "well_being"]
    audience: Literal["students", "employees", "all"]
    name: Secret


def adopt(command: AdoptPolicy, events: Sequence[Event], context: Context) -> Sequence[Event]:
    """One Title IX policy is in force on a day, never two: the incident date must decide (A-02)."""
    version = (command.code, command.version)
    pack = known(
        next((pack for pack in shipped() if (pack.code, pack.version) == version), None),
        "code, version",
        "name no policy pack that is shipped",
    )
    _in_order(command.effective_from, command.effective_to, "effective_to")
    terms = [(adopted.effective_from, adopted.effective_to) for adopted in adoptions(events)]
    if pack.kind == "title_ix":
        terms += [(adopted.effective_from, adopted.effective_to) for adopted in context.packs]
    for start, end in terms:
        before = command.effective_to is not None and command.effective_to < start
        after = end is not None and end < command.effective_from
        valid(before or after, "effective_from, effective_to", "overlap another policy in force")
    return [restate(PolicyAdopted, command)]


def designate(
    command: DesignateConfidentialResource, events: Sequence[Event], _context: Context
) -> Sequence[Event]:
    """Only the programs that a policy lists are confidential. 02.2.20 IV.C.1 [P]."""
    require(adoptions(events), No.POLICY_PARAMETER_UNSET, parameter="policy pack")
    new_id(command.resource_id in fold_resources(events), "resource_id")
    return [restate(ConfidentialResourceDesignated, command)]


def mark(command: MarkCalendarDay, _state: object, _context: Context) -> Sequence[Event]:
    """The last mark of a day counts."""
    return [restate(CalendarDayMarked, command)]


def register(command: RegisterStaff, state: StaffMember, context: Context) -> Sequence[Event]:
    """The keyed HMAC of the sign-in name leads to the staff member; the name itself is not kept."""
    sign_in = said(command.sign_in, "sign_in")
    said(command.name, "name")
    new_id(state.staff_id is not None, "sign_in")
    sign_in_hmac = context.mac("sign-in", sign_in.raw())
    staff_id = staff_stream(context.ledger, sign_in_hmac)
    return [restate(StaffRegistered, command, staff_id=staff_id, sign_in_hmac=sign_in_hmac)]


def grant(command: GrantRole, state: StaffMember, context: Context) -> Sequence[Event]:
    """Once more to somebody who left: registered anew, under another sign-in name."""
    _registered(state)
    if not state.here:
        raise not_now(command, "with somebody who left")
    _in_order(command.start_on, command.until, "until")
    return [restate(RoleGranted, command, granted_by=context.actor)]


def train(command: RecordTraining, state: StaffMember, context: Context) -> Sequence[Event]:
    """34 CFR 106.45(b)(1)(iii) [P]."""
    _registered(state)
    require(command.on <= context.today, No.DATE_IN_FUTURE)
    _in_order(command.on, command.valid_until, "valid_until")
    return [restate(TrainingCompleted, command)]


def list_counselor(
    command: ListCounselor, register_: frozenset[CounselorId], _context: Context
) -> Sequence[Event]:
    """A random id stands for the counselor; the name is sealed. 02.2.20 IV.E [P]."""
    new_id(command.counselor_id in register_, "counselor_id")
    said(command.name, "name")
    return [restate(CounselorListed, command)]


def _registered(state: StaffMember) -> None:
    if state.staff_id is None:
        raise NotFound


def _in_order(first: date, last: date | None, field: str) -> None:
    valid(last is None or first <= last, field, "lies before the first day")
