"""Evidence taken in and classified: 34 CFR 106.45(b)(5)(vi), (b)(6)(i) [S]."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.events import Event
from domain.events.evidence import EvidenceAdded, EvidenceClassified
from domain.ids import Narrative, Secret
from domain.refusals import No
from domain.rules.evidence import AddEvidence, ClassifyEvidence
from tests.spec.cases import (
    HUGO_ID,
    ITEM,
    IVY_ID,
    REPORTER,
    TEXT,
    contacted,
    investigating,
    investigator,
    reported,
)
from tests.spec.kit import CASE, COMPLAINANT, CORA, DORA, EVE, IVY, an_id, given, party

DAY = "2025-02-10"
add = AddEvidence(
    evidence_id=ITEM,
    case_id=CASE,
    submitted_by=COMPLAINANT,
    obtained_on=date(2025, 2, 7),
    kind="message",
    description=TEXT,
    source=Secret("her telephone"),
)
added = EvidenceAdded(
    evidence_id=ITEM,
    case_id=CASE,
    submitted_by=COMPLAINANT,
    obtained_on=date(2025, 2, 7),
    kind="message",
    description=TEXT,
    source=Secret("her telephone"),
    file_name=None,
)
classify = ClassifyEvidence(
    directly_related=True, relevant="yes", relied_on=True, sexual_history="none"
)
classified = EvidenceClassified(
    directly_related=True, relevant="yes", relied_on=True, sexual_history="none", reason=None
)
no_item = given(case=investigating)
item = given(added, case=investigating)


def test_an_investigator_takes_in_what_a_party_gives() -> None:
    no_item.when(add, by=IVY, on=DAY).then(added)


@pytest.mark.parametrize("somebody", [REPORTER, IVY_ID, HUGO_ID])
def test_the_reporter_or_somebody_who_acts_on_the_case_may_give_it(somebody: UUID) -> None:
    no_item.when(replace(add, submitted_by=somebody), by=IVY, on=DAY).then(
        replace(added, submitted_by=somebody)
    )


def test_it_is_not_taken_from_nowhere() -> None:
    from_nowhere = replace(add, submitted_by=an_id("a stranger"))
    no_item.when(from_nowhere, by=IVY, on=DAY).refused(No.INPUT_INVALID, fields="submitted_by")


def test_an_item_is_taken_in_once() -> None:
    item.when(add, by=IVY, on=DAY).refused(No.INPUT_INVALID, fields="evidence_id")
    no_item.when(add, by=IVY, on=DAY).accepted()


def test_what_is_still_to_be_obtained_is_not_there() -> None:
    no_item.when(add, by=IVY, on="2025-02-06").refused(No.DATE_IN_FUTURE)
    no_item.when(add, by=IVY, on="2025-02-07").accepted()


def test_an_item_is_described() -> None:
    blank = replace(add, description=Narrative(" "))
    no_item.when(blank, by=IVY, on=DAY).refused(No.INPUT_INVALID, fields="description")


@pytest.mark.parametrize("case", [(*contacted, investigator), reported])
def test_evidence_is_taken_in_at_any_time(case: tuple[Event, ...]) -> None:
    given(case=case).when(add, by=IVY, on="2025-03-25").accepted()


# Classified


def test_an_item_is_directly_related_or_not_and_relied_on_or_not() -> None:
    item.when(classify, by=IVY, on=DAY).then(classified)


def test_what_is_not_relied_on_may_be_directly_related_all_the_same() -> None:
    unused = replace(classify, relied_on=False, reason=TEXT)
    item.when(unused, by=IVY, on=DAY).then(replace(classified, relied_on=False, reason=TEXT))


@pytest.mark.parametrize(
    "barred",
    [{"directly_related": False}, {"relevant": "no"}, {"sexual_history": "excluded"}],
)
def test_what_the_parties_do_not_see_or_the_law_bars_is_not_relied_on(
    barred: dict[str, Any],
) -> None:
    item.when(replace(classify, **barred), by=IVY, on=DAY).refused(
        No.INPUT_INVALID, fields="relied_on"
    )
    item.when(replace(classify, relied_on=False, **barred), by=IVY, on=DAY).accepted()


@pytest.mark.parametrize("exception", ["exception_other_person", "exception_consent"])
def test_sexual_history_has_two_exceptions(exception: Any) -> None:
    item.when(replace(classify, sexual_history=exception), by=IVY, on=DAY).then(
        replace(classified, sexual_history=exception)
    )


def test_relevance_may_be_left_open() -> None:
    item.when(replace(classify, relevant="undecided"), by=IVY, on=DAY).then(
        replace(classified, relevant="undecided")
    )


def test_an_item_may_be_classified_again() -> None:
    item.and_(classified).when(classify, by=IVY, on=DAY).accepted()


# Who, and when in the process


@pytest.mark.parametrize("command", [add, classify])
def test_only_an_investigator_of_the_case(command: Any) -> None:
    for who in (CORA, DORA, party("complainant")):
        item.when(command, by=who, on=DAY).refused(No.NOT_ASSIGNED)


@pytest.mark.parametrize("command", [add, classify])
def test_a_stranger_does_not_learn_that_the_case_exists(command: Any) -> None:
    item.when(command, by=EVE, on=DAY).not_found()


@pytest.mark.parametrize("command", [add, classify])
def test_there_is_no_evidence_without_a_case(command: Any) -> None:
    for who in (CORA, IVY):
        given(added, case=()).when(command, by=who, on=DAY).not_found()
