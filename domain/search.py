"""Who may look for a person, how often, and what of that they may be told (model.md, 5.1).

The blind index says in which streams somebody is known; what stands there is read and decided here.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import replace

from domain.context import Context
from domain.errors import NotFound, require
from domain.events import Event
from domain.ids import PartyId
from domain.indexed import INDEXED
from domain.interest import OFFICE
from domain.ledger import Stored
from domain.owners import sealed_fields
from domain.refusals import No
from domain.rules.gate import held_roles
from domain.rules.known import party
from domain.rules.outcome import allegations_against
from domain.state import case as case_state
from domain.state.case import Case
from domain.terms import Role, Stage, stages

# Whom somebody declared to be close to is asked for by the conflict screen alone.
_NEVER_TOLD = frozenset({"relation"})
_HEARD = stages(Stage.HEARD, Stage.CLOSED)


class Known(NamedTuple):
    """What the index says: in this stream, under the key of this owner, as that."""

    stream: UUID
    owner_id: UUID
    standing: str


class Hit(NamedTuple):
    """Where somebody is known. No name. `role`: a party's own, else as what the person stands."""

    stream: UUID
    owner_id: UUID
    role: str
    of_case: bool


def may_search(recent: int, context: Context) -> Role:
    """The role in which this actor looks for a person. `recent`: how often in the last hour.

    Errors: ROLE_NOT_ALLOWED, SEARCH_LIMIT.
    """
    held = context.office & OFFICE
    require(held, No.ROLE_NOT_ALLOWED)
    require(recent < context.intake().policy.search.per_hour, No.SEARCH_LIMIT)
    return min(held, key=list(Role).index)


def may_count_priors(respondent: PartyId, recent: int, context: Context) -> Role:
    """The office at any time; who decides, after the hearing: a finding is not made from others.

    Errors: NotFound, ROLE_NOT_ALLOWED, INPUT_INVALID, RESPONDENT_SEALED, HEARING_FIRST,
    SEARCH_LIMIT.
    """
    case = context.case
    held = held_roles(case, context) if case.stage is not Stage.NONE else frozenset()
    if not held:
        raise NotFound
    allowed = held & (OFFICE | {Role.DECISION_MAKER})
    require(allowed, No.ROLE_NOT_ALLOWED)
    party(case, respondent, "respondent", field="party")
    require(respondent not in case.respondents_sealed, No.RESPONDENT_SEALED)
    require(allowed & OFFICE or case.stage in _HEARD, No.HEARING_FIRST)
    require(recent < context.policy(case).search.per_hour, No.SEARCH_LIMIT)
    return min(allowed, key=list(Role).index)


def tell(known: Known, rows: Sequence[Stored], context: Context) -> Hit | None:
    """What may be told of one place. None: nothing is recorded there (the append did not come),
    the case is hidden from this actor, or it is of a respondent who was cleared (19 TAC 3.17)."""
    if known.standing in _NEVER_TOLD or not _stands(known, rows):
        return None
    case = _case(rows)
    if case.stage is Stage.NONE:
        return Hit(known.stream, known.owner_id, known.standing, of_case=False)
    hidden = not held_roles(case, replace(context, case=case, case_id=known.stream))
    if hidden or known.owner_id in case.respondents_sealed:
        return None
    party = case.parties.get(known.owner_id) if known.standing == "party" else None
    return Hit(known.stream, known.owner_id, party.role if party else known.standing, of_case=True)


def walled(rows: Sequence[Stored], context: Context) -> bool:
    """Is this a case that a conflict hides from the actor?"""
    return context.who.kind == "staff" and context.staff_id in _case(rows).walls


def cleared(known: Known, rows: Sequence[Stored]) -> bool:
    """Is this a respondent of whom nothing was found? 19 TAC 3.17(a)(5) [P]."""
    return known.owner_id in _case(rows).respondents_sealed


def prior(known: Known, rows: Sequence[Stored], context: Context) -> bool:
    """Is there a final finding against this person there? Nothing else counts (A-112)."""
    hit = tell(known, rows, context)
    if hit is None or hit.role != "respondent":
        return False
    case = _case(rows)
    found = (case.results.get(one) for one in allegations_against(case, known.owner_id))
    return case.final_on is not None and "responsible" in found


def _case(rows: Iterable[Stored]) -> Case:
    """The case in these rows; of any other stream: none."""
    events = [row.event for row in rows if isinstance(row.event, Event)]
    begins = bool(events) and type(events[0]).__name__ == "ReportReceived"
    return case_state.fold(events) if begins else Case()


def _stands(known: Known, rows: Iterable[Stored]) -> bool:
    """Does an event there hold what the index tells of?"""
    return any(
        leads.standing(row.event) == known.standing and field.owner_id == known.owner_id
        for row in rows
        if isinstance(row.event, Event)
        for field in sealed_fields(row.event, known.stream)
        if (leads := INDEXED.get(type(row.event), {}).get(field.path))
    )
