"""Stories: dated lists of commands, loaded into a simulated ledger. Demo, acceptance, rehearsal.

A line is a JSON object: {"at", "by", "do", "on"?, "with"?, "refused"?, "note"?}. See docs/guide.md.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from heapq import merge
from importlib import resources
from pathlib import Path
from typing import Any, Literal, NamedTuple
from uuid import UUID, uuid5

import msgspec

from api import asking
from api.bodies import convert, keys_once
from api.clock import run_until
from api.record import Record
from domain.commands import Intention
from domain.context import OPERATOR, Who
from domain.errors import Conflict, NotFound, Refused
from domain.execute import Appended, Request, execute
from domain.ids import SpokenDate, natural, office_access_stream, staff_stream
from domain.rules import RULES
from domain.rules.gate import OF_CASE

COMMANDS: dict[str, type[Intention]] = {kind.__name__: kind for kind in RULES}
# All that a line may `do`, and the form of its `with`.
FORMS: dict[str, type] = {**COMMANDS, **{name: form for name, (form, _) in asking.ASKED.items()}}
# What every clock and database between here and the record can hold.
_OLDEST = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST = datetime(3000, 1, 1, tzinfo=UTC)
_PLACEHOLDER = re.compile(r"^(@@?)([A-Za-z0-9][A-Za-z0-9_-]{0,63})$")


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One line of a story, as written."""

    at: datetime
    by: str
    do: str
    on: str | None = None
    with_: dict[str, Any] = msgspec.field(name="with", default_factory=dict)
    refused: str | None = None
    occurred_on: SpokenDate | None = None
    note: str | None = None  # For the reader of the story; recorded nowhere.


class Placed(NamedTuple):
    """A line, with the file's place in the load and the line's number in the file."""

    at: datetime
    place: int
    number: int
    file: str
    line: Line


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one line. `as_written`: accepted, or refused with the code that it names.

    `repeated`: recorded by an earlier run of this load. `passed`: answered then, with nothing to
    record; it is not asked again, since the record has moved on.
    """

    file: str
    line: int
    at: datetime
    do: str
    on: UUID
    outcome: Literal[
        "recorded", "repeated", "passed", "refused", "stale", "not_found", "not_a_command"
    ]
    as_written: bool
    code: str | None = None
    detail: str | None = None  # As a problem has it: which fields, which facts.
    first: int | None = None
    last: int | None = None

    def __str__(self) -> str:
        outcome = " ".join(filter(None, (self.outcome, self.code)))
        return ": ".join(filter(None, (f"{self.file}:{self.line}", self.do, outcome, self.detail)))


class StoryError(Exception):
    """A story cannot be read. The message names file, line and field, never a value."""


def shipped(numbers: Sequence[str] | None = None) -> list[Path]:
    """The stories that come with the product: all, or those whose names start so; not the set-up.

    Errors: StoryError for a number that no story has.
    """
    folder = Path(str(resources.files("api") / "stories"))
    every = sorted(path for path in folder.glob("*.jsonl") if path.name != "setup.jsonl")
    if numbers is None:
        return every
    chosen = []
    for number in numbers:
        found = [path for path in every if path.name.startswith(f"{number}-")]
        if not found:
            names = ", ".join(path.name.split("-")[0] for path in every)
            raise StoryError(f"no shipped story {number}; there are: {names}")
        chosen += found
    return chosen


def setup_story() -> Path:
    """The demo institution: packs, calendar, staff, roles, training, counselors."""
    return Path(str(resources.files("api") / "stories" / "setup.jsonl"))


def read(files: Sequence[Path]) -> list[Placed]:
    """The lines of all files, merged by time. Errors: StoryError, before anything is recorded."""
    return list(merge(*(_lines(path, place) for place, path in enumerate(files))))


def _lines(path: Path, place: int) -> Iterator[Placed]:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StoryError(f"{path.name}: cannot be read ({type(error).__name__})") from None
    before: datetime | None = None
    for number, row in enumerate(text.splitlines(), start=1):
        if not row.strip() or row.startswith("#"):
            continue
        try:
            line = msgspec.json.decode(row, type=Line)
            keys_once(row)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            # Of the message only a field of ours: the rest may quote the line.
            field = re.search(r" - at `\$\.(\w+)", str(error))
            where = f", field {field.group(1)}" if field else ""
            raise StoryError(f"{path.name}:{number}: not a line of a story{where}") from None
        if fault := _fault(line):
            raise StoryError(f"{path.name}:{number}: {fault}")
        if before and line.at < before:
            raise StoryError(f"{path.name}:{number}: earlier than the line before it")
        before = line.at
        yield Placed(line.at, place, number, path.name, line)


def _fault(line: Line) -> str | None:
    """What is wrong with a line beyond its schema, in words that repeat nothing of it."""
    kind = COMMANDS.get(line.do)
    home = RULES[kind].home if kind else "case"
    if line.at.tzinfo is None:
        return "`at` has no time zone"
    if not _OLDEST < line.at < _LATEST:
        return "`at` is no time of a story"
    if line.by.startswith("@") and not _PLACEHOLDER.match(line.by):
        return "`by` names nobody"
    named = (home in OF_CASE or home == "person") and line.do not in asking.OF_NO_CASE
    if named and line.on is None:
        return "`on` is missing"
    if named and not (_PLACEHOLDER.match(line.on or "") or _is_uuid(line.on or "")):
        return "`on` names nothing"
    return None


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


class Loader:
    """One load: its id makes placeholders and command ids, so that it can be resumed."""

    def __init__(self, record: Record, load_id: UUID) -> None:
        """Errors: StoryError where the ledger runs on the real clock."""
        if record.clock != "simulated":
            raise StoryError("stories load into a simulated ledger only; this one is real")
        self._record = record
        self.load_id = load_id

    def run(self, lines: Sequence[Placed], *, resume: bool = False) -> Iterator[Result]:
        """Give each line its turn, the clock run up to it first; one result a line.

        With `resume`, lines up to the last one that an earlier run recorded give that result.
        """
        done = self._finished(lines) if resume else 0
        for index, placed in enumerate(lines):
            yield self._earlier(placed) if index < done else self._give(placed)

    def _finished(self, lines: Sequence[Placed]) -> int:
        """How many lines an earlier run of this load got through, as far as it recorded any."""
        for count in range(len(lines), 0, -1):
            if self._first_result(lines[count - 1]):
                return count
        return 0

    def _earlier(self, placed: Placed) -> Result:
        kind = COMMANDS.get(placed.line.do)
        first = self._first_result(placed)
        return Result(
            file=placed.file,
            line=placed.number,
            at=placed.at,
            do=placed.line.do,
            on=self._stream(placed, kind),
            outcome="repeated" if first else "passed",
            as_written=bool(first) != bool(placed.line.refused) or placed.line.do in asking.ASKED,
            first=first.first if first else None,
            last=first.last if first else None,
        )

    def _first_result(self, placed: Placed) -> Appended | None:
        return self._record.recorded(self._command_id(placed))

    def _command_id(self, placed: Placed) -> UUID:
        return uuid5(self.load_id, f"{placed.place}:{placed.number}")

    def _give(self, placed: Placed) -> Result:
        line = placed.line
        kind = COMMANDS.get(line.do)
        outcome: dict[str, Any] = {}
        stream = self._stream(placed, kind)
        try:
            if line.do in asking.ASKED:
                outcome = self._ask(placed, stream)
            elif kind is None:
                outcome = {"outcome": "not_a_command"}
            else:
                outcome = self._execute(placed, kind, stream)
        except Refused as refused:
            outcome = {"outcome": "refused", "code": refused.code, "detail": refused.sentence}
        except NotFound:
            outcome = {"outcome": "not_found", "code": "NOT_FOUND"}
        except Conflict:
            outcome = {"outcome": "stale", "code": "VERSION_CONFLICT"}
        recorded = outcome["outcome"] == "recorded"
        as_written = outcome.get("code") == line.refused if line.refused else recorded
        return Result(
            file=placed.file,
            line=placed.number,
            at=line.at,
            do=line.do,
            on=stream,
            as_written=as_written,
            **outcome,
        )

    def _execute(self, placed: Placed, kind: type[Intention], stream: UUID) -> dict[str, Any]:
        line = placed.line
        fields = {**self._fill(line.with_, placed.place)}
        if line.occurred_on:
            fields["occurred_on"] = line.occurred_on
        command = convert(fields, kind, RULES[kind].misread)
        who = self._who(placed, stream)
        run_until(self._record, line.at)
        answer = execute(
            self._record,
            Request(
                command=command,
                stream=stream,
                who=who,
                command_id=self._command_id(placed),
                given_at=line.at,
            ),
        )
        return {
            "outcome": "recorded",
            "first": answer.appended.first,
            "last": answer.appended.last,
        }

    def _ask(self, placed: Placed, stream: UUID) -> dict[str, Any]:
        """What is asked is recorded, and so is that it was refused."""
        line = placed.line
        form, ask = asking.ASKED[line.do]
        asked: Any = convert(self._fill(line.with_, placed.place), form)
        run_until(self._record, line.at)
        who = self._who(placed, stream)
        at = asking.Line(who, stream, self._command_id(placed), line.at)
        position = ask(self._record, asked, at)
        return {"outcome": "recorded", "first": position, "last": position}

    def _who(self, placed: Placed, stream: UUID) -> Who:
        by = placed.line.by
        if by == "operator":
            return OPERATOR
        if by.startswith("@"):
            return Who("party", str(self._name(by, placed.place)), stream)
        return Who("staff", str(self._staff(by)))

    def _staff(self, sign_in: str) -> UUID:
        return staff_stream(self._record.id, self._record.mac("sign-in", sign_in))

    def _stream(self, placed: Placed, kind: type[Intention] | None) -> UUID:
        """Named by `on`, or natural: a pack, the calendar, the register; staff by sign-in name."""
        on, ledger = placed.line.on, self._record.id
        if placed.line.do in asking.OF_NO_CASE:
            return office_access_stream(ledger)
        home = RULES[kind].home if kind else "case"
        match home:
            case "pack":
                return natural(ledger, "policy-pack", str(placed.line.with_.get("code", "")))
            case "calendar":
                return natural(ledger, "calendar", "calendar")
            case "counselors":
                return natural(ledger, "counselors", "counselors")
            case "staff":
                return self._staff(on or str(placed.line.with_.get("sign_in", "")))
        assert on is not None  # The reading of the line says so.
        return self._name(on, placed.place)

    def _name(self, text: str, place: int) -> UUID:
        """The UUID of a placeholder; a UUID stands for itself."""
        if match := _PLACEHOLDER.match(text):
            shared, name = match.groups()
            return uuid5(self.load_id, f"all/{name}" if shared == "@@" else f"{place}/{name}")
        return UUID(text)

    def _fill(self, value: Mapping[str, Any], place: int) -> dict[str, Any]:
        """The same with every placeholder, as a key or a value, replaced by its UUID."""
        return {self._word(key, place): self._value(item, place) for key, item in value.items()}

    def _value(self, value: Any, place: int) -> Any:
        if isinstance(value, str):
            return self._word(value, place)
        if isinstance(value, dict):
            return self._fill(value, place)
        if isinstance(value, list):
            return [self._value(item, place) for item in value]
        return value

    def _word(self, text: str, place: int) -> str:
        """`@name`, `@@name`, `staff:coordinator-1`; anything else as it stands."""
        if text.startswith("staff:"):
            return str(self._staff(text.removeprefix("staff:")))
        return str(self._name(text, place)) if _PLACEHOLDER.match(text) else text


def schemas() -> dict[str, Any]:
    """The JSON Schema of each command, by name, with the definitions that they share."""
    kinds = list(FORMS.values())
    found, definitions = msgspec.json.schema_components(
        kinds, schema_hook=_secret_schema, ref_template="#/$defs/{name}"
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "commands": dict(zip(FORMS, found, strict=True)),
        "$defs": definitions,
    }


def _secret_schema(_kind: type) -> dict[str, Any]:
    """Sealed text is given as words."""
    return {"type": "string", "description": "Sealed before it is written."}


__all__ = ["Loader", "Placed", "Result", "StoryError", "read", "schemas", "setup_story", "shipped"]
