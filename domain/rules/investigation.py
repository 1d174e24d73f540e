"""Investigation and interviews: 34 CFR 106.45(b)(2)(i)(B), (b)(3)(i), (b)(5)(v) [S]."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import Refused, require
from domain.events import Event
from domain.events.case import InterviewHeld, InvestigationOpened, MeetingNoticeSent
from domain.ids import Narrative, PartyId, StaffId, WitnessId
from domain.refusals import No
from domain.rules.known import new_id, said, speaker, valid
from domain.state.case import Case
from domain.terms import MeetingKind


class OpenInvestigation(Command):
    investigators: tuple[StaffId, ...]


class NotifyMeeting(Command):
    """`kind` is the purpose that the notice states."""

    meeting_id: UUID
    kind: MeetingKind
    subject: PartyId | WitnessId
    on: date
    sent_on: date
    at: Narrative
    participants: Narrative
    place: Narrative


class RecordInterview(Command):
    meeting_id: UUID
    subject: PartyId | WitnessId = msgspec.field(name="with")
    held_on: date
    notes: Narrative


def inside_the_policy(state: Case, _context: Context) -> None:
    """A matter that the assessment puts outside is dismissed, not carried on (A-05, A-06, F-04)."""
    ground = state.jurisdiction.failed if state.jurisdiction else None
    require(not ground, No.MUST_DISMISS_JURISDICTION, ground=ground)


def may_open(state: Case, context: Context) -> None:
    """With an investigator, and once it is assessed that the matter belongs here."""
    if state.jurisdiction is None:
        raise Refused(
            No.ILLEGAL_TRANSITION,
            stage="not assessed for jurisdiction (see AssessJurisdiction)",
        )
    inside_the_policy(state, context)
    require(state.roles.get("investigator"), No.NOT_ASSIGNED)


def open_(command: OpenInvestigation, state: Case, _context: Context) -> Sequence[Event]:
    """By investigators whom the case has as such."""
    named = frozenset(command.investigators)
    fits = named and named <= state.roles["investigator"]
    valid(fits, "investigators", "must name investigators of this case")
    return [restate(InvestigationOpened, command)]


def notify(command: NotifyMeeting, state: Case, context: Context) -> Sequence[Event]:
    """In writing: date, time, place, participants, purpose; to no interview that comes too soon."""
    new_id(command.meeting_id in state.meetings, "meeting_id")
    speaker(state, command.subject, "subject")
    require(command.sent_on <= context.today, No.DATE_IN_FUTURE)
    valid(command.sent_on <= command.on, "on", "lies before sent_on")
    first = state.first_interview_not_before
    early = command.kind != "informational" and first and command.on < first
    require(not early, No.INTERVIEW_TOO_SOON, date=first)
    for part in ("at", "participants", "place"):
        said(getattr(command, part), part)
    return [restate(MeetingNoticeSent, command)]


def may_interview(state: Case, context: Context) -> None:
    """Not before the time to prepare has run that the notice gave."""
    inside_the_policy(state, context)
    first = _first_day(state)
    require(context.today >= first, No.INTERVIEW_TOO_SOON, allowed_after=first, date=first)
    told = any(meeting.kind != "informational" for meeting in state.meetings.values())
    require(told, No.MEETING_NOTICE_REQUIRED)


def record(command: RecordInterview, state: Case, context: Context) -> Sequence[Event]:
    """After written notice of it to the person interviewed, and enough time to prepare."""
    kind = speaker(state, command.subject, "with")
    require(command.held_on <= context.today, No.DATE_IN_FUTURE)
    first = _first_day(state)
    require(command.held_on >= first, No.INTERVIEW_TOO_SOON, date=first)
    meeting = state.meetings.get(command.meeting_id)
    noticed = (
        meeting is not None
        and meeting.subject == command.subject
        and meeting.kind != "informational"
        and meeting.sent_on <= command.held_on
    )
    require(noticed, No.MEETING_NOTICE_REQUIRED)
    said(command.notes, "notes")
    return [restate(InterviewHeld, command, subject_kind=kind)]


def _first_day(state: Case) -> date:
    assert state.first_interview_not_before is not None  # No investigation without a notice.
    return state.first_interview_not_before
