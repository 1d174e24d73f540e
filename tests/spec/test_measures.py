"""Supportive measures. 34 CFR 106.30, 106.44(a), 106.45(b)(10)(ii) [S]; 02.2.20 IV.C.2, IV.E [P].

Non-disciplinary, for either party, with or without a complaint, and without unreasonably burdening
the other.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, get_args

import pytest
from msgspec.structs import replace

from domain.commands import Command
from domain.events import Event
from domain.events.case import (
    ResponseBasisDocumented,
    SupportiveMeasureAccepted,
    SupportiveMeasureEnded,
    SupportiveMeasureImplemented,
    SupportiveMeasureOffered,
)
from domain.ids import Narrative, Secret
from domain.refusals import No
from domain.rules.measures import (
    AcceptMeasure,
    DocumentResponse,
    EndMeasure,
    ImplementMeasure,
    OfferMeasure,
)
from domain.state.case import fold
from domain.terms import MeasureKind, SanctionKind
from tests.spec.cases import TEXT, contacted, filed, opened, reported
from tests.spec.kit import COMPLAINANT, CORA, DEE, EVE, IVY, RESPONDENT, an_id, given, party

MEASURE = an_id("measure")
DAY = date(2025, 1, 15)

offer = OfferMeasure(
    measure_id=MEASURE,
    for_party=COMPLAINANT,
    kind="schedule_change",
    affects_other_party=False,
    start_on=DAY,
    implementer_office="curriculum",
)
offered = SupportiveMeasureOffered(
    measure_id=MEASURE,
    for_party=COMPLAINANT,
    kind="schedule_change",
    mutual=None,
    requires_complaint="no",
    affects_other_party=False,
    start_on=DAY,
    end_on=None,
    implementer_office="curriculum",
    burden_assessment=None,
    detail=None,
)
accept = AcceptMeasure(measure_id=MEASURE)
accepted = SupportiveMeasureAccepted(measure_id=MEASURE)
implement = ImplementMeasure(measure_id=MEASURE, start_on=DAY, implementer_office="curriculum")
implemented = SupportiveMeasureImplemented(
    measure_id=MEASURE, start_on=DAY, implementer_office="curriculum"
)
end = EndMeasure(measure_id=MEASURE, end_on=DAY, reason_code="no_longer_needed")
ended = SupportiveMeasureEnded(measure_id=MEASURE, end_on=DAY, reason_code="no_longer_needed")
document = DocumentResponse(
    equal_access_measures=("schedule_change",), not_deliberately_indifferent_basis=TEXT
)

at_offer = (*contacted, offered)
at_acceptance = (*at_offer, accepted)
active = (*at_acceptance, implemented)


# The offer


def test_a_measure_is_offered_before_after_or_without_a_complaint() -> None:
    for history in (opened, contacted, filed, reported):
        given(*history).when(offer).then(offered)


def test_a_measure_may_be_for_the_respondent_too() -> None:
    given(*contacted).when(replace(offer, for_party=RESPONDENT)).accepted()
    given(*contacted).when(replace(offer, for_party=an_id("nobody"))).refused(
        No.INPUT_INVALID, fields="for_party"
    )


@pytest.mark.parametrize("kind", sorted(set(get_args(SanctionKind)) - set(get_args(MeasureKind))))
def test_a_sanction_is_no_supportive_measure(kind: Any) -> None:
    given(*contacted).when(replace(offer, kind=kind)).refused(No.MEASURE_IS_PUNITIVE)


def test_a_leave_of_absence_may_be_supportive() -> None:
    given(*contacted).when(replace(offer, kind="leave_of_absence")).accepted()


def test_a_measure_never_depends_on_a_complaint() -> None:
    given(*contacted).when(replace(offer, requires_complaint="yes")).refused(
        No.MEASURES_NOT_CONDITIONAL
    )


def test_the_burden_on_the_other_party_is_assessed() -> None:
    affects = replace(offer, affects_other_party=True)
    for burden in (None, Secret(" ")):
        given(*contacted).when(replace(affects, burden_assessment=burden)).refused(
            No.BURDEN_ASSESSMENT_REQUIRED
        )
    weighed = Secret("another section, same hours")
    given(*contacted).when(replace(affects, burden_assessment=weighed)).then(
        replace(offered, affects_other_party=True, burden_assessment=weighed)
    )


def test_no_contact_says_whether_it_is_mutual() -> None:
    no_contact = replace(offer, kind="no_contact")
    given(*contacted).when(no_contact).refused(No.INPUT_INVALID, fields="mutual")
    given(*contacted).when(replace(no_contact, mutual=True)).accepted()


def test_one_sided_no_contact_needs_a_reason() -> None:
    one_sided = replace(offer, kind="no_contact", mutual=False)
    given(*contacted).when(one_sided).refused(No.INPUT_INVALID, fields="detail")
    given(*contacted).when(replace(one_sided, detail=Secret("why"))).accepted()


def test_a_measure_of_another_kind_says_what_it_is() -> None:
    other = replace(offer, kind="other")
    given(*contacted).when(other).refused(No.INPUT_INVALID, fields="detail")
    given(*contacted).when(replace(other, detail=Secret(" "))).refused(
        No.INPUT_INVALID, fields="detail"
    )
    given(*contacted).when(replace(other, detail=Secret("a parking place"))).accepted()


def test_a_measure_does_not_end_before_it_begins() -> None:
    given(*contacted).when(replace(offer, end_on=date(2025, 1, 14))).refused(
        No.INPUT_INVALID, fields="end_on"
    )
    given(*contacted).when(replace(offer, end_on=DAY)).accepted()


def test_a_measure_id_is_minted_once() -> None:
    given(*at_offer).when(offer).refused(No.INPUT_INVALID, fields="measure_id")


# From offer to end


def test_a_measure_is_accepted_implemented_and_ended() -> None:
    given(*at_offer).when(accept).then(accepted)
    given(*at_acceptance).when(implement).then(implemented)
    given(*active).when(end).then(ended)
    assert fold([*active, ended]).measures[MEASURE].status == "ended"


@pytest.mark.parametrize(
    ("command", "history"),
    [
        (accept, at_acceptance),
        (accept, active),
        (implement, at_offer),
        (implement, active),
        (end, at_offer),
        (end, at_acceptance),
        (end, (*active, ended)),
    ],
)
def test_each_step_follows_the_one_before(command: Command, history: Sequence[Event]) -> None:
    given(*history).when(command).refused(No.ILLEGAL_TRANSITION)


@pytest.mark.parametrize(
    ("command", "history", "events", "as_it_is"),
    [
        (accept, active, (offered,), "active"),
        (implement, at_offer, (offered, accepted), "offered"),
        (end, (*active, ended), (offered, accepted, implemented), "ended"),
    ],
)
def test_a_measure_does_not_go_on_with_another(
    command: Command, history: Sequence[Event], events: Any, as_it_is: str
) -> None:
    another = [replace(event, measure_id=an_id("another measure")) for event in events]
    given(*history, *another).when(command).refused(
        No.ILLEGAL_TRANSITION, stage=f"in a measure that is {as_it_is}"
    )


@pytest.mark.parametrize(
    ("command", "history"), [(accept, at_offer), (implement, at_acceptance), (end, active)]
)
def test_only_a_measure_of_this_case_can_be_taken_further(
    command: Any, history: Sequence[Event]
) -> None:
    another = replace(command, measure_id=an_id("another measure"))
    given(*history).when(another).refused(
        No.INPUT_INVALID, fields="measure_id", fault="names no measure of this case"
    )
    given(*contacted).when(command).refused(No.ILLEGAL_TRANSITION)


def test_the_party_it_is_for_accepts_it_and_to_the_other_it_does_not_exist() -> None:
    given(*at_offer).when(accept, by=party("complainant")).then(accepted)
    for history in (at_offer, contacted):
        given(*history).when(accept, by=party("respondent")).refused(
            No.ILLEGAL_TRANSITION, stage="without a measure on offer (see OfferMeasure)"
        )
    his = replace(offered, measure_id=an_id("his measure"), for_party=RESPONDENT)
    for history in (at_offer, contacted):
        given(*history, his).when(accept, by=party("respondent")).refused(
            No.INPUT_INVALID, fields="measure_id", fault="names no measure of this case"
        )


def test_what_is_implemented_or_ended_has_been() -> None:
    tomorrow = date(2025, 1, 16)
    soon, over = replace(implement, start_on=tomorrow), replace(end, end_on=tomorrow)
    given(*at_acceptance).when(soon, on="2025-01-15").refused(No.DATE_IN_FUTURE)
    given(*at_acceptance).when(soon, on="2025-01-16").accepted()
    given(*active).when(over, on="2025-01-15").refused(No.DATE_IN_FUTURE)
    given(*active).when(over, on="2025-01-16").accepted()


def test_a_measure_does_not_end_before_it_was_carried_out() -> None:
    early = replace(end, end_on=DAY - timedelta(days=1))
    given(*active).when(early).refused(No.INPUT_INVALID, fields="end_on")
    given(*active).when(replace(early, end_on=DAY)).accepted()


# The basis of the response


def test_why_the_response_was_not_deliberately_indifferent_is_written_down() -> None:
    given(*contacted).when(document).then(
        ResponseBasisDocumented(
            equal_access_measures=("schedule_change",), not_deliberately_indifferent_basis=TEXT
        )
    )
    given(*contacted).when(replace(document, equal_access_measures=())).accepted()
    blank = replace(document, not_deliberately_indifferent_basis=Narrative(" "))
    given(*contacted).when(blank).refused(
        No.INPUT_INVALID, fields="not_deliberately_indifferent_basis"
    )


# Who, and when


@pytest.mark.parametrize(
    ("command", "history"),
    [
        (offer, contacted),
        (accept, at_offer),
        (implement, at_acceptance),
        (end, active),
        (document, contacted),
    ],
)
def test_measures_are_the_offices_in_every_open_case(
    command: Command, history: Sequence[Event]
) -> None:
    given(*history).when(command, by=CORA).accepted()
    given(*history).when(command, by=DEE).accepted()
    given(*history).when(command, by=EVE).not_found()
    given().when(command).not_found()


@pytest.mark.parametrize("command", [offer, implement, end, document])
def test_a_party_gives_itself_no_measure(command: Command) -> None:
    given(*active).when(command, by=party("complainant")).refused(No.ROLE_NOT_ALLOWED)


def test_an_investigator_accepts_no_measure_for_a_party() -> None:
    given(*reported, offered).when(accept, by=IVY).refused(No.ROLE_NOT_ALLOWED)
