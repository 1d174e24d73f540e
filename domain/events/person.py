"""One human being, whatever cases there are: no clear field says which.

A link names its case under the person's own key alone, and the case names the person under the
key of whoever it is there.
"""

from typing import Literal
from uuid import UUID

from domain.events import Event
from domain.ids import PersonId, Secret
from domain.terms import IdentityBasis, LinkCapacity


class PersonRegistered(Event):
    person_id: PersonId
    identity: Secret
    contact: Secret | None
    institutional_id: Secret | None


class PersonLinked(Event):
    """In one append with PartyIdentified or WitnessAdded of the case."""

    link_id: UUID
    capacity: LinkCapacity
    basis: IdentityBasis
    case: Secret
    subject: Secret


class PersonUnlinked(Event):
    link_id: UUID
    reason_code: Literal["wrong_person", "record_disposed"]


class PersonMerged(Event):
    """Two streams were of one human being: the other goes on."""

    into_person_id: PersonId
    reason_code: Literal["same_person"]
