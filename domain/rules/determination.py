"""The written determination: 34 CFR 106.45(b)(7) [S]; the policy, V.F and VI.B [P]."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta
from msgspec.structs import replace

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import require
from domain.events import Event
from domain.events.case import Blocks, Delivery, DeterminationIssued, Result, Sanction
from domain.ids import AllegationId, EvidenceId, Narrative
from domain.policy import Policy
from domain.refusals import No
from domain.rules.dispatch import Letter, dispatched
from domain.rules.known import HEARING, TWICE, party, valid
from domain.rules.roles import unconflicted
from domain.state.case import Case
from domain.state.parts import SanctionState

# The six parts of the text, as the event names them (F-13).
_BLOCKS = tuple(name for name in Blocks.__struct_fields__ if name != "allegation_id")


class IssueDetermination(Command):
    """`blocks`: which of the six parts the text holds for each allegation."""

    determination_id: UUID
    hearing_id: UUID
    remedies_to_be_provided: bool
    statements_without_cross: bool
    deliveries: tuple[Letter, ...]
    dispatch_id: UUID
    text: Narrative
    standard: Literal["preponderance", "clear_and_convincing", "other"] | None = None
    results: tuple[Result, ...] = ()
    sanctions: tuple[Sanction, ...] = ()
    priors_considered: Annotated[int, Meta(ge=0)] = 0
    evidence_relied_on: tuple[EvidenceId, ...] = ()
    inference_from_absence: bool = False
    appeal_bases_stated: bool = False
    blocks: tuple[Blocks, ...] = ()


def may_issue(state: Case, context: Context) -> None:
    """With the hearing on record, and by nobody who investigated or coordinates."""
    assert state.hearing is not None  # The stage says so.
    require(state.hearing.recorded, No.RECORDING_REQUIRED)
    unconflicted("decision_maker", state, context)


def issue(command: IssueDetermination, state: Case, context: Context) -> Sequence[Event]:
    """Preponderance, six parts for each allegation, the definitions answered; to all at once."""
    assert state.hearing is not None  # The stage says so.
    valid(command.hearing_id == state.hearing.hearing_id, "hearing_id", HEARING)
    _of_this_case(command, state)
    policy = context.policy(state)
    require(command.standard == policy.determination.standard, No.STANDARD_IS_PREPONDERANCE)
    missing = ", ".join(_missing(command, state))
    require(not missing, No.DETERMINATION_INCOMPLETE, parts=missing)
    _elements_answered(command.results, state, policy)
    require(not command.inference_from_absence, No.NO_INFERENCE_FROM_ABSENCE)
    _on_evidence(command.evidence_relied_on, state, context)
    results = {result.allegation_id: result.result for result in command.results}
    sanctions_fit(results, command.sanctions, state, policy)
    deliveries = with_window(dispatched(command.deliveries, state, context), policy, context)
    return [
        restate(
            DeterminationIssued,
            command,
            no=1,
            decision_maker=context.staff_id,
            deliveries=deliveries,
        )
    ]


def sanctions_fit(
    results: Mapping[AllegationId, str],
    sanctions: Collection[Sanction | SanctionState],
    state: Case,
    policy: Policy,
) -> None:
    """A finding of sexual assault removes; no sanction without a finding, or for another class.

    Errors: SA_REMOVAL_MANDATORY (A-111), SANCTION_CLASS_MISMATCH (A-112).
    """
    found = [
        state.allegations[allegation_id]
        for allegation_id, result in results.items()
        if result == "responsible"
    ]
    removal = policy.sanctions.assault_removal
    imposed = {(sanction.respondent, sanction.kind) for sanction in sanctions}
    for allegation in found:
        if allegation.category == "sexual_assault":
            affiliation = state.parties[allegation.respondent_id].affiliation
            kind = affiliation and removal.get(affiliation)
            require((allegation.respondent_id, kind) in imposed, No.SA_REMOVAL_MANDATORY)
    responsible = {allegation.respondent_id for allegation in found}
    for sanction in sanctions:
        affiliation = state.parties[sanction.respondent].affiliation
        fits = (
            sanction.respondent in responsible
            and sanction.kind in policy.sanctions.listed
            and (
                sanction.kind not in policy.sanctions.employees_only
                or affiliation in policy.sanctions.employees
            )
        )
        require(fits, No.SANCTION_CLASS_MISMATCH)


def with_window(
    deliveries: Sequence[Delivery], policy: Policy, context: Context
) -> tuple[Delivery, ...]:
    """Each party's own time to appeal, written down. Errors: POLICY_PARAMETER_UNSET."""
    until = context.last_day(policy.appeal.window, "appeal.window")
    return tuple(one if one.advisor else replace(one, appeal_until=until) for one in deliveries)


def known_sanctions(sanctions: Sequence[Sanction], state: Case, field: str) -> None:
    """Each with an id of its own, for a respondent. Errors: INPUT_INVALID naming the field."""
    for sanction in sanctions:
        party(state, sanction.respondent, "respondent", field=field)
    ids = {sanction.sanction_id for sanction in sanctions}
    valid(len(ids) == len(sanctions), field, TWICE)


def _of_this_case(command: IssueDetermination, state: Case) -> None:
    for field in ("results", "blocks"):
        named = [one.allegation_id for one in getattr(command, field)]
        fit = state.allegations.keys() >= set(named) and len(set(named)) == len(named)
        valid(fit, field, "must name allegations of this case, each once")
    known_sanctions(command.sanctions, state, "sanctions")


def _missing(command: IssueDetermination, state: Case) -> Iterator[str]:
    """What the law asks to be written and is not there, allegations by their number."""
    results = {result.allegation_id for result in command.results}
    blocks = {block.allegation_id: block for block in command.blocks}
    for number, allegation_id in enumerate(state.allegations, start=1):
        if allegation_id not in results:
            yield f"result of allegation {number}"
        for block in _BLOCKS:
            if not getattr(blocks.get(allegation_id), block, False):
                yield f"{block.replace('_', ' ')} of allegation {number}"
    if not command.appeal_bases_stated:
        yield "bases of appeal"
    if command.text.blank:
        yield "text"


def _elements_answered(results: Sequence[Result], state: Case, policy: Policy) -> None:
    """Who is found responsible is so under every element of the definition."""
    for result in results:
        allegation = state.allegations[result.allegation_id]
        elements = policy.elements.of(allegation.category, allegation.subtype)
        answered = result.result == "not_responsible" or result.elements.keys() >= set(elements)
        require(
            answered,
            No.DEFINITION_ELEMENTS_MISSING,
            category=allegation.category.replace("_", " "),
        )


def _on_evidence(relied_on: Sequence[EvidenceId], state: Case, context: Context) -> None:
    """On items of this case; that somebody was removed, and why, proves nothing (A-87)."""
    removals = state.removals.keys() | {removal.analysis_id for removal in state.removals.values()}
    for evidence_id in relied_on:
        require(evidence_id not in removals, No.REMOVAL_NOT_EVIDENCE)
        ours = context.evidence[evidence_id].case_id == context.case_id
        valid(ours, "evidence_relied_on", "must name items of this case")
