"""The staff register: who came, who left, roles taken back, relations declared. F-18, F-20."""

from collections.abc import Sequence
from datetime import date
from typing import Literal
from uuid import UUID

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import NotFound, require
from domain.events import Event
from domain.events.office import RelationDeclared, RoleRevoked, StaffLeft
from domain.ids import Secret
from domain.interest import OFFICE
from domain.refusals import No
from domain.rules.known import new_id, not_now, said, valid
from domain.state.office import StaffMember
from domain.terms import OfficeRole, RelationKind


class EndStaff(Command):
    left_on: date


class RevokeRole(Command):
    role: OfficeRole
    reason_code: Literal["changed_position", "left", "misconduct", "granted_in_error"]


class DeclareRelation(Command):
    """`person`: a name, an address or a number by which whoever it is can be found."""

    relation_id: UUID
    kind: RelationKind
    until: date | None = None
    person: Secret


def end(command: EndStaff, state: StaffMember, context: Context) -> Sequence[Event]:
    """What was recorded stays; from now on this is somebody without any role."""
    _here(state, command)
    require(command.left_on <= context.today, No.DATE_IN_FUTURE)
    return [restate(StaffLeft, command)]


def revoke(command: RevokeRole, state: StaffMember, context: Context) -> Sequence[Event]:
    _here(state, command)
    term = state.roles.get(command.role)
    valid(term and not term.revoked, "role", "is none that this person holds")
    return [restate(RoleRevoked, command, revoked_by=context.actor)]


def declare(command: DeclareRelation, state: StaffMember, context: Context) -> Sequence[Event]:
    """By the person concerned, or by the office that was told."""
    own = str(state.staff_id) == context.actor
    require(own or context.office & OFFICE, No.ROLE_NOT_ALLOWED)
    _here(state, command)
    new_id(command.relation_id in state.relations, "relation_id")
    said(command.person, "person")
    over = command.until is not None and command.until < context.today
    valid(not over, "until", "has passed")
    return [restate(RelationDeclared, command)]


def _here(state: StaffMember, command: Command) -> None:
    if state.staff_id is None:
        raise NotFound
    if not state.here:
        raise not_now(command, "with somebody who left")
