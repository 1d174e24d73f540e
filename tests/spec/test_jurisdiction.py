"""Jurisdiction. 34 CFR 106.44(a) [K], 106.45(b)(3)(i) [S]; 02.2.20 II, III(g) [P].

The policy in force when the incident happened governs, whenever it is reported. A date that stays
unknown binds by receipt. A case is bound once, for good.
"""

from collections.abc import Sequence
from datetime import date

import msgspec
import pytest
from msgspec.structs import replace

from domain.events import Event
from domain.events.case import JurisdictionAssessed
from domain.ids import Narrative
from domain.policy import Adopted, Policy
from domain.refusals import No
from domain.rules.jurisdiction import AssessJurisdiction
from domain.state.case import fold
from domain.terms import Role, Stage
from tests.spec.cases import (
    PACK,
    TEXT,
    but,
    complaint,
    contacted,
    filed,
    jurisdiction,
    received,
    reported,
    without,
)
from tests.spec.kit import ADOPTED, BCM, DEE, EVE, given, party

assess = AssessJurisdiction(
    incident_from="2024-11-04",
    incident_to="2025-01-10",
    in_us="yes",
    control_respondent=True,
    control_context=True,
    recognized_org_building=False,
    in_program=True,
    definition_met_if_proved=True,
    participation_test="yes",
    rationale=TEXT,
)
assessed = JurisdictionAssessed(
    incident_from="2024-11-04",
    incident_to="2025-01-10",
    bound_pack=PACK,
    bound_by="incident_date",
    in_us="yes",
    control_respondent=True,
    control_context=True,
    recognized_org_building=False,
    in_program=True,
    definition_met_if_proved=True,
    participation_test="yes",
    rationale=TEXT,
)

# Two policies: the first until the end of July 2024, the second from August on.
SECOND = msgspec.convert(
    msgspec.to_builtins(BCM) | {"pack": msgspec.to_builtins(BCM.pack) | {"version": 2}}, Policy
)
TWO = (
    replace(ADOPTED, effective_to=date(2024, 7, 31)),
    replace(ADOPTED, effective_from=date(2024, 8, 1), policy=SECOND),
)


def bound(
    first: str | None,
    last: str | None,
    packs: tuple[Adopted, ...] = (ADOPTED,),
    history: Sequence[Event] = contacted,
) -> tuple[str, str]:
    """Which policy the case comes under, and by what."""
    command = replace(assess, incident_from=first, incident_to=last)
    [event] = given(*history, packs=packs).when(command).accepted()
    assert isinstance(event, JurisdictionAssessed)
    return event.bound_pack, event.bound_by


# The assessment


def test_an_assessment_records_the_facts_and_binds_the_case_to_the_policy_of_the_incident() -> None:
    given(*contacted).when(assess).then(assessed)
    state = fold([*contacted, assessed])
    assert (state.stage, state.bound_pack, state.bound_by) == (
        Stage.ASSESSED,
        PACK,
        "incident_date",
    )


def test_an_assessment_that_fails_is_recorded_all_the_same() -> None:
    abroad = replace(assess, in_us="no", definition_met_if_proved=False)
    given(*contacted).when(abroad).then(
        replace(assessed, in_us="no", definition_met_if_proved=False)
    )


@pytest.mark.parametrize("missing", ["control_respondent", "control_context"])
def test_in_the_program_means_control_over_both_respondent_and_context(missing: str) -> None:
    lacking = replace(assess, **{missing: False})
    given(*contacted).when(lacking).refused(No.PROGRAM_TEST_INCONSISTENT)
    given(*contacted).when(replace(lacking, in_program=False)).accepted()


def test_or_a_building_of_a_recognized_student_organization() -> None:
    neither = replace(assess, control_respondent=False, control_context=False)
    given(*contacted).when(neither).refused(No.PROGRAM_TEST_INCONSISTENT)
    given(*contacted).when(replace(neither, recognized_org_building=True)).accepted()


def test_the_reasons_are_written_down() -> None:
    given(*contacted).when(replace(assess, rationale=Narrative("\n"))).refused(
        No.INPUT_INVALID, fields="rationale"
    )


# The policy of the incident


def test_dates_left_out_are_those_of_the_report() -> None:
    given(*contacted).when(replace(assess, incident_from=None, incident_to=None)).then(assessed)
    earlier = but(contacted, received, incident_from="2019-05", incident_to=None)
    given(*earlier).when(replace(assess, incident_from=None, incident_to=None)).refused(
        No.NO_POLICY_FOR_DATE, date="2019-05"
    )


def test_one_date_given_stands_for_the_whole_time() -> None:
    assert bound("2024-11-04", None) == (PACK, "incident_date")
    assert bound(None, "2024-11") == (PACK, "incident_date")
    command = replace(assess, incident_from="2024-11-04", incident_to=None)
    given(*contacted).when(command).then(replace(assessed, incident_to=None))


@pytest.mark.parametrize("told", ["2020-08-11", "2020-08", "2020", "1987"])
def test_no_policy_covers_what_happened_before_the_first(told: str | None) -> None:
    command = replace(assess, incident_from=told, incident_to="2020-08-12")
    given(*contacted).when(command).refused(No.NO_POLICY_FOR_DATE, date=told)
    given(*contacted).when(replace(command, incident_from="2020-08-12")).accepted()


def test_the_refusal_names_the_date_that_was_told() -> None:
    command = replace(assess, incident_from=None, incident_to="1987-06")
    given(*contacted).when(command).refused(No.NO_POLICY_FOR_DATE, date="1987-06")
    command = replace(assess, incident_from="1987-06", incident_to=None)
    given(*contacted).when(command).refused(No.NO_POLICY_FOR_DATE, date="1987-06")


def test_no_policy_covers_what_happened_after_the_last() -> None:
    ended = (replace(ADOPTED, effective_to=date(2025, 1, 9)),)
    given(*contacted, packs=ended).when(assess).refused(No.NO_POLICY_FOR_DATE, date="2025-01-10")
    given(*contacted, packs=ended).when(replace(assess, incident_to="2025-01-09")).accepted()
    given(*contacted, packs=ended).when(
        replace(assess, incident_from=None, incident_to="2025")
    ).refused(No.NO_POLICY_FOR_DATE, date="2025")
    given(*contacted, packs=ended).when(
        replace(assess, incident_from="2025-01-01", incident_to="2025-01")
    ).refused(No.NO_POLICY_FOR_DATE, date="2025-01")


def test_dates_under_two_policies_are_split() -> None:
    across = replace(assess, incident_from="2024-07-31", incident_to="2024-08-01")
    given(*contacted, packs=TWO).when(across).refused(No.SPLIT_BY_POLICY_DATE)
    year = replace(assess, incident_from="2024", incident_to=None)
    given(*contacted, packs=TWO).when(year).refused(No.SPLIT_BY_POLICY_DATE)


def test_each_side_of_the_change_has_its_policy() -> None:
    assert bound("2024-07-01", "2024-07-31", TWO) == (PACK, "incident_date")
    assert bound("2024-07", None, TWO) == (PACK, "incident_date")
    assert bound("2024-08-01", "2024-12", TWO) == ("BCM-02.2.20/2", "incident_date")
    assert bound("2025", "unknown", TWO) == ("BCM-02.2.20/2", "incident_date")


def test_a_date_that_stays_unknown_binds_by_receipt() -> None:
    earlier = but(contacted, received, intake_pack=PACK, incident_from=None, incident_to=None)
    assert bound("unknown", "unknown", TWO) == (PACK, "receipt_date")
    assert bound(None, None, TWO, earlier) == (PACK, "receipt_date")
    assert bound("unknown", None, (ADOPTED,)) == (PACK, "receipt_date")


def test_a_time_does_not_end_before_it_begins() -> None:
    command = replace(assess, incident_from="2024-11-04", incident_to="2024-11-03")
    given(*contacted).when(command).refused(No.INPUT_INVALID, fields="incident_to")
    given(*contacted).when(replace(command, incident_to="2024-11")).accepted()


@pytest.mark.parametrize("field", ["incident_from", "incident_to"])
def test_a_day_that_no_calendar_has_is_corrected_by_the_assessor(field: str) -> None:
    given(*contacted).when(replace(assess, **{field: "2025-02-30"})).refused(
        No.INPUT_INVALID, fields=field
    )


def test_a_leap_day_is_a_day() -> None:
    assert bound("2024-02-29", "2024-02-29") == (PACK, "incident_date")


def test_a_case_is_bound_once_for_good() -> None:
    later = replace(assess, incident_from="1987", incident_to="1987")
    again = replace(assessed, incident_from="1987", incident_to="1987")
    given(*contacted, jurisdiction).when(later).then(again)
    state = fold([*contacted, jurisdiction, replace(again, bound_pack="BCM-02.2.20/2")])
    assert (state.bound_pack, state.bound_by) == (PACK, "incident_date")


def test_a_signed_complaint_binds_too() -> None:
    by_receipt = but(without(filed, jurisdiction), complaint, bound_by="receipt_date")
    assert bound("2024-11-04", "2025-01-10", TWO, by_receipt) == (PACK, "receipt_date")


# Who, and when


def test_jurisdiction_is_assessed_by_the_office_up_to_the_hearing() -> None:
    given(*contacted).when(assess, by=DEE).accepted()
    given(*filed).when(assess).accepted()
    given(*reported).when(assess).accepted()
    given(*contacted).when(assess, by=party("complainant")).refused(No.ROLE_NOT_ALLOWED)
    given(*contacted, office={Role.AUDITOR}).when(assess, by=EVE).refused(No.ROLE_NOT_ALLOWED)
    given(*contacted).when(assess, by=EVE).not_found()
    given().when(assess).not_found()
