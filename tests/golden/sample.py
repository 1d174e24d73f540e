"""One instance of each event, the same in every run: every field filled, each its own way."""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from uuid import UUID, uuid5

import msgspec
from msgspec import inspect, structs

_NAMES = UUID("6d756e69-6d65-4e74-8000-00000000601d")
_FORMED = ("2025-01-14", "BCM-02.2.20", "BCM-02.2.20/1")  # Texts that have a form.


def sample(kind: type[msgspec.Struct], /, **fields: object) -> Any:
    """An instance of a record; `fields` given are taken as they are."""
    usual = _usual(kind)
    return structs.replace(usual, **fields) if fields else usual


@cache
def _usual(kind: type[msgspec.Struct]) -> Any:
    return _struct(inspect.type_info(kind), kind.__name__)


@cache
def words(kind: type[msgspec.Struct]) -> dict[str, list[str]]:
    """Where a record takes one word of a list, as `Sanction.kind`, and the words."""
    return dict(_words(inspect.type_info(kind), kind.__name__))


def _words(told: inspect.Type, path: str) -> Iterator[tuple[str, list[str]]]:
    match told:
        case inspect.LiteralType():
            yield path, sorted(str(word) for word in told.values)
        case inspect.EnumType():
            yield path, sorted(str(word.value) for word in told.cls)
        case inspect.UnionType():
            for one in told.types:
                yield from _words(one, path)
        case inspect.StructType():
            for field in told.fields:
                yield from _words(field.type, f"{told.cls.__name__}.{field.encode_name}")
        case inspect.VarTupleType() | inspect.ListType():
            yield from _words(told.item_type, path)
        case inspect.DictType():
            yield from _words(told.key_type, f"{path}{{}}")
            yield from _words(told.value_type, path)


def _struct(told: inspect.Type, path: str) -> Any:
    assert isinstance(told, inspect.StructType)
    return told.cls(
        **{field.name: _value(field.type, f"{path}.{field.name}") for field in told.fields}
    )


def _value(told: inspect.Type, path: str) -> Any:  # noqa: PLR0911 - One answer per type.
    number = _number(path)
    match told:
        case inspect.UnionType():
            return _value(_fullest(told), path)
        case inspect.StructType():
            return _struct(told, path)
        case inspect.VarTupleType() | inspect.ListType():
            item = _value(told.item_type, f"{path}[0]")
            return [item] if isinstance(told, inspect.ListType) else (item,)
        case inspect.DictType():
            return {_value(told.key_type, f"{path} key"): _value(told.value_type, f"{path} value")}
        case inspect.LiteralType():
            return _one_of(told.values, path)
        case inspect.EnumType():
            return _one_of(tuple(told.cls), path)
        case inspect.StrType():
            return _text(told, path)
        case inspect.CustomType():
            return told.cls(f"words of {path}")
        case _:
            return _PLAIN[type(told)](path, number)


_PLAIN: dict[type[inspect.Type], Callable[[str, int], Any]] = {
    inspect.UUIDType: lambda path, _: uuid5(_NAMES, path),
    inspect.DateType: lambda _, number: date(2025, 1, 1 + number % 28),
    inspect.DateTimeType: lambda _, number: datetime(2025, 1, 1 + number % 28, 10, tzinfo=UTC),
    inspect.BoolType: lambda _, number: bool(number % 2),
    inspect.IntType: lambda _, number: 1 + number % 9,
}


def _fullest(told: inspect.UnionType) -> inspect.Type:
    """Of several types the first that says something."""
    return next(one for one in told.types if not isinstance(one, inspect.NoneType))


def _text(told: inspect.StrType, path: str) -> str:
    if told.pattern is None:
        return f"text of {path}"
    return next(text for text in _FORMED if re.search(told.pattern, text))


def _one_of(choices: Sequence[Any], path: str) -> Any:
    """One of them, and seldom another one when a choice is added."""
    return min(choices, key=lambda choice: _number(f"{path}={choice}"))


def _number(path: str) -> int:
    """Some number that belongs to this path."""
    return int.from_bytes(hashlib.sha256(path.encode()).digest()[:4], "big")
