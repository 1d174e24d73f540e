"""docs/reference/rules.md: the table RULES, the stages, and the diagram of both."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, get_args

from domain import rules
from domain.commands import Intention
from domain.interest import INTERESTS
from domain.rules import RULES
from domain.rules.disclosure import BASES
from domain.rules.gate import KNOW_EVERY_CASE, OF_CASE, ONLY_BY_ASSIGNMENT, SAYS_MORE
from domain.state.stages import stage_after
from domain.terms import FieldScope, Role, Stage
from tests.golden.pages.markdown import code, groups, page, plain, stages, table
from tests.golden.pages.records import KINDS, recorded_by
from tests.golden.sample import sample, words

COMMANDS = {kind.__name__: kind for kind in RULES}
HEAD = ("command", "who may", "at which stages", "stream", "reads", "records", "decided by")


class Move(NamedTuple):
    """From a stage to another by an event; `only`: the words of that event that do it."""

    start: Stage
    end: Stage
    command: str
    event: str
    only: str


OPENING = (
    "Every command, who may give it, and when. A command is checked in this order: is the case "
    "known to you (else `NOT_FOUND`), may you do this (else the code under *others get*), may it "
    "happen at this stage, must something hold before it, does its own rule agree. Every code is "
    "in [refusals.md](refusals.md)."
)
OTHERS = (
    "Somebody who may know of the case and holds no role of the row gets `ROLE_NOT_ALLOWED`, but "
    "for these commands:"
)
INTEREST = (
    "A reveal states one of these purposes. Where it says *by role*, the role is ground enough: "
    "always, or *in process*, until the days after the outcome is final are over; "
    "everybody else needs one that is live and covers the fields: it comes with a role of the case "
    "(and ends with it, with a conflict, or some days after the outcome is final), or is given by "
    "`GrantAccess`. Where the pack asks, a second person agrees first (`ApproveReveal`). When the "
    "respondent's identity is sealed, the marked purposes alone go on; by role alone, until "
    "those days are over."
)
GROUNDS = (
    "What is told to somebody outside rests on one of these (`RecordDisclosure`), and says why no "
    "less will do. Final results go out by `DiscloseFinalResults` alone. *Cleared*: also about a "
    "respondent whose identity is sealed."
)
BEFORE = (
    "Asked before the words of the command matter; `GET /cases/{id}/actions` answers with it, too."
)
ELSEWHERE = (
    "The answer is `ILLEGAL_TRANSITION`, which names what is possible, unless one of these says "
    "more. The first row that fits is given."
)


def text() -> str:
    moves = list(_moves())
    known = (
        f"Every case: {_roles(KNOW_EVERY_CASE)}. Only cases that assigned them: "
        f"{_roles(ONLY_BY_ASSIGNMENT)}. Parties: their own case. To everybody else, and to staff "
        "with a conflict that was disclosed or upheld, a case looks as if it did not exist."
    )
    return page(
        "Rules",
        OPENING,
        [
            *_commands(),
            *("## Who may know of a case", known),
            *("## Who may open sealed words", INTEREST, _interests()),
            *("## Grounds of disclosure", GROUNDS, _grounds()),
            *("## Others get", OTHERS, _others()),
            *("## Something must hold before", BEFORE, _before()),
            *("## Stages", _stage_table(moves), _unreached(moves), _diagram(moves)),
            *("## At another stage", ELSEWHERE, _says_more()),
        ],
    )


def _commands() -> Iterator[str]:
    table_of_rules = Path(rules.__file__).read_text("utf-8")
    for heading, names in groups(table_of_rules, r" {4}\w+\.(\w+): Rule\("):
        yield f"## {heading}"
        yield table(HEAD, (_command(COMMANDS[name]) for name in names))


def _command(kind: type[Intention]) -> tuple[str, ...]:
    rule = RULES[kind]
    return (
        f"`{kind.__name__}`",
        _roles(rule.by),
        stages(rule.during) if rule.home in OF_CASE else "",
        plain(rule.home),
        ", ".join(sorted(fact.value for fact in rule.reads)),
        code(recorded_by(kind)),
        _link(rule.decide),
    )


def _roles(held: frozenset[Role]) -> str:
    if held == rules.ANYONE:
        left_out = ", ".join(plain(role) for role in Role if role not in held)
        return f"anyone but {left_out}"
    return ", ".join(plain(role) for role in Role if role in held)


def _interests() -> str:
    return table(
        ("purpose", "roles", "words", "by role", "after the seal"),
        (
            (
                plain(purpose),
                _roles(one.roles),
                ", ".join(scope for scope in get_args(FieldScope) if scope in one.fields),
                "" if one.standing == "never" else plain(one.standing),
                "goes on" if one.in_process else "",
            )
            for purpose, one in INTERESTS.items()
        ),
    )


def _grounds() -> str:
    return table(
        ("ground", "recipients", "else", "cleared", "citation"),
        (
            (
                plain(name),
                ", ".join(plain(one) for one in sorted(basis.recipients)),
                f"`{basis.needs.name}`" if basis.needs else "",
                "yes" if basis.when_sealed else "",
                basis.cite,
            )
            for name, basis in BASES.items()
        ),
    )


def _others() -> str:
    usual = next(iter(RULES.values())).otherwise
    by_code: dict[str, list[str]] = {}
    for kind, rule in RULES.items():
        if rule.otherwise is not usual:
            by_code.setdefault(rule.otherwise.name, []).append(kind.__name__)
    return table(("code", "commands"), ((f"`{name}`", code(by_code[name])) for name in by_code))


def _before() -> str:
    asked = ((kind, rule.ready) for kind, rule in RULES.items() if rule.ready)
    return table(
        ("command", "asked by"),
        ((f"`{kind.__name__}`", _link(ready)) for kind, ready in asked),
    )


def _link(function: Callable[..., object]) -> str:
    module = function.__module__.rpartition(".")[2]
    return f"[`{module}.{function.__name__}`](../../domain/rules/{module}.py)"


def _moves() -> Iterator[Move]:
    """Asked of the function that moves stages, with every event that a command records."""
    for kind, rule in RULES.items():
        for event in recorded_by(kind) if rule.home == "case" else ():
            for start in (stage for stage in Stage if stage in rule.during):
                for end, only in _ends(start, event):
                    yield Move(start, end, kind.__name__, event, only)


def _ends(start: Stage, event: str) -> list[tuple[Stage, str]]:
    """The stages after it, other than `start`, and for which words of the event."""
    kind = KINDS[event]
    usual = stage_after(start, sample(kind))
    for field in kind.__struct_fields__:
        turns: dict[Stage, list[str]] = {}
        for word in words(kind).get(f"{event}.{field}", ()):
            if isinstance(getattr(sample(kind), field), str):
                end = stage_after(start, sample(kind, **{field: word}))
                turns.setdefault(end, []).append(word)
        if len(turns) > 1:
            return [(end, ", ".join(turns[end])) for end in turns if end is not start]
    return [(usual, "")] if usual is not start else []


def _stage_table(moves: list[Move]) -> str:
    rows: dict[tuple[Stage, str], list[Stage]] = {}
    for move in moves:
        does = f"`{move.command}` → `{move.event}`"
        rows.setdefault((move.end, f"{does} ({move.only})" if move.only else does), []).append(
            move.start
        )
    order = list(Stage)
    return table(
        ("from", "command → event", "to"),
        (
            (stages(starts), does, end)
            for (end, does), starts in sorted(
                rows.items(), key=lambda row: (order.index(row[1][0]), order.index(row[0][0]))
            )
        ),
    )


def _unreached(moves: list[Move]) -> str:
    waiting = [
        stage
        for stage in Stage
        if stage is not Stage.NONE and stage not in {move.end for move in moves}
    ]
    ending = [stage for stage in Stage if stage not in {move.start for move in moves}]
    return (
        f"No command leads yet to: {stages(waiting) or 'none'}. No command leads on from: "
        f"{stages(ending)}. Every other event leaves the stage as it is."
    )


def _diagram(moves: list[Move]) -> str:
    reached = {Stage.NONE} | {move.end for move in moves}
    lines = dict.fromkeys(
        f"    {_node(move.start)} --> {_node(move.end)}: {move.command}"
        + (f" ({move.only})" if move.only else "")
        for move in moves
        if move.start in reached
    )
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


def _node(stage: Stage) -> str:
    return "[*]" if stage is Stage.NONE else stage.value


def _says_more() -> str:
    in_order = list(RULES)
    return table(
        ("commands", "while", "code"),
        (
            (code(kind.__name__ for kind in in_order if kind in kinds), stages(at), f"`{no.name}`")
            for kinds, at, no in SAYS_MORE
        ),
    )
