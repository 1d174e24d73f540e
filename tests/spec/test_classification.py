"""Classification. 02.2.20 III(d)-(f), (i), (m)-(o) [P]; counting rules R08, R10, R16, R27.

Every fact is stated, `unknown` is an answer, and nothing is defaulted. The policy's category, the
category of the Texas code and the Clery offenses are three axes: one does not follow from another.
"""

from collections.abc import Iterable
from typing import Any

import pytest
from msgspec.structs import replace

from domain.events.case import (
    Act,
    Count,
    Course,
    IncidentClassified,
    Occasion,
    Offense,
    Relationship,
    Source,
    Victim,
)
from domain.refusals import No
from domain.rules.classification import ClassifyIncident
from domain.state.case import fold
from domain.terms import Element, Role
from tests.spec.cases import CORA_ID, REPORT, assessed, but, received, respondent, without
from tests.spec.kit import COMPLAINANT, DEE, EVE, an_id, given, party

HOSTILE: tuple[Element, ...] = (
    "unwelcome",
    "severe",
    "pervasive",
    "objectively_offensive",
    "denies_equal_access",
)
CONSENT: tuple[Element, ...] = (
    "consent_clear",
    "consent_knowing",
    "consent_active",
    "consent_voluntary",
    "consent_legal_age",
    "consent_not_silence",
    "consent_not_carried_over",
)
RELATIONSHIP: tuple[Element, ...] = (
    "relationship_length",
    "relationship_nature",
    "relationship_frequency",
)
STALKING: tuple[Element, ...] = ("course_of_conduct", "reasonable_person", "fear_or_distress")

source = Source(first_reported_on="2025-01-14", reported_to="title_ix", csa="yes")
classify = ClassifyIncident(
    incident_id=an_id("incident one"),
    incident_key=an_id("incident key"),
    policy_category="sexual_harassment",
    policy_subtype="hostile_environment",
    tec_category="sexual_harassment",
    hazing="no",
    offenses=(
        Offense(
            offense_no=1,
            category="sexual_harassment",
            elements=dict.fromkeys(HOSTILE, "unknown"),
        ),
    ),
    victims=(Victim(victim_no=1, party_id=COMPLAINANT),),
    offenders=1,
    occasions=(Occasion(occasion_no=1, from_="2024-11-04", geography="on_campus"),),
    rows=(Count(offense_no=1, victim_no=1, occasion_no=1),),
    bias="none",
    source=source,
    unfounded_by="none",
)
classified = IncidentClassified(
    incident_id=an_id("incident one"),
    incident_no=1,
    incident_key=an_id("incident key"),
    report_ids=(REPORT,),
    policy_category="sexual_harassment",
    policy_subtype="hostile_environment",
    tec_category="sexual_harassment",
    hazing="no",
    organization_id=None,
    organization_recognized=None,
    offenses=classify.offenses,
    victims=classify.victims,
    offenders=1,
    same_as_incident=None,
    relationships=(),
    occasions=classify.occasions,
    rows=classify.rows,
    course=None,
    bias="none",
    bias_evidence=None,
    source=source,
    unfounded_by="none",
    unfounded_on=None,
    decided_by=CORA_ID,
    ruleset_version="clery-1",
    reason=None,
)


def of(
    category: Any,
    subtype: Any = None,
    *,
    offense: Any = None,
    elements: Iterable[Element] = (),
    **more: Any,
) -> ClassifyIncident:
    """The same incident under another category of the policy."""
    found = Offense(
        offense_no=1,
        category=offense or category,
        elements=dict.fromkeys(elements, "unknown"),
    )
    return replace(
        classify, policy_category=category, policy_subtype=subtype, offenses=(found,), **more
    )


# The incident


def test_an_incident_is_classified_on_three_axes_with_every_fact_stated() -> None:
    given(*assessed).when(classify).then(classified)


def test_a_second_incident_has_the_next_number_and_an_id_of_its_own() -> None:
    first = given(*assessed, classified)
    first.when(classify).refused(No.INPUT_INVALID, fields="incident_id")
    second = replace(classify, incident_id=an_id("incident two"))
    first.when(second).then(replace(classified, incident_id=an_id("incident two"), incident_no=2))
    assert len(fold([*assessed, classified]).incidents) == 1


def test_an_incident_may_rest_on_some_of_the_reports() -> None:
    second = replace(received, report_id=an_id("second report"))
    both = given(*assessed, second)
    both.when(classify).then(replace(classified, report_ids=(REPORT, second.report_id)))
    both.when(replace(classify, report_ids=(REPORT,))).then(classified)


def test_an_incident_may_be_outside_the_policy_and_count_elsewhere() -> None:
    outside = replace(classify, policy_category=None, policy_subtype=None, offenses=(), rows=())
    given(*assessed).when(outside).accepted()
    given(*assessed).when(replace(outside, policy_subtype="rape")).refused(
        No.INPUT_INVALID, fields="policy_subtype"
    )


# The policy's definitions


@pytest.mark.parametrize("category", ["retaliation", "other"])
def test_a_category_that_the_policy_does_not_list_is_none_of_its_own(category: str) -> None:
    other = of(category, offense="other")
    given(*assessed).when(other).refused(No.NOT_TITLE_IX_CATEGORY)
    given(*assessed).when(replace(other, policy_category=None, tec_category=category)).accepted()


@pytest.mark.parametrize("subtype", [None, "hostile_environment"])
def test_sexual_assault_is_one_of_four_offenses(subtype: str | None) -> None:
    given(*assessed).when(of("sexual_assault", subtype, offense="fondling")).refused(
        No.SA_SUBTYPE_REQUIRED
    )


@pytest.mark.parametrize("subtype", ["rape", "fondling", "incest", "statutory_rape"])
def test_each_of_the_four_answers_every_element_of_consent(subtype: str | None) -> None:
    assault = of("sexual_assault", subtype, offense=subtype, elements=CONSENT)
    given(*assessed).when(assault).accepted()
    for missing in CONSENT:
        answered = [element for element in CONSENT if element != missing]
        lacking = of("sexual_assault", subtype, offense=subtype, elements=answered)
        given(*assessed).when(lacking).refused(
            No.DEFINITION_ELEMENTS_MISSING, category="sexual assault"
        )


@pytest.mark.parametrize("missing", HOSTILE)
def test_a_hostile_environment_answers_each_element(missing: str) -> None:
    answered = [element for element in HOSTILE if element != missing]
    given(*assessed).when(
        of("sexual_harassment", "hostile_environment", elements=answered)
    ).refused(No.DEFINITION_ELEMENTS_MISSING, category="sexual harassment")


def test_the_elements_are_answered_for_the_offense_that_they_define() -> None:
    elsewhere = of("sexual_harassment", "hostile_environment", offense="other", elements=HOSTILE)
    given(*assessed).when(elsewhere).refused(No.DEFINITION_ELEMENTS_MISSING)


@pytest.mark.parametrize("subtype", [None, "rape"])
def test_sexual_harassment_names_its_prong(subtype: str | None) -> None:
    given(*assessed).when(of("sexual_harassment", subtype, elements=HOSTILE)).refused(
        No.INPUT_INVALID, fields="policy_subtype"
    )


def test_only_an_employee_can_condition_a_benefit() -> None:
    quid_pro_quo = of(
        "sexual_harassment", "quid_pro_quo", elements=("conditioned_benefit", "unwelcome")
    )
    given(*assessed).when(quid_pro_quo).accepted()
    student = but(assessed, respondent, affiliation_class="student")
    given(*student).when(quid_pro_quo).refused(No.QUID_PRO_QUO_NEEDS_EMPLOYEE)
    given(*student).when(classify).accepted()
    resident = but(assessed, respondent, affiliation_class="resident")
    given(*resident).when(quid_pro_quo).accepted()


def test_a_respondent_nobody_knows_yet_may_be_an_employee() -> None:
    quid_pro_quo = of(
        "sexual_harassment", "quid_pro_quo", elements=("conditioned_benefit", "unwelcome")
    )
    given(*without(assessed, respondent)).when(quid_pro_quo).accepted()
    unknown = but(assessed, respondent, identified=False, affiliation_class=None, name=None)
    given(*unknown).when(quid_pro_quo).accepted()


def test_dating_violence_rests_on_length_nature_and_frequency_of_the_relationship() -> None:
    between = Relationship(
        victim_no=1,
        kind="intimate_partner_dating",
        length_answered=True,
        nature_answered=True,
        frequency_answered=True,
    )
    dating = of("dating_violence", relationships=(between,))
    given(*assessed).when(dating).accepted()
    for answer in ("length_answered", "nature_answered", "frequency_answered"):
        given(*assessed).when(
            replace(dating, relationships=(replace(between, **{answer: False}),))
        ).refused(No.DEFINITION_ELEMENTS_MISSING, category="dating violence")
    given(*assessed).when(of("dating_violence", elements=RELATIONSHIP)).accepted()


def test_domestic_violence_rests_on_a_listed_relationship() -> None:
    spouse = Relationship(victim_no=1, kind="spouse", basis="record")
    given(*assessed).when(of("domestic_violence", relationships=(spouse,))).accepted()
    given(*assessed).when(of("domestic_violence")).refused(
        No.DEFINITION_ELEMENTS_MISSING, category="domestic violence"
    )


def test_stalking_is_two_acts_or_more() -> None:
    one = Course(course_key=an_id("course"), acts=(Act(act_no=1, on="2025-01-08"),))
    two = replace(one, acts=(*one.acts, Act(act_no=2, on="2025-01-09")))
    given(*assessed).when(of("stalking", elements=STALKING)).refused(No.STALKING_TWO_ACTS)
    given(*assessed).when(of("stalking", elements=STALKING, course=one)).refused(
        No.STALKING_TWO_ACTS
    )
    given(*assessed).when(of("stalking", elements=STALKING, course=two)).accepted()
    given(*assessed).when(of("stalking", course=two)).refused(No.DEFINITION_ELEMENTS_MISSING)


def test_a_category_without_subtypes_has_none() -> None:
    spouse = Relationship(victim_no=1, kind="spouse", basis="record")
    given(*assessed).when(of("domestic_violence", "rape", relationships=(spouse,))).refused(
        No.INPUT_INVALID, fields="policy_subtype"
    )


# What it points at


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("report_ids", {"report_ids": (an_id("other report"),)}),
        ("same_as_incident", {"same_as_incident": an_id("other incident")}),
        ("victims", {"victims": (Victim(victim_no=1, party_id=an_id("nobody")),)}),
        ("victims", {"victims": (*classify.victims, *classify.victims)}),
        ("offenses", {"offenses": (*classify.offenses, *classify.offenses)}),
        ("occasions", {"occasions": (*classify.occasions, *classify.occasions)}),
        ("relationships", {"relationships": (Relationship(victim_no=2, kind="stranger"),)}),
        (
            "course",
            {"course": Course(course_key=an_id("c"), acts=(Act(act_no=1, victim_no=2),))},
        ),
        ("rows", {"rows": (Count(offense_no=2, victim_no=1, occasion_no=1),)}),
        ("rows", {"rows": (Count(offense_no=1, victim_no=2, occasion_no=1),)}),
        ("rows", {"rows": (Count(offense_no=1, victim_no=1, occasion_no=2),)}),
    ],
)
def test_nothing_points_outside_the_case_or_the_incident(
    field: str, changes: dict[str, Any]
) -> None:
    given(*assessed).when(replace(classify, **changes)).refused(No.INPUT_INVALID, fields=field)


def test_what_is_pointed_at_may_be_named() -> None:
    second = replace(
        classify,
        incident_id=an_id("incident two"),
        report_ids=(REPORT,),
        same_as_incident=classified.incident_id,
        victims=(*classify.victims, Victim(victim_no=2)),
        relationships=(Relationship(victim_no=2, kind="stranger"),),
        course=Course(course_key=an_id("c"), acts=(Act(act_no=1, victim_no=2),)),
    )
    given(*assessed, classified).when(second).accepted()


@pytest.mark.parametrize(
    ("row", "stands"),
    [
        ({"occasion_no": 1}, True),
        ({"estimated_occasions": 4, "estimate_basis": "reporting_party_statement"}, True),
        ({"estimated_occasions": 4}, False),
        ({"estimate_basis": "record"}, False),
        ({}, False),
        ({"occasion_no": 1, "estimated_occasions": 4, "estimate_basis": "record"}, False),
    ],
)
def test_a_row_counts_one_occasion_or_an_estimate_and_what_it_rests_on(
    row: dict[str, Any], stands: bool
) -> None:
    counted = replace(classify, rows=(Count(offense_no=1, victim_no=1, **row),))
    when = given(*assessed).when(counted)
    if stands:
        when.accepted()
    else:
        when.refused(No.INPUT_INVALID, fields="rows")


# Who, and when


def test_classification_is_the_offices_in_every_open_case() -> None:
    given(*assessed).when(classify, by=DEE).then(replace(classified, decided_by=an_id("dee")))
    given(*assessed).when(classify, by=party("complainant")).refused(No.ROLE_NOT_ALLOWED)
    given(*assessed, office={Role.AUDITOR}).when(classify, by=EVE).refused(No.ROLE_NOT_ALLOWED)
    given(*assessed).when(classify, by=EVE).not_found()
    given().when(classify).not_found()
