"""Where walks begin, and what carries a case on from there."""

from functools import cache
from typing import NamedTuple
from uuid import UUID, uuid5

from api import stories
from api.stories import Loader
from domain.commands import Intention
from domain.rules import (
    RULES,
    access,
    appeal,
    classification,
    closing,
    complaint,
    conflicts,
    determination,
    disclosure,
    evidence,
    hearing,
    identities,
    intake,
    investigation,
    jurisdiction,
    measures,
    notice,
    outcome,
    package,
    persons,
    removal,
    report,
    requests,
    roles,
    sanctions,
    type_only,
    witnesses,
)
from domain.state import case as case_state
from domain.terms import Stage
from tests.properties.paper import LEDGER, Paper

# What carries a case on from each stage.
FORWARD: dict[Stage, tuple[type[Intention], ...]] = {
    Stage.NONE: (*[intake.ReceiveReport] * 5, type_only.ReportTypeOnly),
    Stage.TYPE_ONLY: (classification.ClassifyIncident, closing.CloseCase),
    Stage.REPORTED: (
        intake.AddParty,
        intake.ContactComplainant,
        persons.RegisterPerson,
        identities.IdentifyParty,
        jurisdiction.AssessJurisdiction,
        measures.OfferMeasure,
    ),
    Stage.ASSESSED: (
        intake.AddParty,
        identities.IdentifyParty,
        intake.ContactComplainant,
        complaint.SignFormalComplaint,
        complaint.SignFormalComplaint,
    ),
    Stage.COMPLAINT_FILED: (notice.IssueNotice, roles.AssignRole),
    Stage.NOTICED: (
        jurisdiction.AssessJurisdiction,
        roles.AssignRole,
        roles.AssignRole,
        investigation.OpenInvestigation,
    ),
    Stage.INVESTIGATING: (
        roles.AssignRole,
        witnesses.AddWitness,
        investigation.NotifyMeeting,
        investigation.RecordInterview,
        evidence.AddEvidence,
        evidence.ClassifyEvidence,
        package.SendEvidence,
        removal.OrderEmergencyRemoval,
    ),
    Stage.EVIDENCE_REVIEW: (package.RecordResponse, package.CloseReview, roles.SelectAdvisor),
    Stage.REPORT_DRAFTING: (roles.AssignRole, roles.ProvideAdvisor, report.IssueReport),
    Stage.REPORT_ISSUED: (
        roles.AssignRole,
        roles.SelectAdvisor,
        hearing.ScheduleHearing,
        hearing.SendHearingNotice,
        hearing.ConveneHearing,
    ),
    Stage.HEARING: (
        hearing.StoreRecording,
        hearing.RuleOnQuestion,
        hearing.RecordAbsence,
        hearing.ConcludeHearing,
    ),
    Stage.HEARD: (hearing.StoreRecording, determination.IssueDetermination),
    Stage.DETERMINED: (
        appeal.FileAppeal,
        roles.AssignRole,
        sanctions.ProvideRemedy,
        disclosure.DiscloseFinalResults,
    ),
    Stage.APPEAL: (
        appeal.FileAppeal,
        appeal.NotifyAppeal,
        roles.AssignRole,
        appeal.DecideAppeal,
        appeal.DecideAppeal,
    ),
    Stage.FINAL: (
        sanctions.ImplementSanction,
        sanctions.CompleteSanction,
        sanctions.TransferStanding,
        measures.DocumentResponse,
        intake.ProvideRights,
        disclosure.DiscloseFinalResults,
        closing.CloseCase,
    ),
    Stage.CLOSED: (disclosure.DiscloseFinalResults, disclosure.RecordDisclosure),
}


# What follows on something begun, whatever the stage.
BEGUN: tuple[type[Intention], ...] = (
    measures.AcceptMeasure,
    measures.ImplementMeasure,
    measures.EndMeasure,
    removal.ServeRemovalNotice,
    removal.ChallengeRemoval,
    removal.DecideChallenge,
    removal.DecideChallenge,
    evidence.ClassifyEvidence,
    witnesses.WithdrawWitness,
    roles.RemoveAdvisor,
    persons.UnlinkPerson,
    persons.MergePersons,
    outcome.CloseAppealWindow,
    outcome.FinalizeOutcome,
    outcome.SealRespondent,
    sanctions.CompleteSanction,
)

# Who may read it and who was told, whatever the stage.
BESIDE: tuple[type[Intention], ...] = (
    conflicts.DecideConflict,
    roles.UnassignRole,
    access.GrantAccess,
    access.GrantAccess,
    access.RevokeAccess,
    access.ApproveReveal,
    access.ReplayCase,
    access.ReplayCase,
    disclosure.RecordDisclosure,
    disclosure.RecordWaiver,
    requests.ReceiveAccessRequest,
    requests.FulfillAccessRequest,
)


class Place(NamedTuple):
    """A record so far, and the case to go on with."""

    paper: Paper
    case: UUID


@cache
def set_up() -> tuple[Paper, ...]:
    """The record after each line of the set-up."""
    paper = Paper()
    loader = Loader(paper.as_record(), uuid5(LEDGER, "load"))
    found = [paper.copy()]
    for result in loader.run(stories.read([stories.setup_story()])):
        assert result.as_written
        found.append(paper.copy())
    return tuple(found)


def on_paper(line: stories.Line) -> bool:
    """On paper nothing is opened."""
    return line.do in stories.COMMANDS


@cache
def places() -> dict[str, tuple[Place, ...]]:
    """The record after each line of all stories merged, by the stage of the case just told of."""
    paper = Paper()
    loader = Loader(paper.as_record(), uuid5(LEDGER, "load"))
    found: dict[str, list[Place]] = {}
    lines = stories.read([stories.setup_story(), *stories.shipped()])
    for result in loader.run([placed for placed in lines if on_paper(placed.line)]):
        assert result.as_written, f"{result.file}:{result.line} {result.code}"
        case = result.on
        if RULES[stories.COMMANDS[result.do]].home == "case":
            stage = paper.folded(case, case_state.fold).stage
            found.setdefault(stage, []).append(Place(paper.copy(), case))
        elif result.do == "RecordTraining":
            found.setdefault(Stage.NONE, []).append(Place(paper.copy(), uuid5(LEDGER, "a new one")))
    return {stage: tuple(those) for stage, those in found.items()}
