"""The investigative report: 34 CFR 106.45(b)(5)(vi), (vii) [S]."""

from collections.abc import Sequence
from uuid import UUID

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import require
from domain.events import Event
from domain.events.case import InvestigativeReportIssued
from domain.ids import Narrative, PartyId
from domain.refusals import No
from domain.rules.dispatch import Letter, dispatched
from domain.rules.known import new_id, said, valid
from domain.state.case import Case


class IssueReport(Command):
    report_id: UUID
    deliveries: tuple[Letter, ...]
    dispatch_id: UUID
    report: Narrative
    responses_considered: tuple[PartyId, ...] = ()


def issue(command: IssueReport, state: Case, context: Context) -> Sequence[Event]:
    """Fair, with every answer considered, to parties and advisors, ten days before a hearing."""
    new_id(state.report is not None and state.report.report_id == command.report_id, "report_id")
    answered = frozenset[PartyId]().union(*state.responses.values())
    considered = frozenset(command.responses_considered)
    valid(considered <= answered, "responses_considered", "names a party who did not answer")
    require(answered <= considered, No.RESPONSES_NOT_CONSIDERED)
    said(command.report, "report")
    return [
        restate(
            InvestigativeReportIssued,
            command,
            deliveries=dispatched(command.deliveries, state, context, to_advisors=True),
            earliest_hearing_on=context.last_day(
                context.policy(state).report.before_hearing, "report.before_hearing"
            ),
        )
    ]
