"""Closing a case: requirements A-33, A-82, F-01; 34 CFR 106.44(a), 106.45(b)(10) [S]."""

from typing import Any

import pytest
from msgspec.structs import replace

from domain.context import Context
from domain.deadlines import Calendar
from domain.events.case import CaseClosed, EmergencyRemovalLifted, EmergencyRemovalOrdered
from domain.refusals import No
from domain.rules.closing import CloseCase, missing
from domain.state.case import fold
from tests.spec.cases import (
    CORA_ID,
    TEXT,
    but,
    complainant,
    determined,
    documented,
    implementation,
    opened,
    response_basis,
    rights,
    told,
    without,
)
from tests.spec.kit import (
    ADOPTED,
    CASE,
    CORA,
    DORA,
    EVE,
    LEDGER,
    RESPONDENT,
    ZONE,
    an_id,
    given,
    instant,
    mac,
    party,
)

DAY = "2026-05-06"
close = CloseCase()
checklist = {
    "rights_information": True,
    "contact_topics": True,
    "contact_attempts": False,
    "response_basis": True,
    "removals_ended": True,
    "sanctions_implemented": True,
}
closed = CaseClosed(reason_code="completed", checklist=checklist, resume_state=None)
removal = EmergencyRemovalOrdered(
    removal_id=an_id("removal"),
    respondent=RESPONDENT,
    ordered_by=CORA_ID,
    analysis_id=an_id("analysis"),
    individualized=True,
    immediate=True,
    physical=True,
    arises_from_allegations=True,
    at_risk="student",
    scope=("campus",),
    ceo_report_ref=None,
    ceo_not_reported_reason="already_reported",
    challenge_contact_office="title_ix",
    how_to_challenge=True,
    analysis=TEXT,
)
lifted = EmergencyRemovalLifted(removal_id=removal.removal_id, reason_code="threat_ended")
unreached = replace(told, reached=False, topics=())
three_tries = tuple(replace(unreached, attempt_no=number) for number in (1, 2, 3))


def without_contact(*tries: Any) -> tuple[Any, ...]:
    """The same case, in which nobody was reached."""
    return (*without(documented, told), *tries)


def test_a_case_is_closed_with_its_checklist() -> None:
    given(*documented).when(close, by=CORA, on=DAY).then(closed)


def test_no_case_is_closed_before_the_complainant_has_the_rights_information() -> None:
    given(*without(documented, rights)).when(close, on=DAY).refused(No.RIGHTS_NOTICE_MISSING)


def test_an_unknown_complainant_cannot_be_given_rights_information() -> None:
    unknown = but(without(documented, rights), complainant, identified=False)
    given(*unknown).when(close, on=DAY).then(closed)


@pytest.mark.parametrize("topic", ["measures", "wishes", "without_complaint", "how_to_file"])
def test_no_case_is_closed_before_the_complainant_was_told_of_each_topic(topic: str) -> None:
    rest = tuple(one for one in told.topics if one != topic)
    given(*but(documented, told, topics=rest)).when(close, on=DAY).refused(
        No.CONTACT_TOPICS_MISSING, topics=topic.replace("_", " ")
    )


def test_topics_may_be_told_in_more_than_one_conversation() -> None:
    first = replace(told, topics=("measures", "wishes"))
    second = replace(told, topics=("without_complaint", "how_to_file"), attempt_no=2)
    given(*without_contact(first, second)).when(close, on=DAY).accepted()


def test_three_attempts_that_reached_nobody_are_enough() -> None:
    given(*without_contact(*three_tries[:2])).when(close, on=DAY).refused(
        No.CONTACT_TOPICS_MISSING, topics="measures, wishes, without complaint, how to file"
    )
    tried = {**checklist, "contact_topics": False, "contact_attempts": True}
    given(*without_contact(*three_tries)).when(close, on=DAY).then(replace(closed, checklist=tried))


def test_no_case_is_closed_before_the_response_is_explained() -> None:
    given(*without(documented, response_basis)).when(close, on=DAY).refused(
        No.RESPONSE_RECORD_INCOMPLETE, list="response basis"
    )


def test_no_case_is_closed_while_somebody_is_removed() -> None:
    given(*documented, removal).when(close, on=DAY).refused(
        No.RESPONSE_RECORD_INCOMPLETE, list="removals ended"
    )
    given(*documented, removal, lifted).when(close, on=DAY).accepted()


def test_no_case_is_closed_while_a_sanction_waits() -> None:
    given(*without(documented, implementation)).when(close, on=DAY).refused(
        No.RESPONSE_RECORD_INCOMPLETE, list="sanctions implemented"
    )


def test_what_is_missing_is_told_all_at_once() -> None:
    context = Context(
        now=instant(DAY),
        ledger=LEDGER,
        calendar=Calendar(ZONE),
        who=CORA,
        office=frozenset(),
        packs=(ADOPTED,),
        mac=mac,
        case_id=CASE,
    )
    assert [one.refusal for one in missing(fold(opened), context)] == [
        No.RIGHTS_NOTICE_MISSING,
        No.CONTACT_TOPICS_MISSING,
        No.RESPONSE_RECORD_INCOMPLETE,
    ]
    assert missing(fold(documented), context) == []


def test_only_the_office_closes_a_case() -> None:
    given(*documented).when(close, by=EVE, on=DAY).not_found()
    for other in (DORA, party("complainant")):
        given(*documented).when(close, by=other, on=DAY).refused(No.ROLE_NOT_ALLOWED)


def test_a_case_is_closed_once_and_not_before_its_outcome_is_final() -> None:
    given(*determined).when(close, on=DAY).refused(No.ILLEGAL_TRANSITION)
    given(*documented, closed).when(close, on=DAY).refused(No.ILLEGAL_TRANSITION)
