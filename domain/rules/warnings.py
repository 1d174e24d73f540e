"""What is said beside an answer and refuses nothing: OVERDUE (A-35), NOT_MUTUAL (A-80) [P]."""

from datetime import date

from domain.context import Context
from domain.deadlines import Length
from domain.state.case import Case
from domain.terms import Stage, stages

_IN_PROCESS = stages(Stage.COMPLAINT_FILED, Stage.REMANDED)


def warnings(state: Case, context: Context) -> list[str]:
    """The codes that hold for this case today, in a fixed order."""
    found = []
    if _overdue(state, context):
        found.append("OVERDUE")
    if any(measure.one_sided and measure.status != "ended" for measure in state.measures.values()):
        found.append("NOT_MUTUAL")
    return found


def _overdue(state: Case, context: Context) -> bool:
    """Nobody has tried to reach a complainant in time, or the whole process runs too long."""
    policy = context.policy(state)
    untried = state.those("complainant").keys() - state.attempts.keys()
    if untried and state.stage is not Stage.CLOSED:
        assert state.received_at is not None
        received_on = context.calendar.day_of(state.received_at)
        if _passed(received_on, policy.contact.days, context):
            return True
    if state.stage not in _IN_PROCESS:
        return False
    assert state.complaint_signed_on is not None
    return _passed(state.complaint_signed_on, policy.clocks.whole_process, context)


def _passed(start: date, length: Length, context: Context) -> bool:
    """A length that the policy does not set never passes."""
    return length.days is not None and context.today > context.calendar.last_day(start, length)
