"""Notice of allegations: 34 CFR 106.45(b)(2)(i) [S]; the policy, IV.C.2 [P]."""

from collections.abc import Sequence
from uuid import UUID

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import require
from domain.events import Event
from domain.events.case import NoticeOfAllegationsIssued
from domain.ids import Narrative, StaffId
from domain.refusals import No
from domain.rules.dispatch import Letter, dispatched
from domain.state.case import Case
from domain.state.office import StaffMember
from domain.terms import NoticePart, Role


class IssueNotice(Command):
    notice_id: UUID
    parts: tuple[NoticePart, ...]
    deliveries: tuple[Letter, ...]
    dispatch_id: UUID
    contact: StaffId | None = None
    text: Narrative | None = None


def issue(command: IssueNotice, state: Case, context: Context) -> Sequence[Event]:
    """Whole, to every known party at once, and with somebody to turn to."""
    named = context.staff.get(command.contact) if command.contact else None
    in_office = (named or StaffMember()).roles_on(context.today)
    require(in_office & {Role.COORDINATOR, Role.DEPUTY}, No.COORDINATOR_CONTACT_MISSING)
    policy = context.policy(state)
    missing = [part.replace("_", " ") for part in policy.notice.parts if part not in command.parts]
    if not command.text or command.text.blank:
        missing.append("the text itself")
    require(not missing, No.NOTICE_INCOMPLETE, parts=", ".join(missing))
    return [
        restate(
            NoticeOfAllegationsIssued,
            command,
            deliveries=dispatched(command.deliveries, state, context),
            first_interview_not_before=context.last_day(
                policy.notice.to_interview, "notice.to_interview"
            ),
        )
    ]
