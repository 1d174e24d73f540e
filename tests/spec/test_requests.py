"""A party asks to see the own record: 34 CFR 99.10 [S], within 45 days."""

from datetime import date

import pytest
from msgspec.structs import replace

from domain.errors import Refused
from domain.events.access import AccessRequestFulfilled, AccessRequestReceived
from domain.refusals import No
from domain.rules.requests import FulfillAccessRequest, ReceiveAccessRequest, may_have_copy
from domain.state import case as case_state
from domain.state.access import fold
from domain.terms import Role
from tests.spec.cases import CORA_ID, PACK, assessed, investigating, received
from tests.spec.kit import (
    CASE,
    COMPLAINANT,
    CORA,
    EVE,
    IVY,
    RESPONDENT,
    Who,
    an_id,
    given,
    party,
)

DAY = "2025-03-10"
ID = an_id("request")

ask = ReceiveAccessRequest(request_id=ID, party_id=RESPONDENT, received_on=date(2025, 3, 7))
asked = AccessRequestReceived(
    request_id=ID,
    case=CASE,
    party_id=RESPONDENT,
    received_on=date(2025, 3, 7),
    due_on=date(2025, 4, 21),
    pack=PACK,
)
fulfill = FulfillAccessRequest(request_id=ID, on=date(2025, 3, 10), method="copy")
fulfilled = AccessRequestFulfilled(
    request_id=ID, case=CASE, party_id=RESPONDENT, on=date(2025, 3, 10), method="copy"
)


@pytest.mark.parametrize("who", [party("respondent"), CORA])
def test_a_request_has_45_days_from_the_day_it_came(who: Who) -> None:
    """And says who of the office wrote it down."""
    taken_by = CORA_ID if who == CORA else None
    given(case=investigating).when(ask, by=who, on=DAY).then(replace(asked, taken_by=taken_by))


def test_before_a_case_is_bound_the_pack_of_intake_counts() -> None:
    opened = (received, *assessed[1:3])
    given(case=opened).when(ask, by=CORA, on=DAY).then(replace(asked, taken_by=CORA_ID))


def test_nobody_asks_for_somebody_else() -> None:
    given(case=investigating).when(ask, by=party("complainant"), on=DAY).refused(
        No.ROLE_NOT_ALLOWED
    )
    mine = replace(ask, party_id=COMPLAINANT)
    given(case=investigating).when(mine, by=party("complainant"), on=DAY).accepted()
    given(case=investigating).when(ask, by=IVY, on=DAY).refused(No.ROLE_NOT_ALLOWED)
    given(case=investigating).when(ask, by=EVE, on=DAY).not_found()


def test_a_request_is_a_partys_and_has_an_id_of_its_own() -> None:
    nobody = replace(ask, party_id=an_id("nobody"))
    given(case=investigating).when(nobody, on=DAY).refused(No.INPUT_INVALID, fields="party_id")
    given(asked, case=investigating).when(ask, on=DAY).refused(
        No.INPUT_INVALID, fields="request_id"
    )


def test_a_request_has_come() -> None:
    later = replace(ask, received_on=date(2025, 3, 11))
    given(case=investigating).when(later, on=DAY).refused(No.DATE_IN_FUTURE)
    given(case=investigating).when(later, on="2025-03-11").accepted()


def test_a_policy_without_that_period_is_asked_to_set_it() -> None:
    unset = given(case=investigating).policy(
        lambda pack: pack["access"]["request"].update(days=None)
    )
    unset.when(ask, on=DAY).refused(No.POLICY_PARAMETER_UNSET, parameter="access.request")


def test_a_request_is_fulfilled_once() -> None:
    given(asked, case=investigating).when(fulfill, on=DAY).then(fulfilled)
    given(asked, fulfilled, case=investigating).when(fulfill, on=DAY).refused(No.ILLEGAL_TRANSITION)
    given(case=investigating).when(fulfill, on=DAY).refused(No.ILLEGAL_TRANSITION)
    waits = replace(asked, request_id=an_id("another request"))
    given(asked, fulfilled, waits, case=investigating).when(fulfill, on=DAY).refused(
        No.INPUT_INVALID, fields="request_id"
    )
    given(waits, case=investigating).when(fulfill, on=DAY).refused(
        No.INPUT_INVALID, fields="request_id"
    )


def test_a_request_was_fulfilled_on_a_day_that_has_been() -> None:
    later = replace(fulfill, on=date(2025, 3, 11))
    given(asked, case=investigating).when(later, on=DAY).refused(No.DATE_IN_FUTURE)


def test_nothing_is_fulfilled_before_it_was_asked_for() -> None:
    before = replace(fulfill, on=date(2025, 3, 6))
    given(asked, case=investigating).when(before, on=DAY).refused(No.INPUT_INVALID, fields="on")
    same_day = replace(fulfill, on=date(2025, 3, 7))
    given(asked, case=investigating).when(same_day, on=DAY).accepted()


def test_nobody_makes_the_ground_for_the_own_reading() -> None:
    """A copy opens words: for the office, somebody else took the request down, or the party did."""
    office, deputy = frozenset({Role.COORDINATOR}), Who("staff", str(an_id("deputy")))
    case = case_state.fold(investigating)
    taken = replace(asked, taken_by=CORA_ID)
    for events, who, code in (
        ([asked], CORA, None),
        ([taken], deputy, None),
        ([taken], CORA, No.SECOND_APPROVER_REQUIRED),
        ([taken, replace(asked, request_id=an_id("own"))], CORA, None),
        ([], CORA, No.NO_INSTITUTIONAL_INTEREST),
    ):
        if code is None:
            may_have_copy(RESPONDENT, case, fold(events), who, office)
            continue
        with pytest.raises(Refused) as refused:
            may_have_copy(RESPONDENT, case, fold(events), who, office)
        assert refused.value.refusal is code


def test_a_request_is_open_until_it_is_fulfilled() -> None:
    assert fold([asked]).asked_by(RESPONDENT)
    assert not fold([asked]).asked_by(COMPLAINANT)
    assert not fold([asked, fulfilled]).asked_by(RESPONDENT)
