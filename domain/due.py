"""What time alone brings about, as commands of the actor `system`: pure, a state and a day in."""

from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from domain.commands import Command
from domain.ids import CaseId, natural
from domain.rules.outcome import (
    CloseAppealWindow,
    FinalizeOutcome,
    SealRespondent,
    settled,
    to_seal,
)
from domain.state.case import Case
from domain.terms import Stage

_OUTCOME_STANDS = frozenset({Stage.DETERMINED, Stage.APPEAL})
_IS_FINAL = frozenset({Stage.FINAL, Stage.CLOSED})


class Due(NamedTuple):
    """A command, and the stable key that makes its id: the same each time it is worked out."""

    command: Command
    key: str

    def command_id(self, ledger: UUID, case: CaseId) -> UUID:
        return natural(ledger, "due", f"{case}:{self.key}")


def due(state: Case, today: date) -> list[Due]:
    """What to give now, on this case as it stands. After recording it, ask again: one thing
    makes the next one due, until nothing is."""
    if state.stage in _IS_FINAL:
        return [
            Due(SealRespondent(respondent=respondent), f"seal-respondent:{respondent}")
            for respondent in to_seal(state)
        ]
    if state.stage not in _OUTCOME_STANDS or state.determination is None:
        return []
    outcome = state.determination.determination_id
    if settled(state):
        return [Due(FinalizeOutcome(outcome_id=outcome), f"finalize-outcome:{outcome}")]
    return [
        Due(
            CloseAppealWindow(outcome_id=outcome, party_id=party_id),
            f"close-window:{outcome}:{party_id}",
        )
        for party_id, window in state.windows.items()
        if window.status == "open" and today > window.until
    ]


def next_on(state: Case, today: date) -> date | None:
    """The first day, today or later, on which something is due; None: nothing will be by itself."""
    if due(state, today):
        return today
    if state.stage not in _OUTCOME_STANDS:
        return None
    ends = [window.until for window in state.windows.values() if window.status == "open"]
    return min(ends) + timedelta(days=1) if ends else None
