"""Persons, known to the office alone: TEC 51.256 [P], A-50 [P]; linked by what a case records."""

from typing import Any

import pytest
from msgspec.structs import replace

from domain.events import Event
from domain.events.case import CaseClosed
from domain.events.person import PersonLinked, PersonMerged, PersonUnlinked
from domain.ids import Secret
from domain.refusals import No
from domain.rules.persons import MergePersons, RegisterPerson, UnlinkPerson
from domain.state.person import Link, Person, evolve, fold
from domain.terms import Role
from tests.spec.cases import PERSON, somebody
from tests.spec.kit import DEE, EVE, IVY, OPERATOR, SYSTEM, Given, an_id, given, party

OTHER, LINK = an_id("another person"), an_id("a link")

register = RegisterPerson(person_id=PERSON, identity=Secret("a name"))
linked = PersonLinked(
    link_id=LINK,
    capacity="witness",
    basis="document",
    case=Secret("a case"),
    subject=Secret("a witness"),
)
unlink = UnlinkPerson(link_id=LINK, reason_code="wrong_person")
unlinked = PersonUnlinked(link_id=LINK, reason_code="wrong_person")
merge = MergePersons(into_person_id=OTHER, reason_code="same_person")
merged = PersonMerged(into_person_id=OTHER, reason_code="same_person")
STANDING = fold([replace(somebody, person_id=OTHER)])


def of(*events: Event, **elsewhere: Any) -> Given:
    """A Person with these events, and another one that stands."""
    return given(state=fold(events), **{"persons": {OTHER: STANDING}, **elsewhere})


def test_the_office_registers_a_person() -> None:
    of().when(register).then(somebody)
    of().when(register, by=DEE).then(somebody)


def test_a_person_is_registered_once_and_has_an_identity() -> None:
    of(somebody).when(register).refused(No.INPUT_INVALID, fields="person_id")
    nameless = replace(register, identity=Secret(" "))
    of().when(nameless).refused(No.INPUT_INVALID, fields="identity")
    of().when(register).accepted()


@pytest.mark.parametrize("command", [register, unlink, merge])
@pytest.mark.parametrize("state", [(), (somebody, linked)])
@pytest.mark.parametrize("by", [EVE, IVY, party("complainant"), OPERATOR, SYSTEM])
def test_to_everybody_else_there_are_no_persons(command: Any, state: Any, by: Any) -> None:
    for office in (frozenset(), frozenset({Role.ADMIN, Role.INVESTIGATOR, Role.AUDITOR})):
        of(*state, office=office).when(command, by=by).not_found()


@pytest.mark.parametrize("command", [unlink, merge])
def test_what_is_no_person_is_not_found(command: Any) -> None:
    of().when(command).not_found()
    of(somebody, linked).when(command).accepted()


# Links


def test_a_link_that_was_wrong_is_taken_back() -> None:
    of(somebody, linked).when(unlink).then(unlinked)
    state = fold([somebody, linked, unlinked])
    assert state.links == {LINK: Link("witness", "document", "wrong_person")}


def test_only_a_link_that_stands_is_taken_back() -> None:
    for events in ((somebody,), (somebody, linked, unlinked)):
        of(*events).when(unlink).refused(
            No.INPUT_INVALID, fields="link_id", fault="names no link that stands"
        )


# Merging


def test_two_that_are_one_are_merged() -> None:
    of(somebody).when(merge).then(merged)
    assert fold([somebody, merged]).merged_into == OTHER


def test_a_person_is_merged_once() -> None:
    of(somebody, merged).when(merge).refused(No.INPUT_INVALID, fields="person_id")


@pytest.mark.parametrize(
    "other",
    [Person(), fold([replace(somebody, person_id=OTHER), replace(merged, into_person_id=PERSON)])],
)
def test_into_one_that_stands(other: Person) -> None:
    of(somebody, persons={OTHER: other}).when(merge).refused(
        No.INPUT_INVALID,
        fields="into_person_id",
        fault="names no person who stands in the register",
    )


def test_nobody_is_merged_into_the_same() -> None:
    itself = replace(merge, into_person_id=PERSON)
    of(somebody, persons={PERSON: fold([somebody])}).when(itself).refused(
        No.INPUT_INVALID, fields="into_person_id"
    )


def test_an_event_of_another_kind_is_a_bug() -> None:
    with pytest.raises(AssertionError, match="no arm"):
        evolve(Person(), CaseClosed(reason_code="completed", checklist={}, resume_state=None))
