"""What a confidential employee may say: that something of a type was told, and nothing else.

TEC 51.252(c), 51.290(c) [P]; 19 TAC 3.5(c) [P]; 02.2.20 IV.C.1, IV.[D].1.c [P].
"""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from domain.commands import Intention, restate
from domain.context import Context
from domain.errors import require
from domain.events import Event
from domain.events.case import ReportReceived
from domain.ids import Instant, natural
from domain.refusals import No
from domain.state.case import Case
from domain.state.stages import TYPE_ONLY
from domain.terms import ConductType


class ReportTypeOnly(Intention):
    """The type of one incident, when a confidential employee was told, at which resource.

    There is no other field, not even when it happened. What else is sent is refused whole.
    """

    claimed_types: Annotated[tuple[ConductType, ...], Meta(min_length=1, max_length=1)]
    received_at: Instant
    resource_id: UUID


def report(command: ReportTypeOnly, _state: Case, context: Context) -> Sequence[Event]:
    """A report with no party, no words and no key. From a resource that the policy lists (A-42)."""
    intake = context.intake()
    listed = context.resources.get(intake.policy.pack.code, frozenset())
    require(command.resource_id in listed, No.NOT_A_CONFIDENTIAL_RESOURCE)
    return [
        restate(
            ReportReceived,
            command,
            report_id=natural(context.ledger, "type-only-report", str(context.case_id)),
            channel=TYPE_ONLY,
            intake_pack=intake.ref,
            reporter_capacity="confidential_employee",
            reporter_id=None,
            duty_to_report=True,
            learned_on=None,
            duty_exception=None,
            anonymous=False,
            immediate_danger=False,
            incident_from=None,
            incident_to=None,
            in_us="unknown",
            geography="unknown",
            victim_confidentiality_wish=None,
            narrative=None,
            place=None,
            country=None,
            reporter_name=None,
            reporter_contact=None,
            relation=None,
        )
    ]
