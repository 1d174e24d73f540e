"""Witnesses: 34 CFR 106.45(b)(5)(ii), (v) [S]; TEC 51.286 [S]; model, 3.10.

Both parties call witnesses as the investigator does; a witness is told of a meeting in writing.
"""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from domain.events.case import (
    InterviewHeld,
    MeetingNoticeSent,
    PartyIdentified,
    WitnessWithdrawn,
)
from domain.events.person import PersonLinked
from domain.ids import Secret, natural
from domain.interest import words_at
from domain.owners import sealed_fields
from domain.refusals import No
from domain.rules.evidence import AddEvidence
from domain.rules.hearing import RuleOnQuestion
from domain.rules.identities import IdentifyParty
from domain.rules.investigation import NotifyMeeting, RecordInterview
from domain.rules.rule import On
from domain.rules.witnesses import AddWitness, WithdrawWitness
from domain.state import case as case_state
from domain.state import person as person_state
from domain.terms import Role
from domain.visibility import shown
from tests.spec.cases import (
    CORA_ID,
    HEARING,
    ITEM,
    IVY_ID,
    PERSON,
    TEXT,
    WITNESS,
    convened,
    finalized,
    investigating,
    meeting,
    reported,
    somebody,
    staffed,
    witness,
)
from tests.spec.kit import (
    CASE,
    COMPLAINANT,
    CORA,
    DEE,
    DORA,
    EVE,
    IVY,
    LEDGER,
    RESPONDENT,
    an_id,
    given,
    party,
    trained,
)

SHE, HE = party("complainant"), party("respondent")
DAY = "2025-02-06"
NAME = witness.name
PERSONS = {PERSON: person_state.fold([somebody])}

add = AddWitness(witness_id=WITNESS, called_by=COMPLAINANT, affiliation_class="student", name=NAME)
withdraw = WithdrawWitness(witness_id=WITNESS, reason_code="caller_withdrew")
withdrawn = WitnessWithdrawn(witness_id=WITNESS, reason_code="caller_withdrew")


# Calling


def test_a_party_calls_a_witness() -> None:
    given(*investigating).when(add, by=SHE).then(witness)
    given(*investigating).when(replace(add, called_by=RESPONDENT), by=HE).then(
        replace(witness, called_by=RESPONDENT)
    )


def test_who_acts_on_the_case_calls_one_for_a_party_or_on_their_own_account() -> None:
    setting = given(*investigating)
    for who in (CORA, DEE, IVY):
        setting.when(add, by=who).then(witness)
    setting.when(replace(add, called_by=IVY_ID), by=IVY).then(replace(witness, called_by=IVY_ID))


@pytest.mark.parametrize(
    ("by", "called_by"),
    [(SHE, RESPONDENT), (SHE, IVY_ID), (IVY, CORA_ID), (CORA, an_id("nobody"))],
)
def test_nobody_calls_a_witness_in_the_name_of_another(by: Any, called_by: Any) -> None:
    given(*investigating).when(replace(add, called_by=called_by), by=by).refused(
        No.INPUT_INVALID, fields="called_by"
    )


def test_strangers_and_judges_call_nobody() -> None:
    given(*staffed).when(add, by=EVE).not_found()
    given(*staffed).when(replace(add, called_by=an_id("dora")), by=DORA).refused(
        No.ROLE_NOT_ALLOWED
    )


def test_a_witness_whom_nobody_can_name_yet_is_called_all_the_same() -> None:
    nameless = replace(add, name=None, affiliation_class=None)
    given(*investigating).when(nameless, by=SHE).then(
        replace(witness, name=None, affiliation_class=None)
    )


def test_a_name_says_something_and_comes_with_an_affiliation() -> None:
    setting = given(*investigating)
    setting.when(replace(add, name=Secret(" ")), by=SHE).refused(No.INPUT_INVALID, fields="name")
    setting.when(replace(add, affiliation_class=None), by=SHE).refused(No.AFFILIATION_REQUIRED)
    setting.when(add, by=SHE).accepted()


@pytest.mark.parametrize("taken", [COMPLAINANT, WITNESS, an_id("reporter")])
def test_a_witness_gets_an_id_of_its_own(taken: Any) -> None:
    given(*investigating, witness).when(replace(add, witness_id=taken), by=SHE).refused(
        No.INPUT_INVALID, fields="witness_id"
    )


def test_nor_does_the_id_of_a_witness_say_which_of_the_staff_that_is() -> None:
    given(*investigating, staff={WITNESS: trained("investigator")}).when(add, by=SHE).refused(
        No.INPUT_INVALID, fields="witness_id"
    )


def test_witnesses_are_called_until_the_outcome_is_final() -> None:
    given(*reported).when(add).accepted()
    given(*convened).when(add).accepted()
    given(*finalized).when(add, on="2025-04-30").refused(No.ILLEGAL_TRANSITION)


# Whose person it is


def test_the_office_links_the_person_in_the_same_append() -> None:
    told = replace(add, person_id=PERSON, basis="directory")
    link = PersonLinked(
        link_id=natural(LEDGER, "link", f"{PERSON}:0"),
        capacity="witness",
        basis="directory",
        case=Secret(str(CASE)),
        subject=Secret(str(WITNESS)),
    )
    given(*investigating, persons=PERSONS).when(told).then(
        replace(witness, person=Secret(str(PERSON))), On(PERSON, link)
    )


def test_a_link_says_how_anybody_knows() -> None:
    given(*investigating, persons=PERSONS).when(replace(add, person_id=PERSON)).refused(
        No.INPUT_INVALID, fields="basis"
    )


@pytest.mark.parametrize("who", [SHE, IVY])
def test_to_everybody_else_there_are_no_persons(who: Any) -> None:
    told = replace(add, person_id=PERSON, basis="directory")
    for persons in (PERSONS, {PERSON: person_state.Person()}):
        given(*investigating, persons=persons).when(told, by=who).refused(No.ROLE_NOT_ALLOWED)
    given(*investigating, persons=PERSONS).when(told, by=CORA).accepted()


def test_a_witness_is_identified_later() -> None:
    nameless = replace(witness, name=None, affiliation_class=None)
    identify = IdentifyParty(
        subject=WITNESS,
        subject_kind="witness",
        basis="witness_statement",
        affiliation_class="staff",
        name=NAME,
    )
    before = case_state.fold([*investigating, nameless])
    assert not before.witnesses[WITNESS].identified
    (event,) = given(*investigating, nameless).when(identify).accepted()
    assert isinstance(event, PartyIdentified)
    after = case_state.fold([*investigating, nameless, event]).witnesses[WITNESS]
    assert (after.identified, after.affiliation, after.called_by) == (True, "staff", COMPLAINANT)


# Withdrawing


def test_who_called_a_witness_withdraws_it() -> None:
    given(*investigating, witness).when(withdraw, by=SHE).then(withdrawn)
    given(*investigating, witness).when(withdraw, by=IVY).then(withdrawn)


def test_a_party_does_not_learn_of_witnesses_that_are_not_its_own() -> None:
    his = replace(witness, witness_id=an_id("his witness"), called_by=RESPONDENT)
    for history in ((*investigating, witness), investigating):
        given(*history).when(withdraw, by=HE).refused(
            No.ILLEGAL_TRANSITION, stage="without a witness to withdraw (see AddWitness)"
        )
        given(*history, his).when(withdraw, by=HE).refused(
            No.INPUT_INVALID, fields="witness_id", fault="names no witness whom you may withdraw"
        )
    case = case_state.fold([*investigating, witness])
    assert shown(case, frozenset({Role.COMPLAINANT}), str(COMPLAINANT))["witnesses"]
    assert shown(case, frozenset({Role.RESPONDENT}), str(RESPONDENT))["witnesses"] == {}


def test_a_witness_is_withdrawn_once() -> None:
    given(*investigating, witness, withdrawn).when(withdraw).refused(No.ILLEGAL_TRANSITION)
    another = replace(witness, witness_id=an_id("another witness"))
    given(*investigating, witness, withdrawn, another).when(withdraw).refused(
        No.ILLEGAL_TRANSITION, stage="with a witness who was withdrawn"
    )
    given(*investigating, witness).when(withdraw).accepted()


# Meetings and interviews


notify = NotifyMeeting(
    meeting_id=meeting.meeting_id,
    kind="interview",
    subject=WITNESS,
    on=date(2025, 2, 6),
    sent_on=date(2025, 1, 31),
    at=TEXT,
    participants=TEXT,
    place=TEXT,
)
record = RecordInterview(
    meeting_id=meeting.meeting_id, subject=WITNESS, held_on=date(2025, 2, 6), notes=TEXT
)


def test_a_witness_is_told_of_a_meeting_and_interviewed() -> None:
    setting = given(*investigating, witness)
    (sent,) = setting.when(notify, by=IVY, on=DAY).accepted()
    assert isinstance(sent, MeetingNoticeSent)
    assert sent.subject == WITNESS
    (held,) = setting.and_(sent).when(record, by=IVY, on=DAY).accepted()
    assert isinstance(held, InterviewHeld)
    assert (held.subject, held.subject_kind) == (WITNESS, "witness")
    assert {(f.owner_kind, f.owner_id) for f in sealed_fields(held, CASE)} == {("witness", WITNESS)}
    words = words_at(held, CASE, "notes")
    assert words
    assert words.scope == "witnesses"


def test_a_witness_is_not_interviewed_without_notice() -> None:
    given(*investigating, witness).when(record, by=IVY, on=DAY).refused(No.MEETING_NOTICE_REQUIRED)


@pytest.mark.parametrize("events", [(), (witness, withdrawn)])
def test_only_a_witness_who_stands_is_asked(events: Any) -> None:
    setting = given(*investigating, *events)
    setting.when(notify, by=IVY, on=DAY).refused(No.INPUT_INVALID, fields="subject")
    setting.and_(replace(meeting, subject=WITNESS)).when(record, by=IVY, on=DAY).refused(
        No.INPUT_INVALID, fields="with"
    )


def test_a_witness_brings_evidence() -> None:
    theirs = AddEvidence(
        evidence_id=ITEM,
        case_id=CASE,
        submitted_by=WITNESS,
        obtained_on=date(2025, 2, 6),
        kind="message",
        description=TEXT,
    )
    given(case=[*investigating, witness]).when(theirs, by=IVY, on=DAY).accepted()
    given(case=investigating).when(theirs, by=IVY, on=DAY).refused(
        No.INPUT_INVALID, fields="submitted_by"
    )


def test_a_witness_is_questioned_at_the_hearing() -> None:
    to_witness = RuleOnQuestion(
        hearing_id=HEARING, no=1, asked_by="advisor", to=WITNESS, relevant=True, question=TEXT
    )
    given(*convened, witness).when(to_witness, by=DORA, on="2025-04-08").accepted()
    given(*convened).when(to_witness, by=DORA, on="2025-04-08").refused(
        No.INPUT_INVALID, fields="to"
    )
