"""Who somebody of a case is, learned later: 34 CFR 106.45(b)(2)(i)(B) [S], A-74 [P].

Whoever is identified is owed from then on what a party that is known is owed.
"""

from collections.abc import Sequence
from uuid import UUID

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import require
from domain.events import Event
from domain.events.case import PartyIdentified
from domain.ids import PartyId, PersonId, ReporterId, Secret, WitnessId
from domain.refusals import No
from domain.rules import persons
from domain.rules.known import known, party, said, valid
from domain.rules.rule import On
from domain.state.case import Case
from domain.terms import Affiliation, IdentityBasis, LinkCapacity, SubjectKind


class IdentifyParty(Command):
    """`subject`: of an anonymous report that has no reporter yet, a new id for that reporter."""

    subject: PartyId | ReporterId | WitnessId
    subject_kind: SubjectKind
    basis: IdentityBasis
    affiliation_class: Affiliation | None = None
    name: Secret
    contact: Secret | None = None
    detail: Secret | None = None
    person_id: PersonId | None = None


def identify(command: IdentifyParty, state: Case, context: Context) -> Sequence[Event | On]:
    """With a person, the link to it is made in the same append; neither stands in clear."""
    capacity = _capacity(command, state)
    require(command.affiliation_class, No.AFFILIATION_REQUIRED)
    said(command.name, "name")
    person = command.person_id
    identified = restate(
        PartyIdentified,
        command,
        duty_unmet=_duty_unmet(command, state, context),
        person=Secret(str(person)) if person else None,
    )
    if person is None:
        return [identified]
    return [
        identified,
        persons.link(person, capacity, command.basis, command.subject, context),
    ]


def _capacity(command: IdentifyParty, state: Case) -> LinkCapacity:
    """What the subject is on this case; it must be what the command says."""
    if command.subject_kind == "party":
        return party(state, command.subject, field="subject").role
    if command.subject_kind == "witness":
        known(state.witnesses.get(command.subject), "subject", "names no witness of this case")
    else:
        _reporter(command.subject, state)
    return command.subject_kind


def _reporter(subject: UUID, state: Case) -> None:
    """A complainant who reported is a party; one who never gave a name gets an id now."""
    taken = subject in state.parties or subject in state.witnesses
    valid(not taken, "subject", "is a party or a witness, no reporter")
    fits = subject == state.reporter_id or (state.anonymous and state.reporter_id is None)
    valid(fits, "subject", "names no reporter of this case")


def _duty_unmet(command: IdentifyParty, state: Case, context: Context) -> bool:
    """An anonymous report does not discharge an employee's duty: said here, judged elsewhere."""
    employees = context.policy(state).informal.employees
    anonymous = command.subject_kind == "reporter" and state.anonymous
    return anonymous and command.affiliation_class in employees
