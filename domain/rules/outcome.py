"""What time alone brings about after a determination: 34 CFR 106.45(b)(7)(iii) [S].

Commands of the actor `system`; `domain/due.py` says when they are due.
"""

from collections.abc import Sequence
from uuid import UUID

from domain.commands import Command, restate
from domain.context import Context
from domain.events import Event
from domain.events.case import (
    AppealWindowClosed,
    OutcomeBecameFinal,
    RespondentIdentitySealed,
)
from domain.ids import AllegationId, PartyId
from domain.rules import access
from domain.rules.known import known, not_now, party, valid
from domain.rules.rule import On
from domain.state.case import Case


class CloseAppealWindow(Command):
    outcome_id: UUID
    party_id: PartyId


class FinalizeOutcome(Command):
    outcome_id: UUID


class SealRespondent(Command):
    respondent: PartyId


def close_window(command: CloseAppealWindow, state: Case, context: Context) -> Sequence[Event]:
    """The day after the last day on which that party could appeal."""
    _outcome(state, command.outcome_id)
    window = known(
        state.windows.get(command.party_id), "party_id", "names no party with a time to appeal"
    )
    if window.status != "open":
        raise not_now(command, f"with a window that is {window.status}")
    if context.today <= window.until:
        raise not_now(command, f"with a window open until {window.until}")
    return [restate(AppealWindowClosed, command, of="determination", appeal_until=window.until)]


def finalize(command: FinalizeOutcome, state: Case, context: Context) -> Sequence[Event | On]:
    """When nobody can appeal any more and every appeal is decided. This alone makes it final.

    What came with a role to read then has its last day.
    """
    _outcome(state, command.outcome_id)
    if not settled(state):
        raise not_now(command, "with an appeal, or the time for one, still open")
    return [
        OutcomeBecameFinal(
            of="determination",
            basis="appeal_decided" if state.appeals else "no_appeal",
            final_on=context.today,
        ),
        *access.on_final(state, context),
    ]


def seal(command: SealRespondent, state: Case, context: Context) -> Sequence[Event | On]:
    """Of a respondent against whom nothing was found, for good: 19 TAC 3.17(a)(5) [P].

    Grants for anything but the process end.
    """
    party(state, command.respondent, "respondent", field="respondent")
    if command.respondent not in to_seal(state):
        raise not_now(command, "with nothing to seal for this respondent")
    ids = allegations_against(state, command.respondent)
    sealed = RespondentIdentitySealed(respondent=command.respondent, allegation_ids=ids)
    return [sealed, *access.on_seal(context)]


def settled(state: Case) -> bool:
    """Every window of the outcome that stands is used or closed, and every appeal decided."""
    over = all(window.status != "open" for window in state.windows.values())
    return over and not state.open_appeals


def to_seal(state: Case) -> tuple[PartyId, ...]:
    """Respondents found not responsible for all that was alleged, and not sealed yet."""
    return tuple(
        respondent
        for respondent in state.those("respondent")
        if respondent not in state.respondents_sealed
        and (ids := allegations_against(state, respondent))
        and all(state.results.get(key) == "not_responsible" for key in ids)
    )


def allegations_against(state: Case, respondent: PartyId) -> tuple[AllegationId, ...]:
    return tuple(key for key, one in state.allegations.items() if one.respondent_id == respondent)


def _outcome(state: Case, outcome_id: UUID) -> None:
    """Errors: INPUT_INVALID where another outcome stands."""
    determination = state.determination
    assert determination is not None  # The stage says so.
    stands = determination.determination_id == outcome_id
    valid(stands, "outcome_id", "is not the outcome that stands")
