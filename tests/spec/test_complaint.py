"""The formal complaint: 34 CFR 106.30 [P]; 02.2.20 II, III(h)-(o), IV.C.2 [P]."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.ids import Narrative, Secret
from domain.policy import Adopted
from domain.refusals import No
from domain.rules.complaint import Alleged, SignFormalComplaint
from tests.spec.cases import (
    ALLEGATION,
    COMPLAINT,
    INCIDENT,
    TEXT,
    allegation,
    assessed,
    but,
    classified,
    complainant,
    complaint,
    contacted,
    filed,
    jurisdiction,
    opened,
    received,
    respondent,
    told,
)
from tests.spec.kit import (
    ADOPTED,
    COMPLAINANT,
    CORA,
    DEE,
    EVE,
    RESPONDENT,
    an_id,
    given,
    party,
)

DAY = "2025-01-27"
alleged = Alleged(
    allegation_id=ALLEGATION,
    complainant_id=COMPLAINANT,
    respondent_id=RESPONDENT,
    category="sexual_harassment",
    subtype="hostile_environment",
    incident_id=INCIDENT,
)
sign = SignFormalComplaint(
    complaint_id=COMPLAINT,
    capacity="complainant",
    signed_by=COMPLAINANT,
    signature_kind="digital",
    signature=Secret("her mark"),
    signed_on=date(2025, 1, 27),
    requests_investigation=True,
    allegations=(alleged,),
    document=TEXT,
)


complaint_without_incident = replace(
    complaint, allegations=(replace(allegation, incident_id=None),)
)


def saying(**changes: Any) -> SignFormalComplaint:
    """The same complaint with its one allegation told otherwise."""
    return replace(sign, allegations=(replace(alleged, **changes),))


def test_a_complainant_files_against_a_respondent_and_asks_for_an_investigation() -> None:
    given(*classified).when(sign, by=party("complainant"), on=DAY).then(complaint)


def test_the_office_files_what_a_complainant_signed() -> None:
    given(*classified).when(sign, by=CORA, on=DAY).then(complaint)


def test_a_complaint_may_come_before_any_assessment() -> None:
    early = saying(incident_id=None)
    filed_early = replace(
        complaint, allegations=(replace(complaint.allegations[0], incident_id=None),)
    )
    given(*contacted).when(early, on=DAY).then(filed_early)


# The signature


@pytest.mark.parametrize(
    "missing", [{"signature_kind": None}, {"signature": None}, {"signature": Secret("  ")}]
)
def test_a_complaint_shows_who_files_it(missing: dict[str, None]) -> None:
    given(*classified).when(replace(sign, **missing), on=DAY).refused(No.COMPLAINT_UNSIGNED)
    given(*classified).when(sign, on=DAY).accepted()


def test_the_record_holds_a_keyed_code_of_the_signature_and_not_the_signature() -> None:
    (recorded,) = given(*classified).when(sign, on=DAY).accepted()
    assert recorded == complaint
    assert "signature" not in complaint.__struct_fields__


def test_a_complainant_signs_for_nobody_else() -> None:
    other = an_id("other complainant")
    second = replace(complainant, party_id=other)
    both = (*opened, second, told, replace(told, party_id=other))
    of_other = replace(saying(complainant_id=other, incident_id=None), signed_by=other)
    given(*both).when(of_other, by=party("complainant"), on=DAY).refused(No.ROLE_NOT_ALLOWED)
    given(*both).when(of_other, by=party("other complainant"), on=DAY).accepted()


def test_the_person_who_files_is_identified() -> None:
    unknown = but(classified, complainant, identified=False)
    given(*unknown).when(sign, on=DAY).refused(No.COMPLAINT_CANNOT_BE_ANONYMOUS)
    given(*classified).when(sign, on=DAY).accepted()


@pytest.mark.parametrize("somebody", [RESPONDENT, an_id("a witness")])
def test_nobody_but_a_complainant_of_the_case_signs_as_one(somebody: UUID) -> None:
    by_somebody = replace(sign, signed_by=somebody)
    given(*classified).when(by_somebody, on=DAY).refused(No.COMPLAINT_CANNOT_BE_ANONYMOUS)


def test_an_allegation_is_the_signers_own() -> None:
    other = an_id("other complainant")
    both = (*classified, replace(complainant, party_id=other), replace(told, party_id=other))
    of_other = saying(complainant_id=other)
    given(*both).when(of_other, on=DAY).refused(
        No.INPUT_INVALID, fields="allegations.complainant_id"
    )
    given(*both).when(replace(of_other, signed_by=other), on=DAY).accepted()


# Signed by the coordinator


def test_the_coordinator_signs_only_after_an_evaluation() -> None:
    by_office = replace(sign, capacity="coordinator", signed_by=UUID(CORA.id))
    given(*classified).when(by_office, by=CORA, on=DAY).refused(No.SIGNING_EVALUATION_REQUIRED)
    given(*classified).when(by_office, by=DEE, on=DAY).refused(No.SIGNING_EVALUATION_REQUIRED)


def test_nobody_but_the_coordinator_or_a_deputy_signs_as_one() -> None:
    by_office = replace(sign, capacity="coordinator")
    given(*classified).when(by_office, by=party("complainant"), on=DAY).refused(No.NOT_COORDINATOR)
    given(*classified).when(sign, by=party("complainant"), on=DAY).accepted()


# What is told first


def test_a_complainant_knows_first_that_identity_may_be_disclosed() -> None:
    topics = tuple(topic for topic in told.topics if topic != "identity_may_be_disclosed")
    given(*but(classified, told, topics=topics)).when(sign, on=DAY).refused(
        No.IDENTITY_WARNING_REQUIRED
    )
    given(*classified).when(sign, on=DAY).accepted()


def test_an_attempt_that_did_not_reach_her_told_her_nothing() -> None:
    given(*but(classified, told, reached=False)).when(sign, on=DAY).refused(
        No.IDENTITY_WARNING_REQUIRED
    )


def test_every_complainant_is_told() -> None:
    other = replace(complainant, party_id=an_id("other complainant"))
    given(*classified, other).when(sign, on=DAY).refused(No.IDENTITY_WARNING_REQUIRED)
    told_too = replace(told, party_id=other.party_id)
    given(*classified, other, told_too).when(sign, on=DAY).accepted()


def test_a_complainant_whom_nobody_knows_cannot_be_told() -> None:
    other = replace(complainant, party_id=an_id("other complainant"), identified=False)
    given(*classified, other).when(sign, on=DAY).accepted()


# What is asked and alleged


def test_a_complaint_asks_for_an_investigation() -> None:
    silent = replace(sign, requests_investigation=False)
    given(*classified).when(silent, on=DAY).refused(No.REQUEST_TO_INVESTIGATE_REQUIRED)
    given(*classified).when(sign, on=DAY).accepted()


def test_a_complaint_is_against_a_respondent() -> None:
    given(*classified).when(saying(respondent_id=None), on=DAY).refused(No.RESPONDENT_REQUIRED)
    given(*classified).when(replace(sign, allegations=()), on=DAY).refused(No.RESPONDENT_REQUIRED)
    given(*classified).when(sign, on=DAY).accepted()


def test_a_respondent_may_be_unknown() -> None:
    nobody = replace(respondent, identified=False, affiliation_class=None, name=None)
    unknown = tuple(nobody if event is respondent else event for event in classified)
    given(*unknown).when(sign, on=DAY).then(complaint)


@pytest.mark.parametrize("somebody", [COMPLAINANT, an_id("nobody")])
def test_the_respondent_of_an_allegation_is_a_respondent_of_the_case(somebody: UUID) -> None:
    given(*classified).when(saying(respondent_id=somebody), on=DAY).refused(
        No.INPUT_INVALID, fields="allegations.respondent_id"
    )


def test_an_allegation_points_at_an_incident_of_the_case_or_at_none() -> None:
    given(*classified).when(saying(incident_id=an_id("elsewhere")), on=DAY).refused(
        No.INPUT_INVALID, fields="allegations.incident_id"
    )
    given(*classified).when(saying(incident_id=None), on=DAY).accepted()


def test_each_allegation_has_its_own_id() -> None:
    twice = replace(sign, allegations=(alleged, alleged))
    given(*classified).when(twice, on=DAY).refused(
        No.INPUT_INVALID,
        fields="allegations.allegation_id",
        fault="holds the same id or number twice",
    )
    two = replace(sign, allegations=(alleged, replace(alleged, allegation_id=an_id("second"))))
    given(*classified).when(two, on=DAY).accepted()


@pytest.mark.parametrize("category", ["retaliation", "other"])
def test_a_category_that_the_policy_does_not_list_is_none_of_its(category: str) -> None:
    given(*classified).when(saying(category=category, subtype=None), on=DAY).refused(
        No.NOT_TITLE_IX_CATEGORY
    )


@pytest.mark.parametrize(
    "category", ["sexual_assault", "dating_violence", "domestic_violence", "stalking"]
)
def test_every_category_of_the_policy_can_be_alleged(category: str) -> None:
    subtype = "rape" if category == "sexual_assault" else None
    given(*classified).when(saying(category=category, subtype=subtype), on=DAY).accepted()


@pytest.mark.parametrize("subtype", [None, "hostile_environment"])
def test_sexual_assault_is_one_of_four_kinds(subtype: str | None) -> None:
    given(*classified).when(saying(category="sexual_assault", subtype=subtype), on=DAY).refused(
        No.SA_SUBTYPE_REQUIRED
    )
    given(*classified).when(saying(category="sexual_assault", subtype="incest"), on=DAY).accepted()


@pytest.mark.parametrize(
    ("category", "subtype"),
    [("sexual_harassment", None), ("sexual_harassment", "rape"), ("stalking", "rape")],
)
def test_a_subtype_belongs_to_its_category(category: str, subtype: str | None) -> None:
    given(*classified).when(saying(category=category, subtype=subtype), on=DAY).refused(
        No.INPUT_INVALID, fields="allegations.subtype"
    )


def test_a_favor_for_sex_is_asked_by_an_employee() -> None:
    asked = saying(subtype="quid_pro_quo")
    by_student = but(classified, respondent, affiliation_class="student")
    given(*by_student).when(asked, on=DAY).refused(No.QUID_PRO_QUO_NEEDS_EMPLOYEE)
    given(*by_student).when(sign, on=DAY).accepted()
    given(*classified).when(asked, on=DAY).accepted()


def test_a_respondent_nobody_knows_yet_may_be_an_employee() -> None:
    unknown = but(classified, respondent, identified=False, affiliation_class=None)
    given(*unknown).when(saying(subtype="quid_pro_quo"), on=DAY).accepted()


# Taking part in the program


@pytest.mark.parametrize("answer", [None, "n/a"])
def test_a_third_party_says_whether_she_takes_part_in_the_program(answer: Any) -> None:
    patient = but(classified, complainant, affiliation_class="third_party")
    given(*patient).when(replace(sign, participation_at_filing=answer), on="2025-01-27").refused(
        No.PARTICIPATION_TEST_REQUIRED
    )
    for said in ("yes", "no"):
        given(*patient).when(replace(sign, participation_at_filing=said), on=DAY).then(
            replace(complaint, participation_at_filing=said)
        )


def test_a_student_need_not_say_it_and_may() -> None:
    taking_part = replace(sign, participation_at_filing="yes")
    given(*classified).when(taking_part, on=DAY).then(
        replace(complaint, participation_at_filing="yes")
    )


# When, and under which policy


def test_a_complaint_is_not_signed_tomorrow() -> None:
    given(*classified).when(sign, on="2025-01-26").refused(No.DATE_IN_FUTURE)
    given(*classified).when(sign, on=DAY).accepted()


def test_a_complaint_is_a_document() -> None:
    blank = replace(sign, document=Narrative(" "))
    given(*classified).when(blank, on=DAY).refused(No.INPUT_INVALID, fields="document")


def test_a_complaint_needs_a_policy_of_the_day_of_the_incident() -> None:
    old = but(contacted, received, incident_from="2019-03-01", incident_to="2019-03-01")
    early = saying(incident_id=None)
    given(*old).when(early, on=DAY).refused(No.NO_POLICY_FOR_DATE, date="2019-03-01")
    given(*contacted).when(early, on=DAY).accepted()


def test_a_complaint_under_two_policies_is_split() -> None:
    older = Adopted(
        effective_from=date(2018, 1, 1), effective_to=date(2020, 8, 11), policy=ADOPTED.policy
    )
    newer = replace(
        ADOPTED, policy=replace(ADOPTED.policy, pack=replace(ADOPTED.policy.pack, version=2))
    )
    across = but(contacted, received, incident_from="2020-08-01", incident_to="2020-09-01")
    early = saying(incident_id=None)
    given(*across, packs=(older, newer)).when(early, on=DAY).refused(No.SPLIT_BY_POLICY_DATE)
    given(*contacted, packs=(older, newer)).when(early, on=DAY).then(
        replace(complaint_without_incident, bound_pack="BCM-02.2.20/2")
    )


def test_the_policy_of_the_incident_says_what_can_be_alleged() -> None:
    rules = replace(ADOPTED.policy.categories, listed=("stalking",))
    pack = replace(ADOPTED.policy.pack, version=2)
    narrow = replace(
        ADOPTED,
        effective_from=date(2024, 1, 1),
        policy=replace(ADOPTED.policy, categories=rules, pack=pack),
    )
    wide = replace(ADOPTED, effective_to=date(2023, 12, 31))
    early = saying(incident_id=None)
    given(*contacted, packs=(wide, narrow)).when(early, on=DAY).refused(No.NOT_TITLE_IX_CATEGORY)
    before = but(contacted, received, incident_from="2023-05-01", incident_to="2023-05-02")
    given(*before, packs=(wide, narrow)).when(early, on=DAY).accepted()


def test_a_case_that_is_bound_stays_bound() -> None:
    bound = but(assessed, jurisdiction, bound_by="receipt_date")
    given(*bound).when(saying(incident_id=None), on=DAY).then(
        replace(complaint_without_incident, bound_by="receipt_date")
    )


# Who, and when in the process


def test_a_stranger_does_not_learn_that_the_case_exists() -> None:
    given(*classified).when(sign, by=EVE, on=DAY).not_found()


def test_a_respondent_files_no_complaint_in_the_complainants_case() -> None:
    given(*classified).when(sign, by=party("respondent"), on=DAY).refused(No.ROLE_NOT_ALLOWED)


def test_a_complaint_is_filed_once() -> None:
    given(*filed).when(sign, on="2025-01-28").refused(No.DUPLICATE_COMPLAINT)
