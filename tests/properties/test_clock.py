"""Time alone: what is due follows from a state and a day, and no two ways of waiting differ."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from api.clock import run_until
from domain.context import SYSTEM
from domain.due import due, next_on
from domain.rules.outcome import SealRespondent
from domain.terms import Stage
from tests.properties.chance import OTHERS, SAME, Chance, randoms
from tests.properties.paper import ZONE, Paper, Row
from tests.properties.places import places
from tests.properties.walk import Tally, Walk

# What time alone brings about: on the case, and of who may read it.
BY_TIME = {"AppealWindowClosed", "OutcomeBecameFinal", "RespondentIdentitySealed"}
BESIDE = {"AccessGranted", "AccessRevoked"}
SOON = (Stage.HEARD, Stage.DETERMINED, Stage.DETERMINED, Stage.APPEAL, Stage.FINAL)


def waiting(chance: Chance) -> Walk:
    """A case that was carried on to about its end while nobody looked at the clock."""
    walk = Walk(chance, Tally(), chance.one(places()[chance.one(SOON)]))
    walk.clocked = False
    walk.go(chance.upto(8), "straight")
    return walk


def chunks(chance: Chance, start: datetime, end: datetime, days: int | None) -> Iterator[datetime]:
    """The moments at which somebody looks; `days` None: at any."""
    at = start
    while at < end:
        yield at
        at += timedelta(days=days) if days else timedelta(hours=1 + chance.upto(99) * 2)
    yield end


def recorded(paper: Paper, since: int) -> list[Row]:
    return paper.rows[since:]


def waits(random: Random, seen: Counter[str]) -> None:
    """However often it is looked at: the same events, each at the same instant."""
    chance = Chance(random)
    walk = waiting(chance)
    start, end = walk.paper.now, walk.paper.now + timedelta(days=45, hours=chance.upto(23))
    head, told = len(walk.paper.rows), []
    for moments in (
        [end],
        chunks(chance, start, end, 1),
        chunks(chance, start, end, 7),
        chunks(chance, start, end, None),
    ):
        paper = walk.paper.copy()
        for at in moments:
            run_until(paper.as_record(), at)
        told.append(recorded(paper, head))
    assert told[1:] == told[:1] * 3
    seen.update(type(row.event).__name__ for row in told[0])
    for row in told[0]:
        assert row.actor == "system"
        midnight = row.recorded_at.astimezone(ZoneInfo(ZONE)).time() == time()
        assert midnight or row.recorded_at == start


def comes_due(random: Random, seen: Counter[str]) -> None:
    """On the day that is foretold and not before; and what is due is never refused."""
    walk = waiting(Chance(random))
    paper, case = walk.paper, walk.case
    at = walk.at
    for _ in range(60):
        scene = walk.at_once(at)
        state, today = scene.state, scene.today
        day = next_on(state, today)
        assert due(state, today) == due(state, today)
        assert bool(due(state, today)) == (day == today)
        for one in due(state, today):
            paper.give(one.command, case, SYSTEM, at)
            seen[type(one.command).__name__] += 1
            if not isinstance(one.command, SealRespondent):
                break  # One thing makes the next one due, or takes it away: ask again.
        else:
            if day is None:
                return
            at += timedelta(days=1)
    raise AssertionError("it does not come to rest")


def test_however_often_the_clock_is_looked_at_the_same_is_recorded_at_the_same_time() -> None:
    seen: Counter[str] = Counter()

    @settings(SAME, max_examples=25)
    @given(randoms)
    def example(random: Random) -> None:
        waits(random, seen)

    example()
    assert set(seen) == BY_TIME | BESIDE


def test_what_is_due_comes_on_its_day_and_is_never_refused() -> None:
    seen: Counter[str] = Counter()

    @settings(SAME, max_examples=60)
    @given(randoms)
    def example(random: Random) -> None:
        comes_due(random, seen)

    example()
    assert set(seen) == {"CloseAppealWindow", "FinalizeOutcome", "SealRespondent"}


@pytest.mark.slow
def test_both_hold_for_many_more_cases() -> None:
    seen: Counter[str] = Counter()

    @settings(OTHERS, max_examples=500)
    @given(randoms, randoms)
    def example(one: Random, other: Random) -> None:
        waits(one, seen)
        comes_due(other, seen)

    example()
    assert len(seen) == 8
