"""The state of a Person: its links, without what they lead to."""

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.events import Event
from domain.events import person as on
from domain.ids import PersonId
from domain.terms import IdentityBasis, LinkCapacity


class Link(Struct, frozen=True):
    """To one who is something in one case."""

    capacity: LinkCapacity
    basis: IdentityBasis
    ended: Literal["wrong_person", "record_disposed"] | None = None


class Person(Struct, frozen=True, kw_only=True):
    person_id: PersonId | None = None
    links: Mapping[UUID, Link] = {}
    merged_into: PersonId | None = None


def fold(events: Iterable[Event]) -> Person:
    return reduce(evolve, events, Person())


def evolve(state: Person, event: Event) -> Person:
    """What is known after one more event. What is recorded is never refused."""
    match event:
        case on.PersonRegistered():
            return replace(state, person_id=event.person_id)
        case on.PersonLinked():
            link = Link(event.capacity, event.basis)
            return replace(state, links={**state.links, event.link_id: link})
        case on.PersonUnlinked():
            ended = replace(state.links[event.link_id], ended=event.reason_code)
            return replace(state, links={**state.links, event.link_id: ended})
        case on.PersonMerged():
            return replace(state, merged_into=event.into_person_id)
        case _:
            raise AssertionError(f"no arm for {type(event).__name__}")
