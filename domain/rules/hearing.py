"""The live hearing: 34 CFR 106.45(b)(6)(i) [S]; the policy, V.D to V.F [P]."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import require
from domain.events import Event
from domain.events.case import (
    HearingConcluded,
    HearingConvened,
    HearingNoticeSent,
    HearingRecordingStored,
    HearingScheduled,
    PartyAbsenceRecorded,
    QuestionRuled,
)
from domain.events.evidence import EvidenceAdded
from domain.ids import EvidenceId, Narrative, PartyId, StaffId, WitnessId
from domain.refusals import No
from domain.rules.dispatch import Letter, dispatched
from domain.rules.known import HEARING, known, needs, new_id, party, said, speaker
from domain.rules.rule import Decided, On
from domain.state.case import Case
from domain.state.parts import Hearing


class ScheduleHearing(Command):
    """`separate_rooms_requested_by`: one party's wish is enough."""

    hearing_id: UUID
    hearing_on: date
    mode: Literal["separate_rooms", "same_room", "virtual"]
    officer: StaffId
    decision_maker: StaffId
    separate_rooms_requested_by: tuple[PartyId, ...] = ()


class SendHearingNotice(Command):
    hearing_id: UUID
    deliveries: tuple[Letter, ...]
    dispatch_id: UUID
    at: Narrative
    place: Narrative
    participants: Narrative


class ConveneHearing(Command):
    """`advisors`: party → whether the advisor of that party is present."""

    hearing_id: UUID
    present: tuple[PartyId, ...]
    advisors: dict[PartyId, bool]


class RuleOnQuestion(Command):
    hearing_id: UUID
    no: Annotated[int, Meta(ge=1)]
    asked_by: Literal["hearing_officer", "advisor", "party", "decision_maker"]
    to: PartyId | WitnessId
    relevant: bool
    question: Narrative
    exception: Literal["other_person", "consent"] | None = None
    explanation: Narrative | None = None


class RecordAbsence(Command):
    hearing_id: UUID
    party_id: PartyId
    extent: Literal["whole", "part"]


class StoreRecording(Command):
    hearing_id: UUID
    kind: Literal["recording", "transcript"]
    evidence_id: EvidenceId
    description: Narrative


class ConcludeHearing(Command):
    hearing_id: UUID


def may_schedule(state: Case, _context: Context) -> None:
    """Before people in those roles, and once."""
    stands = "in preparation for a hearing that has its date"
    require(not state.hearing, No.ILLEGAL_TRANSITION, stage=stands)
    there_are = state.roles.get("hearing_officer") and state.roles.get("decision_maker")
    needs(there_are, "a hearing officer and a decision-maker", "AssignRole")


def schedule(command: ScheduleHearing, state: Case, _context: Context) -> Sequence[Event]:
    """Before people who hold those roles on this case; apart, when a party asks for it."""
    for asking in command.separate_rooms_requested_by:
        party(state, asking, field="separate_rooms_requested_by")
    for role, staff_id in (
        ("hearing_officer", command.officer),
        ("decision_maker", command.decision_maker),
    ):
        require(staff_id in state.roles.get(role, ()), No.NOT_ASSIGNED)
    apart = command.mode != "same_room"
    require(apart or not command.separate_rooms_requested_by, No.SEPARATE_ROOMS_REQUESTED)
    return [restate(HearingScheduled, command)]


def may_send_notice(state: Case, _context: Context) -> None:
    needs(state.hearing, "a hearing that has its date", "ScheduleHearing")


def send_notice(command: SendHearingNotice, state: Case, context: Context) -> Sequence[Event]:
    """In writing to all parties: date, time, place, participants."""
    _hearing_of(state, command.hearing_id)
    for part in ("at", "place", "participants"):
        said(getattr(command, part), part)
    deliveries = dispatched(command.deliveries, state, context)
    return [restate(HearingNoticeSent, command, deliveries=deliveries)]


def may_convene(state: Case, context: Context) -> None:
    """Ten days after the report, announced, and nobody without an advisor."""
    report = state.report
    assert report is not None  # The stage says so.
    require(
        context.today >= report.earliest_hearing_on,
        No.REPORT_TEN_DAYS,
        allowed_after=report.earliest_hearing_on,
        sent_on=context.calendar.day_of(report.sent_at),
        date=report.earliest_hearing_on,
    )
    require(state.hearing and state.hearing.noticed, No.MEETING_NOTICE_REQUIRED)
    may_go_on(state, context)


def convene(command: ConveneHearing, state: Case, _context: Context) -> Sequence[Event]:
    """An absent party's advisor asks in its place, so each must be there."""
    _hearing_of(state, command.hearing_id)
    for there in command.present:
        party(state, there, field="present")
    for advised in command.advisors:
        party(state, advised, field="advisors")
    with_advisor = {advised for advised, there in command.advisors.items() if there}
    require(state.known_parties <= with_advisor, No.ADVISOR_REQUIRED)
    return [restate(HearingConvened, command)]


def rule_on_question(command: RuleOnQuestion, state: Case, _context: Context) -> Sequence[Event]:
    """Asked by an advisor or the hearing officer, never by a party in person; relevance first."""
    _hearing_of(state, command.hearing_id)
    speaker(state, command.to, "to")
    said(command.question, "question")
    may_ask = command.asked_by in ("hearing_officer", "advisor")
    require(may_ask, No.ONLY_HO_OR_ADVISOR_ASKS)
    explained = command.explanation is not None and not command.explanation.blank
    require(command.relevant or explained, No.EXCLUSION_EXPLANATION)
    return [restate(QuestionRuled, command)]


def record_absence(command: RecordAbsence, state: Case, _context: Context) -> Sequence[Event]:
    """What the absent party said before may be weighed: the suppression clause was vacated."""
    _hearing_of(state, command.hearing_id)
    party(state, command.party_id)
    return [restate(PartyAbsenceRecorded, command)]


def store_recording(command: StoreRecording, state: Case, context: Context) -> Decided:
    """During the hearing or after it; the determination waits for it."""
    _hearing_of(state, command.hearing_id)
    new_id(context.evidence[command.evidence_id].taken, "evidence_id")
    assert context.case_id is not None  # The command came on a case.
    item = EvidenceAdded(
        evidence_id=command.evidence_id,
        case_id=context.case_id,
        submitted_by=context.staff_id,
        obtained_on=context.today,
        kind=command.kind,
        description=said(command.description, "description"),
        source=None,
        file_name=None,
    )
    return [restate(HearingRecordingStored, command), On(command.evidence_id, item)]


def conclude(command: ConcludeHearing, state: Case, _context: Context) -> Sequence[Event]:
    """An advisor who was removed is replaced before the hearing goes on. 02.2.20 V.D [P]."""
    _hearing_of(state, command.hearing_id)
    return [restate(HearingConcluded, command)]


def may_go_on(state: Case, _context: Context) -> None:
    """Errors: ADVISOR_REQUIRED where a party that is known has none."""
    advised = all(state.parties[known_one].has_advisor for known_one in state.known_parties)
    require(advised, No.ADVISOR_REQUIRED)


def _hearing_of(state: Case, hearing_id: UUID) -> Hearing:
    """The hearing of this case. Errors: INPUT_INVALID for another one, or where there is none."""
    hearing = state.hearing if state.hearing and state.hearing.hearing_id == hearing_id else None
    return known(hearing, "hearing_id", HEARING)
