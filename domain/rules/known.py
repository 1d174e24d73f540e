"""What a command may point at: the ids that this case knows.

What is wrong with a field is told in words that stand in the code, never with a value. What is not
there and what the actor may not know of are told in the same words.
"""

from collections.abc import Collection
from typing import Literal, TypeVar
from uuid import UUID

from domain.commands import Command
from domain.context import Context
from domain.errors import Refused, require
from domain.ids import Secret
from domain.refusals import No
from domain.state.case import Case
from domain.state.parts import Measure, Party, Removal

T = TypeVar("T")
S = TypeVar("S", bound=Secret)

HEARING = "names no hearing of this case"
MEASURE = "names no measure of this case"
REMOVAL = "names no removal of this case"
TWICE = "holds the same id or number twice"
_PARTIES = {
    None: "names no party of this case",
    "complainant": "names no complainant of this case",
    "respondent": "names no respondent of this case",
}


def valid(holds: object, fields: str, fault: str) -> None:
    """What must hold of the fields. Errors: INPUT_INVALID with what is wrong with them."""
    require(holds, No.INPUT_INVALID, fields=fields, fault=fault)


def known(value: T | None, field: str, fault: str = "is missing") -> T:
    """The value, which must be there. Errors: INPUT_INVALID naming the field of the command."""
    valid(value is not None, field, fault)
    assert value is not None
    return value


def said(text: S | None, field: str) -> S:
    """Words that say something. Errors: INPUT_INVALID naming the field where there are none."""
    text = known(text, field)
    valid(not text.blank, field, "is empty")
    return text


def party(
    state: Case,
    party_id: UUID | None,
    role: Literal["complainant", "respondent"] | None = None,
    *,
    field: str = "party_id",
) -> Party:
    """The party of this case with that id, in that role where one is asked for."""
    fault = _PARTIES[role]
    found = known(state.parties.get(party_id) if party_id else None, field, fault)
    valid(role is None or found.role == role, field, fault)
    return found


def speaker(state: Case, subject: UUID, field: str) -> Literal["party", "witness"]:
    """Who may be asked: a party, or a witness who was not withdrawn."""
    if subject in state.parties:
        return "party"
    witness = known(state.witnesses.get(subject), field, "names no party or witness of this case")
    valid(not witness.withdrawn, field, "names a witness who was withdrawn")
    return "witness"


def new_id(taken: bool, field: str) -> None:
    """An id is minted once. Errors: INPUT_INVALID where the case has it already."""
    valid(not taken, field, "is taken already")


def not_staff(one: UUID, context: Context, field: str) -> None:
    """Ids stand in clear: that of a party or a witness must not say which of the staff that is.

    Errors: INPUT_INVALID.
    """
    member = context.staff.get(one)
    valid(
        member is None or member.staff_id is None,
        field,
        "is the id of one of the staff: mint another",
    )


def not_now(command: Command, stands: str) -> Refused:
    """A step out of order inside its region: a removal, a measure, a hearing."""
    return Refused(
        No.ILLEGAL_TRANSITION,
        command=type(command).__name__,
        stage=stands,
        commands="see the actions of the case",
    )


def needs(found: object, without: str, first: str) -> None:
    """What a step acts on must be there before its words matter; `first`: the step that brings it.

    Errors: ILLEGAL_TRANSITION; the gate adds which step it is, and what is possible now.
    """
    require(found, No.ILLEGAL_TRANSITION, stage=f"without {without} (see {first})")


def needs_party(state: Case, _context: Context) -> None:
    """Errors: as `needs`."""
    needs(state.parties, "a party", "AddParty")


def needs_complainant(state: Case, _context: Context) -> None:
    """Errors: as `needs`."""
    needs(state.those("complainant"), "a complainant", "AddParty")


def needs_respondent(state: Case, _context: Context) -> None:
    """Errors: as `needs`."""
    needs(state.those("respondent"), "a respondent", "AddParty")


def removal_in(
    state: Case, removal_id: UUID, statuses: Collection[str], command: Command
) -> Removal:
    removal = known(state.removals.get(removal_id), "removal_id", REMOVAL)
    if removal.status not in statuses:
        raise not_now(command, f"in a removal that is {removal.status}")
    return removal


def measure_in(
    state: Case, measure_id: UUID, statuses: Collection[str], command: Command
) -> Measure:
    measure = known(state.measures.get(measure_id), "measure_id", MEASURE)
    if measure.status not in statuses:
        raise not_now(command, f"in a measure that is {measure.status}")
    return measure
