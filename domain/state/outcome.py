"""What becomes of sanctions and appeals in the state of a case."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from msgspec.structs import replace

from domain.events import case as on
from domain.state.parts import Appeal, SanctionState

if TYPE_CHECKING:
    from domain.state.case import Case


def sanction_of(sanction: on.Sanction) -> SanctionState:
    return SanctionState(sanction.kind, sanction.respondent, sanction.end_on)


def sanction_is(state: "Case", sanction: UUID, status: str, **more: date) -> "Case":
    now = replace(state.sanctions[sanction], status=status, **more)
    return replace(state, sanctions={**state.sanctions, sanction: now})


def after_appeal(state: "Case", event: on.AppealDecided) -> "Case":
    """Appeals answered; what the officer changed replaces what was decided.

    A respondent's sanctions are replaced as a whole where the result of an allegation changes.
    """
    changed = {change.allegation_id: change.result for change in event.changes}
    new = {s.sanction_id: sanction_of(s) for c in event.changes for s in c.sanctions}
    judged = {state.allegations[allegation_id].respondent_id for allegation_id in changed}
    kept = {key: one for key, one in state.sanctions.items() if one.respondent not in judged}
    return replace(
        state,
        appeals=appeals_are(state, event.appeal_ids, decided=True),
        results={**state.results, **changed},
        sanctions={**kept, **new},
    )


def appeals_are(state: "Case", appeal_ids: Collection[UUID], **now: bool) -> Mapping[UUID, Appeal]:
    return {
        key: replace(appeal, **now) if key in appeal_ids else appeal
        for key, appeal in state.appeals.items()
    }
