"""A dispatch: the letters of one sending, checked against the parties of the case."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from domain.context import Context
from domain.errors import Refusal, require
from domain.events.case import Delivery
from domain.ids import Instant, PartyId
from domain.refusals import No
from domain.rules.known import valid
from domain.state.case import Case
from domain.terms import Method


class Letter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a command says of one letter: to a party, or to the party's advisor."""

    party_id: PartyId
    method: Method
    sent_at: Instant
    advisor: bool = False


def dispatched(
    letters: Sequence[Letter],
    state: Case,
    context: Context,
    *,
    to: frozenset[PartyId] | None = None,
    to_advisors: bool = False,
    otherwise: Refusal = No.NOTICE_ALL_PARTIES,
) -> tuple[Delivery, ...]:
    """The deliveries of one dispatch to every known party, and with `to_advisors` to advisors too.

    `to`: the parties to whom it is owed, where that is not all of them; the others may get it.
    Errors: INPUT_INVALID for a letter to somebody else or a second to the same one;
    DATE_IN_FUTURE; `otherwise` (it may count them) where somebody got none; NOT_SIMULTANEOUS
    where they were sent further apart than the policy lets pass as one (F-06, F-14).
    """
    advised = frozenset(key for key in state.known_parties if state.parties[key].has_advisor)
    sent = [(letter.party_id, letter.advisor) for letter in letters]
    fit = all(party in (advised if advisor else state.known_parties) for party, advisor in sent)
    once = len(set(sent)) == len(sent)
    valid(fit and once, "deliveries", "must go to identified parties or their advisors, each once")
    require(all(letter.sent_at <= context.now for letter in letters), No.DATE_IN_FUTURE)
    owed = {(party, False) for party in (state.known_parties if to is None else to)}
    if to_advisors:
        owed |= {(party, True) for party in advised}
    unsent = owed - set(sent)
    require(letters and not unsent, otherwise, count=len(unsent))
    times = [letter.sent_at for letter in letters]
    tolerance = timedelta(minutes=context.policy(state).dispatch.tolerance_minutes)
    require(max(times) - min(times) <= tolerance, No.NOT_SIMULTANEOUS)
    return tuple(
        Delivery(party_id=one.party_id, method=one.method, sent_at=one.sent_at, advisor=one.advisor)
        for one in letters
    )
