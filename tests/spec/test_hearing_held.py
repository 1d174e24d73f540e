"""At the hearing: questions, absence, recording, end. 106.45(b)(6)(i) [S]; 02.2.20 V.D to V.F [P]."""

from datetime import date

import pytest
from msgspec.structs import replace

from domain.events.case import AdvisorRemoved, PartyAbsenceRecorded, QuestionRuled
from domain.events.evidence import EvidenceAdded
from domain.ids import Narrative
from domain.refusals import No
from domain.rules.rule import On
from domain.state.evidence import EvidenceItem
from tests.spec.cases import (
    HEARING,
    HUGO_ID,
    RECORDING,
    TEXT,
    advised,
    conclusion,
    convened,
    determined,
    heard,
    his_advisor,
    recording,
    without,
)
from tests.spec.kit import (
    CASE,
    COMPLAINANT,
    CORA,
    DORA,
    EVE,
    HUGO,
    RESPONDENT,
    given,
)
from tests.spec.test_hearing import BLANK, DAY, NEW_ITEM, NOBODY, absence, conclude, question, store

# Questions


ruled = QuestionRuled(
    hearing_id=HEARING,
    no=7,
    asked_by="advisor",
    to=COMPLAINANT,
    relevant=False,
    exception=None,
    question=TEXT,
    explanation=TEXT,
)


def test_the_decision_maker_rules_on_each_question_before_it_is_answered() -> None:
    given(*convened).when(question, by=DORA, on=DAY).then(ruled)
    allowed = replace(question, relevant=True, exception="consent", explanation=None)
    given(*convened).when(allowed, by=DORA, on=DAY).then(
        replace(ruled, relevant=True, exception="consent", explanation=None)
    )


def test_the_hearing_waits_while_a_party_has_no_advisor() -> None:
    """02.2.20 V.D [P]: one who is removed is replaced before it goes on."""
    removed = AdvisorRemoved(for_party=RESPONDENT, reason_code="disruptive")
    setting = given(*convened, recording, removed)
    setting.when(question, by=DORA, on=DAY).refused(No.ADVISOR_REQUIRED)
    setting.when(conclude, by=HUGO, on=DAY).refused(No.ADVISOR_REQUIRED)
    again = setting.and_(his_advisor)
    again.when(question, by=DORA, on=DAY).accepted()
    again.when(conclude, by=HUGO, on=DAY).accepted()


@pytest.mark.parametrize("asker", ["party", "decision_maker"])
def test_a_party_never_asks_in_person(asker: str) -> None:
    given(*convened).when(replace(question, asked_by=asker), by=DORA, on=DAY).refused(
        No.ONLY_HO_OR_ADVISOR_ASKS
    )
    given(*convened).when(replace(question, asked_by="hearing_officer"), by=DORA, on=DAY).accepted()


@pytest.mark.parametrize("explanation", [None, BLANK])
def test_an_excluded_question_is_explained(explanation: Narrative | None) -> None:
    unexplained = replace(question, explanation=explanation)
    given(*convened).when(unexplained, by=DORA, on=DAY).refused(No.EXCLUSION_EXPLANATION)
    given(*convened).when(replace(unexplained, relevant=True), by=DORA, on=DAY).accepted()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"hearing_id": NOBODY}, "hearing_id"),
        ({"to": NOBODY}, "to"),
        ({"question": BLANK}, "question"),
    ],
)
def test_a_question_is_put_to_somebody_of_this_case(change: dict[str, object], field: str) -> None:
    given(*convened).when(replace(question, **change), by=DORA, on=DAY).refused(
        No.INPUT_INVALID, fields=field
    )


def test_the_hearing_officer_does_not_rule_on_relevance() -> None:
    given(*convened).when(question, by=EVE, on=DAY).not_found()
    given(*convened).when(question, by=HUGO, on=DAY).refused(No.ROLE_NOT_ALLOWED)
    given(*heard).when(question, by=DORA, on=DAY).refused(No.ILLEGAL_TRANSITION)


# Absence, recording, end


def test_an_absence_is_recorded() -> None:
    given(*convened).when(absence, by=HUGO, on=DAY).then(
        PartyAbsenceRecorded(hearing_id=HEARING, party_id=COMPLAINANT, extent="whole")
    )


@pytest.mark.parametrize("field", ["hearing_id", "party_id"])
def test_an_absence_is_of_a_party_from_this_hearing(field: str) -> None:
    given(*convened).when(replace(absence, **{field: NOBODY}), by=HUGO, on=DAY).refused(
        No.INPUT_INVALID, fields=field
    )


def test_only_the_hearing_officer_records_an_absence() -> None:
    given(*convened).when(absence, by=EVE, on=DAY).not_found()
    given(*convened).when(absence, by=DORA, on=DAY).refused(No.ROLE_NOT_ALLOWED)
    given(*advised).when(absence, by=HUGO, on=DAY).refused(No.ILLEGAL_TRANSITION)


def test_a_recording_becomes_an_item_of_evidence_of_the_case() -> None:
    item = EvidenceAdded(
        evidence_id=RECORDING,
        case_id=CASE,
        submitted_by=HUGO_ID,
        obtained_on=date(2025, 4, 8),
        kind="recording",
        description=TEXT,
        source=None,
        file_name=None,
    )
    given(*convened, evidence=NEW_ITEM).when(store, by=HUGO, on=DAY).then(
        recording, On(RECORDING, item)
    )


def test_a_recording_may_follow_after_the_hearing() -> None:
    concluded = without(heard, recording)
    given(*concluded, evidence=NEW_ITEM).when(store, by=HUGO, on="2025-04-09").accepted()


def test_a_recording_is_stored_under_an_id_of_its_own() -> None:
    taken = {RECORDING: EvidenceItem(taken=True)}
    given(*convened, evidence=taken).when(store, by=HUGO, on=DAY).refused(
        No.INPUT_INVALID, fields="evidence_id"
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [({"hearing_id": NOBODY}, "hearing_id"), ({"description": BLANK}, "description")],
)
def test_a_recording_is_of_this_hearing_and_described(
    change: dict[str, object], field: str
) -> None:
    given(*convened, evidence=NEW_ITEM).when(replace(store, **change), by=HUGO, on=DAY).refused(
        No.INPUT_INVALID, fields=field
    )


def test_only_the_hearing_officer_stores_the_recording() -> None:
    given(*convened, evidence=NEW_ITEM).when(store, by=EVE, on=DAY).not_found()
    given(*convened, evidence=NEW_ITEM).when(store, by=DORA, on=DAY).refused(No.ROLE_NOT_ALLOWED)
    given(*determined, evidence=NEW_ITEM).when(store, by=HUGO, on="2025-04-18").refused(
        No.ILLEGAL_TRANSITION
    )


def test_the_hearing_officer_concludes_the_hearing() -> None:
    given(*convened).when(conclude, by=HUGO, on=DAY).then(conclusion)


def test_only_a_hearing_that_runs_is_concluded() -> None:
    given(*convened).when(conclude, by=EVE, on=DAY).not_found()
    given(*convened).when(conclude, by=CORA, on=DAY).refused(No.ROLE_NOT_ALLOWED)
    given(*advised).when(conclude, by=HUGO, on=DAY).refused(No.ILLEGAL_TRANSITION)
    other = replace(conclude, hearing_id=NOBODY)
    given(*convened).when(other, by=HUGO, on=DAY).refused(No.INPUT_INVALID, fields="hearing_id")
