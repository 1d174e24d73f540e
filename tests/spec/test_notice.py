"""The notice of allegations: 34 CFR 106.45(b)(2)(i) [S]; 02.2.20 IV.C.2 [P]."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.ids import Narrative
from domain.refusals import No
from domain.rules.dispatch import Letter
from domain.rules.notice import IssueNotice
from domain.state.office import StaffMember, Term
from domain.terms import NoticePart, OfficeRole
from tests.spec.cases import (
    CORA_ID,
    DISPATCH,
    TEXT,
    assessed,
    but,
    filed,
    investigator,
    notice,
    noticed,
    respondent,
)
from tests.spec.kit import (
    ADOPTED,
    COMPLAINANT,
    CORA,
    DEE,
    EVE,
    IVY,
    RESPONDENT,
    an_id,
    given,
    instant,
    party,
    trained,
)

DAY = "2025-01-29"
to_her = Letter(party_id=COMPLAINANT, method="email", sent_at=instant(DAY))
to_him = Letter(party_id=RESPONDENT, method="email", sent_at=instant(DAY))
issue = IssueNotice(
    notice_id=an_id("notice"),
    parts=ADOPTED.policy.notice.parts,
    deliveries=(to_her, to_him),
    dispatch_id=DISPATCH,
    contact=CORA_ID,
    text=TEXT,
)
here = given(*filed, staff={CORA_ID: trained("coordinator")})


def test_both_parties_get_the_notice_at_once_and_time_to_prepare() -> None:
    here.when(issue, by=CORA, on=DAY).then(notice)


def test_a_deputy_issues_it_and_may_be_its_contact() -> None:
    dee = UUID(DEE.id)
    named = here.and_(staff={dee: trained("deputy")})
    named.when(replace(issue, contact=dee), by=DEE, on=DAY).then(replace(notice, contact=dee))


# Somebody to turn to


def test_a_notice_names_somebody_to_turn_to() -> None:
    nobody = replace(issue, contact=None)
    here.when(nobody, on=DAY).refused(No.COORDINATOR_CONTACT_MISSING)
    here.when(issue, on=DAY).accepted()


@pytest.mark.parametrize("roles", [(), ("investigator",), ("admin",)])
def test_the_contact_is_the_coordinator_or_a_deputy(roles: tuple[OfficeRole, ...]) -> None:
    other = here.and_(staff={CORA_ID: trained(*roles)})
    other.when(issue, on=DAY).refused(No.COORDINATOR_CONTACT_MISSING)


def test_the_contact_is_so_today() -> None:
    def coordinator(until: str) -> dict[UUID, StaffMember]:
        term = Term(date(2020, 1, 1), date.fromisoformat(until))
        return {CORA_ID: StaffMember(staff_id=CORA_ID, roles={"coordinator": term})}

    here.and_(staff=coordinator("2025-01-28")).when(issue, on=DAY).refused(
        No.COORDINATOR_CONTACT_MISSING
    )
    here.and_(staff=coordinator("2025-01-29")).when(issue, on=DAY).accepted()


# Ten parts


@pytest.mark.parametrize("part", ADOPTED.policy.notice.parts)
def test_each_of_the_ten_parts_is_there(part: NoticePart) -> None:
    lacking = replace(issue, parts=tuple(one for one in issue.parts if one != part))
    here.when(lacking, on=DAY).refused(No.NOTICE_INCOMPLETE, parts=part.replace("_", " "))


def test_all_that_is_missing_is_named() -> None:
    lacking = replace(issue, parts=issue.parts[2:])
    here.when(lacking, on=DAY).refused(
        No.NOTICE_INCOMPLETE, parts="grievance process, informal resolution"
    )
    here.when(issue, on=DAY).accepted()


@pytest.mark.parametrize("text", [None, Narrative("\n")])
def test_a_notice_is_in_writing(text: Narrative | None) -> None:
    here.when(replace(issue, text=text), on=DAY).refused(
        No.NOTICE_INCOMPLETE, parts="the text itself"
    )


# To every party, at once


@pytest.mark.parametrize("sent", [(to_her,), (to_him,), ()])
def test_every_known_party_gets_it(sent: tuple[Letter, ...]) -> None:
    here.when(replace(issue, deliveries=sent), on=DAY).refused(No.NOTICE_ALL_PARTIES)
    here.when(issue, on=DAY).accepted()


def test_a_respondent_nobody_knows_yet_gets_none() -> None:
    unknown = given(
        *but(filed, respondent, identified=False, name=None), staff=here.elsewhere["staff"]
    )
    unknown.when(issue, on=DAY).refused(No.INPUT_INVALID, fields="deliveries")
    unknown.when(replace(issue, deliveries=(to_her,)), on=DAY).accepted()


def test_a_dispatch_has_a_letter() -> None:
    nobody = but(filed, respondent, identified=False)
    nobody = but(nobody, filed[1], identified=False)
    empty = replace(issue, deliveries=())
    given(*nobody, staff=here.elsewhere["staff"]).when(empty, on=DAY).refused(No.NOTICE_ALL_PARTIES)


def test_the_letters_leave_within_the_hour() -> None:
    def with_minutes(minutes: int) -> IssueNotice:
        early = replace(to_him, sent_at=instant(DAY) - timedelta(minutes=minutes))
        return replace(issue, deliveries=(to_her, early))

    here.when(with_minutes(61), on=DAY).refused(No.NOT_SIMULTANEOUS)
    here.when(with_minutes(60), on=DAY).accepted()


def test_how_far_apart_is_at_once_is_the_policys() -> None:
    strict = here.policy(lambda pack: pack["dispatch"].update(tolerance_minutes=0))
    apart = replace(to_him, sent_at=instant(DAY) - timedelta(seconds=1))
    strict.when(replace(issue, deliveries=(to_her, apart)), on=DAY).refused(No.NOT_SIMULTANEOUS)
    strict.when(issue, on=DAY).accepted()


def test_a_letter_that_is_still_to_be_sent_is_not_sent() -> None:
    later = replace(to_him, sent_at=instant(DAY) + timedelta(seconds=1))
    here.when(replace(issue, deliveries=(to_her, later)), on=DAY).refused(No.DATE_IN_FUTURE)
    here.when(issue, on=DAY).accepted()


@pytest.mark.parametrize(
    "extra",
    [to_him, replace(to_him, party_id=an_id("somebody else")), replace(to_him, advisor=True)],
)
def test_a_letter_goes_to_a_party_once_and_to_nobody_else(extra: Letter) -> None:
    more = replace(issue, deliveries=(to_her, to_him, extra))
    here.when(more, on=DAY).refused(No.INPUT_INVALID, fields="deliveries")


# Time to prepare


def test_the_time_to_prepare_counts_business_days_from_the_day_it_is_recorded() -> None:
    friday = instant("2025-01-17")  # The Monday after it is a holiday.
    letters = tuple(replace(letter, sent_at=friday) for letter in issue.deliveries)
    here.when(replace(issue, deliveries=letters), on="2025-01-17").then(
        replace(
            notice,
            deliveries=tuple(replace(one, sent_at=friday) for one in notice.deliveries),
            first_interview_not_before=date(2025, 1, 27),
        )
    )


def test_a_typed_date_does_not_shorten_it() -> None:
    yesterday = instant("2025-01-28")
    letters = tuple(replace(letter, sent_at=yesterday) for letter in issue.deliveries)
    deliveries = tuple(replace(one, sent_at=yesterday) for one in notice.deliveries)
    here.when(replace(issue, deliveries=letters), on=DAY).then(
        replace(notice, deliveries=deliveries)
    )


def test_a_policy_that_sets_no_time_to_prepare_must_first() -> None:
    def unset(pack: dict[str, Any]) -> None:
        pack["notice"]["to_interview"]["days"] = None

    here.policy(unset).when(issue, on=DAY).refused(
        No.POLICY_PARAMETER_UNSET, parameter="notice.to_interview"
    )


# Who, and when in the process


def test_a_stranger_does_not_learn_that_the_case_exists() -> None:
    here.when(issue, by=EVE, on=DAY).not_found()


def test_only_the_office_issues_it() -> None:
    here.and_(investigator).when(issue, by=IVY, on=DAY).refused(No.ROLE_NOT_ALLOWED)
    here.when(issue, by=party("complainant"), on=DAY).refused(No.ROLE_NOT_ALLOWED)


def test_no_notice_without_a_formal_complaint() -> None:
    before = given(*assessed, staff=here.elsewhere["staff"])
    before.when(issue, on=DAY).refused(No.FORMAL_COMPLAINT_REQUIRED)


def test_a_second_notice_is_another_command() -> None:
    again = given(*noticed, staff=here.elsewhere["staff"])
    again.when(issue, on=DAY).refused(No.ILLEGAL_TRANSITION, command="IssueNotice", stage="NOTICED")
