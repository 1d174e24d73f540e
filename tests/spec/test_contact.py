"""Owed at once: contact, rights, danger. 34 CFR 106.44(a) [S]; TEC 51.253(b) [P]."""

import pytest
from msgspec.structs import replace

from domain.commands import Command
from domain.events.case import (
    ComplainantContacted,
    ImminentDangerReportedToCEO,
    RightsInformationProvided,
)
from domain.ids import Secret
from domain.refusals import No
from domain.state.case import fold
from domain.terms import Role
from tests.spec.cases import complainant, contacted, opened, received
from tests.spec.kit import (
    COMPLAINANT,
    DEE,
    EVE,
    RESPONDENT,
    an_id,
    given,
    instant,
    party,
)
from tests.spec.test_intake import add, contact, danger, rights

# Contact


def test_the_coordinator_tells_the_complainant_of_measures_and_wishes() -> None:
    given(*opened).when(contact).then(
        ComplainantContacted(
            party_id=COMPLAINANT,
            attempt_no=1,
            reached=True,
            topics=("measures", "wishes"),
            note=None,
        )
    )


def test_attempts_are_counted_also_where_nobody_was_reached() -> None:
    missed = ComplainantContacted(
        party_id=COMPLAINANT, attempt_no=1, reached=False, topics=(), note=Secret("no answer")
    )
    note = Secret("no answer")
    attempt = replace(contact, reached=False, topics=(), note=note)
    given(*opened).when(attempt).then(missed)
    given(*opened, missed).when(attempt).then(replace(missed, attempt_no=2))
    assert fold([*opened, missed]).failed_attempts == 1
    given(*contacted).when(attempt).then(replace(missed, attempt_no=2))


def test_who_was_not_reached_was_told_nothing() -> None:
    given(*opened).when(replace(contact, reached=False)).refused(No.INPUT_INVALID, fields="topics")
    given(*opened).when(replace(contact, topics=())).accepted()


def test_the_contact_is_with_a_complainant_of_this_case() -> None:
    for other in (RESPONDENT, an_id("nobody")):
        given(*opened).when(replace(contact, party_id=other)).refused(
            No.INPUT_INVALID, fields="party_id"
        )


# Rights


def test_written_rights_are_provided_to_a_party() -> None:
    given(*opened).when(rights).then(
        RightsInformationProvided(
            party_id=COMPLAINANT, items=("hospital_and_evidence", "procedures"), method="email"
        )
    )


def test_rights_say_something_and_go_to_a_party_of_this_case() -> None:
    given(*opened).when(replace(rights, items=())).refused(No.INPUT_INVALID, fields="items")
    given(*opened).when(replace(rights, party_id=an_id("nobody"))).refused(
        No.INPUT_INVALID, fields="party_id"
    )


# Danger


def test_imminent_danger_is_reported_to_the_chief_executive() -> None:
    given(*opened).when(danger).then(
        ImminentDangerReportedToCEO(
            report_id=received.report_id,
            reported_at=instant("2025-01-15", 9),
            recipient_office="chief_executive",
        )
    )


def test_the_danger_is_that_of_a_report_of_this_case() -> None:
    given(*opened).when(replace(danger, report_id=an_id("other"))).refused(
        No.INPUT_INVALID, fields="report_id"
    )


def test_a_report_to_the_chief_executive_has_been_made() -> None:
    late = replace(danger, reported_at=instant("2025-01-15", 11))
    given(*opened).when(late, on=instant("2025-01-15", 10)).refused(No.DATE_IN_FUTURE)
    given(*opened).when(late, on=instant("2025-01-15", 11)).accepted()


# Who, and when


@pytest.mark.parametrize("command", [add, contact, rights, danger])
def test_intake_is_the_offices_in_every_open_case(command: Command) -> None:
    given(*opened).when(command, by=DEE).accepted()
    given(*opened).when(command, by=party("complainant")).refused(No.ROLE_NOT_ALLOWED)
    given(*opened).when(command, by=EVE).not_found()
    given().when(command).not_found()


def test_a_reporter_who_is_no_party_may_know_of_the_case_and_do_nothing_in_it() -> None:
    by = party("reporter")
    assert fold([received]).roles_of(by.id) == {Role.REPORTER}
    given(received, complainant).when(add, by=by).refused(No.ROLE_NOT_ALLOWED)
