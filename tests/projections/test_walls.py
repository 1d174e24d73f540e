"""Lists over cases leave out what does not exist for whoever asks."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

from msgspec.structs import replace
from psycopg import Connection

from domain.events import case as on
from domain.ids import Narrative
from projections import case_board, deadlines, walls
from projections.projector import Projector
from tests.projections.book import Book, rows_of
from tests.spec import cases
from tests.spec.kit import CASE, an_id, instant

Follow = Callable[..., Projector]
NOTE = Narrative("munimentenc:1:")
disclosed = on.ConflictDisclosed(
    conflict_id=an_id("conflict"), staff_id=cases.IVY_ID, about_role="investigator", note=None
)
alleged = on.ConflictAlleged(
    conflict_id=an_id("another"),
    staff_id=cases.DORA_ID,
    about_role="decision_maker",
    by=cases.CORA_ID,
    note=NOTE,
)
upheld = on.ConflictDecided(
    conflict_id=an_id("another"),
    staff_id=cases.DORA_ID,
    by=cases.CORA_ID,
    upheld=True,
    note=NOTE,
)
again = replace(upheld, conflict_id=disclosed.conflict_id, staff_id=cases.IVY_ID)
fallen = replace(again, upheld=False)
nothing = replace(upheld, conflict_id=an_id("a third"), upheld=False)


def test_a_wall_stands_from_the_word_of_the_person_or_the_decision(
    book: Book, db: Connection[Any], follow: Follow
) -> None:
    book.put(CASE, instant("2025-02-03"), cases.received, disclosed, alleged, upheld, nothing)
    view = follow(walls.VIEW)
    view.catch_up()
    mine = (CASE, disclosed.conflict_id, cases.IVY_ID)
    hers = (CASE, upheld.conflict_id, cases.DORA_ID)
    assert rows_of(db, walls.VIEW) == sorted([(*mine, 2, None), (*hers, 4, None)], key=repr)
    book.put(CASE, instant("2025-02-04"), again)
    view.catch_up()
    assert (*mine, 2, None) in rows_of(db, walls.VIEW)
    book.put(CASE, instant("2025-02-05"), fallen)
    view.catch_up()
    assert rows_of(db, walls.VIEW) == sorted([(*mine, 2, 7), (*hers, 4, None)], key=repr)
    assert walls.hidden_from(db, cases.IVY_ID) == []
    assert walls.hidden_from(db, cases.DORA_ID) == [CASE]


def test_the_board_and_the_diary_leave_out_hidden_cases(
    book: Book, db: Connection[Any], follow: Follow
) -> None:
    other = uuid4()
    for case in (CASE, other):
        book.put(case, instant("2025-01-14"), cases.received)
    for view in (case_board.VIEW, deadlines.VIEW):
        follow(view).catch_up()
    far = date(2026, 1, 1)
    assert {one.case_id for one in case_board.cases(db)} == {CASE, other}
    assert [one.case_id for one in case_board.cases(db, hidden=[CASE])] == [other]
    assert [one.case_id for one in case_board.cases(db, hidden=[CASE], as_of=2)] == [other]
    assert {one.case_id for one in deadlines.running(db, until=far)} == {CASE, other}
    assert {one.case_id for one in deadlines.running(db, until=far, hidden=[CASE])} == {other}


def test_who_was_unassigned_is_no_longer_listed_with_the_case(
    book: Book, db: Connection[Any], follow: Follow
) -> None:
    also = replace(cases.investigator, role="appeal_officer")
    gone = on.RoleUnassigned(
        role="investigator", staff_id=cases.IVY_ID, reason_code="assigned_in_error"
    )
    book.put(CASE, instant("2025-01-14"), cases.received, cases.investigator, also, gone)
    view = follow(case_board.VIEW)
    view.catch_up()
    assert [one.case_id for one in case_board.cases(db, staff=cases.IVY_ID)] == [CASE]
    book.put(CASE, instant("2025-01-15"), replace(gone, role="appeal_officer"))
    view.catch_up()
    assert case_board.cases(db, staff=cases.IVY_ID) == []
