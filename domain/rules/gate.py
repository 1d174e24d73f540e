"""The one gate: may you know of it, may you do it, may it happen now, does the rule agree?"""

from collections.abc import Iterator
from typing import Any

from domain.commands import Intention, said_on
from domain.context import Context
from domain.errors import NotFound, Refused, require
from domain.refusals import No
from domain.rules import (
    RULES,
    appeal,
    complaint,
    determination,
    hearing,
    informal,
    investigation,
    notice,
    package,
    report,
    sanctions,
)
from domain.rules.rule import Decided, Rule
from domain.state.case import Case
from domain.terms import Role, Stage, stages

# Office roles that may know of every case. Security sees counts, and administration no case.
KNOW_EVERY_CASE = frozenset(
    {Role.COORDINATOR, Role.DEPUTY, Role.AUDITOR, Role.OPERATOR, Role.SYSTEM}
)
# Office roles that are a case's own to give: they count only where the case assigned them.
ONLY_BY_ASSIGNMENT = frozenset(
    {Role.INVESTIGATOR, Role.HEARING_OFFICER, Role.DECISION_MAKER, Role.APPEAL_OFFICER}
)

# Whose streams a command writes that stand in a case; all others are the office's own.
OF_CASE = frozenset({"case", "evidence", "access"})
# Those for which the version that was read must be named. An access stream grows with each reveal.
VERSIONED = frozenset({"case", "evidence", "person"})

_NO_COMPLAINT = stages(Stage.REPORTED, Stage.SUPPORT_ONLY)
_GRIEVANCE: frozenset[type[Intention]] = frozenset(
    {
        notice.IssueNotice,
        informal.OfferInformal,
        investigation.OpenInvestigation,
        investigation.NotifyMeeting,
        investigation.RecordInterview,
        package.SendEvidence,
        package.RecordResponse,
        package.CloseReview,
        report.IssueReport,
        hearing.ScheduleHearing,
        hearing.SendHearingNotice,
        hearing.ConveneHearing,
        determination.IssueDetermination,
        sanctions.ImplementSanction,
    }
)

# Where a command comes at a stage that is not its own, and more can be said than that.
# First row that fits.
SAYS_MORE: tuple[tuple[frozenset[type[Intention]], frozenset[Stage], No], ...] = (
    (_GRIEVANCE, _NO_COMPLAINT, No.FORMAL_COMPLAINT_REQUIRED),
    (
        frozenset(
            {
                investigation.OpenInvestigation,
                investigation.RecordInterview,
                informal.OfferInformal,
            }
        ),
        frozenset({Stage.COMPLAINT_FILED}),
        No.NOTICE_FIRST,
    ),
    (
        frozenset({complaint.SignFormalComplaint}),
        frozenset(Stage) - _NO_COMPLAINT - {Stage.NONE},
        No.DUPLICATE_COMPLAINT,
    ),
    (
        frozenset({report.IssueReport}),
        frozenset({Stage.EVIDENCE_REVIEW}),
        No.EVIDENCE_REVIEW_OPEN,
    ),
    (
        frozenset({determination.IssueDetermination}),
        stages(Stage.INVESTIGATING, Stage.HEARING),
        No.HEARING_FIRST,
    ),
    (
        frozenset({sanctions.ImplementSanction}),
        frozenset({Stage.DETERMINED, Stage.APPEAL}),
        No.NOT_FINAL,
    ),
    (
        frozenset({appeal.FileAppeal}),
        frozenset({Stage.FINAL, Stage.CLOSED}),
        No.APPEAL_LATE,
    ),
)


def held_roles(state: Case, context: Context) -> frozenset[Role]:
    """What the actor is for this case; empty: the case does not exist for this actor."""
    who = context.who
    if who.kind == "system":
        return frozenset({Role.SYSTEM})
    if who.kind == "operator":
        return frozenset({Role.OPERATOR})
    if who.kind == "party":
        return state.roles_of(who.id) if who.case == context.case_id else frozenset()
    if who.id in map(str, state.walls):
        return frozenset()  # A conflict of interest beats every role.
    office = context.office - ONLY_BY_ASSIGNMENT
    if state.stage is Stage.NONE:
        reports = set() if Role.CONFIDENTIAL_EMPLOYEE in office else {Role.REPORTER}
        return office | reports
    assigned = state.roles_of(who.id) - context.ended
    return assigned | office if assigned else office & KNOW_EVERY_CASE


def decide(command: Intention, state: Any, context: Context) -> Decided:
    """The events of a command, or why not.

    `state` is that of the command's own stream. Errors: NotFound, Refused. In that order: known
    to you, for you, stage, what must hold before, the rule itself.
    """
    rule = RULES[type(command)]
    case = state if isinstance(state, Case) else context.case
    held = known_to(rule, case, context)
    require(held & rule.by, rule.otherwise)
    check_possible(type(command), case, context, held)
    _not_in_future(command, context)
    return rule.decide(command, state, context)


def known_to(rule: Rule, case: Case, context: Context) -> frozenset[Role]:
    """What the actor is there. Errors: NotFound, the same for a case that is hidden or missing."""
    if rule.home == "person":
        held = context.office & rule.by  # To everybody else there is no such person.
    elif rule.home not in OF_CASE:
        held = _office_roles(context)
    elif case.stage is Stage.NONE and Stage.NONE not in rule.during:
        held = frozenset()
    else:
        held = held_roles(case, context)
    if not held:
        raise NotFound
    return held


def _office_roles(context: Context) -> frozenset[Role]:
    if context.who.kind in ("system", "operator"):
        return frozenset({Role(context.who.kind)})
    return context.office


def check_possible(
    kind: type[Intention], case: Case, context: Context, held: frozenset[Role]
) -> None:
    """Whether a command can come now, whatever it says.

    Errors: Refused with the code that says most.
    """
    check_stage(kind, case, context, held)
    ready = RULES[kind].ready
    if ready:
        try:
            ready(case, context)
        except Refused as refused:
            if refused.refusal is No.ILLEGAL_TRANSITION:
                refused.facts["command"] = kind.__name__
                refused.facts["commands"] = _names_now(case, context, held)
            raise


def check_stage(kind: type[Intention], case: Case, context: Context, held: frozenset[Role]) -> None:
    """The first half of it. Errors: as `check_possible`."""
    rule = RULES[kind]
    require(_open_to(rule, case), No.TYPE_ONLY)
    if case.stage in rule.during:
        return
    for kinds, at, code in SAYS_MORE:
        if kind in kinds and case.stage in at:
            raise Refused(code, **_facts(code, case))
    raise Refused(
        No.ILLEGAL_TRANSITION,
        command=kind.__name__,
        stage=case.stage,
        commands=_names_now(case, context, held),
    )


def _facts(code: No, case: Case) -> dict[str, Any]:
    if code is No.EVIDENCE_REVIEW_OPEN and case.review:
        return {"date": case.review.respond_by}
    if code is No.APPEAL_LATE and case.windows:
        return {"date": max(window.until for window in case.windows.values())}
    if code is No.DUPLICATE_COMPLAINT:
        return {"case": "this case"}
    return {}


def _names_now(case: Case, context: Context, held: frozenset[Role]) -> str:
    return ", ".join(kind.__name__ for kind in possible_now(case, context, held)) or "none"


def possible_now(case: Case, context: Context, held: frozenset[Role]) -> Iterator[type[Intention]]:
    """The commands that these roles can give on the case now, in the order of the table."""
    for kind, rule in RULES.items():
        now = case.stage in rule.during and _open_to(rule, case)
        if rule.home == "case" and held & rule.by and now and _ready(rule, case, context):
            yield kind


def _ready(rule: Rule, case: Case, context: Context) -> bool:
    try:
        if rule.ready:
            rule.ready(case, context)
    except Refused:
        return False
    return True


def _open_to(rule: Rule, case: Case) -> bool:
    """A type-only report stays one, closed or not: nothing else may ever be added to it."""
    return not case.type_only or Stage.TYPE_ONLY in rule.during


def _not_in_future(command: Intention, context: Context) -> None:
    """A report's dates are kept as told; every other day that people say has been."""
    when = said_on(command)
    if when and when != "unknown" and type(command).__name__ != "ReceiveReport":
        require(when <= context.today.isoformat()[: len(when)], No.DATE_IN_FUTURE)
