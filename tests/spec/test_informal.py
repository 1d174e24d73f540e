"""Informal resolution is never for an employee and a student: 34 CFR 106.45(b)(9) [S]."""

from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.events import Event
from domain.events.case import InformalResolutionOffered
from domain.refusals import No
from domain.rules.informal import OfferInformal
from domain.state.office import StaffMember
from domain.terms import Affiliation
from tests.spec.cases import (
    ALLEGATION,
    allegation,
    but,
    complainant,
    complaint,
    contacted,
    filed,
    investigator,
    noticed,
    reported,
    respondent,
)
from tests.spec.kit import CORA, EVE, IVY, Given, an_id, given, party, trained

DAY = "2025-01-30"
FRAN = an_id("fran")
OTHER, SECOND = an_id("second allegation"), an_id("second respondent")
offer = OfferInformal(facilitator=FRAN, allegation_ids=(ALLEGATION,))
offered = InformalResolutionOffered(facilitator=FRAN, allegation_ids=(ALLEGATION,))


def at(
    events: tuple[Event, ...],
    accused: Affiliation | None = "student",
    alleging: Affiliation = "student",
) -> Given:
    told = but(events, respondent, affiliation_class=accused)
    told = but(told, complainant, affiliation_class=alleging)
    return given(*told, staff={FRAN: replace(trained(), staff_id=FRAN)})


def test_students_may_be_offered_an_informal_resolution() -> None:
    at(noticed).when(offer, on=DAY).then(offered)


@pytest.mark.parametrize("employee", ["faculty", "staff", "resident", "clinical_fellow", "postdoc"])
def test_never_where_an_employee_is_alleged_to_have_harassed_a_student(
    employee: Affiliation,
) -> None:
    at(noticed, employee).when(offer, on=DAY).refused(No.INFORMAL_NOT_EMPLOYEE_ON_STUDENT)
    at(noticed, employee, "staff").when(offer, on=DAY).accepted()


def test_that_is_so_whatever_the_offer_says() -> None:
    empty = replace(offer, allegation_ids=())
    at(noticed, "faculty").when(empty, on=DAY).refused(No.INFORMAL_NOT_EMPLOYEE_ON_STUDENT)
    at(noticed).when(empty, on=DAY).refused(No.INPUT_INVALID, fields="allegation_ids")


@pytest.mark.parametrize("accused", ["student", "third_party", "contractor", "trustee", None])
def test_who_is_no_employee_may_be_asked(accused: Affiliation | None) -> None:
    at(noticed, accused).when(offer, on=DAY).accepted()


def test_of_several_allegations_only_those_that_it_is_open_to() -> None:
    teacher = replace(respondent, party_id=SECOND, affiliation_class="faculty")
    against_teacher = replace(allegation, allegation_id=OTHER, respondent_id=SECOND)
    two = but(
        (*noticed[:1], teacher, *noticed[1:]),
        complaint,
        allegations=(allegation, against_teacher),
    )
    mixed = at(two)
    mixed.when(offer, on=DAY).accepted()
    for named in ((OTHER,), (ALLEGATION, OTHER)):
        mixed.when(replace(offer, allegation_ids=named), on=DAY).refused(
            No.INFORMAL_NOT_EMPLOYEE_ON_STUDENT
        )


@pytest.mark.parametrize("named", [(), (an_id("elsewhere"),)])
def test_it_is_offered_for_allegations_of_the_case(named: tuple[UUID, ...]) -> None:
    at(noticed).when(replace(offer, allegation_ids=named), on=DAY).refused(
        No.INPUT_INVALID, fields="allegation_ids"
    )


def test_somebody_whom_the_office_knows_facilitates() -> None:
    unknown = at(noticed).and_(staff={FRAN: StaffMember()})
    unknown.when(offer, on=DAY).refused(No.INPUT_INVALID, fields="facilitator")
    at(noticed).when(offer, on=DAY).accepted()


# Who, and when in the process


def test_a_stranger_does_not_learn_that_the_case_exists() -> None:
    at(noticed).when(offer, by=EVE, on=DAY).not_found()


def test_only_the_office_offers_it() -> None:
    at(noticed).and_(investigator).when(offer, by=IVY, on=DAY).refused(No.ROLE_NOT_ALLOWED)
    at(noticed).when(offer, by=party("complainant"), on=DAY).refused(No.ROLE_NOT_ALLOWED)
    at(noticed).when(offer, by=CORA, on=DAY).accepted()


def test_never_without_a_formal_complaint() -> None:
    at(contacted).when(offer, on=DAY).refused(No.FORMAL_COMPLAINT_REQUIRED)


def test_never_before_the_notice() -> None:
    at(filed).when(offer, on=DAY).refused(No.NOTICE_FIRST)


def test_as_long_as_no_hearing_has_begun() -> None:
    at(reported).when(offer, on="2025-03-25").accepted()
