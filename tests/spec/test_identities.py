"""Who somebody of a case is, learned later: A-74 [P], 34 CFR 106.45(b)(2)(i)(B) [S]; model, 3.10.

The case and the person name each other in words that are sealed; no clear field joins the two.
"""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from domain.events.case import PartyIdentified
from domain.events.person import PersonLinked, PersonMerged
from domain.ids import Secret, natural
from domain.interest import words_at
from domain.owners import sealed_fields
from domain.refusals import No
from domain.registry import Registry
from domain.rules.hearing import ConveneHearing
from domain.rules.identities import IdentifyParty
from domain.rules.notice import IssueNotice
from domain.rules.rule import On
from domain.state import case as case_state
from domain.state import person as person_state
from domain.state.person import Person
from domain.visibility import pseudonyms
from tests.spec.cases import (
    CORA_ID,
    DISPATCH,
    HEARING,
    PERSON,
    REPORTER,
    TEXT,
    WITNESS,
    advised,
    but,
    complainant,
    filed,
    his_advisor,
    letters,
    posted,
    received,
    reported,
    respondent,
    somebody,
    without,
    witness,
)
from tests.spec.kit import (
    ADOPTED,
    CASE,
    COMPLAINANT,
    DEE,
    EVE,
    HUGO,
    LEDGER,
    RESPONDENT,
    SYSTEM,
    an_id,
    given,
    party,
    trained,
)

NAME = Secret("a teacher")
PERSONS = {PERSON: person_state.fold([somebody])}
DAY = "2025-01-29"

issue = IssueNotice(
    notice_id=an_id("notice"),
    parts=ADOPTED.policy.notice.parts,
    deliveries=posted(letters(DAY)),
    dispatch_id=DISPATCH,
    contact=CORA_ID,
    text=TEXT,
)
convene = ConveneHearing(hearing_id=HEARING, present=(COMPLAINANT,), advisors={COMPLAINANT: True})

unknown = but(reported, respondent, identified=False, affiliation_class=None, name=None)
anonymous = replace(
    received,
    reporter_id=None,
    anonymous=True,
    reporter_capacity="anonymous",
    reporter_name=None,
    duty_to_report=False,
)

identify = IdentifyParty(
    subject=RESPONDENT,
    subject_kind="party",
    basis="directory",
    affiliation_class="faculty",
    name=NAME,
)
identified = PartyIdentified(
    subject=RESPONDENT,
    subject_kind="party",
    basis="directory",
    affiliation_class="faculty",
    duty_unmet=False,
    name=NAME,
    contact=None,
    detail=None,
    person=None,
)
linking = replace(identify, person_id=PERSON)


def linked(capacity: Any, subject: Any, number: int = 0, basis: Any = "directory") -> On:
    event = PersonLinked(
        link_id=natural(LEDGER, "link", f"{PERSON}:{number}"),
        capacity=capacity,
        basis=basis,
        case=Secret(str(CASE)),
        subject=Secret(str(subject)),
    )
    return On(PERSON, event)


# A party


def test_a_party_whom_nobody_knew_is_identified() -> None:
    given(*unknown).when(identify).then(identified)
    known = case_state.fold([*unknown, identified])
    assert known.known_parties == {COMPLAINANT, RESPONDENT}
    assert known.parties[RESPONDENT].affiliation == "faculty"


def test_the_deputy_identifies_too_and_nobody_who_only_acts_on_the_case() -> None:
    given(*filed).when(identify, by=DEE).accepted()
    given(*filed).when(identify, by=party("complainant")).refused(No.ROLE_NOT_ALLOWED)
    given(*filed).when(identify, by=EVE).not_found()
    given(*filed).when(identify, by=SYSTEM).refused(No.ROLE_NOT_ALLOWED)


def test_who_is_identified_has_a_name_and_an_affiliation() -> None:
    setting = given(*unknown)
    setting.when(replace(identify, name=Secret(" "))).refused(No.INPUT_INVALID, fields="name")
    setting.when(replace(identify, affiliation_class=None)).refused(No.AFFILIATION_REQUIRED)


@pytest.mark.parametrize("kind", ["witness", "reporter"])
def test_the_subject_is_what_the_command_says(kind: Any) -> None:
    given(*unknown).when(replace(identify, subject_kind=kind)).refused(
        No.INPUT_INVALID, fields="subject"
    )
    nobody = replace(identify, subject=an_id("nobody"))
    given(*unknown).when(nobody).refused(No.INPUT_INVALID, fields="subject")
    given(*unknown).when(replace(nobody, subject_kind=kind)).refused(
        No.INPUT_INVALID, fields="subject"
    )


def test_a_party_identified_after_all_is_owed_the_notice() -> None:
    nobody = but(filed, respondent, identified=False, affiliation_class=None, name=None)
    staff = {CORA_ID: trained("coordinator")}
    before = given(*nobody, staff=staff)
    before.when(issue, on=DAY).refused(No.INPUT_INVALID, fields="deliveries")
    alone = replace(issue, deliveries=issue.deliveries[:1])
    before.when(alone, on=DAY).accepted()
    after = before.and_(identified)
    after.when(alone, on=DAY).refused(No.NOTICE_ALL_PARTIES)
    after.when(issue, on=DAY).accepted()


def test_a_party_identified_after_all_needs_an_advisor_at_the_hearing() -> None:
    nobody = but(without(advised, his_advisor), respondent, identified=False)
    given(*nobody).when(convene, by=HUGO, on="2025-04-08").accepted()
    given(*nobody, identified).when(convene, by=HUGO, on="2025-04-08").refused(No.ADVISOR_REQUIRED)


# A person


def test_the_person_is_linked_in_the_same_append() -> None:
    given(*unknown, persons=PERSONS).when(linking).then(
        replace(identified, person=Secret(str(PERSON))), linked("respondent", RESPONDENT)
    )


def test_each_link_has_an_id_of_its_own() -> None:
    once = person_state.fold([somebody, linked("respondent", RESPONDENT).event])
    again = given(*unknown, persons={PERSON: once}).when(linking).accepted()
    assert again[1] == linked("respondent", RESPONDENT, 1)


def test_a_complainant_is_linked_as_such() -> None:
    hers = replace(linking, subject=COMPLAINANT)
    decided = given(*unknown, persons=PERSONS).when(hers).accepted()
    assert decided[1] == linked("complainant", COMPLAINANT)


@pytest.mark.parametrize(
    "person",
    [
        Person(),
        person_state.fold(
            [somebody, PersonMerged(into_person_id=an_id("other"), reason_code="same_person")]
        ),
    ],
)
def test_only_a_person_who_is_registered_and_not_another_by_now(person: Person) -> None:
    given(*unknown, persons={PERSON: person}).when(linking).refused(
        No.INPUT_INVALID, fields="person_id"
    )
    given(*unknown, persons=PERSONS).when(linking).accepted()


def test_no_clear_field_joins_the_case_and_the_person() -> None:
    of_case, other = given(*unknown, persons=PERSONS).when(linking).accepted()
    assert isinstance(other, On)
    for event, hidden in ((of_case, {PERSON}), (other.event, {CASE, RESPONDENT})):
        body = Registry().to_builtins(event)
        for field in sealed_fields(event, CASE):
            body[field.path] = "sealed"
        text = msgspec.json.encode(body).decode()
        assert [one for one in hidden if str(one) in text] == []


def test_whose_key_seals_it_follows_from_whom_it_is_about() -> None:
    told = replace(identified, person=Secret("x"))
    for kind in ("party", "reporter", "witness"):
        fields = sealed_fields(replace(told, subject_kind=kind), CASE)
        assert {(field.owner_kind, field.owner_id) for field in fields} == {(kind, RESPONDENT)}
    assert {field.path for field in fields} == {"name", "person"}


@pytest.mark.parametrize(
    ("kind", "scope"),
    [("party", "parties"), ("reporter", "reporter"), ("witness", "witnesses")],
)
def test_a_name_is_read_by_whom_it_concerns_and_what_leads_to_other_cases_by_the_office(
    kind: Any, scope: str
) -> None:
    told = replace(identified, subject_kind=kind, person=Secret("x"))
    name, link = words_at(told, CASE, "name"), words_at(told, CASE, "person")
    assert name
    assert link
    assert (name.scope, link.scope) == (scope, "links")


def test_no_case_opens_what_a_person_is() -> None:
    link = linked("respondent", RESPONDENT).event
    assert words_at(link, PERSON, "case") is None
    assert words_at(somebody, PERSON, "identity") is None


# A reporter


def test_a_reporter_who_was_anonymous_comes_forward() -> None:
    forward = replace(identify, subject=REPORTER, subject_kind="reporter", basis="own_statement",
                      affiliation_class="student")  # fmt: skip
    event = replace(identified, subject=REPORTER, subject_kind="reporter", basis="own_statement",
                    affiliation_class="student")  # fmt: skip
    given(anonymous, complainant).when(forward).then(event)
    known = case_state.fold([anonymous, complainant, event])
    assert (known.reporter_id, known.reporter_identified) == (REPORTER, True)
    assert (known.anonymous, known.duty_unmet) == (True, False)


def test_the_id_of_a_reporter_is_nobody_elses_and_given_once() -> None:
    forward = replace(identify, subject=COMPLAINANT, subject_kind="reporter")
    setting = given(anonymous, complainant)
    setting.when(forward).refused(No.INPUT_INVALID, fields="subject")
    theirs = replace(forward, subject=WITNESS)
    setting.and_(witness).when(theirs).refused(No.INPUT_INVALID, fields="subject")
    came = replace(identified, subject=REPORTER, subject_kind="reporter")
    other = replace(forward, subject=an_id("a second reporter"))
    setting.and_(came).when(other).refused(No.INPUT_INVALID, fields="subject")
    setting.when(other).accepted()


def test_a_reporter_who_gave_a_name_is_linked_to_a_person() -> None:
    known = replace(linking, subject=REPORTER, subject_kind="reporter")
    decided = given(*reported, persons=PERSONS).when(known).accepted()
    assert decided[1] == linked("reporter", REPORTER)


@pytest.mark.parametrize(
    ("affiliation", "report", "unmet"),
    [
        ("faculty", anonymous, True),
        ("resident", anonymous, True),
        ("student", anonymous, False),
        ("faculty", received, False),
    ],
)
def test_an_employee_who_had_reported_anonymously_is_flagged_and_nothing_is_refused(
    affiliation: Any, report: Any, unmet: bool
) -> None:
    forward = replace(
        identify, subject=REPORTER, subject_kind="reporter", affiliation_class=affiliation
    )
    (event,) = given(report, complainant).when(forward).accepted()
    assert isinstance(event, PartyIdentified)
    assert event.duty_unmet is unmet
    known = case_state.fold([report, complainant, event])
    assert known.duty_unmet is unmet
    again = replace(event, duty_unmet=False)
    assert case_state.fold([report, complainant, event, again]).duty_unmet is unmet


# What they are called


def test_people_of_a_case_are_called_by_the_order_in_which_they_came_in() -> None:
    other = replace(complainant, party_id=an_id("a second complainant"))
    case = case_state.fold([*reported, other, witness])
    assert pseudonyms(case) == {
        COMPLAINANT: "C-1",
        RESPONDENT: "R-1",
        other.party_id: "C-2",
        WITNESS: "W-1",
    }
