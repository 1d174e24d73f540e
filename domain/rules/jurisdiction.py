"""Jurisdiction: in the United States, in the program, and harassment if proved (A-05, A-06)."""

from collections.abc import Sequence
from typing import Literal

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import require
from domain.events import Event
from domain.events.case import JurisdictionAssessed
from domain.ids import Narrative, SpokenDate
from domain.refusals import No
from domain.rules.binding import bind
from domain.rules.known import said
from domain.state.case import Case
from domain.terms import Answer


class AssessJurisdiction(Command):
    """Dates left out are those of the report; `unknown` says that they are not known."""

    incident_from: SpokenDate | None = None
    incident_to: SpokenDate | None = None
    in_us: Answer
    control_respondent: bool
    control_context: bool
    recognized_org_building: bool
    in_program: bool
    definition_met_if_proved: bool
    participation_test: Literal["yes", "no", "n/a"]
    rationale: Narrative


def assess(command: AssessJurisdiction, state: Case, context: Context) -> Sequence[Event]:
    """The facts decide; what follows from a failed one is refused or required later (A-05)."""
    said(command.rationale, "rationale")
    controlled = command.control_respondent and command.control_context
    require(
        not command.in_program or controlled or command.recognized_org_building,
        No.PROGRAM_TEST_INCONSISTENT,
    )
    if command.incident_from is None and command.incident_to is None:
        dates = state.reported_from, state.reported_to
    else:
        dates = command.incident_from, command.incident_to
    bound_pack, bound_by = bind(*dates, state, context)
    return [
        restate(
            JurisdictionAssessed,
            command,
            incident_from=dates[0],
            incident_to=dates[1],
            bound_pack=bound_pack,
            bound_by=bound_by,
        )
    ]
