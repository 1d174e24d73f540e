"""On what ground sealed words are opened: 02.2.20 IV.C.3 [P]; TEC 51.256 [P]; 19 TAC 3.17 [P]."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from msgspec.structs import replace

from domain.context import Context, Who
from domain.deadlines import Calendar
from domain.errors import NotFound
from domain.events import Event
from domain.events.access import AccessGranted, AccessRevoked, RevealApproved
from domain.events.case import (
    ConflictDisclosed,
    RespondentIdentitySealed,
)
from domain.interest import Words
from domain.policy import Policy
from domain.refusals import No
from domain.reveal import STANDING, Ground, ground, ground_of_person
from domain.state import access as access_state
from domain.state import case as case_state
from domain.terms import FieldScope, Purpose, Role
from tests.spec.cases import (
    ALLEGATION,
    DORA_ID,
    HUGO_ID,
    IVY_ID,
    finalized,
    granted,
    staffed,
)
from tests.spec.kit import (
    ADOPTED,
    BCM,
    CASE,
    COMPLAINANT,
    CORA,
    DEE,
    DORA,
    EVE,
    HUGO,
    IVY,
    LEDGER,
    OFFICE,
    OPERATOR,
    RESPONDENT,
    ZONE,
    an_id,
    instant,
    mac,
    party,
    scene,
    staff,
)

ADA = staff("ada")
NAME = Words("parties", "party", RESPONDENT)
REPORTER = Words("reporter", "reporter", an_id("reporter"))
MEASURE = Words("measures", "party", COMPLAINANT)
TEXT = Words("narratives", "case", CASE)

investigates, hears, decides = (
    granted("investigator", IVY_ID).event,
    granted("hearing_officer", HUGO_ID, 1).event,
    granted("decision_maker", DORA_ID, 2).event,
)
registrars = AccessGranted(
    grant_id=an_id("grant"),
    user=UUID(DEE.id),
    case=CASE,
    purpose="registrar",
    basis="granted",
    field_scope=("parties",),
    expires_on=date(2025, 3, 3),
    approved_by=None,
    approval_ref=None,
)
legal = replace(registrars, purpose="legal", field_scope=("access", "parties", "reporter"))
audits = replace(legal, user=UUID(ADA.id), purpose="audit")
agreed = RevealApproved(
    approval_id=an_id("approval"),
    user=UUID(DEE.id),
    purpose="legal",
    field_scope=("parties", "reporter"),
    until=instant("2025-02-04"),
)
sealed = RespondentIdentitySealed(respondent=RESPONDENT, allegation_ids=(ALLEGATION,))


def asked(
    who: Who,
    purpose: Purpose,
    *words: Words,
    access: Collection[Event] = (investigates, hears, decides),
    case: Collection[Event] = staffed,
    at: datetime | None = None,
    pack: Policy | None = None,
    ended: frozenset[Role] = frozenset(),
) -> Ground:
    adopted = replace(ADOPTED, policy=pack) if pack else ADOPTED
    office = {**OFFICE, ADA.id: frozenset({Role.AUDITOR})}
    return ground(
        purpose,
        words or (NAME,),
        Context(
            now=at or instant("2025-02-03"),
            ledger=LEDGER,
            calendar=Calendar(ZONE),
            who=who,
            office=office.get(who.id, frozenset()),
            ended=ended,
            packs=(adopted,),
            mac=mac,
            case=case_state.fold(case),
            case_id=CASE,
            access=access_state.fold(access),
        ),
    )


def refused(found: Ground, code: No) -> None:
    assert found.refused is not None
    assert found.refused.refusal is code


# The ground


def test_a_grant_opens_nothing_for_somebody_who_left_or_lost_the_role() -> None:
    for ended in (frozenset(Role), frozenset({Role.INVESTIGATOR})):
        with pytest.raises(NotFound):
            asked(IVY, "investigate", ended=ended)
    other = asked(IVY, "investigate", ended=frozenset({Role.HEARING_OFFICER}))
    assert other.refused is None


@pytest.mark.parametrize("purpose", ["intake", "support"])
@pytest.mark.parametrize(("who", "role"), [(CORA, Role.COORDINATOR), (DEE, Role.DEPUTY)])
def test_the_office_reads_for_intake_and_support_by_its_role(
    who: Who, role: Role, purpose: Purpose
) -> None:
    assert asked(who, purpose) == Ground(role, STANDING)


@pytest.mark.parametrize(
    ("who", "purpose", "grant", "role"),
    [
        (IVY, "investigate", investigates, Role.INVESTIGATOR),
        (HUGO, "hear", hears, Role.HEARING_OFFICER),
        (DORA, "decide", decides, Role.DECISION_MAKER),
    ],
)
def test_who_acts_on_the_case_reads_under_the_grant_of_the_role(
    who: Who, purpose: Purpose, grant: AccessGranted, role: Role
) -> None:
    assert asked(who, purpose) == Ground(role, "role_assigned", grant.grant_id)
    ended = AccessRevoked(grant_id=grant.grant_id, reason_code="no_longer_needed")
    refused(
        asked(who, purpose, access=[investigates, hears, decides, ended]),
        No.NO_INSTITUTIONAL_INTEREST,
    )


@pytest.mark.parametrize(
    ("who", "purpose"),
    [(CORA, "investigate"), (CORA, "registrar"), (IVY, "intake"), (IVY, "decide"), (ADA, "audit")],
)
def test_nobody_reads_for_a_purpose_without_its_ground(who: Who, purpose: Purpose) -> None:
    refused(asked(who, purpose), No.NO_INSTITUTIONAL_INTEREST)


def test_what_is_refused_is_refused_in_a_role_that_is_held() -> None:
    assert asked(IVY, "decide").role is Role.INVESTIGATOR
    assert asked(party("respondent"), "intake").role is Role.RESPONDENT


@pytest.mark.parametrize(
    ("who", "purpose", "words"),
    [
        (CORA, "intake", MEASURE),
        (CORA, "support", REPORTER),
        (IVY, "investigate", MEASURE),
        (HUGO, "hear", REPORTER),
        (DORA, "decide", MEASURE),
    ],
)
def test_a_purpose_opens_what_it_needs_and_nothing_else(
    who: Who, purpose: Purpose, words: Words
) -> None:
    refused(asked(who, purpose, NAME, words), No.NO_INSTITUTIONAL_INTEREST)
    assert asked(who, purpose, NAME, TEXT).refused is None


@pytest.mark.parametrize("scope", ["statements", "witnesses", "evidence", "reporter"])
def test_nobody_is_supported_by_what_was_said_of_the_matter(scope: FieldScope) -> None:
    refused(asked(CORA, "support", NAME._replace(scope=scope)), No.NO_INSTITUTIONAL_INTEREST)


# When it is over


@pytest.mark.parametrize("who", [CORA, DEE])
def test_what_the_office_does_in_the_process_ends_some_days_after_the_outcome_is_final(
    who: Who,
) -> None:
    last = instant("2025-05-26")  # 30 days after it, as the policy says.
    assert asked(who, "intake", case=finalized, at=last).basis == STANDING
    late = asked(who, "intake", case=finalized, at=last + timedelta(days=1))
    refused(late, No.NO_INSTITUTIONAL_INTEREST)
    assert asked(who, "intake", case=staffed, at=last + timedelta(days=1)).basis == STANDING


def test_after_that_another_of_the_office_says_for_what_and_until_when() -> None:
    again = replace(registrars, purpose="intake", expires_on=date(2030, 1, 3))
    after = {"access": [again], "case": (*finalized, sealed)}
    found = asked(DEE, "intake", at=instant("2030-01-03"), **after)
    assert found == Ground(Role.DEPUTY, "granted", again.grant_id)
    refused(asked(DEE, "intake", at=instant("2030-01-04"), **after), No.NO_INSTITUTIONAL_INTEREST)
    refused(asked(CORA, "intake", at=instant("2030-01-03"), **after), No.NO_INSTITUTIONAL_INTEREST)


def test_measures_outlast_the_process() -> None:
    assert asked(CORA, "support", MEASURE, case=finalized, at=instant("2030-01-03")).refused is None


def test_a_policy_without_a_number_of_days_ends_nothing() -> None:
    altered = msgspec.to_builtins(BCM)
    altered["access"]["after_final"]["days"] = None
    pack = msgspec.convert(altered, Policy)
    found = asked(CORA, "intake", case=finalized, at=instant("2030-01-03"), pack=pack)
    assert found.basis == STANDING


def test_a_grant_of_another_person_is_no_ground() -> None:
    refused(asked(CORA, "registrar", access=[registrars]), No.NO_INSTITUTIONAL_INTEREST)
    assert asked(DEE, "registrar", access=[registrars]) == Ground(
        Role.DEPUTY, "granted", registrars.grant_id
    )


def test_a_grant_of_other_fields_is_no_ground() -> None:
    refused(asked(DEE, "registrar", TEXT, access=[registrars]), No.NO_INSTITUTIONAL_INTEREST)


def test_a_grant_that_ran_out_is_no_ground() -> None:
    late = instant("2025-03-04")
    refused(asked(DEE, "registrar", access=[registrars], at=late), No.NO_INSTITUTIONAL_INTEREST)
    assert asked(DEE, "registrar", access=[registrars], at=instant("2025-03-03")).refused is None


# Who may know of the case


@pytest.mark.parametrize("who", [party("respondent"), party("complainant"), OPERATOR])
def test_parties_and_operators_open_nothing(who: Who) -> None:
    refused(asked(who, "intake"), No.ROLE_NOT_ALLOWED)


def test_a_stranger_and_somebody_with_a_conflict_do_not_find_the_case() -> None:
    with pytest.raises(NotFound):
        asked(EVE, "intake")
    disclosed = ConflictDisclosed(
        conflict_id=an_id("conflict"), staff_id=IVY_ID, about_role="investigator", note=None
    )
    with pytest.raises(NotFound):
        asked(IVY, "investigate", case=(*staffed, disclosed))


# The respondent who was cleared


def test_a_sealed_identity_is_opened_for_the_process_alone() -> None:
    case = (*finalized, sealed)
    refused(asked(DEE, "registrar", access=[registrars], case=case), No.RESPONDENT_SEALED)
    assert asked(DEE, "registrar", access=[registrars], case=finalized).refused is None
    assert asked(CORA, "intake", case=case).refused is None
    assert asked(IVY, "investigate", case=case).refused is None


def test_support_by_the_role_alone_leaves_who_was_cleared_in_peace_when_it_is_over() -> None:
    case, late = (*finalized, sealed), instant("2025-05-27")
    assert asked(CORA, "support", NAME, case=case, at=instant("2025-05-26")).refused is None
    refused(asked(CORA, "support", NAME, case=case, at=late), No.RESPONDENT_SEALED)
    assert asked(CORA, "support", NAME, case=finalized, at=late).refused is None
    assert asked(CORA, "support", MEASURE, case=case, at=late).refused is None
    given = replace(registrars, purpose="support", expires_on=date(2025, 6, 30))
    found = asked(DEE, "support", case=case, at=late, access=[given])
    assert found.refused is None


@pytest.mark.parametrize(
    "words",
    [TEXT, Words("links", "witness", an_id("witness")), Words("measures", "reporter", CASE)],
)
def test_support_by_the_role_alone_is_of_parties_when_it_is_over(words: Words) -> None:
    """Neither what was reported, nor who a witness is by way of the person that is linked."""
    last = instant("2025-05-26")
    assert asked(CORA, "support", NAME, words, case=finalized, at=last).basis == STANDING
    late = last + timedelta(days=1)
    refused(
        asked(CORA, "support", NAME, words, case=finalized, at=late), No.NO_INSTITUTIONAL_INTEREST
    )
    given = replace(registrars, purpose="support", expires_on=date(2025, 6, 30))
    wide = replace(given, field_scope=("links", "measures", "narratives", "parties"))
    found = asked(DEE, "support", NAME, words, case=finalized, at=late, access=[wide])
    assert found.refused is None


def test_words_about_others_stay_as_they_were() -> None:
    other = Words("parties", "party", COMPLAINANT)
    case = (*finalized, sealed)
    assert asked(DEE, "registrar", other, access=[registrars], case=case).refused is None


# A Person's own words


def test_a_person_s_own_words_are_the_office_s_for_what_it_does_by_its_role() -> None:
    def asked_of_person(purpose: Purpose, *, cleared: bool = False, who: Who = CORA) -> Ground:
        return ground_of_person(purpose, cleared, scene(case_state.Case(), by=who))

    for purpose in ("intake", "support"):
        assert asked_of_person(purpose) == Ground(Role.COORDINATOR, STANDING)
        refused(asked_of_person(purpose, cleared=True), No.RESPONDENT_SEALED)
    refused(asked_of_person("investigate"), No.NO_INSTITUTIONAL_INTEREST)
    with pytest.raises(NotFound):
        asked_of_person("intake", who=IVY)


# A second person


def test_some_purposes_need_the_word_of_a_second_person() -> None:
    refused(asked(DEE, "legal", access=[legal]), No.SECOND_APPROVER_REQUIRED)
    assert asked(DEE, "legal", access=[legal, agreed]) == Ground(
        Role.DEPUTY, "granted", legal.grant_id
    )


@pytest.mark.parametrize(
    "another",
    [
        {"user": UUID(CORA.id)},
        {"purpose": "audit"},
        {"field_scope": ("reporter",)},
        {"until": instant("2025-02-03", 9)},
    ],
)
def test_that_word_is_for_this_person_purpose_fields_and_time(another: dict[str, Any]) -> None:
    no = replace(agreed, **another)
    refused(asked(DEE, "legal", access=[legal, no]), No.SECOND_APPROVER_REQUIRED)


def test_it_holds_until_its_hour() -> None:
    until = instant("2025-02-04")
    assert asked(DEE, "legal", access=[legal, agreed], at=until).refused is None


def test_an_auditor_needs_both_a_grant_and_that_word() -> None:
    refused(asked(ADA, "audit", access=[audits]), No.SECOND_APPROVER_REQUIRED)
    word = replace(agreed, user=UUID(ADA.id), purpose="audit")
    assert asked(ADA, "audit", access=[audits, word]).basis == "granted"


def test_a_policy_may_ask_it_for_some_words() -> None:
    altered = msgspec.to_builtins(BCM)
    altered["reveal"]["second_approver_fields"] = ["reporter"]
    pack = msgspec.convert(altered, Policy)
    refused(asked(CORA, "intake", NAME, REPORTER, pack=pack), No.SECOND_APPROVER_REQUIRED)
    assert asked(CORA, "intake", NAME, pack=pack).refused is None
