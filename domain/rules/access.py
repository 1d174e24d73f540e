"""Who may read identities, and until when: 02.2.20 IV.C.3.a [P]; TEC 51.256 [P].

The grants of those who act on a case come and go with their roles; here is the rest.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Literal, TypeAlias
from uuid import UUID

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import require
from domain.events import Event
from domain.events.access import (
    AccessGranted,
    AccessRevoked,
    AuditReplayPerformed,
    RevealApproved,
)
from domain.ids import StaffId, natural
from domain.interest import INTERESTS, MAY_NAME_ANYBODY, PURPOSE_OF
from domain.refusals import No
from domain.rules.known import known, needs, new_id, valid
from domain.rules.rule import On
from domain.state.access import Access, Grant
from domain.state.case import Case
from domain.terms import CaseRole, FieldScope, GrantBasis, Purpose, Role

_OF_PARTIES = frozenset[FieldScope]({"parties", "advisors", "measures", "links"})
WALLED = "one with a conflict of interest"
_NO_ROLE = "do not fit: no role of this person has this purpose"
Reason: TypeAlias = Literal["role_unassigned", "conflict", "outcome_final", "respondent_sealed"]


class GrantAccess(Command):
    grant_id: UUID
    user: StaffId
    purpose: Purpose
    field_scope: tuple[FieldScope, ...]
    expires_on: date
    approved_by: StaffId | None = None
    approval_ref: UUID | None = None


class RevokeAccess(Command):
    grant_id: UUID
    reason_code: Literal["conflict", "no_longer_needed", "granted_in_error"]


class ApproveReveal(Command):
    approval_id: UUID
    user: StaffId
    purpose: Purpose
    field_scope: tuple[FieldScope, ...]


class ReplayCase(Command):
    grant_id: UUID
    as_of: int


def grant(command: GrantAccess, state: Access, context: Context) -> Sequence[Event]:
    """By somebody else, for a purpose that the person's role has, of fields that it needs, and
    not for ever."""
    new_id(command.grant_id in state.grants, "grant_id")
    _somebody_else(command.user, context)
    held = _roles_of(command.user, context)
    interest = INTERESTS[command.purpose]
    valid(held & interest.roles, "user, purpose", _NO_ROLE)
    _fields(command.field_scope, command.purpose)
    valid(context.today <= command.expires_on, "expires_on", "has passed")
    sealed = context.case.respondents_sealed and not interest.in_process
    require(not sealed or not _names(command.field_scope), No.RESPONDENT_SEALED)
    _approved(command, context)
    return [restate(AccessGranted, command, case=context.case_id, basis="granted")]


def may_revoke(_case: Case, context: Context) -> None:
    needs(context.access.live(context.today), "a grant in force", "GrantAccess")


def revoke(command: RevokeAccess, state: Access, context: Context) -> Sequence[Event]:
    known(state.live(context.today).get(command.grant_id), "grant_id", "names no grant that stands")
    return [restate(AccessRevoked, command)]


def approve(command: ApproveReveal, state: Access, context: Context) -> Sequence[Event]:
    """Another person of the office agrees, before the words are opened."""
    new_id(command.approval_id in state.approvals, "approval_id")
    _somebody_else(command.user, context)
    held = _roles_of(command.user, context)
    valid(held & INTERESTS[command.purpose].roles, "user, purpose", _NO_ROLE)
    _fields(command.field_scope, command.purpose)
    hours = context.policy(context.case).reveal.approval_hours
    return [restate(RevealApproved, command, until=context.now + timedelta(hours=hours))]


def may_replay(_case: Case, context: Context) -> None:
    """With a grant to audit this case."""
    granted = any(
        one.purpose == "audit" and str(one.user) == context.actor
        for one in context.access.live(context.today).values()
    )
    require(granted, No.NO_INSTITUTIONAL_INTEREST)


def replay(command: ReplayCase, state: Access, context: Context) -> Sequence[Event]:
    """An auditor says up to which point the case is replayed with identities."""
    mine = state.live(context.today, context.staff_id)
    granted = mine.get(command.grant_id)
    require(granted and granted.purpose == "audit", No.NO_INSTITUTIONAL_INTEREST)
    valid(command.as_of > 0, "as_of", "is no position of the record")
    return [restate(AuditReplayPerformed, command)]


def on_assignment(role: CaseRole, staff_id: StaffId, context: Context) -> On:
    """The standard grant of a role."""
    purpose = PURPOSE_OF[role]
    return _granted(staff_id, purpose, "role_assigned", INTERESTS[purpose].fields, None, context)


def on_unassignment(role: CaseRole, staff_id: StaffId, context: Context) -> list[On]:
    mine = context.access.live(context.today, staff_id).items()
    return _ended(
        (key for key, one in mine if one.purpose == PURPOSE_OF[role]), "role_unassigned", context
    )


def on_conflict(staff_id: StaffId, context: Context) -> list[On]:
    return _ended(context.access.live(context.today, staff_id), "conflict", context)


def on_final(case: Case, context: Context) -> list[On]:
    """What came with a role goes on for the days of the policy, and then ends."""
    length = context.policy(case).access.after_final
    if length.days is None:
        return []
    until = context.last_day(length, "access.after_final")
    found: list[On] = []
    for key, one in context.access.live(context.today).items():
        if one.basis == "role_assigned":
            found += _ended([key], "outcome_final", context)
            found.append(
                _granted(one.user, one.purpose, "outcome_final", one.fields, until, context, key)
            )
    return found


def on_seal(context: Context) -> list[On]:
    """Grants outside the process that show who somebody is. 19 TAC 3.17(a)(5) [P]."""
    return _ended(
        (key for key, one in context.access.live(context.today).items() if _outside(one)),
        "respondent_sealed",
        context,
    )


def _outside(one: Grant) -> bool:
    return not INTERESTS[one.purpose].in_process and _names(one.fields)


def _names(fields: Collection[FieldScope]) -> bool:
    """Words that may show who a respondent is: under a party's key, or texts."""
    return not (_OF_PARTIES | MAY_NAME_ANYBODY).isdisjoint(fields)


def _ended(grants: Iterable[UUID], reason: Reason, context: Context) -> list[On]:
    return [
        On(context.access_stream, AccessRevoked(grant_id=key, reason_code=reason)) for key in grants
    ]


def _granted(
    staff_id: StaffId,
    purpose: Purpose,
    basis: GrantBasis,
    fields: Collection[FieldScope],
    until: date | None,
    context: Context,
    *after: UUID,
) -> On:
    """A grant that follows from something else; its id follows from what stands."""
    number = len(context.access.grants)
    key = ":".join(map(str, (context.case_id, number, staff_id, purpose, *after)))
    granted = AccessGranted(
        grant_id=natural(context.ledger, "grant", key),
        user=staff_id,
        case=known(context.case_id, "case"),
        purpose=purpose,
        basis=basis,
        field_scope=tuple(sorted(fields)),
        expires_on=until,
        approved_by=None,
        approval_ref=None,
    )
    return On(context.access_stream, granted)


def _somebody_else(user: StaffId, context: Context) -> None:
    """Nobody gives this to himself, or to anybody for whom the case does not exist."""
    valid(context.staff[user].here, "user", "names nobody who is on the staff now")
    require(user != context.staff_id, No.SECOND_APPROVER_REQUIRED)
    require(user not in context.case.walls, No.ROLE_CONFLICT, role=WALLED)


def _roles_of(user: StaffId, context: Context) -> frozenset[Role]:
    """On this case, and of those at the office the ones that reach every case."""
    office = context.staff[user].roles_on(context.today)
    every = {Role.COORDINATOR, Role.DEPUTY, Role.AUDITOR}
    return context.case.roles_of(str(user)) | (office & every)


def _fields(wanted: Collection[FieldScope], purpose: Purpose) -> None:
    """Some, and no more than the purpose needs."""
    valid(wanted, "field_scope", "is empty")
    fits = INTERESTS[purpose].fields.issuperset(wanted)
    valid(fits, "field_scope", "holds more than the purpose needs")


def _approved(command: GrantAccess, context: Context) -> None:
    """Who agreed is neither who reads nor who gives. To an audit, general counsel in writing: the
    coordinator records who, and which paper."""
    by = command.approved_by
    counsel = False
    if by:
        known(context.staff[by].staff_id, "approved_by", "names no staff member")
        require(by not in (command.user, context.staff_id), No.SECOND_APPROVER_REQUIRED)
        counsel = context.staff[by].office == "general_counsel"
    audit = command.purpose == "audit"
    require(not audit or (counsel and command.approval_ref), No.SECOND_APPROVER_REQUIRED)
