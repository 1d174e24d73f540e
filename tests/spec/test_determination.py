"""The written determination: 34 CFR 106.45(b)(7) [S]; 02.2.20 V.F, VI.B [P]."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from domain.events.case import Allegation, Blocks, EmergencyRemovalOrdered, Result, Sanction
from domain.ids import Narrative
from domain.refusals import No
from domain.rules.determination import IssueDetermination
from domain.state.evidence import EvidenceItem
from domain.terms import Affiliation, SanctionKind
from tests.spec.cases import (
    ALLEGATION,
    CORA_ID,
    DETERMINATION,
    DISPATCH,
    DORA_ID,
    HEARING,
    ITEM,
    SANCTION,
    TEXT,
    WINDOW,
    assessed,
    blocks,
    but,
    complaint,
    convened,
    determination,
    determined,
    heard,
    letters,
    not_responsible,
    posted,
    probation,
    recording,
    reported,
    respondent,
    responsible,
    role,
    without,
)
from tests.spec.kit import (
    CASE,
    COMPLAINANT,
    CORA,
    DORA,
    EVE,
    HUGO,
    IVY,
    RESPONDENT,
    Given,
    When,
    an_id,
    given,
    instant,
)

DAY = "2025-04-18"
NOBODY = an_id("nobody of this case")
SECOND = an_id("second allegation")
REMOVAL, ANALYSIS = an_id("removal"), an_id("analysis")
ITEMS = {
    ITEM: EvidenceItem(case_id=CASE, directly_related=True, version_no=1),
    REMOVAL: EvidenceItem(),
    ANALYSIS: EvidenceItem(),
}

issue = IssueDetermination(
    determination_id=DETERMINATION,
    standard="preponderance",
    hearing_id=HEARING,
    results=(responsible,),
    sanctions=(probation,),
    priors_considered=0,
    evidence_relied_on=(ITEM,),
    remedies_to_be_provided=True,
    statements_without_cross=False,
    appeal_bases_stated=True,
    blocks=(blocks,),
    deliveries=posted(determination.deliveries),
    dispatch_id=DISPATCH,
    text=TEXT,
)
assault = Allegation(
    allegation_id=ALLEGATION,
    complainant_id=COMPLAINANT,
    respondent_id=RESPONDENT,
    category="sexual_assault",
    subtype="fondling",
)
consent = Result(
    allegation_id=ALLEGATION,
    result="responsible",
    elements={
        "consent_clear": "no",
        "consent_knowing": "yes",
        "consent_active": "no",
        "consent_voluntary": "yes",
        "consent_legal_age": "yes",
        "consent_not_silence": "no",
        "consent_not_carried_over": "yes",
    },
)
removed = EmergencyRemovalOrdered(
    removal_id=REMOVAL,
    respondent=RESPONDENT,
    ordered_by=CORA_ID,
    analysis_id=ANALYSIS,
    individualized=True,
    immediate=True,
    physical=True,
    arises_from_allegations=True,
    at_risk="student",
    scope=("campus",),
    ceo_report_ref=None,
    ceo_not_reported_reason="already_reported",
    challenge_contact_office="title_ix",
    how_to_challenge=True,
    analysis=TEXT,
)


def case(*events: Any) -> Given:
    return given(*(events or heard), evidence=ITEMS)


def issued(setting: Given | None = None, **change: Any) -> When:
    return (setting or case()).when(replace(issue, **change), by=DORA, on=DAY)


def alleged(*allegations: Allegation) -> Given:
    """The same hearing, on other allegations."""
    return case(*but(heard, complaint, allegations=allegations))


def of_class(affiliation: Affiliation | None, *allegations: Allegation) -> Given:
    """The same on a respondent of another class."""
    told = but(heard, complaint, allegations=allegations or complaint.allegations)
    return case(*but(told, respondent, affiliation_class=affiliation))


def sanction(kind: SanctionKind, to: Any = RESPONDENT) -> Sanction:
    return Sanction(sanction_id=SANCTION, kind=kind, respondent=to)


def test_the_decision_maker_decides_in_writing_and_each_party_may_appeal_for_five_days() -> None:
    issued().then(determination)


def test_not_responsible_needs_no_sanction_and_no_element() -> None:
    issued(results=(not_responsible,), sanctions=()).then(
        replace(determination, results=(not_responsible,), sanctions=())
    )


def test_what_was_said_without_cross_examination_may_be_weighed() -> None:
    issued(statements_without_cross=True).then(
        replace(determination, statements_without_cross=True)
    )


# Before the words matter


def test_no_determination_before_the_hearing_is_concluded() -> None:
    issued(case(*convened)).refused(No.HEARING_FIRST)
    issued(case(*reported)).refused(No.HEARING_FIRST)


def test_no_determination_without_a_recording_or_transcript_of_the_hearing() -> None:
    issued(case(*without(heard, recording))).refused(No.RECORDING_REQUIRED)
    transcript = replace(recording, kind="transcript")
    issued(case(*without(heard, recording), transcript)).accepted()


@pytest.mark.parametrize("other", ["investigator", "hearing_officer", "appeal_officer"])
def test_who_investigated_or_presided_does_not_decide(other: Any) -> None:
    issued(case(*heard, role(other, DORA_ID))).refused(
        No.ROLE_CONFLICT, role=other.replace("_", " ")
    )


def test_a_coordinator_does_not_decide() -> None:
    assigned = case(*heard, role("decision_maker", CORA_ID))
    assigned.when(issue, by=CORA, on=DAY).refused(No.ROLE_CONFLICT, role="coordinator")


def test_nobody_else_decides() -> None:
    case().when(issue, by=EVE, on=DAY).not_found()
    for other in (CORA, HUGO, IVY):
        case().when(issue, by=other, on=DAY).refused(No.ROLE_NOT_ALLOWED)


def test_there_is_one_determination() -> None:
    issued(case(*determined), determination_id=an_id("second")).refused(No.ILLEGAL_TRANSITION)
    given(*assessed, role("decision_maker", DORA_ID), evidence=ITEMS).when(
        issue, by=DORA, on=DAY
    ).refused(No.FORMAL_COMPLAINT_REQUIRED)


# The six parts and the standard


@pytest.mark.parametrize("standard", ["clear_and_convincing", "other", None])
def test_the_standard_is_the_preponderance_of_the_evidence(standard: str | None) -> None:
    issued(standard=standard).refused(No.STANDARD_IS_PREPONDERANCE)


@pytest.mark.parametrize("part", [f for f in Blocks.__struct_fields__ if f != "allegation_id"])
def test_the_text_has_six_parts_for_each_allegation(part: str) -> None:
    issued(blocks=(replace(blocks, **{part: False}),)).refused(
        No.DETERMINATION_INCOMPLETE, parts=f"{part.replace('_', ' ')} of allegation 1"
    )


def test_every_allegation_gets_its_result_and_its_rationale() -> None:
    second = replace(complaint.allegations[0], allegation_id=SECOND)
    two = alleged(*complaint.allegations, second)
    unexplained = replace(blocks, allegation_id=SECOND, result_and_rationale=False)
    issued(two, blocks=(blocks, unexplained)).refused(
        No.DETERMINATION_INCOMPLETE,
        parts="result of allegation 2, result and rationale of allegation 2",
    )
    both = {
        "results": (responsible, replace(responsible, allegation_id=SECOND)),
        "blocks": (blocks, replace(blocks, allegation_id=SECOND)),
    }
    issued(two, **both).accepted()
    issued(two, **{**both, "blocks": (blocks,)}).refused(No.DETERMINATION_INCOMPLETE)


def test_the_bases_of_appeal_are_stated() -> None:
    issued(appeal_bases_stated=False).refused(No.DETERMINATION_INCOMPLETE, parts="bases of appeal")


def test_a_determination_has_a_text() -> None:
    issued(text=Narrative(" ")).refused(No.DETERMINATION_INCOMPLETE, parts="text")


def test_who_is_found_responsible_is_so_under_every_element() -> None:
    unanswered = {key: "yes" for key in responsible.elements if key != "pervasive"}
    issued(results=(replace(responsible, elements=unanswered),)).refused(
        No.DEFINITION_ELEMENTS_MISSING, category="sexual harassment"
    )


def test_sexual_assault_is_found_on_every_element_of_consent() -> None:
    answered = dict(consent.elements)
    answered.pop("consent_knowing")
    dismissed = {"sanctions": (sanction("termination"),)}
    issued(alleged(assault), results=(replace(consent, elements=answered),), **dismissed).refused(
        No.DEFINITION_ELEMENTS_MISSING, category="sexual assault"
    )
    issued(alleged(assault), results=(consent,), **dismissed).accepted()


# Evidence


def test_nothing_is_inferred_from_an_absence_alone() -> None:
    issued(inference_from_absence=True).refused(No.NO_INFERENCE_FROM_ABSENCE)


@pytest.mark.parametrize("ref", [REMOVAL, ANALYSIS])
def test_that_somebody_was_removed_is_no_evidence(ref: Any) -> None:
    issued(case(*heard, removed), evidence_relied_on=(ITEM, ref)).refused(No.REMOVAL_NOT_EVIDENCE)
    issued(case(*heard, removed)).accepted()


@pytest.mark.parametrize("owner", [None, NOBODY])
def test_a_determination_relies_on_items_of_this_case(owner: Any) -> None:
    elsewhere = given(*heard, evidence={ITEM: EvidenceItem(case_id=owner)})
    issued(elsewhere).refused(
        No.INPUT_INVALID, fields="evidence_relied_on", fault="must name items of this case"
    )


# Sanctions


@pytest.mark.parametrize(
    ("affiliation", "kind"),
    [
        ("student", "dismissal"),
        ("resident", "dismissal"),
        ("clinical_fellow", "dismissal"),
        ("postdoc", "dismissal"),
        ("faculty", "termination"),
        ("staff", "termination"),
        ("third_party", "barred"),
        ("contractor", "barred"),
        ("trustee", "barred"),
    ],
)
def test_a_finding_of_sexual_assault_removes(affiliation: Any, kind: Any) -> None:
    setting = of_class(affiliation, assault)
    for too_little in ((), (sanction("suspension"),)):
        issued(setting, results=(consent,), sanctions=too_little).refused(No.SA_REMOVAL_MANDATORY)
    issued(setting, results=(consent,), sanctions=(sanction(kind),)).accepted()
    issued(setting, results=(not_responsible,), sanctions=()).accepted()


def test_the_removal_is_that_of_the_respondents_class() -> None:
    setting = of_class("student", assault)
    issued(setting, results=(consent,), sanctions=(sanction("termination"),)).refused(
        No.SA_REMOVAL_MANDATORY
    )
    unknown = of_class(None, assault)
    issued(unknown, results=(consent,), sanctions=(sanction("dismissal"),)).refused(
        No.SA_REMOVAL_MANDATORY
    )


@pytest.mark.parametrize("kind", ["employment_warning", "employment_probation", "termination"])
def test_employment_sanctions_are_for_employees(kind: Any) -> None:
    issued(of_class("student"), sanctions=(sanction(kind),)).refused(No.SANCTION_CLASS_MISMATCH)
    for affiliation in ("faculty", "staff", "resident", "clinical_fellow", "postdoc"):
        issued(of_class(affiliation), sanctions=(sanction(kind),)).accepted()


def test_only_sanctions_that_the_policy_lists_are_imposed() -> None:
    listed = ["formal_warning"]
    narrow = case().policy(lambda pack: pack["sanctions"].update(listed=listed))
    issued(narrow, sanctions=(sanction("suspension"),)).refused(No.SANCTION_CLASS_MISMATCH)
    issued(narrow, sanctions=(sanction("formal_warning"),)).accepted()


def test_nobody_is_sanctioned_without_a_finding() -> None:
    issued(results=(not_responsible,)).refused(No.SANCTION_CLASS_MISMATCH)


# Delivery


def test_both_parties_get_the_determination_at_the_same_time() -> None:
    issued(deliveries=posted(letters(DAY, to=(COMPLAINANT,)))).refused(No.NOTICE_ALL_PARTIES)
    hers, his = posted(letters(DAY))
    apart = (hers, replace(his, sent_at=instant("2025-04-17")))
    issued(deliveries=apart).refused(No.NOT_SIMULTANEOUS)


def test_a_determination_is_not_sent_tomorrow() -> None:
    issued(deliveries=posted(letters("2025-04-19"))).refused(No.DATE_IN_FUTURE)


def test_an_advisors_copy_opens_no_window_of_its_own() -> None:
    copies = letters(DAY, advisors=(RESPONDENT,))
    windows = tuple(one if one.advisor else replace(one, appeal_until=WINDOW) for one in copies)
    issued(deliveries=posted(copies)).then(replace(determination, deliveries=windows))


def test_the_window_runs_from_the_day_of_recording_not_from_a_typed_date() -> None:
    issued(deliveries=posted(letters("2025-03-01"))).then(
        replace(
            determination,
            deliveries=tuple(
                replace(one, appeal_until=date(2025, 4, 25)) for one in letters("2025-03-01")
            ),
        )
    )


def test_a_window_that_the_policy_does_not_set_stops_the_determination() -> None:
    unset = case().policy(lambda pack: pack["appeal"]["window"].update(days=None))
    issued(unset).refused(No.POLICY_PARAMETER_UNSET, parameter="appeal.window")


# Ids


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"hearing_id": NOBODY}, "hearing_id"),
        ({"results": (responsible, replace(responsible, allegation_id=NOBODY))}, "results"),
        ({"results": (responsible, responsible)}, "results"),
        ({"blocks": (blocks, replace(blocks, allegation_id=NOBODY))}, "blocks"),
        ({"blocks": (blocks, blocks)}, "blocks"),
        ({"sanctions": (sanction("formal_warning", COMPLAINANT),)}, "sanctions"),
        ({"sanctions": (sanction("formal_warning", NOBODY),)}, "sanctions"),
        ({"sanctions": (probation, sanction("formal_warning"))}, "sanctions"),
    ],
)
def test_a_determination_names_only_what_this_case_knows_and_once(
    change: dict[str, Any], field: str
) -> None:
    issued(**change).refused(No.INPUT_INVALID, fields=field)
