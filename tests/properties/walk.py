"""Walks: from a place in the shipped stories, or from an empty case, one move after the other.

Most moves are meant to be accepted; the others are the same spoiled, from the wrong people, on the
wrong stream, at the wrong time, or made of anything that the schema lets in.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, NamedTuple, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from api.clock import run_until
from domain.commands import Intention
from domain.context import Who
from domain.due import due, next_on
from domain.errors import NotFound, Refused
from domain.events.case import ReportReceived
from domain.ids import natural, staff_stream
from domain.rules import (
    RULES,
    closing,
    office,
)
from domain.rules.gate import check_possible, held_roles
from domain.rules.warnings import warnings
from domain.state import case as case_state
from domain.terms import Stage
from domain.visibility import Part, see
from tests.properties.answers import (
    nobody_here,
    says_nothing_it_should_not,
    somebody_here,
)
from tests.properties.chance import Chance
from tests.properties.drafting import BY, ON
from tests.properties.law import LAWS, Told, stages
from tests.properties.law_about_access import LAWS as LAWS_ABOUT_ACCESS
from tests.properties.moves import MOVES
from tests.properties.paper import ZONE, Row
from tests.properties.places import BEGUN, BESIDE, FORWARD, Place
from tests.properties.scene import Scene

Pace: TypeAlias = Literal["any", "straight", "haste"]


class Asked(NamedTuple):
    """One command that was given, and the code of the refusal; None: it was accepted."""

    command: Intention
    stream: UUID
    who: Who
    at: datetime
    code: str | None


class Tally:
    """What the walks came across."""

    def __init__(self) -> None:
        self.moves: Counter[str] = Counter()
        self.accepted: Counter[str] = Counter()
        self.events: Counter[str] = Counter()
        self.codes: Counter[str] = Counter()
        self.meant: Counter[bool] = Counter()  # Moves that were meant to be accepted, and were.
        self.ends: Counter[str] = Counter()


class Walk:
    """One example. It owns its copy of the record."""

    def __init__(self, chance: Chance, tally: Tally, place: Place, *, minted: int = 0) -> None:
        self.chance = chance
        self.tally = tally
        self.paper = place.paper.copy()
        self.case = place.case
        self.at = self.paper.now
        self.asked: list[Asked] = []
        self._minted = minted
        # Now and then the process that looks at the clock is not there at all.
        self.clocked = chance.yes(80)

    def go(self, moves: int, pace: Pace = "any") -> None:
        """So many moves. `straight`: mostly on to the end of the case; `haste`: always too soon."""
        for _ in range(moves):
            self.move(pace)
        scene = self._scene()
        rows = self.paper.streams.get(self.case, ())
        assert scene.state == case_state.fold(row.decided for row in rows)
        self.can_be_read(scene)
        self.tally.ends[scene.state.stage] += 1

    def move(self, pace: Pace) -> None:
        self._time_passes(pace)
        wild = pace == "haste" or not self.chance.yes(75 if pace == "straight" else 50)
        scene = self._scene(hasty=wild)
        kind, fields = self._choose(scene, pace)
        stream = fields.pop(ON, scene.case) if fields else scene.case
        actors = fields.pop(BY, None) if fields else None
        who = self.chance.one(actors or scene.actors(RULES[kind]) or scene.anybody())
        meant, spoiled = not wild and fields is not None, set[str]()
        if not meant:
            turn = self.chance.upto(5 if pace == "haste" else 9)
            if turn in (5, 6) or fields is None:
                spoiled = scene.words.spoiled(kind)
            if turn >= 7:
                who = self.chance.one(scene.anybody())
            if turn == 9:
                stream = self.chance.one(scene.ids)
        command = scene.words.command(kind, fields or {}, spoiled)
        stream = _address(scene, command, stream)
        self._minted = scene.minted
        self.give(scene, command, stream, who, meant=meant)

    def give(
        self, scene: Scene, command: Intention, stream: UUID, who: Who, *, meant: bool = False
    ) -> None:
        """Give it, and look at the answer: nothing but events, NotFound or Refused may come."""
        tally, name = self.tally, type(command).__name__
        head = len(self.paper.rows)
        hidden = nobody_here(scene, command, stream, who)
        known = somebody_here(scene, command, stream, who)
        code = None
        try:
            self.paper.give(command, stream, who, self.at)
        except NotFound:
            code = "NOT_FOUND"
        except Refused as refused:
            code = refused.code
            says_nothing_it_should_not(refused)
        assert not hidden or code == "NOT_FOUND", f"{name} of a stranger was answered"
        assert not known or code != "NOT_FOUND", f"{name} of somebody who acts here found nothing"
        self.asked.append(Asked(command, stream, who, self.at, code))
        tally.moves[name] += 1
        tally.meant[code is None] += meant
        if code:
            tally.codes[code] += 1
            assert len(self.paper.rows) == head, f"{name} was refused and left something behind"
        else:
            tally.accepted[name] += 1
            self._was_recorded(self.paper.rows[head:])

    def _was_recorded(self, new: Sequence[Row]) -> None:
        """Every law holds of every case that these rows are of."""
        self.tally.events.update(type(row.event).__name__ for row in new)
        for case in {self.paper.case_of(row.stream) for row in new}:
            if self.paper.begins_with(case, ReportReceived):
                rows, beside = self.paper.streams[case], self.paper.beside(case)
                told = Told(case, rows, self.paper.rows, beside)
                for law in (*LAWS, *LAWS_ABOUT_ACCESS):
                    law(told)
                *_, (_, _, stage) = stages(rows)
                assert self.paper.folded(case, case_state.fold).stage == stage
        if new and self.chance.yes(15):
            self.can_be_read(self._scene())

    def can_be_read(self, scene: Scene) -> None:
        """Whatever pages ask of a case has an answer."""
        state = scene.state
        if state.stage is Stage.NONE:
            return
        who = self.chance.one(scene.anybody())
        context = scene.context(who)
        for part in Part:
            try:
                see(part, state, context)
            except NotFound:
                continue
            except Refused as refused:
                says_nothing_it_should_not(refused)
        warnings(state, context)
        for lacking in closing.missing(state, context):
            says_nothing_it_should_not(lacking)
        held = held_roles(state, context)
        for kind, rule in RULES.items():
            if held & rule.by:
                try:
                    check_possible(kind, state, context, held)
                except Refused as refused:
                    says_nothing_it_should_not(refused)
        day = next_on(state, scene.today)
        assert (day == scene.today) == bool(due(state, scene.today))

    def at_once(self, at: datetime) -> Scene:
        """The case as it stands then."""
        self.at = at
        return self._scene()

    def _scene(self, *, hasty: bool = False) -> Scene:
        return Scene(self.paper, self.case, self.at, self.chance, minted=self._minted, hasty=hasty)

    def _time_passes(self, pace: Pace) -> None:
        """Minutes mostly; or days; or to about a day that matters. The clock may be late."""
        scene, upto = self._scene(), self.chance.upto
        ahead = [day for day in scene.days if day >= scene.today]
        straight, kind = pace == "straight", upto(9)
        if kind < 5 or pace == "haste":
            self.at += timedelta(minutes=1 + upto(90))
        elif kind < (6 if straight else 8) or not ahead:
            self.at += timedelta(days=upto(3), hours=upto(23))
        elif kind == 9 and not straight and self.chance.yes(10):
            self.at += timedelta(days=200 + upto(90))
        else:
            soon = ahead[0] if straight else self.chance.one(ahead)
            self.at = max(
                self.at, _morning(soon + timedelta(days=upto(2) - (0 if straight else 1)))
            )
        if self.clocked:
            self._run_clock()

    def _run_clock(self) -> None:
        head = len(self.paper.rows)
        run_until(self.paper.as_record(), self.at)
        new = self.paper.rows[head:]
        assert {row.actor for row in new} <= {"system"}
        self._was_recorded(new)

    def _choose(self, scene: Scene, pace: Pace) -> tuple[type[Intention], dict[str, Any] | None]:
        """A command, and what it takes; None: it cannot be had now."""
        stage = scene.state.stage
        every: Sequence[type[Intention]] = tuple(RULES)
        if not scene.policy and self.chance.yes(80):
            every = [kind for kind in every if RULES[kind].home not in ("case", "evidence")]
        here = [kind for kind in every if stage in RULES[kind].during]
        if scene.state.type_only:
            here = [kind for kind in here if Stage.TYPE_ONLY in RULES[kind].during]
        own = [kind for kind in here if len(RULES[kind].during) <= 4]
        forward = FORWARD.get(stage, ()) if scene.policy else ()
        far = 13 if pace != "any" else 10 if scene.hasty else 6
        for _ in range(5):
            turn = self.chance.upto(19)
            if forward and turn < far:
                options: Sequence[type[Intention]] = forward
            elif scene.policy and turn < 16:
                options = BEGUN if self.chance.yes(70) else BESIDE
            elif own and turn < 18:
                options = own
            else:
                options = here if turn < 19 else every
            kind = self.chance.one(options)
            fields = MOVES[kind](scene)
            if fields is not None:
                return kind, fields
        return self.chance.one(here or every), None


def _address(scene: Scene, command: Intention, stream: UUID) -> UUID:
    """As the api has it: what has a natural key is found by that, all else is named."""
    ledger = scene.paper.id
    match RULES[type(command)].home:
        case ("calendar" | "counselors") as home:
            return natural(ledger, home, home)
        case "pack":
            return natural(ledger, "policy-pack", command.code)  # type: ignore[attr-defined]
        case "staff" if isinstance(command, office.RegisterStaff):
            return staff_stream(ledger, scene.paper.mac("sign-in", command.sign_in.raw()))
        case _:
            return stream


def _morning(on: date) -> datetime:
    return datetime.combine(on, time(9), ZoneInfo(ZONE)).astimezone(UTC)
