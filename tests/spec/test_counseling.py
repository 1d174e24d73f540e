"""A counselor of one's own. 02.2.20 IV.E [P]; TEC 51.293 [K].

As far as practicable each complainant, respondent and reporter is offered a counselor who counsels
nobody else of the incident. The refusal never says whom the counselor sees.
"""

from typing import Any
from uuid import UUID

import msgspec
import pytest
from msgspec.structs import replace

from domain.events.case import CounselorAssigned
from domain.ids import Secret
from domain.owners import sealed_fields
from domain.refusals import No
from domain.registry import dec_hook
from domain.rules.counseling import AssignCounselor
from tests.spec.cases import REPORTER, contacted
from tests.spec.kit import CASE, COMPLAINANT, DEE, EVE, RESPONDENT, an_id, given, party

ONE, TWO = an_id("counselor one"), an_id("counselor two")
listed = {"counselors": frozenset({ONE, TWO})}
NOTE = Secret("prefers mornings")


def assign(person: Any, counselor: Any, **more: Any) -> AssignCounselor:
    return AssignCounselor(person=person, counselor_id=counselor, **more)


def assigned(person: Any, kind: Any, counselor: Any = ONE, **more: Any) -> CounselorAssigned:
    return CounselorAssigned(
        person=person,
        person_kind=kind,
        counselor_id=counselor,
        **{"impracticable_reason": None, "note": None, **more},
    )


theirs = (*contacted, assigned(COMPLAINANT, "party"))


def test_a_party_is_given_a_counselor_of_the_register() -> None:
    given(*contacted, **listed).when(assign(COMPLAINANT, ONE, note=NOTE)).then(
        assigned(COMPLAINANT, "party", note=NOTE)
    )


def test_a_reporter_is_given_one_too_and_the_note_is_sealed_under_the_reporters_key() -> None:
    event = assigned(REPORTER, "reporter", note=NOTE)
    given(*contacted, **listed).when(assign(REPORTER, ONE, note=NOTE)).then(event)
    [field] = sealed_fields(event, CASE)
    assert (field.owner_kind, field.owner_id) == ("reporter", REPORTER)


@pytest.mark.parametrize("other", [RESPONDENT, REPORTER])
def test_a_counselor_who_sees_somebody_of_the_incident_is_not_given_to_another(other: UUID) -> None:
    given(*theirs, **listed).when(assign(other, ONE)).refused(No.COUNSELOR_SHARED)
    given(*theirs, **listed).when(assign(other, TWO)).accepted()


def test_the_refusal_does_not_say_whom_the_counselor_sees() -> None:
    sentence = No.COUNSELOR_SHARED.because.sentence + No.COUNSELOR_SHARED.because.remedy
    assert "{" not in sentence


@pytest.mark.parametrize("reason", ["no_other_counselor", "language", "accessibility"])
def test_a_counselor_is_shared_where_no_other_is_practicable(reason: Any) -> None:
    given(*theirs, **listed).when(assign(RESPONDENT, ONE, impracticable_reason=reason)).then(
        assigned(RESPONDENT, "party", impracticable_reason=reason)
    )


def test_a_person_keeps_the_counselor_or_changes_to_another() -> None:
    given(*theirs, **listed).when(assign(COMPLAINANT, ONE)).accepted()
    changed = (*theirs, assigned(COMPLAINANT, "party", TWO))
    given(*changed, **listed).when(assign(RESPONDENT, ONE)).accepted()
    given(*changed, **listed).when(assign(RESPONDENT, TWO)).refused(No.COUNSELOR_SHARED)


def test_a_counselor_is_on_the_register() -> None:
    given(*contacted).when(assign(COMPLAINANT, ONE)).refused(
        No.INPUT_INVALID, fields="counselor_id"
    )


def test_a_counselor_is_for_somebody_of_this_case() -> None:
    given(*contacted, **listed).when(assign(an_id("nobody"), ONE)).refused(
        No.INPUT_INVALID, fields="for"
    )


def test_in_a_request_the_person_stands_under_for() -> None:
    body = {"for": str(COMPLAINANT), "counselor_id": str(ONE)}
    assert msgspec.convert(body, AssignCounselor, dec_hook=dec_hook) == assign(COMPLAINANT, ONE)


def test_counselors_are_assigned_by_the_office() -> None:
    command = assign(COMPLAINANT, ONE)
    given(*contacted, **listed).when(command, by=DEE).accepted()
    given(*contacted, **listed).when(command, by=party("complainant")).refused(No.ROLE_NOT_ALLOWED)
    given(*contacted, **listed).when(command, by=EVE).not_found()
    given(**listed).when(command).not_found()
    reason = replace(command, impracticable_reason="language")
    given(*contacted, **listed).when(reason).accepted()
