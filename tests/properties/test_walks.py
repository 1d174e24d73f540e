"""Whatever anyone tries, in any order: the record stays sound, and every answer is a proper one."""

from collections.abc import Callable
from functools import cache
from random import Random
from typing import TypeAlias
from uuid import uuid5

import pytest
from hypothesis import given, settings

from domain.registry import TYPES
from domain.rules import RULES
from domain.terms import Stage
from tests.properties.chance import OTHERS, SAME, Chance, randoms
from tests.properties.paper import LEDGER
from tests.properties.places import Place, places, set_up
from tests.properties.walk import Tally, Walk

Start: TypeAlias = Callable[[Random, Tally, int], None]


def from_a_story(random: Random, tally: Tally, moves: int) -> None:
    """On from some line of a story; any stage as likely as any other."""
    chance = Chance(random)
    stage = chance.one(sorted(places()))
    Walk(chance, tally, chance.one(places()[stage])).go(moves)


def from_a_report(random: Random, tally: Tally, moves: int) -> None:
    """A case of its own from the first report, and on towards its end."""
    chance = Chance(random)
    Walk(chance, tally, chance.one(places()[Stage.NONE])).go(moves, "straight")


def in_haste(random: Random, tally: Tally, moves: int) -> None:
    """The next step, and the one after it, before it is time."""
    chance = Chance(random)
    stage = chance.one(sorted(places()))
    Walk(chance, tally, chance.one(places()[stage])).go(moves, "haste")


def from_nothing(random: Random, tally: Tally, moves: int) -> None:
    """On from some line of the set-up: half an office, or none."""
    chance = Chance(random)
    records = set_up()
    paper = records[0] if chance.yes(40) else chance.one(records)
    Walk(chance, tally, Place(paper, uuid5(LEDGER, "a first case"))).go(moves)


def walks(start: Start, moves: int, tally: Tally, profile: settings) -> None:
    @profile
    @given(randoms)
    def walk(random: Random) -> None:
        start(random, tally, moves)

    walk()


@cache
def walked() -> Tally:
    """The same walks at every run. Raises what a walk came upon."""
    tally = Tally()
    walks(from_a_story, 14, tally, settings(SAME, max_examples=300))
    walks(from_a_report, 80, tally, settings(SAME, max_examples=56))
    walks(in_haste, 6, tally, settings(SAME, max_examples=140))
    walks(from_nothing, 12, tally, settings(SAME, max_examples=30))
    return tally


def test_whatever_anyone_tries_the_record_stays_sound() -> None:
    assert walked().moves.total() >= 4_000


def test_the_walks_bring_about_every_kind_of_event() -> None:
    assert set(walked().events) == {kind.__name__ for kind in TYPES.values()}


def test_the_walks_try_every_command_and_most_that_are_meant_to_be_accepted_are() -> None:
    tally = walked()
    assert set(tally.moves) == {kind.__name__ for kind in RULES}
    assert tally.meant[True] > 4 * tally.meant[False]


def test_the_walks_come_to_every_stage_but_one_that_nothing_leads_to_yet() -> None:
    assert {*walked().ends, *places()} == set(Stage) - {Stage.SUPPORT_ONLY}


def test_the_walks_are_refused_for_every_kind_of_reason() -> None:
    tally = walked()
    too_early = {"INTERVIEW_TOO_SOON", "EVIDENCE_REVIEW_OPEN", "REPORT_TEN_DAYS"}
    too_early |= {"APPEAL_STATEMENTS_OPEN", "RECORDING_REQUIRED"}
    wrong_people = {"NOT_FOUND", "ROLE_NOT_ALLOWED", "NOT_ASSIGNED", "ROLE_CONFLICT"}
    wrong_words = {"INPUT_INVALID", "DATE_IN_FUTURE", "ILLEGAL_TRANSITION", "APPEAL_LATE"}
    assert too_early | wrong_people | wrong_words <= set(tally.codes)


@pytest.mark.slow
@pytest.mark.timeout(1_800)  # Of one: while coverage is measured.
@pytest.mark.parametrize(
    ("start", "moves", "examples"),
    [
        (from_a_story, 20, 3000),
        (from_a_report, 100, 800),
        (in_haste, 8, 3000),
        (from_nothing, 20, 800),
    ],
)
def test_the_same_holds_for_many_more_walks(start: Start, moves: int, examples: int) -> None:
    tally = Tally()
    walks(start, moves, tally, settings(OTHERS, max_examples=examples))
    assert tally.accepted.total() > 10 * examples / 2
