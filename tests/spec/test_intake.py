"""Intake. 34 CFR 106.30 [P], 106.44(a) [S]; TEC 51.252 [P]; 02.2.20 IV.C, IV.[D] [P].

A report is taken whatever its dates say. An anonymous one holds no identity. An employee who must
report says when it was learned, what is known, and whether confidentiality was asked for.
"""

from typing import Any

import pytest
from msgspec.structs import replace

from domain.events.case import (
    PartyAdded,
    ReportReceived,
)
from domain.ids import Narrative, Secret
from domain.owners import sealed_fields
from domain.refusals import No
from domain.rules.intake import (
    AddParty,
    ContactComplainant,
    ProvideRights,
    ReceiveReport,
    ReportDanger,
)
from domain.state.case import fold
from domain.state.office import StaffMember
from domain.terms import Role, Stage
from tests.spec.cases import PACK, opened, received
from tests.spec.kit import (
    ADOPTED,
    CASE,
    COMPLAINANT,
    DEE,
    EVE,
    OPERATOR,
    SYSTEM,
    an_id,
    given,
    instant,
    party,
    trained,
)

NAME, CONTACT, RELATION = (Secret(word) for word in ("a name", "an address", "a roommate"))

report = ReceiveReport(
    report_id=an_id("report"),
    channel="in_person",
    reporter_capacity="third_party",
    reporter_id=an_id("reporter"),
    in_us="yes",
    geography="on_campus",
    narrative=Narrative("what was said"),
    reporter_name=NAME,
    reporter_contact=CONTACT,
    relation=RELATION,
)
recorded = ReportReceived(
    report_id=an_id("report"),
    channel="in_person",
    received_at=instant("2025-01-15"),
    intake_pack=PACK,
    reporter_capacity="third_party",
    reporter_id=an_id("reporter"),
    duty_to_report=False,
    learned_on=None,
    duty_exception=None,
    anonymous=False,
    immediate_danger=False,
    claimed_types=(),
    incident_from=None,
    incident_to=None,
    in_us="yes",
    geography="on_campus",
    victim_confidentiality_wish=None,
    narrative=Narrative("what was said"),
    place=None,
    country=None,
    reporter_name=NAME,
    reporter_contact=CONTACT,
    relation=RELATION,
)
nameless = {"reporter_name": None, "reporter_contact": None, "relation": None}
anonymous = replace(
    report, reporter_capacity="anonymous", anonymous=True, reporter_id=None, **nameless
)
on_duty = replace(
    report,
    channel="employee_duty",
    reporter_capacity="employee_duty",
    learned_on="2025-01-13",
    victim_confidentiality_wish="not_stated",
)
own = replace(
    report,
    reporter_capacity="complainant",
    reporter_id=COMPLAINANT,
    affiliation_class="student",
)
add = AddParty(
    party_id=an_id("another"),
    role="respondent",
    identified=True,
    affiliation_class="faculty",
    name=NAME,
    contact=CONTACT,
    detail=Secret("a department"),
    minor=Secret("no"),
)
contact = ContactComplainant(party_id=COMPLAINANT, reached=True, topics=("measures", "wishes"))
rights = ProvideRights(
    party_id=COMPLAINANT, items=("hospital_and_evidence", "procedures"), method="email"
)
danger = ReportDanger(report_id=received.report_id, reported_at=instant("2025-01-15", 9))


# The report


def test_a_report_opens_a_case_under_the_policy_of_the_day_of_receipt() -> None:
    given().when(report).then(recorded)
    state = fold([recorded])
    assert (state.stage, state.intake_pack) == (Stage.REPORTED, PACK)


def test_anybody_signed_in_may_report_and_machines_may_not() -> None:
    given().when(report, by=EVE).accepted()
    given().when(report, by=DEE).accepted()
    given().when(report, by=SYSTEM).refused(No.ROLE_NOT_ALLOWED)
    given().when(report, by=OPERATOR).refused(No.ROLE_NOT_ALLOWED)
    given().when(report, by=party("complainant")).not_found()


def test_a_case_is_opened_by_one_report() -> None:
    given(*opened).when(report).refused(No.ILLEGAL_TRANSITION)
    given(*opened).when(report, by=EVE).not_found()


def test_a_report_that_came_by_mail_keeps_the_day_it_came() -> None:
    came = instant("2025-01-10")
    given().when(replace(report, received_at=came)).then(replace(recorded, received_at=came))


@pytest.mark.parametrize("told", ["1987", "2024-11", "unknown", "2025-02-31", "2031-01-01", None])
def test_a_report_is_never_refused_for_its_dates(told: str | None) -> None:
    dated = replace(
        on_duty,
        incident_from=told,
        incident_to=told,
        received_at=instant("2031-01-01"),
        learned_on="2031-01-01",
        occurred_on="2031-01-01",
    )
    given().when(dated).then(
        replace(
            recorded,
            channel="employee_duty",
            reporter_capacity="employee_duty",
            duty_to_report=True,
            victim_confidentiality_wish="not_stated",
            learned_on="2031-01-01",
            received_at=instant("2031-01-01"),
            incident_from=told,
            incident_to=told,
        )
    )


def test_before_any_policy_is_adopted_no_report_can_be_judged() -> None:
    given(packs=()).when(report).refused(No.POLICY_PARAMETER_UNSET, parameter="policy pack")
    given(packs=(ADOPTED,)).when(report).accepted()


def test_a_report_before_the_first_policy_is_taken_under_it() -> None:
    given().when(report, on="2020-03-02").then(replace(recorded, received_at=instant("2020-03-02")))


def test_the_channel_is_one_that_the_policy_lists() -> None:
    given().when(replace(report, channel="gossip")).refused(No.CHANNEL_UNKNOWN)
    for channel in ADOPTED.policy.intake.channels:
        given().when(replace(report, channel=channel)).accepted()


def test_who_reports_by_name_has_an_id_of_this_case() -> None:
    given().when(replace(report, reporter_id=None)).refused(No.INPUT_INVALID, fields="reporter_id")


# Anonymous


def test_an_anonymous_report_holds_no_identity() -> None:
    given().when(anonymous).then(
        replace(
            recorded,
            reporter_capacity="anonymous",
            anonymous=True,
            reporter_id=None,
            **nameless,
        )
    )


@pytest.mark.parametrize(
    "identity",
    [
        *({field: NAME} for field in nameless),
        {"affiliation_class": "student"},
    ],
    ids=lambda identity: next(iter(identity)),
)
def test_any_identity_in_an_anonymous_report_refuses_the_whole_report(
    identity: dict[str, Any],
) -> None:
    named = replace(anonymous, **identity)
    given().when(named).refused(No.ANONYMOUS_HAS_IDENTITY)
    given().when(replace(named, anonymous=False)).refused(No.ANONYMOUS_HAS_IDENTITY)
    witness = replace(named, reporter_capacity="witness")
    given().when(witness).refused(No.ANONYMOUS_HAS_IDENTITY)
    known = replace(witness, anonymous=False, reporter_id=an_id("reporter"))
    given().when(known).accepted()


def test_a_relation_that_says_nothing_is_one_too() -> None:
    given().when(replace(anonymous, relation=Secret(""))).refused(No.ANONYMOUS_HAS_IDENTITY)


def test_an_anonymous_report_needs_no_key_of_a_reporter() -> None:
    told = replace(anonymous, place=Secret("a place"), country=Secret("a country"))
    (event,) = given().when(told).accepted()
    assert {field.owner_kind for field in sealed_fields(event, CASE)} == {"case"}


def test_what_an_ombuds_is_told_is_no_report() -> None:
    told = replace(report, channel="ombuds")
    given().when(told).refused(No.OMBUDS_IS_NOT_NOTICE)
    given().when(replace(told, channel="in_person")).accepted()


def test_the_channel_of_type_only_reports_is_not_open_to_others() -> None:
    given().when(replace(report, channel="confidential_type_only")).refused(No.CHANNEL_UNKNOWN)


def test_the_identity_is_refused_before_anything_else_is_looked_at() -> None:
    named = replace(anonymous, reporter_name=NAME, channel="gossip")
    given().when(named).refused(No.ANONYMOUS_HAS_IDENTITY)


def test_a_random_id_for_coming_forward_is_no_identity() -> None:
    (event,) = given().when(replace(anonymous, reporter_id=an_id("reporter"))).accepted()
    assert {field.owner_kind for field in sealed_fields(event, CASE)} == {"case"}


def test_a_complainant_may_report_anonymously_and_is_then_no_party() -> None:
    hidden = replace(anonymous, reporter_capacity="complainant", reporter_id=None)
    given().when(hidden).then(
        replace(
            recorded,
            reporter_capacity="complainant",
            anonymous=True,
            reporter_id=None,
            **nameless,
        )
    )


# The duty to report


def test_an_employee_reports_what_is_known_and_when_it_was_learned() -> None:
    given().when(on_duty).then(
        replace(
            recorded,
            channel="employee_duty",
            reporter_capacity="employee_duty",
            duty_to_report=True,
            learned_on="2025-01-13",
            victim_confidentiality_wish="not_stated",
        )
    )


def test_when_the_employee_learned_of_it_may_be_unknown_but_not_blank() -> None:
    given().when(replace(on_duty, learned_on=None)).refused(No.LEARNED_ON_REQUIRED)
    given().when(replace(on_duty, learned_on="unknown")).accepted()
    given().when(replace(report, learned_on=None)).accepted()


def test_an_employee_gives_what_is_known_and_the_wish_for_confidentiality() -> None:
    for lacking in (
        {"narrative": None},
        {"narrative": Narrative(" ")},
        {"victim_confidentiality_wish": None},
    ):
        given().when(replace(on_duty, **lacking)).refused(No.DUTY_REPORT_INCOMPLETE)
    given().when(replace(on_duty, narrative=Narrative("none known"))).accepted()
    given().when(replace(report, narrative=None)).accepted()


def test_an_employee_who_reports_anonymously_still_answers() -> None:
    unnamed = replace(on_duty, anonymous=True, reporter_id=None, **nameless)
    given().when(unnamed).accepted()
    given().when(replace(unnamed, learned_on=None)).refused(No.LEARNED_ON_REQUIRED)


# A complainant who reports


def test_a_complainant_who_reports_becomes_a_party_whose_key_seals_her_words() -> None:
    reported = replace(
        recorded, reporter_capacity="complainant", reporter_id=COMPLAINANT, **nameless
    )
    added = PartyAdded(
        party_id=COMPLAINANT,
        role="complainant",
        identified=True,
        affiliation_class="student",
        name=NAME,
        contact=CONTACT,
        detail=RELATION,
        minor=None,
    )
    given().when(own).then(reported, added)
    owners = {(f.owner_kind, f.owner_id) for e in (reported, added) for f in sealed_fields(e, CASE)}
    assert owners == {("case", CASE), ("party", COMPLAINANT)}
    assert fold([reported, added]).roles_of(str(COMPLAINANT)) == {Role.COMPLAINANT}


def test_a_complainant_who_reports_says_what_she_is_to_the_institution() -> None:
    given().when(replace(own, affiliation_class=None)).refused(No.AFFILIATION_REQUIRED)
    given().when(replace(own, affiliation_class="third_party")).accepted()


def test_a_complainant_who_reports_by_name_gives_it() -> None:
    for name in (None, Secret(" ")):
        given().when(replace(own, reporter_name=name)).refused(
            No.INPUT_INVALID, fields="reporter_name"
        )


# Parties


def test_a_respondent_is_added_with_affiliation_and_sealed_name() -> None:
    given(*opened).when(add).then(
        PartyAdded(
            party_id=an_id("another"),
            role="respondent",
            identified=True,
            affiliation_class="faculty",
            name=NAME,
            contact=CONTACT,
            detail=Secret("a department"),
            minor=Secret("no"),
        )
    )


def test_a_known_party_has_an_affiliation_and_a_name() -> None:
    given(*opened).when(replace(add, affiliation_class=None)).refused(No.AFFILIATION_REQUIRED)
    given(*opened).when(replace(add, name=None)).refused(No.INPUT_INVALID, fields="name")


def test_an_unknown_respondent_needs_neither() -> None:
    unknown = replace(add, identified=False, affiliation_class=None, name=None)
    given(*opened).when(unknown).accepted()
    given(*opened).when(replace(unknown, name=NAME)).refused(No.INPUT_INVALID, fields="name")


def test_a_party_id_is_minted_once_and_is_not_the_reporters() -> None:
    for taken in (COMPLAINANT, received.reporter_id):
        given(*opened).when(replace(add, party_id=taken)).refused(
            No.INPUT_INVALID, fields="party_id"
        )


def test_an_id_that_stands_in_clear_does_not_say_that_a_party_is_one_of_the_staff() -> None:
    somebody = trained("investigator")
    given(*opened, staff={add.party_id: somebody}).when(add).refused(
        No.INPUT_INVALID, fields="party_id", fault="is the id of one of the staff: mint another"
    )
    given(*opened, staff={add.party_id: StaffMember()}).when(add).accepted()
