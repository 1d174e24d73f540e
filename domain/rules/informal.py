"""Informal resolution, as far as its first bar: 34 CFR 106.45(b)(9) [S]."""

from collections.abc import Sequence

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import require
from domain.events import Event
from domain.events.case import Allegation, InformalResolutionOffered
from domain.ids import AllegationId, StaffId
from domain.refusals import No
from domain.rules.known import known, valid
from domain.state.case import Case


class OfferInformal(Command):
    facilitator: StaffId
    allegation_ids: tuple[AllegationId, ...]


def may_offer(state: Case, context: Context) -> None:
    """While there is an allegation that it is open to."""
    open_to_it = any(
        not _employee_on_student(one, state, context) for one in state.allegations.values()
    )
    require(open_to_it, No.INFORMAL_NOT_EMPLOYEE_ON_STUDENT)


def offer(command: OfferInformal, state: Case, context: Context) -> Sequence[Event]:
    """Of these allegations none may be one of an employee against a student."""
    valid(command.allegation_ids, "allegation_ids", "is empty")
    for allegation_id in command.allegation_ids:
        found = state.allegations.get(allegation_id)
        allegation = known(found, "allegation_ids", "must name allegations of this case")
        require(
            not _employee_on_student(allegation, state, context),
            No.INFORMAL_NOT_EMPLOYEE_ON_STUDENT,
        )
    known(context.staff[command.facilitator].staff_id, "facilitator", "names no staff member")
    return [restate(InformalResolutionOffered, command)]


def _employee_on_student(allegation: Allegation, state: Case, context: Context) -> bool:
    classes = context.policy(state).informal
    complainant = state.parties[allegation.complainant_id]
    respondent = state.parties[allegation.respondent_id]
    return (
        respondent.affiliation in classes.employees and complainant.affiliation in classes.students
    )
