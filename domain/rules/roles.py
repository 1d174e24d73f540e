"""Who acts on a case, and who advises: 34 CFR 106.45(b)(1)(iii), (b)(5)(iv), (b)(6)(i) [S]."""

from collections.abc import Iterator, Sequence
from typing import Literal
from uuid import UUID

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import require
from domain.events import Event
from domain.events.case import (
    AdvisorProvided,
    AdvisorRemoved,
    AdvisorSelected,
    RoleAssigned,
    RoleUnassigned,
    Screen,
)
from domain.ids import PartyId, Secret, StaffId
from domain.refusals import No
from domain.rules import access
from domain.rules.known import needs, party, said, valid
from domain.rules.rule import On
from domain.state.case import Case
from domain.terms import CaseRole, Role

# What the blind index says of them: themselves, or somebody they declared to be close to.
CONCERNED = "one whom it concerns: party, reporter, witness or advisor, or close to one"


class AssignRole(Command):
    role: CaseRole
    staff_id: StaffId
    designation_ref: UUID | None = None


class UnassignRole(Command):
    role: CaseRole
    staff_id: StaffId
    reason_code: Literal["replaced", "conflict", "unavailable", "left", "assigned_in_error"]


class SelectAdvisor(Command):
    for_party: PartyId
    name: Secret
    contact: Secret | None = None
    attorney: Secret | None = None


class ProvideAdvisor(Command):
    for_party: PartyId
    reason_code: Literal["none_chosen", "did_not_appear", "removed"]
    name: Secret
    free_of_charge: Literal[True] = True
    contact: Secret | None = None
    attorney: Secret | None = None


class RemoveAdvisor(Command):
    for_party: PartyId
    reason_code: Literal["disruptive", "withdrew", "conflict"]


def assign(command: AssignRole, state: Case, context: Context) -> Sequence[Event | On]:
    """To somebody trained for it, whom the case does not concern, and who has not acted here in a
    role that excludes it.

    With the role comes the grant to read what the role needs.
    """
    member = context.staff[command.staff_id]
    valid(member.here, "staff_id", "names nobody who is on the staff now")
    already = command.staff_id in state.roles.get(command.role, frozenset())
    valid(not already, "staff_id", "has this role on the case already")
    for topic in context.policy(state).roles.training.get(command.role, ()):
        until = member.training.get(topic)
        require(until and context.today <= until, No.TRAINING_NOT_CURRENT, topic=topic)
    who = str(command.staff_id)
    _no_conflict(command.role, who, member.roles_on(context.today), state, context)
    unconcerned = command.staff_id not in context.concerned
    # Another person may have the same name: somebody else looked into it.
    cleared = command.staff_id in state.cleared
    require(unconcerned or cleared, No.ROLE_CONFLICT, role=CONCERNED)
    screen = Screen(training_ok=True, conflict_ok=unconcerned, declared_on=context.today)
    assigned = restate(RoleAssigned, command, screen=screen)
    return [assigned, access.on_assignment(command.role, command.staff_id, context)]


def may_unassign(state: Case, _context: Context) -> None:
    needs(any(state.roles.values()), "anybody in a role", "AssignRole")


def unassign(command: UnassignRole, state: Case, context: Context) -> Sequence[Event | On]:
    """The role ends, and with it what could be read in it."""
    holds = command.staff_id in state.roles.get(command.role, frozenset())
    valid(holds, "staff_id, role", "name no role that is held on this case")
    ended = access.on_unassignment(command.role, command.staff_id, context)
    return [restate(RoleUnassigned, command), *ended]


def select_advisor(command: SelectAdvisor, state: Case, context: Context) -> Sequence[Event]:
    """The party's own choice, an attorney or not; by the party, or by the office that took it."""
    party(state, command.for_party, field="for_party")
    ours = context.who.kind == "staff" or context.actor == str(command.for_party)
    require(ours, No.ROLE_NOT_ALLOWED)
    said(command.name, "name")
    return [restate(AdvisorSelected, command)]


def provide_advisor(command: ProvideAdvisor, state: Case, _context: Context) -> Sequence[Event]:
    """Free of charge, where the party has none or the one it had is not there."""
    one = party(state, command.for_party, field="for_party")
    fits = {
        "none_chosen": not one.has_advisor and not one.advisor_removed,
        "did_not_appear": one.has_advisor,
        "removed": one.advisor_removed,
    }
    valid(fits[command.reason_code], "reason_code", "is not what the record says of the advisor")
    said(command.name, "name")
    return [restate(AdvisorProvided, command)]


def may_remove_advisor(state: Case, _context: Context) -> None:
    advised = any(one.has_advisor for one in state.parties.values())
    needs(advised, "an advisor", "SelectAdvisor, ProvideAdvisor")


def remove_advisor(command: RemoveAdvisor, state: Case, _context: Context) -> Sequence[Event]:
    """The hearing waits until the party has another. 02.2.20 V.D [P]."""
    has_one = party(state, command.for_party, field="for_party").has_advisor
    valid(has_one, "for_party", "has no advisor")
    return [restate(AdvisorRemoved, command)]


def unconflicted(role: CaseRole, state: Case, context: Context) -> None:
    """Asked again of the actor at each act in the role.

    Errors: ROLE_CONFLICT with the other role that the actor holds on this case.
    """
    _no_conflict(role, context.actor, context.office, state, context)


def _no_conflict(
    role: CaseRole, who: str, office: frozenset[Role], state: Case, context: Context
) -> None:
    walled = who in map(str, state.walls)
    require(not walled, No.ROLE_CONFLICT, role=access.WALLED)
    # The office acts on every case: coordinators and deputies are in their role here too. What
    # else somebody is at the institution counts only where this case assigned it.
    # Who acted in a role that ended is no newer to the case for that.
    held = state.roles_of(who) | state.left_by(who) | (office & {Role.COORDINATOR, Role.DEPUTY})
    for other in _excluded_by(role, context.policy(state).roles.exclusive):
        require(other not in held, No.ROLE_CONFLICT, role=other.replace("_", " "))


def _excluded_by(role: CaseRole, exclusive: Sequence[tuple[str, str]]) -> Iterator[str]:
    for one, other in exclusive:
        if role == one:
            yield other
        elif role == other:
            yield one
