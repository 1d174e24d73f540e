"""Deadlines: which event opened them, which met or ended them, and where they are written."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace
from psycopg import Connection

from domain.events import Event
from domain.events import case as on
from domain.events.access import AccessRequestFulfilled, AccessRequestReceived
from domain.events.office import CalendarDayMarked
from projections import case_board, clocks, deadlines
from projections.clocks import NOT_BEFORE, PARAMETERS
from projections.deadlines import Deadline
from projections.projector import Projector
from tests.projections.book import Book, rows_of
from tests.projections.test_case_board import lifted, removal, unreached
from tests.spec import cases
from tests.spec.kit import ACCESS, CASE, COMPLAINANT, RESPONDENT, an_id, instant

Follow = Callable[..., Projector]
PACK = cases.PACK


def told(book: Book, *days: tuple[str, tuple[Event, ...]]) -> None:
    """Record the events of each day."""
    for day, events in days:
        book.put(CASE, instant(day), *events)


def row(
    kind: str, due_on: str, opened: int, *, met: int | None = None, to: int | None = None, **of: Any
) -> tuple[Any, ...]:
    rule = f"{PACK}#{PARAMETERS[kind]}"  # type: ignore[index]
    return (CASE, kind, of.get("party"), date.fromisoformat(due_on), rule, opened, met, to)


def test_the_clocks_of_a_case_from_report_to_outcome(
    book: Book, db: Connection[Any], follow: Follow
) -> None:
    told(
        book,
        ("2025-01-14", (cases.received, cases.complainant, cases.respondent)),
        ("2025-01-15", (cases.told, cases.complaint)),
        ("2025-01-29", (cases.notice, cases.interview)),
        ("2025-03-03", (cases.package,)),
        ("2025-03-12", (cases.response,)),
        ("2025-03-14", (cases.review_closed,)),
        ("2025-03-24", (cases.report,)),
        ("2025-04-08", (cases.convening,)),
        ("2025-04-18", (cases.determination,)),
        ("2025-04-22", (cases.his_appeal,)),
        ("2025-04-23", (cases.appeal_notice,)),
        ("2025-04-26", (cases.her_window_closed,)),
        ("2025-05-08", (cases.appeal_decision, cases.outcome)),
    )
    follow(deadlines.VIEW).catch_up()
    assert rows_of(db, deadlines.VIEW) == sorted(
        [
            row("complainant_contact", "2025-01-16", 1, met=4),
            row("whole_process", "2025-07-02", 5, met=18),
            row("first_interview", "2025-02-05", 6, met=7),
            row("evidence_response", "2025-03-13", 8, met=9, party=COMPLAINANT),
            row("evidence_response", "2025-03-13", 8, to=10, party=RESPONDENT),
            row("hearing", "2025-04-03", 11, met=12),
            row("appeal", "2025-04-25", 13, to=16, party=COMPLAINANT),
            row("appeal", "2025-04-25", 13, met=14, party=RESPONDENT),
            row("appeal_statements", "2025-04-30", 15, to=17),
        ],
        key=repr,
    )


served = on.EmergencyRemovalNoticeServed(
    removal_id=an_id("removal"), served_at=instant("2025-02-14"), method="email"
)
challenged = on.EmergencyRemovalChallenged(
    removal_id=an_id("removal"),
    respondent=RESPONDENT,
    received_at=instant("2025-02-14"),
    grounds=cases.TEXT,
)
decided = on.EmergencyRemovalChallengeDecided(
    removal_id=an_id("removal"), decided_by=cases.HUGO_ID, result="upheld", reason=cases.TEXT
)


def test_a_removal_is_noticed_at_once_and_its_challenge_decided_soon(
    book: Book, db: Connection[Any], follow: Follow
) -> None:
    # A Friday: the notice is due that day, the decision after the weekend and a holiday.
    book.put(
        an_id("calendar"),
        instant("2025-02-01"),
        CalendarDayMarked(day=date(2025, 2, 17), closed=True),
    )
    told(
        book,
        ("2025-02-14", (cases.received, cases.respondent, removal, served, challenged)),
        ("2025-02-19", (decided,)),
        ("2025-02-20", (challenged, lifted)),
    )
    follow(deadlines.VIEW).catch_up()
    assert rows_of(db, deadlines.VIEW) == sorted(
        [
            row("complainant_contact", "2025-02-19", 2),
            row("removal_notice", "2025-02-14", 4, met=5, party=RESPONDENT),
            row("removal_decision", "2025-02-19", 6, met=7, party=RESPONDENT),
            row("removal_decision", "2025-02-24", 8, to=9, party=RESPONDENT),
        ],
        key=repr,
    )


def test_a_day_counts_as_the_calendar_stood_when_the_clock_started(
    book: Book, db: Connection[Any], follow: Follow
) -> None:
    def marked(*, closed: bool) -> None:
        day = CalendarDayMarked(day=date(2025, 1, 15), closed=closed)
        book.put(an_id("calendar"), instant("2025-01-14"), day)

    first, second, third = CASE, an_id("second case"), an_id("third case")
    book.put(first, instant("2025-01-14"), cases.received)
    marked(closed=True)
    book.put(second, instant("2025-01-14"), cases.received)
    marked(closed=False)
    book.put(third, instant("2025-01-14"), cases.received)
    follow(deadlines.VIEW, page=1).catch_up()
    due = {one: deadlines.of_case(db, one)[0].due_on.day for one in (first, second, third)}
    assert due == {first: 16, second: 17, third: 16}


def test_attempts_enough_count_as_contact_and_closing_ends_what_runs(
    book: Book, db: Connection[Any], follow: Follow
) -> None:
    told(book, ("2025-01-14", (cases.received, unreached, unreached, unreached, cases.complaint)))
    closed = on.CaseClosed(reason_code="completed", checklist={}, resume_state=None)
    told(book, ("2025-01-15", (cases.notice, closed)))
    follow(deadlines.VIEW).catch_up()
    assert rows_of(db, deadlines.VIEW) == sorted(
        [
            row("complainant_contact", "2025-01-16", 1, met=4),
            row("whole_process", "2025-07-01", 5, to=7),
            row("first_interview", "2025-02-05", 6, to=7),
        ],
        key=repr,
    )


def test_a_second_determination_opens_new_windows_in_place_of_the_old(
    book: Book, db: Connection[Any], follow: Follow
) -> None:
    later = tuple(
        replace(one, appeal_until=date(2025, 6, 6)) for one in cases.determination.deliveries
    )
    told(book, ("2025-04-18", (cases.received, cases.determination)))
    told(book, ("2025-05-30", (replace(cases.determination, no=2, deliveries=later),)))
    follow(deadlines.VIEW).catch_up()
    found = [one for one in rows_of(db, deadlines.VIEW) if one[1] == "appeal"]
    assert found == sorted(
        [
            *(row("appeal", "2025-04-25", 2, to=3, party=one) for one in (COMPLAINANT, RESPONDENT)),
            *(row("appeal", "2025-06-06", 3, party=one) for one in (COMPLAINANT, RESPONDENT)),
        ],
        key=repr,
    )


def test_the_queries_answer_for_now_and_for_then(
    book: Book, db: Connection[Any], follow: Follow
) -> None:
    told(book, ("2025-01-14", (cases.received, cases.complainant)))
    told(book, ("2025-01-15", (cases.told, cases.complaint, cases.notice)))
    follow(deadlines.VIEW).catch_up()
    contact = Deadline(
        case_id=CASE,
        kind="complainant_contact",
        party_id=None,
        due_on=date(2025, 1, 16),
        rule="BCM-02.2.20/1#contact.days",
        from_position=1,
        met_position=3,
        to_position=None,
    )
    assert contact.cite == "02.2.20 IV.B: prompt"
    then = replace(contact, met_position=None)
    assert deadlines.of_case(db, CASE, as_of=2) == [then]
    assert deadlines.of_case(db, CASE)[0] == contact
    kinds = [one.kind for one in deadlines.of_case(db, CASE)]
    assert kinds == ["complainant_contact", "first_interview", "whole_process"]
    assert [one.not_before for one in deadlines.of_case(db, CASE)] == [False, True, False]
    assert deadlines.running(db, until=date(2025, 1, 16), as_of=2) == [then]
    assert deadlines.running(db, until=date(2025, 1, 15), as_of=2) == []
    assert deadlines.running(db, until=date(2025, 1, 16)) == []
    assert [one.kind for one in deadlines.running(db, until=date(2025, 12, 31))] == kinds[1:]


def test_every_clock_has_a_length_and_a_citation_in_the_pack() -> None:
    for parameter in PARAMETERS.values():
        assert clocks.length(f"{PACK}#{parameter}").cite
    assert PARAMETERS.keys() > NOT_BEFORE


def test_a_pack_that_binds_no_case_is_refused() -> None:
    with pytest.raises(LookupError):
        clocks.policy("HMS-7.16/1")


def test_a_request_for_the_own_record_runs_beside_its_case(
    book: Book, db: Connection[Any], follow: Follow
) -> None:
    asked = [
        AccessRequestReceived(
            request_id=an_id(name),
            case=CASE,
            party_id=RESPONDENT,
            received_on=date(2025, 3, 7),
            due_on=date(2025, 4, 21),
            pack=PACK,
        )
        for name in ("a request", "another")
    ]
    done = AccessRequestFulfilled(
        request_id=an_id("another"),
        case=CASE,
        party_id=RESPONDENT,
        on=date(2025, 3, 10),
        method="copy",
    )
    book.put(CASE, instant("2025-01-14"), cases.received)
    book.put(ACCESS, instant("2025-03-07"), *reversed(asked))
    book.put(ACCESS, instant("2025-03-10"), done)
    for view in (deadlines.VIEW, case_board.VIEW):
        follow(view).catch_up()
    request = {"party": RESPONDENT}
    assert rows_of(db, deadlines.VIEW) == sorted(
        [
            row("complainant_contact", "2025-01-16", 1),
            row("access_request", "2025-04-21", 2, met=4, **request),
            row("access_request", "2025-04-21", 3, **request),
        ],
        key=repr,
    )
    assert [one.case_id for one in case_board.cases(db)] == [CASE]
    running = deadlines.of_case(db, CASE)
    assert [one.cite for one in running if one.kind == "access_request"] == ["34 CFR 99.10(b)"] * 2
