"""The state of a case: a fold of its events. Total, free of judgment, and without sealed text."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import reduce
from typing import Any, Literal, TypeAlias
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.events import Event
from domain.events import case as on
from domain.ids import AllegationId, CounselorId, IncidentId, PartyId, StaffId, WitnessId
from domain.state.outcome import after_appeal, appeals_are, sanction_is, sanction_of
from domain.state.parts import (
    Appeal,
    Conflict,
    Determination,
    Hearing,
    Jurisdiction,
    Measure,
    Meeting,
    Party,
    Removal,
    Report,
    Review,
    SanctionState,
    Window,
    Witness,
)
from domain.state.stages import TYPE_ONLY, stage_after
from domain.terms import Role, Stage

Parties: TypeAlias = Mapping[PartyId, Party]


class Case(Struct, frozen=True, kw_only=True):
    """One formal complaint, or the report that may become one."""

    stage: Stage = Stage.NONE
    report_ids: tuple[UUID, ...] = ()
    received_at: datetime | None = None
    reported_from: str | None = None
    reported_to: str | None = None
    intake_pack: str | None = None
    reporter_id: UUID | None = None
    anonymous: bool = False
    type_only: bool = False  # For good: also when it is closed.
    reporter_identified: bool = False  # Later than by the report.
    duty_unmet: bool = False  # Reported anonymously by an employee, as it turned out.
    danger_reported: bool = False
    parties: Parties = {}
    witnesses: Mapping[WitnessId, Witness] = {}
    rights_given: frozenset[PartyId] = frozenset()
    topics_told: Mapping[PartyId, frozenset[str]] = {}
    attempts: Mapping[PartyId, int] = {}  # At reaching a complainant, whether reached or not.
    failed_attempts: int = 0
    measures: Mapping[UUID, Measure] = {}
    counselors: Mapping[UUID, CounselorId] = {}
    response_documented: bool = False
    removals: Mapping[UUID, Removal] = {}
    jurisdiction: Jurisdiction | None = None
    incidents: frozenset[IncidentId] = frozenset()
    complaint_id: UUID | None = None
    complaint_signed_on: date | None = None
    bound_pack: str | None = None
    bound_by: Literal["incident_date", "receipt_date"] | None = None
    allegations: Mapping[AllegationId, on.Allegation] = {}
    first_interview_not_before: date | None = None
    informal_offered: bool = False
    roles: Mapping[str, frozenset[StaffId]] = {}
    roles_left: Mapping[str, frozenset[StaffId]] = {}  # Who had one that ended.
    investigators: frozenset[StaffId] = frozenset()
    conflicts: Mapping[UUID, Conflict] = {}
    meetings: Mapping[UUID, Meeting] = {}
    review: Review | None = None
    responses: Mapping[UUID, frozenset[PartyId]] = {}
    report: Report | None = None
    hearing: Hearing | None = None
    determination: Determination | None = None
    windows: Mapping[PartyId, Window] = {}
    appeals: Mapping[UUID, Appeal] = {}
    statements_until: date | None = None
    final_basis: str | None = None
    final_on: date | None = None
    results: Mapping[AllegationId, str] = {}
    sanctions: Mapping[UUID, SanctionState] = {}
    remedies_owed: bool = False
    respondents_sealed: frozenset[PartyId] = frozenset()

    def roles_of(self, actor: str) -> frozenset[Role]:
        """What this actor is on this case: a party, its reporter, or assigned staff."""
        held = {Role(role) for role, staff in self.roles.items() if actor in map(str, staff)}
        held |= {Role(p.role) for key, p in self.parties.items() if str(key) == actor}
        if self.reporter_id is not None and str(self.reporter_id) == actor and not held:
            held.add(Role.REPORTER)
        return frozenset(held)

    def left_by(self, actor: str) -> frozenset[Role]:
        """What staff was on this case, and may have acted as, before the role ended."""
        return frozenset(
            Role(role) for role, staff in self.roles_left.items() if actor in map(str, staff)
        )

    @property
    def walls(self) -> frozenset[StaffId]:
        """Staff for whom this case does not exist, whatever their role: 02.2.20 V.A [P]."""
        standing = ("disclosed", "upheld")
        return frozenset(c.staff_id for c in self.conflicts.values() if c.status in standing)

    @property
    def cleared(self) -> frozenset[StaffId]:
        """Staff of whom it was decided that there is no conflict."""
        return frozenset(c.staff_id for c in self.conflicts.values() if c.status == "not_upheld")

    def those(self, role: Literal["complainant", "respondent"]) -> dict[PartyId, Party]:
        return {key: party for key, party in self.parties.items() if party.role == role}

    @property
    def known_parties(self) -> frozenset[PartyId]:
        return frozenset(key for key, party in self.parties.items() if party.identified)

    @property
    def open_appeals(self) -> frozenset[UUID]:
        return frozenset(key for key, appeal in self.appeals.items() if not appeal.decided)


def fold(events: Iterable[Event], start: Case | None = None) -> Case:
    """The state after these events, oldest first."""
    return reduce(evolve, events, start or Case())


def evolve(state: Case, event: Event) -> Case:  # noqa: C901, PLR0911, PLR0912, PLR0915 - one arm per event.
    """What is known after one more event. What is recorded is never refused."""
    state = replace(state, stage=stage_after(state.stage, event))
    match event:
        case on.ReportReceived():
            return replace(
                state,
                report_ids=(*state.report_ids, event.report_id),
                received_at=state.received_at or event.received_at,
                reported_from=event.incident_from,
                reported_to=event.incident_to,
                intake_pack=event.intake_pack,
                reporter_id=event.reporter_id,
                anonymous=event.anonymous,
                type_only=event.channel == TYPE_ONLY,
            )
        case on.PartyAdded():
            party = Party(event.role, event.identified, event.affiliation_class)
            return replace(state, parties={**state.parties, event.party_id: party})
        case on.PartyIdentified():
            return _identified(state, event)
        case on.WitnessAdded():
            added = Witness(event.called_by, event.name is not None, event.affiliation_class)
            return _witness(state, event.witness_id, added)
        case on.WitnessWithdrawn():
            gone = replace(state.witnesses[event.witness_id], withdrawn=True)
            return _witness(state, event.witness_id, gone)
        case on.RightsInformationProvided():
            return replace(state, rights_given=state.rights_given | {event.party_id})
        case on.ComplainantContacted():
            made = {**state.attempts, event.party_id: event.attempt_no}
            state = replace(state, attempts=made)
            if not event.reached:
                return replace(state, failed_attempts=state.failed_attempts + 1)
            told = state.topics_told.get(event.party_id, frozenset()) | set(event.topics)
            return replace(state, topics_told={**state.topics_told, event.party_id: told})
        case on.ImminentDangerReportedToCEO():
            return replace(state, danger_reported=True)
        case on.JurisdictionAssessed():
            assessed = Jurisdiction(
                in_us=event.in_us,
                in_program=event.in_program,
                definition_met=event.definition_met_if_proved,
                participation_test=event.participation_test,
                bound_pack=event.bound_pack,
                incident_from=event.incident_from,
                incident_to=event.incident_to,
            )
            return replace(
                state,
                jurisdiction=assessed,
                bound_pack=state.bound_pack or event.bound_pack,
                bound_by=state.bound_by or event.bound_by,
            )
        case on.IncidentClassified():
            return replace(state, incidents=state.incidents | {event.incident_id})
        case on.SupportiveMeasureOffered():
            offered = Measure(event.for_party, event.mutual is False, "offered")
            return _measure(state, event.measure_id, offered)
        case on.SupportiveMeasureAccepted():
            return _measure_is(state, event.measure_id, "accepted")
        case on.SupportiveMeasureImplemented():
            return _measure_is(state, event.measure_id, "active", since=event.start_on)
        case on.SupportiveMeasureEnded():
            return _measure_is(state, event.measure_id, "ended")
        case on.CounselorAssigned():
            return replace(state, counselors={**state.counselors, event.person: event.counselor_id})
        case on.ResponseBasisDocumented():
            return replace(state, response_documented=True)
        case on.EmergencyRemovalOrdered():
            removal = Removal(event.respondent, event.ordered_by, event.analysis_id, "ordered")
            return replace(state, removals={**state.removals, event.removal_id: removal})
        case on.EmergencyRemovalNoticeServed():
            return _removal_is(state, event.removal_id, "served")
        case on.EmergencyRemovalChallenged():
            return _removal_is(state, event.removal_id, "challenged")
        case on.EmergencyRemovalChallengeDecided():
            return _removal_is(state, event.removal_id, "decided")
        case on.EmergencyRemovalLifted():
            return _removal_is(state, event.removal_id, "lifted")
        case on.FormalComplaintSigned():
            return replace(
                state,
                complaint_id=event.complaint_id,
                complaint_signed_on=event.signed_on,
                bound_pack=state.bound_pack or event.bound_pack,
                bound_by=state.bound_by or event.bound_by,
                allegations={a.allegation_id: a for a in event.allegations},
            )
        case on.NoticeOfAllegationsIssued():
            return replace(state, first_interview_not_before=event.first_interview_not_before)
        case on.InformalResolutionOffered():
            return replace(state, informal_offered=True)
        case on.RoleAssigned():
            held = state.roles.get(event.role, frozenset()) | {event.staff_id}
            return replace(state, roles={**state.roles, event.role: held})
        case on.RoleUnassigned():
            held = state.roles[event.role] - {event.staff_id}
            left = state.roles_left.get(event.role, frozenset()) | {event.staff_id}
            return replace(
                state,
                roles={**state.roles, event.role: held},
                roles_left={**state.roles_left, event.role: left},
                investigators=state.investigators - {event.staff_id}
                if event.role == "investigator"
                else state.investigators,
            )
        case on.ConflictDisclosed():
            return _conflict(state, event, "disclosed")
        case on.ConflictAlleged():
            return _conflict(state, event, "alleged")
        case on.ConflictDecided():
            return _conflict(state, event, "upheld" if event.upheld else "not_upheld")
        case on.AdvisorSelected() | on.AdvisorProvided():
            return _party_is(state, event.for_party, has_advisor=True, advisor_removed=False)
        case on.AdvisorRemoved():
            return _party_is(state, event.for_party, has_advisor=False, advisor_removed=True)
        case on.InvestigationOpened():
            return replace(state, investigators=frozenset(event.investigators))
        case on.MeetingNoticeSent():
            meeting = Meeting(event.subject, event.kind, event.sent_on)
            return replace(state, meetings={**state.meetings, event.meeting_id: meeting})
        case on.EvidencePackageSent():
            return replace(state, review=Review(event.package_id, event.respond_by))
        case on.PartyResponseReceived():
            answered = state.responses.get(event.response_to, frozenset()) | {event.party_id}
            return replace(state, responses={**state.responses, event.response_to: answered})
        case on.EvidenceReviewClosed():
            assert state.review is not None
            return replace(state, review=replace(state.review, closed=True))
        case on.InvestigativeReportIssued():
            sent_at = max(delivery.sent_at for delivery in event.deliveries)
            report = Report(event.report_id, sent_at, event.earliest_hearing_on)
            return replace(state, report=report)
        case on.HearingScheduled():
            hearing = Hearing(
                event.hearing_id, event.hearing_on, event.officer, event.decision_maker
            )
            return replace(state, hearing=hearing)
        case on.HearingNoticeSent():
            return _hearing(state, noticed=True)
        case on.HearingConvened():
            return _hearing(state, convened=True)
        case on.HearingRecordingStored():
            return _hearing(state, recorded=True)
        case on.HearingConcluded():
            return _hearing(state, concluded=True)
        case on.DeterminationIssued():
            results = {r.allegation_id: r.result for r in event.results}
            return replace(
                state,
                determination=Determination(event.determination_id, event.no, results),
                results=results,
                windows={
                    d.party_id: Window(d.appeal_until)
                    for d in event.deliveries
                    if d.appeal_until is not None and not d.advisor
                },
                appeals={},
                sanctions={s.sanction_id: sanction_of(s) for s in event.sanctions},
                remedies_owed=event.remedies_to_be_provided,
            )
        case on.AppealFiled():
            used = replace(state.windows[event.by], status="used")
            return replace(
                state,
                appeals={**state.appeals, event.appeal_id: Appeal(event.by)},
                windows={**state.windows, event.by: used},
            )
        case on.AppealNoticeSent():
            return replace(
                state,
                statements_until=event.statements_until,
                appeals=appeals_are(state, event.appeal_ids, noticed=True),
            )
        case on.AppealDecided():
            return after_appeal(state, event)
        case on.AppealWindowClosed():
            closed = replace(state.windows[event.party_id], status="closed")
            return replace(state, windows={**state.windows, event.party_id: closed})
        case on.OutcomeBecameFinal():
            return replace(state, final_basis=event.basis, final_on=event.final_on)
        case on.RespondentIdentitySealed():
            return replace(state, respondents_sealed=state.respondents_sealed | {event.respondent})
        case on.SanctionImplemented():
            return sanction_is(state, event.sanction_id, "implemented", since=event.on)
        case on.SanctionCompleted():
            return sanction_is(state, event.sanction_id, "completed")
        case (
            on.InterviewHeld()
            | on.QuestionRuled()
            | on.PartyAbsenceRecorded()
            | on.RemedyProvided()
            | on.StandingTransferred()
            | on.CaseClosed()
        ):
            return state  # Kept for the record; no rule of today reads more than the stage.
        case _:
            raise AssertionError(f"no arm for {type(event).__name__}")


def _identified(state: Case, event: on.PartyIdentified) -> Case:
    now = {"identified": True, "affiliation": event.affiliation_class}
    if event.subject_kind == "party":
        return _party_is(state, event.subject, **now)
    if event.subject_kind == "witness":
        return _witness(state, event.subject, replace(state.witnesses[event.subject], **now))
    return replace(
        state,
        reporter_id=event.subject,
        reporter_identified=True,
        duty_unmet=state.duty_unmet or event.duty_unmet,
    )


def _party_is(state: Case, party: PartyId, **now: Any) -> Case:
    return replace(state, parties={**state.parties, party: replace(state.parties[party], **now)})


def _witness(state: Case, witness: WitnessId, now: Witness) -> Case:
    return replace(state, witnesses={**state.witnesses, witness: now})


def _conflict(
    state: Case,
    event: on.ConflictDisclosed | on.ConflictAlleged | on.ConflictDecided,
    status: Literal["disclosed", "alleged", "upheld", "not_upheld"],
) -> Case:
    now = Conflict(event.staff_id, status)
    return replace(state, conflicts={**state.conflicts, event.conflict_id: now})


def _measure(state: Case, measure: UUID, now: Measure) -> Case:
    return replace(state, measures={**state.measures, measure: now})


def _measure_is(state: Case, measure: UUID, status: str, **more: date) -> Case:
    return _measure(state, measure, replace(state.measures[measure], status=status, **more))


def _removal_is(state: Case, removal: UUID, status: str) -> Case:
    now = replace(state.removals[removal], status=status)
    return replace(state, removals={**state.removals, removal: now})


def _hearing(state: Case, **now: bool) -> Case:
    assert state.hearing is not None
    return replace(state, hearing=replace(state.hearing, **now))
