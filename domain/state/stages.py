"""Which event moves a case to which stage: one table, read by all."""

from collections.abc import Mapping

from domain.events import Event, case
from domain.terms import Stage

# The channel of a confidential employee's report: no pack lists it, no other command takes it.
TYPE_ONLY = "confidential_type_only"

# Event name → the stage after it. An event that is not here leaves the stage as it is.
STAGE_AFTER: Mapping[str, Stage] = {
    kind.__name__: stage
    for kind, stage in (
        (case.ReportReceived, Stage.REPORTED),
        (case.JurisdictionAssessed, Stage.ASSESSED),
        (case.FormalComplaintSigned, Stage.COMPLAINT_FILED),
        (case.NoticeOfAllegationsIssued, Stage.NOTICED),
        (case.InvestigationOpened, Stage.INVESTIGATING),
        (case.EvidencePackageSent, Stage.EVIDENCE_REVIEW),
        (case.EvidenceReviewClosed, Stage.REPORT_DRAFTING),
        (case.InvestigativeReportIssued, Stage.REPORT_ISSUED),
        (case.HearingConvened, Stage.HEARING),
        (case.HearingConcluded, Stage.HEARD),
        (case.DeterminationIssued, Stage.DETERMINED),
        (case.AppealFiled, Stage.APPEAL),
        (case.OutcomeBecameFinal, Stage.FINAL),
        (case.CaseClosed, Stage.CLOSED),
    )
}

# Where the table has a condition: the event moves the stage only from these.
ONLY_FROM: Mapping[str, frozenset[Stage]] = {
    "ReportReceived": frozenset({Stage.NONE}),
    "JurisdictionAssessed": frozenset({Stage.REPORTED, Stage.ASSESSED}),
}

REMANDING = frozenset({"remanded", "dismissal_reversed"})


def stage_after(stage: Stage, event: Event) -> Stage:
    """The stage of a case after this event."""
    if isinstance(event, case.AppealDecided) and event.result in REMANDING:
        return Stage.REMANDED
    if isinstance(event, case.ReportReceived) and event.channel == TYPE_ONLY:
        return Stage.TYPE_ONLY
    return stage_by_name(stage, type(event).__name__)


def stage_by_name(stage: Stage, name: str) -> Stage:
    """The same from the event's name alone: not an AppealDecided that remands, nor a type-only
    report."""
    if stage not in ONLY_FROM.get(name, {stage}):
        return stage
    return STAGE_AFTER.get(name, stage)
