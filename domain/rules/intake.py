"""Intake: the report, who is in it, the coordinator's contact, written rights, danger."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import require
from domain.events import Event
from domain.events.case import (
    ComplainantContacted,
    ImminentDangerReportedToCEO,
    PartyAdded,
    ReportReceived,
    RightsInformationProvided,
)
from domain.ids import Instant, Narrative, PartyId, ReporterId, Secret, SpokenDate
from domain.refusals import No
from domain.rules.known import known, new_id, not_staff, party, said, valid
from domain.state.case import Case
from domain.terms import (
    Affiliation,
    Answer,
    Capacity,
    ConductType,
    ContactTopic,
    Geography,
    Method,
    PartyRole,
    RightsItem,
)


class ReceiveReport(Command):
    """`affiliation_class`: of a complainant who reports, who becomes a party with `reporter_id`."""

    report_id: UUID
    channel: str
    received_at: Instant | None = None  # Left out: now.
    reporter_capacity: Capacity
    reporter_id: ReporterId | PartyId | None = None
    affiliation_class: Affiliation | None = None
    learned_on: SpokenDate | None = None
    duty_exception: Literal["victim", "awareness_event"] | None = None
    anonymous: bool = False
    immediate_danger: bool = False
    claimed_types: tuple[ConductType, ...] = ()
    incident_from: SpokenDate | None = None
    incident_to: SpokenDate | None = None
    in_us: Answer
    geography: Geography
    victim_confidentiality_wish: Literal["yes", "no", "not_stated"] | None = None
    narrative: Narrative | None = None
    place: Secret | None = None
    country: Secret | None = None
    reporter_name: Secret | None = None
    reporter_contact: Secret | None = None
    relation: Secret | None = None


class AddParty(Command):
    party_id: PartyId
    role: PartyRole
    identified: bool
    affiliation_class: Affiliation | None = None
    name: Secret | None = None
    contact: Secret | None = None
    detail: Secret | None = None
    minor: Secret | None = None


class ContactComplainant(Command):
    party_id: PartyId
    reached: bool
    topics: tuple[ContactTopic, ...] = ()
    note: Secret | None = None


class ProvideRights(Command):
    party_id: PartyId
    items: tuple[RightsItem, ...]
    method: Method


class ReportDanger(Command):
    report_id: UUID
    reported_at: Instant
    recipient_office: Literal["chief_executive", "designated"] = "chief_executive"


def receive(command: ReceiveReport, _state: Case, context: Context) -> Sequence[Event]:
    """A report is taken whatever its dates say, and under the pack of the day of receipt.

    A complainant who reports becomes a party in the same append, right after the report: the
    words about that person are then sealed under the party's key, not the reporter's.
    """
    intake = context.intake()
    anonymous = command.anonymous or command.reporter_capacity == "anonymous"
    require(not (anonymous and _names_somebody(command)), No.ANONYMOUS_HAS_IDENTITY)
    require(command.channel not in intake.policy.intake.not_notice, No.OMBUDS_IS_NOT_NOTICE)
    require(command.channel in intake.policy.intake.channels, No.CHANNEL_UNKNOWN)
    on_duty = command.reporter_capacity == "employee_duty"
    if on_duty:
        require(command.learned_on, No.LEARNED_ON_REQUIRED)
        told = command.narrative and not command.narrative.blank  # "None known" is an answer.
        require(told and command.victim_confidentiality_wish, No.DUTY_REPORT_INCOMPLETE)
    if not anonymous:
        known(command.reporter_id, "reporter_id")
    received: dict[str, object] = {
        "received_at": command.received_at or context.now,
        "intake_pack": intake.ref,
        "duty_to_report": on_duty,
        "anonymous": anonymous,
    }
    if anonymous or command.reporter_capacity != "complainant":
        return [restate(ReportReceived, command, **received)]
    complainant = AddParty(
        party_id=known(command.reporter_id, "reporter_id"),
        role="complainant",
        identified=True,
        affiliation_class=command.affiliation_class,
        name=command.reporter_name,
        contact=command.reporter_contact,
        detail=command.relation,
    )
    return [
        restate(
            ReportReceived,
            command,
            **received,
            reporter_name=None,
            reporter_contact=None,
            relation=None,
        ),
        _added(complainant, name="reporter_name"),
    ]


def add_party(command: AddParty, state: Case, context: Context) -> Sequence[Event]:
    """A reporter who becomes a party gets an id of its own."""
    taken = {*state.parties, state.reporter_id}
    new_id(command.party_id in taken, "party_id")
    not_staff(command.party_id, context, "party_id")
    return [_added(command)]


def contact(command: ContactComplainant, state: Case, _context: Context) -> Sequence[Event]:
    """34 CFR 106.44(a) [S]. An attempt counts also where nobody was reached."""
    party(state, command.party_id, "complainant")
    valid(command.reached or not command.topics, "topics", "must be empty if nobody was reached")
    attempt_no = state.attempts.get(command.party_id, 0) + 1
    return [restate(ComplainantContacted, command, attempt_no=attempt_no)]


def provide_rights(command: ProvideRights, state: Case, _context: Context) -> Sequence[Event]:
    """In writing, on or off campus. 20 U.S.C. 1092(f)(8)(C) [P]."""
    party(state, command.party_id)
    valid(command.items, "items", "is empty")
    return [restate(RightsInformationProvided, command)]


def report_danger(command: ReportDanger, state: Case, context: Context) -> Sequence[Event]:
    """At once, to the chief executive. TEC 51.253(b) [P]."""
    valid(command.report_id in state.report_ids, "report_id", "names no report of this case")
    require(command.reported_at <= context.now, No.DATE_IN_FUTURE)
    return [restate(ImminentDangerReportedToCEO, command)]


def _names_somebody(command: ReceiveReport) -> bool:
    """Whether anything is there of who reports. A random id for coming forward is nothing."""
    of_reporter = (
        command.affiliation_class,
        command.reporter_name,
        command.reporter_contact,
        command.relation,
    )
    return any(value is not None for value in of_reporter)


def _added(command: AddParty, name: str = "name") -> Event:
    """Who is identified has a name and an affiliation; a name makes a party identified."""
    if command.identified:
        require(command.affiliation_class, No.AFFILIATION_REQUIRED)
        said(command.name, name)
    else:
        valid(command.name is None, name, "belongs to a party who is identified")
    return restate(PartyAdded, command)
