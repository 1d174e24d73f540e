"""What all commands share. Each command stands with the rule that decides it, in `domain/rules`."""

from typing import TypeVar

from domain.events import Event
from domain.ids import SpokenDate
from domain.records import Record

E = TypeVar("E", bound=Event)


class Intention(Record):
    """What somebody wants done. Nearly all are commands; a type-only report says not even when."""


class Command(Intention):
    """An intention. `occurred_on`: when people say it happened; left out, the day of recording."""

    occurred_on: SpokenDate | None = None


def said_on(command: Intention) -> SpokenDate | None:
    """When it happened, where the command can say so and did."""
    return command.occurred_on if isinstance(command, Command) else None


def restate(kind: type[E], command: Intention, **more: object) -> E:
    """The event that says what the command said: fields of the same name, and `more`."""
    given = {
        name: getattr(command, name)
        for name in kind.__struct_fields__
        if name not in more and name in command.__struct_fields__
    }
    return kind(**given, **more)
