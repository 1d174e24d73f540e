"""A Person: one human being over all cases, known to the office alone (model, 3.10).

What joins two cases is sealed: the case's words name the person, the person's words the case.
"""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import NotFound, require
from domain.events import Event
from domain.events.person import PersonLinked, PersonMerged, PersonRegistered, PersonUnlinked
from domain.ids import PersonId, Secret, natural
from domain.interest import OFFICE
from domain.refusals import No
from domain.rules.known import known, new_id, said, valid
from domain.rules.rule import On
from domain.state.person import Person
from domain.terms import IdentityBasis, LinkCapacity


class RegisterPerson(Command):
    person_id: PersonId
    identity: Secret
    contact: Secret | None = None
    institutional_id: Secret | None = None


class UnlinkPerson(Command):
    link_id: UUID
    reason_code: Literal["wrong_person", "record_disposed"]


class MergePersons(Command):
    """Of two that are one, that of the address gives way to `into_person_id`."""

    into_person_id: PersonId
    reason_code: Literal["same_person"]


def register(command: RegisterPerson, state: Person, _context: Context) -> Sequence[Event]:
    new_id(state.person_id is not None, "person_id")
    said(command.identity, "identity")
    return [restate(PersonRegistered, command)]


def unlink(command: UnlinkPerson, state: Person, _context: Context) -> Sequence[Event]:
    """The case keeps what it was told; that it was this person is no longer said."""
    _registered(state)
    link = state.links.get(command.link_id)
    valid(link and link.ended is None, "link_id", "names no link that stands")
    return [restate(PersonUnlinked, command)]


def merge(command: MergePersons, state: Person, context: Context) -> Sequence[Event]:
    """Into one that stands itself, so that following a merger comes to an end."""
    me = _registered(state)
    valid(state.merged_into is None, "person_id", "names a person who was merged into another")
    _standing(command.into_person_id, context, "into_person_id")
    valid(command.into_person_id != me, "into_person_id", "is the person who would give way")
    return [restate(PersonMerged, command)]


def link(
    person_id: PersonId,
    capacity: LinkCapacity,
    basis: IdentityBasis | None,
    subject: UUID,
    context: Context,
) -> On:
    """The other half of an identification, in the person's own stream and the same append."""
    require(context.office & OFFICE, No.ROLE_NOT_ALLOWED)
    person = _standing(person_id, context, "person_id")
    linked = PersonLinked(
        link_id=natural(context.ledger, "link", f"{person_id}:{len(person.links)}"),
        capacity=capacity,
        basis=known(basis, "basis"),
        case=Secret(str(context.case_id)),
        subject=Secret(str(subject)),
    )
    return On(person_id, linked)


def _standing(person_id: PersonId, context: Context, field: str) -> Person:
    """A person who is registered and not another by now."""
    person = context.persons[person_id]
    stands = person.person_id is not None and person.merged_into is None
    valid(stands, field, "names no person who stands in the register")
    return person


def _registered(state: Person) -> PersonId:
    if state.person_id is None:
        raise NotFound
    return state.person_id
