"""Classification: the facts of an incident on three axes, each stated, none defaulted (R27)."""

from collections.abc import Collection, Iterable, Sequence
from typing import Literal
from uuid import UUID

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import require
from domain.events import Event
from domain.events.case import (
    Count,
    Course,
    IncidentClassified,
    Occasion,
    Offense,
    Relationship,
    Source,
    Victim,
)
from domain.ids import IncidentId, Narrative, SpokenDate
from domain.policy import Policy
from domain.refusals import No
from domain.rules.known import TWICE, new_id, valid
from domain.state.case import Case
from domain.terms import Answer, ConductType

# Of the counting rules R01 to R32, as they stood when the incident was classified.
RULESET = "clery-1"

Subtype = Literal[
    "quid_pro_quo", "hostile_environment", "rape", "fondling", "incest", "statutory_rape"
]
_PRONGS = frozenset({"quid_pro_quo", "hostile_environment"})
_VICTIMS = "must name victims given here"


class ClassifyIncident(Command):
    """`report_ids` left out: every report of the case."""

    incident_id: IncidentId
    incident_key: UUID
    report_ids: tuple[UUID, ...] = ()
    policy_category: ConductType | None
    policy_subtype: Subtype | None = None
    tec_category: ConductType | None
    hazing: Answer
    organization_id: UUID | None = None
    organization_recognized: Answer | None = None
    offenses: tuple[Offense, ...]
    victims: tuple[Victim, ...]
    offenders: int | Literal["unknown"]
    same_as_incident: IncidentId | None = None
    relationships: tuple[Relationship, ...] = ()
    occasions: tuple[Occasion, ...]
    rows: tuple[Count, ...]
    course: Course | None = None
    bias: Literal[
        "none",
        "race",
        "religion",
        "sexual_orientation",
        "gender",
        "gender_identity",
        "disability",
        "ethnicity",
        "national_origin",
        "unknown",
    ]
    bias_evidence: Answer | None = None
    source: Source
    unfounded_by: Literal[
        "none",
        "sworn_law_enforcement_full_investigation",
        "non_sworn_campus_security",
        "title_ix_office",
        "victim_recants_to_title_ix_no_police_inv",
        "unknown",
    ]
    unfounded_on: SpokenDate | None = None
    reason: Narrative | None = None


def classify(command: ClassifyIncident, state: Case, context: Context) -> Sequence[Event]:
    """One incident may be in one axis and not in another: the counts are not each other's."""
    if state.type_only:
        words = (command.reason, *(occasion.place for occasion in command.occasions))
        require(not any(words), No.TYPE_ONLY)
    new_id(command.incident_id in state.incidents, "incident_id")
    _points_at_known(command, state)
    if command.policy_category is None:
        valid(command.policy_subtype is None, "policy_subtype", "needs a policy_category")
    else:
        _fits_the_policy(command, command.policy_category, state, context.policy(state))
    classified = restate(
        IncidentClassified,
        command,
        incident_no=len(state.incidents) + 1,
        report_ids=command.report_ids or state.report_ids,
        decided_by=context.staff_id,
        ruleset_version=RULESET,
    )
    return [classified]


def _fits_the_policy(
    command: ClassifyIncident, category: ConductType, state: Case, policy: Policy
) -> None:
    """The definitions of 02.2.20 III [P], each element answered; `unknown` is an answer."""
    rules, subtype = policy.categories, command.policy_subtype
    require(category in rules.listed, No.NOT_TITLE_IX_CATEGORY)
    if category == "sexual_assault":
        require(subtype in rules.sexual_assault_subtypes, No.SA_SUBTYPE_REQUIRED)
    else:
        prongs = _PRONGS if category == "sexual_harassment" else {None}
        valid(subtype in prongs, "policy_subtype", "is not of this category, or missing")
    if subtype == "quid_pro_quo":
        # A respondent nobody knows yet may be an employee.
        classes = {p.affiliation for p in state.those("respondent").values()} - {None}
        require(
            not classes or classes & set(rules.quid_pro_quo_respondents),
            No.QUID_PRO_QUO_NEEDS_EMPLOYEE,
        )
    if category == "stalking":
        acts = command.course.acts if command.course else ()
        require(len(acts) >= rules.minimum_stalking_acts, No.STALKING_TWO_ACTS)
    offense = subtype if category == "sexual_assault" else category
    require(
        _answered(command, offense).issuperset(policy.elements.of(category, subtype)),
        No.DEFINITION_ELEMENTS_MISSING,
        category=category.replace("_", " "),
    )


def _answered(command: ClassifyIncident, category: str | None) -> set[str]:
    """The elements spoken to: with the offense, or with the relationship they are about."""
    answered = {
        str(element)
        for offense in command.offenses
        if offense.category == category
        for element in offense.elements
    }
    for relationship in command.relationships:
        answered.add("relationship_basis")
        for element in ("length", "nature", "frequency"):
            if getattr(relationship, f"{element}_answered"):
                answered.add(f"relationship_{element}")
    return answered


def _points_at_known(command: ClassifyIncident, state: Case) -> None:
    """Errors: INPUT_INVALID naming the first field that points at nothing."""
    offenses = {offense.offense_no for offense in command.offenses}
    victims = {victim.victim_no for victim in command.victims}
    occasions = {occasion.occasion_no for occasion in command.occasions}
    acts = command.course.acts if command.course else ()
    same = [] if command.same_as_incident is None else [command.same_as_incident]
    _all_in(command.report_ids, state.report_ids, "report_ids", "must name reports of this case")
    _all_in(same, state.incidents, "same_as_incident", "names no incident of this case")
    valid(len(offenses) == len(command.offenses), "offenses", TWICE)
    valid(len(victims) == len(command.victims), "victims", TWICE)
    valid(len(occasions) == len(command.occasions), "occasions", TWICE)
    people = [victim.party_id for victim in command.victims if victim.party_id is not None]
    _all_in(people, state.parties, "victims", "must name parties of this case")
    _all_in((r.victim_no for r in command.relationships), victims, "relationships", _VICTIMS)
    _all_in((act.victim_no for act in acts), victims, "course", _VICTIMS)
    _all_in(
        (row.offense_no for row in command.rows), offenses, "rows", "must name offenses given here"
    )
    _all_in((row.victim_no for row in command.rows), victims, "rows", _VICTIMS)
    for row in command.rows:
        # One occasion, or an estimate of how many and what it rests on (R10).
        estimate = row.estimated_occasions is not None and row.estimate_basis is not None
        one = row.occasion_no in occasions
        counted = one if row.occasion_no is not None else estimate
        alone = row.occasion_no is None or row.estimated_occasions is None
        valid(
            counted and alone,
            "rows",
            "must each count one occasion given here, or say an estimate and its basis",
        )


def _all_in(values: Iterable[object], there: Collection[object], field: str, fault: str) -> None:
    valid(all(value in there for value in values), field, fault)
