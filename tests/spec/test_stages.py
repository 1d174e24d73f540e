"""What comes when, and what it waits for. 34 CFR 106.45(b) [S]; the order of the steps [D].

The stage is asked first, then whether what the step acts on is there; only then the words.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from domain.commands import Intention
from domain.errors import Refusal, Refused
from domain.events import Event
from domain.refusals import No
from domain.rules import (
    ALWAYS,
    RULES,
    appeal,
    complaint,
    determination,
    disclosure,
    hearing,
    informal,
    intake,
    investigation,
    measures,
    notice,
    package,
    removal,
    report,
    requests,
    roles,
    sanctions,
)
from domain.rules.gate import (
    SAYS_MORE,
    check_possible,
    check_stage,
    possible_now,
)
from domain.state.case import Case, fold
from domain.terms import Role, Stage
from tests.spec.cases import (
    appeal_decided,
    appealed,
    assessed,
    contacted,
    convened,
    determined,
    documented,
    filed,
    finalized,
    heard,
    investigating,
    opened,
    package_sent,
    received,
    reported,
    reviewed,
    staffed,
    told,
    type_only,
    without,
)
from tests.spec.kit import (
    given,
    scene,
)
from tests.spec.test_gate import receive, sign_again

OFFICE = frozenset({Role.COORDINATOR})


# A case at each stage. Two come with later steps; theirs are like those they follow on.
AT: Mapping[Stage, Sequence[Event]] = {
    Stage.REPORTED: contacted,
    Stage.ASSESSED: assessed,
    Stage.SUPPORT_ONLY: assessed,
    Stage.COMPLAINT_FILED: filed,
    Stage.NOTICED: staffed,
    Stage.INVESTIGATING: investigating,
    Stage.EVIDENCE_REVIEW: package_sent,
    Stage.REPORT_DRAFTING: reviewed,
    Stage.REPORT_ISSUED: reported,
    Stage.HEARING: convened,
    Stage.HEARD: heard,
    Stage.DETERMINED: determined,
    Stage.APPEAL: appealed,
    Stage.REMANDED: appeal_decided,
    Stage.FINAL: finalized,
    Stage.CLOSED: documented,
    Stage.TYPE_ONLY: type_only,
}


def case_at(stage: Stage) -> Case:
    return replace(fold(AT[stage]), stage=stage)


def code_at(kind: type[Intention], stage: Stage) -> Refusal | None:
    """What the gate says of a command at that stage; None: go on to the rule."""
    try:
        case = case_at(stage)
        check_stage(kind, case, scene(case), OFFICE)
    except Refused as refused:
        return refused.refusal
    return None


# At this stage


def test_the_stage_is_asked_before_what_must_hold_and_before_the_words() -> None:
    unwarned = without(filed, told)
    given(*unwarned).when(sign_again).refused(No.DUPLICATE_COMPLAINT)
    given(*without(contacted, told)).when(sign_again).refused(No.IDENTITY_WARNING_REQUIRED)
    given(*contacted).when(sign_again).refused(No.COMPLAINT_UNSIGNED)


def test_what_must_hold_is_asked_before_the_date_and_the_date_before_the_words() -> None:
    tomorrow = replace(sign_again, occurred_on="2025-01-16")
    given(*without(contacted, told)).when(tomorrow).refused(No.IDENTITY_WARNING_REQUIRED)
    given(*contacted).when(tomorrow).refused(No.DATE_IN_FUTURE)


def test_the_refusal_names_command_stage_and_what_these_roles_can_do_now() -> None:
    with pytest.raises(Refused) as caught:
        given(*contacted).when(receive).decide()
    refused = caught.value
    assert refused.refusal is No.ILLEGAL_TRANSITION
    assert refused.facts["command"] == "ReceiveReport"
    assert refused.facts["stage"] is Stage.REPORTED
    commands = refused.facts["commands"].split(", ")
    assert "SignFormalComplaint" in commands
    assert "IssueNotice" not in commands
    assert "AddEvidence" not in commands


def test_where_nothing_is_possible_the_refusal_says_none() -> None:
    case = case_at(Stage.REPORTED)
    with pytest.raises(Refused) as caught:
        check_stage(hearing.ConcludeHearing, case, scene(case), frozenset({Role.AUDITOR}))
    assert caught.value.facts["commands"] == "none"


@pytest.mark.parametrize(
    "kind",
    [
        intake.ContactComplainant,
        intake.ProvideRights,
        measures.OfferMeasure,
        removal.OrderEmergencyRemoval,
        roles.SelectAdvisor,
        roles.ProvideAdvisor,
        disclosure.RecordDisclosure,
        disclosure.RecordWaiver,
        requests.ReceiveAccessRequest,
    ],
)
def test_what_is_done_for_somebody_waits_until_the_case_knows_of_somebody(
    kind: type[Intention],
) -> None:
    case = fold([received])
    with pytest.raises(Refused) as caught:
        check_possible(kind, case, scene(case), OFFICE)
    assert caught.value.refusal is No.ILLEGAL_TRANSITION
    assert "(see AddParty)" in caught.value.sentence
    assert kind.__name__ not in caught.value.remedy.split(": ")[1]
    assert is_ready(kind, fold(opened))


def is_ready(kind: type[Intention], case: Case) -> bool:
    ready = RULES[kind].ready
    try:
        if ready:
            ready(case, scene(case))
    except Refused:
        return False
    return True


@pytest.mark.parametrize("kind", [kind for kind, rule in RULES.items() if rule.home == "case"])
def test_a_command_goes_through_at_its_stages_and_at_no_other(kind: type[Intention]) -> None:
    for stage in ALWAYS | {Stage.TYPE_ONLY}:
        allowed = stage in RULES[kind].during
        assert (code_at(kind, stage) is None) == allowed
        case = case_at(stage)
        possible = kind in possible_now(case, scene(case), frozenset(Role))
        assert possible == (allowed and is_ready(kind, case))


@pytest.mark.parametrize(
    ("kind", "stage", "code"),
    [
        (notice.IssueNotice, Stage.REPORTED, No.FORMAL_COMPLAINT_REQUIRED),
        (informal.OfferInformal, Stage.ASSESSED, No.FORMAL_COMPLAINT_REQUIRED),
        (investigation.OpenInvestigation, Stage.SUPPORT_ONLY, No.FORMAL_COMPLAINT_REQUIRED),
        (investigation.NotifyMeeting, Stage.REPORTED, No.FORMAL_COMPLAINT_REQUIRED),
        (investigation.RecordInterview, Stage.REPORTED, No.FORMAL_COMPLAINT_REQUIRED),
        (package.SendEvidence, Stage.REPORTED, No.FORMAL_COMPLAINT_REQUIRED),
        (package.RecordResponse, Stage.REPORTED, No.FORMAL_COMPLAINT_REQUIRED),
        (package.CloseReview, Stage.REPORTED, No.FORMAL_COMPLAINT_REQUIRED),
        (report.IssueReport, Stage.REPORTED, No.FORMAL_COMPLAINT_REQUIRED),
        (hearing.ScheduleHearing, Stage.REPORTED, No.FORMAL_COMPLAINT_REQUIRED),
        (hearing.SendHearingNotice, Stage.REPORTED, No.FORMAL_COMPLAINT_REQUIRED),
        (hearing.ConveneHearing, Stage.REPORTED, No.FORMAL_COMPLAINT_REQUIRED),
        (determination.IssueDetermination, Stage.REPORTED, No.FORMAL_COMPLAINT_REQUIRED),
        (sanctions.ImplementSanction, Stage.SUPPORT_ONLY, No.FORMAL_COMPLAINT_REQUIRED),
        (investigation.OpenInvestigation, Stage.COMPLAINT_FILED, No.NOTICE_FIRST),
        (investigation.RecordInterview, Stage.COMPLAINT_FILED, No.NOTICE_FIRST),
        (informal.OfferInformal, Stage.COMPLAINT_FILED, No.NOTICE_FIRST),
        (complaint.SignFormalComplaint, Stage.COMPLAINT_FILED, No.DUPLICATE_COMPLAINT),
        (complaint.SignFormalComplaint, Stage.CLOSED, No.DUPLICATE_COMPLAINT),
        (report.IssueReport, Stage.EVIDENCE_REVIEW, No.EVIDENCE_REVIEW_OPEN),
        (determination.IssueDetermination, Stage.INVESTIGATING, No.HEARING_FIRST),
        (determination.IssueDetermination, Stage.REPORT_ISSUED, No.HEARING_FIRST),
        (determination.IssueDetermination, Stage.HEARING, No.HEARING_FIRST),
        (sanctions.ImplementSanction, Stage.DETERMINED, No.NOT_FINAL),
        (sanctions.ImplementSanction, Stage.APPEAL, No.NOT_FINAL),
        (appeal.FileAppeal, Stage.FINAL, No.APPEAL_LATE),
        (appeal.FileAppeal, Stage.CLOSED, No.APPEAL_LATE),
        # No row says more of these.
        (determination.IssueDetermination, Stage.DETERMINED, No.ILLEGAL_TRANSITION),
        (determination.IssueDetermination, Stage.NOTICED, No.ILLEGAL_TRANSITION),
        (informal.OfferInformal, Stage.DETERMINED, No.ILLEGAL_TRANSITION),
        (appeal.FileAppeal, Stage.HEARD, No.ILLEGAL_TRANSITION),
        (sanctions.ImplementSanction, Stage.HEARD, No.ILLEGAL_TRANSITION),
        (notice.IssueNotice, Stage.NOTICED, No.ILLEGAL_TRANSITION),
        (removal.OrderEmergencyRemoval, Stage.REPORTED, None),
    ],
)
def test_where_more_can_be_said_than_not_now_it_is_said(
    kind: type[Intention], stage: Stage, code: No | None
) -> None:
    assert code_at(kind, stage) is code


def test_every_row_that_says_more_stands_where_the_command_may_not_come() -> None:
    for kinds, at, _ in SAYS_MORE:
        for kind in kinds:
            assert not at & RULES[kind].during


@pytest.mark.parametrize(
    ("kind", "history", "facts"),
    [
        (report.IssueReport, package_sent, {"date": date(2025, 3, 13)}),
        (appeal.FileAppeal, finalized, {"date": date(2025, 4, 25)}),
        (complaint.SignFormalComplaint, filed, {"case": "this case"}),
        (sanctions.ImplementSanction, determined, {}),
    ],
)
def test_what_is_said_names_the_day(
    kind: type[Intention], history: Sequence[Event], facts: dict[str, Any]
) -> None:
    case = fold(history)
    with pytest.raises(Refused) as caught:
        check_possible(kind, case, scene(case), OFFICE)
    assert caught.value.facts == facts
    assert "…" not in caught.value.sentence
