"""Who finds a person, and what they are told: 02.2.20 IV.C.3 [P]; 19 TAC 3.17(a)(5) [P]; A-112."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.context import Context, Who
from domain.deadlines import Calendar
from domain.errors import NotFound, Refused
from domain.events import Event
from domain.events.case import (
    AdvisorSelected,
    ConflictDisclosed,
    DeterminationIssued,
    RespondentIdentitySealed,
)
from domain.events.office import StaffRegistered
from domain.ids import Secret
from domain.refusals import No
from domain.search import Hit, Known, may_count_priors, may_search, prior, tell
from domain.state import case as case_state
from domain.terms import Role
from tests.spec.cases import (
    ALLEGATION,
    determination,
    determined,
    finalized,
    heard,
    investigating,
    opened,
)
from tests.spec.kit import (
    ADOPTED,
    CASE,
    COMPLAINANT,
    CORA,
    DEE,
    DORA,
    EVE,
    IVY,
    LEDGER,
    OFFICE,
    RESPONDENT,
    ZONE,
    an_id,
    instant,
    mac,
)

STAFF = an_id("nia")


class Row(NamedTuple):
    """A recorded event."""

    version: int
    event: object


def rows(events: Collection[Event]) -> Sequence[Row]:
    return [Row(number, event) for number, event in enumerate(events, 1)]


def context(who: Who = CORA, case: Collection[Event] = (), **more: Any) -> Context:
    return Context(
        now=instant("2025-02-03"),
        ledger=LEDGER,
        calendar=Calendar(ZONE),
        who=who,
        office=OFFICE.get(who.id, frozenset()),
        packs=more.pop("packs", (ADOPTED,)),
        mac=mac,
        case=case_state.fold(case),
        case_id=CASE,
    )


HIM = Known(CASE, RESPONDENT, "party")
sealed = RespondentIdentitySealed(respondent=RESPONDENT, allegation_ids=(ALLEGATION,))
advised = AdvisorSelected(
    for_party=COMPLAINANT, name=Secret("Ann Advises"), contact=None, attorney=None
)
walled = ConflictDisclosed(
    conflict_id=an_id("conflict"), staff_id=UUID(DEE.id), about_role="deputy", note=None
)
registered = StaffRegistered(
    staff_id=STAFF, office="title_ix", sign_in_hmac="00", name=Secret("Nia"), institutional_id=None
)


def test_the_office_searches_and_nobody_else() -> None:
    assert may_search(0, context(CORA)) is Role.COORDINATOR
    assert may_search(0, context(DEE)) is Role.DEPUTY
    for who in (IVY, EVE):
        with pytest.raises(Refused) as refused:
            may_search(0, context(who))
        assert refused.value.refusal is No.ROLE_NOT_ALLOWED


def test_as_often_in_an_hour_as_the_policy_says() -> None:
    most = ADOPTED.policy.search.per_hour
    assert may_search(most - 1, context()) is Role.COORDINATOR
    assert may_count_priors(RESPONDENT, most - 1, context(case=opened)) is Role.COORDINATOR
    for ask in (
        lambda: may_search(most, context()),
        lambda: may_count_priors(RESPONDENT, most, context(case=opened)),
    ):
        with pytest.raises(Refused) as refused:
            ask()
        assert refused.value.refusal is No.SEARCH_LIMIT


def test_a_party_is_told_by_its_role_and_others_by_what_they_are() -> None:
    case = rows([*opened, advised])
    assert tell(HIM, case, context()) == Hit(CASE, RESPONDENT, "respondent", of_case=True)
    assert tell(Known(CASE, COMPLAINANT, "advisor"), case, context()) == Hit(
        CASE, COMPLAINANT, "advisor", of_case=True
    )
    assert tell(Known(STAFF, STAFF, "staff"), rows([registered]), context()) == Hit(
        STAFF, STAFF, "staff", of_case=False
    )


@pytest.mark.parametrize(
    "known",
    [
        HIM._replace(owner_id=an_id("nobody")),
        HIM._replace(standing="advisor"),
        HIM._replace(standing="relation"),
    ],
)
def test_what_is_not_recorded_there_is_not_told(known: Known) -> None:
    assert tell(known, rows(opened), context()) is None
    assert tell(known, [], context()) is None
    assert tell(known, [Row(1, object())], context()) is None


def test_a_case_behind_a_wall_is_not_told() -> None:
    assert tell(HIM, rows([*opened, walled]), context(DEE)) is None
    assert tell(HIM, rows([*opened, walled]), context(CORA))
    assert tell(HIM, rows(opened), context(DEE))


def test_a_respondent_who_was_cleared_is_not_found() -> None:
    assert tell(HIM, rows([*finalized, sealed]), context()) is None
    assert tell(HIM, rows(finalized), context())


def test_only_a_final_finding_against_that_person_is_a_prior() -> None:
    against_him = replace(
        determination,
        results=tuple(replace(one, result="responsible") for one in determination.results),
    )
    for_him = replace(
        determination,
        results=tuple(replace(one, result="not_responsible") for one in determination.results),
    )

    def with_(result: DeterminationIssued, events: Sequence[Event]) -> Sequence[Row]:
        return rows([result if one is determination else one for one in events])

    assert prior(HIM, with_(against_him, finalized), context())
    assert not prior(HIM, with_(for_him, finalized), context())
    assert not prior(HIM, with_(against_him, determined), context())
    assert not prior(HIM, rows(opened), context())
    assert not prior(Known(CASE, COMPLAINANT, "party"), with_(against_him, finalized), context())
    assert not prior(HIM, [], context())


def test_who_decides_is_told_of_priors_after_the_hearing_only() -> None:
    assert may_count_priors(RESPONDENT, 0, context(DORA, heard)) is Role.DECISION_MAKER
    assert may_count_priors(RESPONDENT, 0, context(CORA, opened)) is Role.COORDINATOR
    for who, case, party, code in (
        (DORA, investigating, RESPONDENT, No.HEARING_FIRST),
        (IVY, investigating, RESPONDENT, No.ROLE_NOT_ALLOWED),
        (CORA, opened, COMPLAINANT, No.INPUT_INVALID),
        (CORA, [*finalized, sealed], RESPONDENT, No.RESPONDENT_SEALED),
    ):
        with pytest.raises(Refused) as refused:
            may_count_priors(party, 0, context(who, case))
        assert refused.value.refusal is code
    for who, nothing in ((EVE, opened), (CORA, ())):
        with pytest.raises(NotFound):
            may_count_priors(RESPONDENT, 0, context(who, nothing))
