"""The case board: events in, whole rows out."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

from msgspec.structs import replace
from psycopg import Connection

from domain.context import Context
from domain.deadlines import Calendar
from domain.events import Event
from domain.events import case as on
from domain.ids import Secret
from domain.rules import closing
from domain.state.case import Case, evolve
from domain.terms import Stage
from projections import case_board
from projections.case_board import BoardRow, Memory
from projections.days import Days
from projections.facts import KINDS, Place, readers
from projections.projector import Projector
from tests.projections.book import Book, rows_of, state
from tests.spec import cases
from tests.spec.kit import ADOPTED, CASE, CORA, LEDGER, ZONE, an_id, instant, mac

_ALL = ["RIGHTS_NOTICE_MISSING", "CONTACT_TOPICS_MISSING", "RESPONSE_RECORD_INCOMPLETE"]

Follow = Callable[..., Projector]


def test_a_row_for_each_time_that_the_board_showed_something_else(
    book: Book, db: Connection[Any], follow: Follow
) -> None:
    first, second = instant("2025-01-14"), instant("2025-01-15")
    book.put(CASE, first, cases.received, cases.complainant, cases.respondent)
    book.put(CASE, second, cases.told)
    book.put(CASE, second, cases.jurisdiction)
    book.put(CASE, second, cases.complaint, cases.investigator)
    follow(case_board.VIEW).catch_up()

    def row(
        positions: tuple[int, int | None],
        stage: str,
        parties: int,
        next_: tuple[str | None, date | None],
        missing: list[str],
        *more: Any,
    ) -> tuple[Any, ...]:
        complaint, staff = more or (False, [])
        since = first if stage == "REPORTED" else second
        categories = ["sexual_harassment"]
        return (
            *(CASE, stage, first, since, complaint, categories, parties, *next_),
            *(missing, staff, *positions),
        )

    contact = ("complainant_contact", date(2025, 1, 16))
    process = ("whole_process", date(2025, 7, 2))  # 120 business days.
    assert rows_of(db, case_board.VIEW) == sorted(
        [
            row((1, 2), "REPORTED", 0, contact, _ALL[1:]),
            row((2, 3), "REPORTED", 1, contact, _ALL),
            row((3, 4), "REPORTED", 2, contact, _ALL),
            row((4, 5), "REPORTED", 2, (None, None), [_ALL[0], _ALL[2]]),
            row((5, 6), "ASSESSED", 2, (None, None), [_ALL[0], _ALL[2]]),
            row((6, 7), "COMPLAINT_FILED", 2, process, [_ALL[0], _ALL[2]], True, []),
            row(
                (7, None),
                "COMPLAINT_FILED",
                2,
                process,
                [_ALL[0], _ALL[2]],
                True,
                [cases.IVY_ID],
            ),
        ],
        key=repr,
    )


def test_the_queries_answer_for_now_for_then_and_for_ones_own(
    book: Book, db: Connection[Any], follow: Follow
) -> None:
    other = uuid4()
    book.put(CASE, instant("2025-01-14"), *cases.contacted)
    book.put(other, instant("2025-01-15"), cases.received)
    last = book.put(CASE, instant("2025-01-16"), cases.complaint, cases.investigator)
    follow(case_board.VIEW).catch_up()
    assert case_board.of_case(db, CASE) == BoardRow(
        case_id=CASE,
        stage="COMPLAINT_FILED",
        opened_at=instant("2025-01-14"),
        stage_since=instant("2025-01-16"),
        complaint=True,
        categories=["sexual_harassment"],
        parties=2,
        next_kind="whole_process",
        next_on=date(2025, 7, 3),
        missing=["RESPONSE_RECORD_INCOMPLETE"],
        staff=[cases.IVY_ID],
        from_position=last,
    )
    assert case_board.of_case(db, uuid4()) is None
    assert [one.case_id for one in case_board.cases(db)] == [other, CASE]
    assert [one.case_id for one in case_board.cases(db, as_of=1)] == [CASE]
    assert case_board.cases(db, as_of=0) == []
    assert [one.number for one in case_board.cases(db, staff=cases.IVY_ID)] == [CASE.hex[:8]]
    assert case_board.cases(db, staff=cases.IVY_ID, as_of=last - 1) == []
    assert [one.case_id for one in case_board.cases(db, limit=1, offset=1)] == [CASE]


def _board(events: list[Event] | tuple[Event, ...]) -> list[Memory]:
    """What the view keeps after each event."""
    memory, days, found = Memory(), Days(ZONE), []
    read = readers(KINDS.values())
    for position, event in enumerate(events, 1):
        if reader := read.get(f"{type(event).__name__}/1"):
            at = Place(position, str(CASE), instant("2025-01-14"))
            case_board.apply(memory, reader(state(event)), at, days)
        found.append(replace(memory))
    return found


def _states(events: list[Event] | tuple[Event, ...]) -> list[Case]:
    found = [Case()]
    for event in events:
        found.append(evolve(found[-1], event))
    return found[1:]


removal = on.EmergencyRemovalOrdered(
    removal_id=an_id("removal"),
    respondent=cases.respondent.party_id,
    ordered_by=cases.CORA_ID,
    analysis_id=an_id("analysis"),
    individualized=True,
    immediate=True,
    physical=True,
    arises_from_allegations=True,
    at_risk="student",
    scope=("campus",),
    ceo_report_ref=None,
    ceo_not_reported_reason="no_imminent_danger_to_safety",
    challenge_contact_office="title_ix",
    how_to_challenge=True,
    analysis=cases.TEXT,
)
lifted = on.EmergencyRemovalLifted(removal_id=an_id("removal"), reason_code="threat_ended")
unreached = replace(cases.told, reached=False, topics=())
remanded = replace(
    cases.appeal_decision,
    result="remanded",
    remand_to="hearing",
    changes=(
        on.Change(
            allegation_id=cases.ALLEGATION,
            result="responsible",
            sanctions=(replace(cases.probation, sanction_id=an_id("another sanction")),),
        ),
    ),
)
learned = on.PartyIdentified(
    subject=cases.complainant.party_id,
    subject_kind="party",
    basis="directory",
    affiliation_class="student",
    duty_unmet=False,
    name=Secret("a name"),
    contact=None,
    detail=None,
    person=None,
)
STORIES: dict[str, tuple[Event, ...]] = {
    "to its end": cases.documented,
    "with an appeal": (*cases.appeal_decided, cases.implementation, cases.response_basis),
    "remanded": (*cases.appeal_noticed, remanded),
    "with a removal": (*cases.contacted, removal, lifted, cases.response_basis),
    "nobody reached": (*cases.opened, unreached, unreached, unreached, cases.rights),
    "type only": cases.type_only,
    "unknown at first": (
        cases.received,
        replace(cases.complainant, identified=False),
        replace(cases.respondent, identified=False),
        replace(learned, subject=cases.respondent.party_id),
        learned,
        cases.rights,
    ),
    "unknown complainant": (cases.received, replace(cases.complainant, identified=False)),
}


def test_stage_and_what_is_missing_are_those_of_the_rules() -> None:
    context = Context(
        now=instant("2025-06-01"),
        ledger=LEDGER,
        calendar=Calendar(ZONE),
        who=CORA,
        office=frozenset(),
        packs=(ADOPTED,),
        mac=mac,
    )
    stages = set()
    for name, events in STORIES.items():
        for memory, known in zip(_board(events), _states(events), strict=True):
            missing = [one.code for one in closing.missing(known, context)]
            assert memory.missing == "{" + ",".join(missing) + "}", (name, known.stage)
            assert memory.stage == known.stage
            stages.add(known.stage)
    assert stages == set(Stage) - {Stage.NONE, Stage.SUPPORT_ONLY, Stage.CLOSED}


def test_what_is_alleged_goes_before_what_was_found_and_that_before_what_was_reported() -> None:
    events = (
        cases.received,
        replace(cases.classification, policy_category=None),
        replace(cases.classification, policy_category="stalking"),
        replace(cases.complaint, allegations=(replace(cases.allegation, category="other"),)),
    )
    shown = [memory.categories for memory in _board(events)]
    assert shown == ["{sexual_harassment}", "{sexual_harassment}", "{stalking}", "{other}"]
