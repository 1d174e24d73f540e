"""A counselor of one's own: the policy, IV.E [P]; TEC 51.293 [K]."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import require
from domain.events import Event
from domain.events.case import CounselorAssigned
from domain.ids import CounselorId, PartyId, ReporterId, Secret
from domain.refusals import No
from domain.rules.known import valid
from domain.state.case import Case


class AssignCounselor(Command):
    person: PartyId | ReporterId = msgspec.field(name="for")
    counselor_id: CounselorId
    impracticable_reason: Literal["no_other_counselor", "language", "accessibility"] | None = None
    note: Secret | None = None


def assign(command: AssignCounselor, state: Case, context: Context) -> Sequence[Event]:
    """For each complainant, respondent and reporter one who counsels nobody else of the incident.

    The refusal never says whom the counselor sees.
    """
    is_party = command.person in state.parties
    of_case = is_party or command.person == state.reporter_id
    valid(of_case, "for", "names no party or reporter of this case")
    listed = command.counselor_id in context.counselors
    valid(listed, "counselor_id", "names no counselor of the register")
    others = {theirs for person, theirs in state.counselors.items() if person != command.person}
    require(command.counselor_id not in others or command.impracticable_reason, No.COUNSELOR_SHARED)
    return [restate(CounselorAssigned, command, person_kind="party" if is_party else "reporter")]
