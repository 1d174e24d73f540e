"""Appeals: 34 CFR 106.45(b)(8) [S]; the policy, V.G [P]."""

from collections.abc import Sequence
from datetime import date
from typing import Literal
from uuid import UUID

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import require
from domain.events import Event
from domain.events.case import AppealDecided, AppealFiled, AppealNoticeSent, Change
from domain.ids import Narrative, PartyId, StaffId
from domain.policy import Policy
from domain.refusals import No
from domain.rules.determination import known_sanctions, sanctions_fit
from domain.rules.dispatch import Letter, dispatched
from domain.rules.known import known, needs, new_id, not_now, said, valid
from domain.rules.roles import unconflicted
from domain.state.case import Case, evolve
from domain.terms import AppealBasis, Office, Role


class FileAppeal(Command):
    """`designation_ref`: the written designation of an officer whom the policy does not name."""

    appeal_id: UUID
    by: PartyId
    filed_on: date
    route_office: Office
    of: Literal["determination", "dismissal"] = "determination"
    bases: tuple[AppealBasis, ...] = ()
    designation_ref: UUID | None = None
    effect_on_outcome: Narrative | None = None


class NotifyAppeal(Command):
    appeal_ids: tuple[UUID, ...]
    deliveries: tuple[Letter, ...]
    dispatch_id: UUID


class DecideAppeal(Command):
    """`changes`: new results, and the sanctions in place of all those of their respondents."""

    appeal_ids: tuple[UUID, ...]
    result: Literal[
        "upheld", "modified", "reversed", "remanded", "dismissal_upheld", "dismissal_reversed"
    ]
    deliveries: tuple[Letter, ...]
    dispatch_id: UUID
    rationale: Narrative
    bases_found: tuple[AppealBasis, ...] = ()
    remand_to: Literal["investigation", "hearing", "decision_maker"] | None = None
    new_decision_maker: StaffId | None = None
    changes: tuple[Change, ...] = ()


def may_file(state: Case, context: Context) -> None:
    """Somebody still can: of parties, the one that asks."""
    own = {
        key: window
        for key, window in state.windows.items()
        if context.who.kind == "staff" or context.actor == str(key)
    }
    unused = [window for window in own.values() if window.status != "used"]
    of_whom = "a party" if context.who.kind == "staff" else "you"
    needs(unused, f"an appeal still open to {of_whom}", "IssueDetermination")
    last = max(window.until for window in unused)
    is_open = any(window.status == "open" for window in unused)
    require(is_open and context.today <= last, No.APPEAL_LATE, date=last)


def file(command: FileAppeal, state: Case, context: Context) -> Sequence[Event]:
    """By a party for itself, once, inside its own window, on a basis, to the right office."""
    ours = context.who.kind == "staff" or context.actor == str(command.by)
    require(ours, No.ROLE_NOT_ALLOWED)
    valid(command.of == "determination", "of", "must be the determination")
    window = known(state.windows.get(command.by), "by", "names no party with a time to appeal")
    if window.status == "used":
        raise not_now(command, "with an appeal of this party")
    in_time = window.status == "open" and context.today <= window.until
    require(in_time, No.APPEAL_LATE, date=window.until)
    new_id(command.appeal_id in state.appeals, "appeal_id")
    require(command.filed_on <= context.today, No.DATE_IN_FUTURE)
    policy = context.policy(state)
    based = command.bases and set(command.bases) <= set(policy.appeal.bases)
    effect = command.effect_on_outcome
    require(based and effect and not effect.blank, No.APPEAL_BASIS_REQUIRED)
    _routed(command, state, policy)
    return [restate(AppealFiled, command)]


def may_notify(state: Case, _context: Context) -> None:
    needs(state.open_appeals, "an appeal to be decided", "FileAppeal")


def notify(command: NotifyAppeal, state: Case, context: Context) -> Sequence[Event]:
    """To every other party, in writing; all get the same time for a statement."""
    named = frozenset(command.appeal_ids)
    valid(named and named <= state.open_appeals, "appeal_ids", "must name open appeals")
    appellants = frozenset(state.appeals[appeal_id].by for appeal_id in named)
    others = state.known_parties if len(appellants) > 1 else state.known_parties - appellants
    deliveries = dispatched(command.deliveries, state, context, to=others)
    until = context.last_day(context.policy(state).appeal.statements, "appeal.statements")
    return [restate(AppealNoticeSent, command, deliveries=deliveries, statements_until=until)]


def may_decide(state: Case, context: Context) -> None:
    """By somebody new to it, when all had their say and nobody else can still appeal."""
    unconflicted("appeal_officer", state, context)
    needs(state.open_appeals, "an appeal to be decided", "FileAppeal")
    statements = context.policy(state).appeal.statements
    unnoticed = any(not state.appeals[appeal_id].noticed for appeal_id in state.open_appeals)
    # Without the notice the time for statements has not begun: it cannot end before this day.
    until = context.last_day(statements, "appeal.statements") if unnoticed else _told_until(state)
    windows = [window.until for window in state.windows.values() if window.status == "open"]
    last = max([until, *windows])
    require(
        context.today > last,
        No.APPEAL_STATEMENTS_OPEN,
        allowed_after=context.day_after(last),
        date=last,
    )


def decide(command: DecideAppeal, state: Case, context: Context) -> Sequence[Event]:
    """One decision on all open appeals, with reasons, to all parties at once."""
    answered = frozenset(command.appeal_ids) == state.open_appeals
    valid(answered, "appeal_ids", "must name every open appeal and no other")
    policy = context.policy(state)
    known_bases = set(command.bases_found) <= set(policy.appeal.bases)
    valid(known_bases, "bases_found", "holds a basis that the policy does not list")
    _changes_known(command, state)
    _remand(command, state, context)
    said(command.rationale, "rationale")
    deliveries = dispatched(command.deliveries, state, context)
    decided = restate(AppealDecided, command, officer=context.staff_id, deliveries=deliveries)
    after = evolve(state, decided)  # What stands then is bound as the first outcome was.
    sanctions_fit(after.results, after.sanctions.values(), state, policy)
    return [decided]


def _routed(command: FileAppeal, state: Case, policy: Policy) -> None:
    """To the office that the policy names for the appellant's class, unless one is designated."""
    if command.designation_ref:
        return
    appellants = {command.by, *(appeal.by for appeal in state.appeals.values())}
    affiliations = (state.parties[appellant].affiliation for appellant in appellants)
    offices = {policy.appeal.routes.get(one) if one else None for one in affiliations}
    office = next(iter(offices)) if len(offices) == 1 else None
    require(office, No.APPEAL_ROUTE_UNDEFINED)
    require(command.route_office == office, No.APPEAL_ROUTE_MISMATCH, office=_words(office))


def _words(office: Office | None) -> str:
    return str(office).replace("_", " ")


def _told_until(state: Case) -> date:
    assert state.statements_until is not None  # Every open appeal was notified.
    return state.statements_until


def _changes_known(command: DecideAppeal, state: Case) -> None:
    """Changes where the outcome changes and nowhere else."""
    of_this = not command.result.startswith("dismissal")
    valid(of_this, "result", "is not for an appeal of a determination")
    wanted = command.result in ("modified", "reversed")
    changed = [change.allegation_id for change in command.changes]
    fit = state.allegations.keys() >= set(changed) and len(set(changed)) == len(changed)
    valid(
        bool(changed) == wanted, "changes", "must be there for modified and reversed, and only then"
    )
    valid(fit, "changes", "must name allegations of this case, each once")
    new = [sanction for change in command.changes for sanction in change.sanctions]
    known_sanctions(new, state, "changes")


def _remand(command: DecideAppeal, state: Case, context: Context) -> None:
    """Back to where it went wrong; where bias was found, to another decision-maker."""
    remanded = command.result == "remanded"
    valid(
        remanded == bool(command.remand_to),
        "remand_to",
        "must be there for remanded, and only then",
    )
    to_decision = command.remand_to == "decision_maker"
    successor = command.new_decision_maker
    if successor is None:
        tainted = to_decision and "C" in command.bases_found
        valid(not tainted, "new_decision_maker", "must name somebody else where basis C was found")
        return
    valid(to_decision, "new_decision_maker", "is for a remand to the decision-maker alone")
    known(context.staff[successor].staff_id, "new_decision_maker", "names no staff member")
    again = state.roles_of(str(successor)) | state.left_by(str(successor))
    require(Role.DECISION_MAKER not in again, No.ROLE_CONFLICT, role="decision maker")
