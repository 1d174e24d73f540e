"""Witnesses, whom both parties call as the investigator does: 106.45(b)(5)(ii), TEC 51.286 [S]."""

from collections.abc import Sequence
from typing import Literal

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import require
from domain.events import Event
from domain.events.case import WitnessAdded, WitnessWithdrawn
from domain.ids import PartyId, PersonId, Secret, StaffId, WitnessId
from domain.refusals import No
from domain.rules import persons
from domain.rules.known import known, needs, new_id, not_now, not_staff, valid
from domain.rules.rule import On
from domain.state.case import Case
from domain.terms import Affiliation, IdentityBasis

_NOT_YOURS = "names no witness whom you may withdraw"


class AddWitness(Command):
    """`basis`: how anybody knows that it is the person named by `person_id`."""

    witness_id: WitnessId
    called_by: PartyId | StaffId
    affiliation_class: Affiliation | None = None
    name: Secret | None = None
    contact: Secret | None = None
    detail: Secret | None = None
    person_id: PersonId | None = None
    basis: IdentityBasis | None = None


class WithdrawWitness(Command):
    witness_id: WitnessId
    reason_code: Literal["caller_withdrew", "declined", "unavailable", "added_in_error"]


def add(command: AddWitness, state: Case, context: Context) -> Sequence[Event | On]:
    """By a party for itself; by who acts on the case for a party, or on their own account."""
    taken = {*state.parties, *state.witnesses, state.reporter_id}
    new_id(command.witness_id in taken, "witness_id")
    not_staff(command.witness_id, context, "witness_id")
    mine = str(command.called_by) == context.actor
    for_party = context.who.kind == "staff" and command.called_by in state.parties
    valid(mine or for_party, "called_by", "names nobody for whom you may call a witness")
    blank = command.name is not None and command.name.blank
    valid(not blank, "name", "is empty")
    require(command.name is None or command.affiliation_class, No.AFFILIATION_REQUIRED)
    person = command.person_id
    added = restate(WitnessAdded, command, person=Secret(str(person)) if person else None)
    if person is None:
        return [added]
    return [added, persons.link(person, "witness", command.basis, command.witness_id, context)]


def may_withdraw(state: Case, context: Context) -> None:
    """There is one: for a party, one that it called."""
    office = context.who.kind == "staff"
    found = any(
        not one.withdrawn and (office or context.actor == str(one.called_by))
        for one in state.witnesses.values()
    )
    needs(found, "a witness to withdraw", "AddWitness")


def withdraw(command: WithdrawWitness, state: Case, context: Context) -> Sequence[Event]:
    """A party withdraws whom it called, and nobody else's witness."""
    witness = known(state.witnesses.get(command.witness_id), "witness_id", _NOT_YOURS)
    theirs = context.who.kind == "staff" or str(witness.called_by) == context.actor
    valid(theirs, "witness_id", _NOT_YOURS)
    if witness.withdrawn:
        raise not_now(command, "with a witness who was withdrawn")
    return [restate(WitnessWithdrawn, command)]
