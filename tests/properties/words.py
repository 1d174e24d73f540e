"""Values for the fields of a command, by their types alone: tame ones, and every kind of wild one.

Whatever comes out would pass the schema at the edge. Text that is to be sealed holds a planted
word, which may then stand nowhere else.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from typing import Any, Protocol
from uuid import UUID

import msgspec
from msgspec import inspect

from domain.commands import Command, Intention
from domain.ids import Secret
from domain.registry import dec_hook, enc_hook
from tests.properties.chance import Chance

PLANTED = "Quillfeather"

_FAR = (date.min, date(1900, 2, 28), date(2020, 8, 11), date(2031, 1, 1), date.max)
_FAR_AT = (
    datetime.min.replace(tzinfo=UTC),
    datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
    datetime(2020, 2, 29, 23, 59, tzinfo=timezone(timedelta(hours=-11))),
    datetime.max.replace(tzinfo=UTC),
    datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))),
)
_SPOKEN = (
    "unknown",
    "0000",
    "0001-01-01",
    "2019",
    "2024-02",
    "2024-02-30",
    "2025-01-10",
    "9999-12",
)
_NUMBERS = (0, 1, 2, 3, -1, 2**31, 2**63, 2**70)
_BLANK = ("", "  ", "\t\n\u2003")
_ODD = (
    f"munimentenc:1:{PLANTED}",  # Looks like what is sealed.
    f"{PLANTED} {{date}} {{parts}}",  # Looks like a blank in a sentence.
    f"\u202e{PLANTED}\x00\U0001f9fe",
    f"{PLANTED} " * 300,
)


class Known(Protocol):
    """What the values are taken from: ids that the record has, and days that matter."""

    @property
    def at(self) -> datetime: ...
    @property
    def today(self) -> date: ...
    @property
    def ids(self) -> Sequence[UUID]: ...
    @property
    def days(self) -> Sequence[date]: ...
    def fresh(self) -> UUID: ...


class Words:
    """Draws values. `wild`: anything of the type; else what a careful person might give."""

    def __init__(self, chance: Chance, known: Known) -> None:
        self.chance = chance
        self.known = known

    def text(self) -> str:
        return f"{PLANTED} {self.chance.upto(9)}"

    def command(
        self, kind: type[Intention], given: dict[str, Any], spoiled: Collection[str] = ()
    ) -> Intention:
        """A command with these fields, as it would be decoded; what is left out is drawn.

        `spoiled`: fields that get anything of their type instead.
        """
        left_out = self.chance.upto(63)  # Of the optional fields, by their place: one draw.
        fields = {
            field.name: given[field.name]
            if field.name in given and field.name not in spoiled
            else self.of(field.type, wild=field.name in spoiled)
            for place, field in enumerate(fields_of(kind))
            if field.name in given
            or field.name in spoiled
            or field.required
            or not left_out >> place % 6 & 1
        }
        if issubclass(kind, Command) and "occurred_on" not in spoiled:
            fields["occurred_on"] = None
        return as_sent(kind(**fields))

    def spoiled(self, kind: type[Intention]) -> set[str]:
        """One field mostly, two now and then, or all."""
        names = [field.name for field in fields_of(kind)]
        if self.chance.yes(10):
            return set(names)
        return {self.chance.one(names) for _ in range(2 if self.chance.yes(25) else 1)}

    def of(self, kind: inspect.Type, *, wild: bool) -> Any:  # noqa: C901, PLR0911, PLR0912 - one arm per type.
        one, yes, upto = self.chance.one, self.chance.yes, self.chance.upto
        match kind:
            case inspect.UnionType():
                options = kind.types
                nothing = any(isinstance(option, inspect.NoneType) for option in options)
                if nothing and yes(40):
                    return None
                real = [option for option in options if not isinstance(option, inspect.NoneType)]
                return self.of(one(real), wild=wild)
            case inspect.NoneType():
                return None
            case inspect.BoolType():
                return yes(50)
            case inspect.LiteralType():
                return one(kind.values)
            case inspect.UUIDType():
                return one(self.known.ids) if wild and yes(80) else self.known.fresh()
            case inspect.CustomType():
                assert issubclass(kind.cls, Secret)
                return kind.cls(one((*_BLANK, *_ODD, self.text())) if wild else self.text())
            case inspect.StrType():
                return self._str(kind.pattern or "", wild=wild)
            case inspect.IntType():
                least = kind.ge if kind.ge is not None else -1
                return one([n for n in _NUMBERS if n >= least]) if wild else 1 + upto(3)
            case inspect.DateType():
                return self._day(wild=wild)
            case inspect.DateTimeType():
                if wild and yes(70):
                    return one((*_FAR_AT, self.known.at + timedelta(minutes=1)))
                return self.known.at - timedelta(minutes=upto(30))
            case inspect.VarTupleType():
                least, most = kind.min_length or 0, kind.max_length or 4
                count = max(least, min(most, upto(2)))
                items = [self.of(kind.item_type, wild=wild) for _ in range(count)]
                return tuple((items * 2)[:most] if wild and yes(20) else items)
            case inspect.DictType():
                return {
                    self.of(kind.key_type, wild=wild): self.of(kind.value_type, wild=wild)
                    for _ in range(upto(2))
                }
            case inspect.StructType():
                return kind.cls(
                    **{
                        field.name: self.of(field.type, wild=wild)
                        for field in kind.fields
                        if field.required or yes(50)
                    }
                )
            case _:
                raise AssertionError(f"no words for {kind}")

    def _day(self, *, wild: bool) -> date:
        days, upto = self.known.days, self.chance.upto
        if wild and self.chance.yes(40):
            return self.chance.one(_FAR)
        if wild and days:
            return self.chance.one(days) + timedelta(days=upto(2) - 1)
        return self.known.today - timedelta(days=upto(2))

    def _str(self, pattern: str, *, wild: bool) -> str:
        if "unknown" in pattern:
            return self.chance.one(_SPOKEN) if wild else "2025-01-10"
        if pattern.startswith("^[A-Z]{2,8}"):
            return self.chance.one(("BCM-02.2.20", "HMS-7.16", "XX-0", "ABCDEFGH-1.2.3.4"))
        assert not pattern, pattern
        return self.chance.one(("", "online", "carrier pigeon", "\x00", f"{PLANTED}"))


@cache
def fields_of(kind: type[Intention]) -> tuple[inspect.Field, ...]:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    return info.fields


def as_sent(command: Intention) -> Intention:
    """The command after its way over the wire; it must be one that the schema lets in."""
    sent = msgspec.json.encode(command, enc_hook=enc_hook)
    read: Intention = msgspec.json.decode(sent, type=type(command), dec_hook=dec_hook)
    assert read == command
    return read
