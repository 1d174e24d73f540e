"""From the bytes of a request to a record; what is wrong is told in the schema's words and ours."""

import json
import re
from contextlib import suppress
from functools import cache
from typing import Any, NoReturn, TypeVar

import msgspec

from domain.errors import Refusal, Refused
from domain.ids import Secret
from domain.refusals import No
from domain.registry import dec_hook

T = TypeVar("T")

# msgspec: "Expected `str`, got `int` - at `$.occasions[0].place`". Of the message only the place
# is used, and of the place only the names that the schema has: the rest may quote the request.
_PLACE = re.compile(r" - at (?:`key` in )?`\$([^`]*)`$")
_MISSING = re.compile(r"^Object missing required field `([^`]*)`")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BODY = "the body"
_UNKNOWN = "holds an unknown field"
# How the message begins, and what it then means.
_FAULTS = {
    "Object missing required field": "is missing",
    "Object contains unknown field": _UNKNOWN,
    "Invalid enum value": "is none of the words that it may be",
    "Invalid UUID": "is no UUID",
    "Invalid RFC3339 encoded date": "is no date or time in the form of ISO 8601",
}
_FORM = "does not have the form asked for"


def decode(body: bytes, kind: type[T]) -> T:
    """The record that the body says. Errors: Refused(INPUT_INVALID) with the field at fault."""
    try:
        return msgspec.json.decode(body or b"{}", type=kind, dec_hook=dec_hook)
    except msgspec.ValidationError as error:
        _unfit(str(error), kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        invalid(_BODY, "is not JSON")


def convert(said: object, kind: type[T], misread: Refusal = No.INPUT_INVALID) -> T:
    """The same of what was decoded before, as a line of a story. Errors: Refused(misread); of any
    but the usual one without a word of what is wrong."""
    try:
        return msgspec.convert(said, kind, dec_hook=dec_hook)
    except msgspec.ValidationError as error:
        if misread is not No.INPUT_INVALID:
            raise Refused(misread) from None
        _unfit(str(error), kind)


def decode_exactly(body: bytes, kind: type[T], misread: Refusal) -> T:
    """The same where nothing else may have been said: each field once, no word of what is wrong.

    Errors: Refused(misread), which knows neither the request nor what was found in it.
    """
    said: T | None = None
    with suppress(msgspec.MsgspecError, ValueError, RecursionError):
        keys_once(body)
        said = msgspec.json.decode(body, type=kind, dec_hook=dec_hook)
    if said is None:
        raise Refused(misread)
    return said


def keys_once(text: str | bytes) -> None:
    """Errors: ValueError where this is no JSON, or a key of it stands twice."""
    json.loads(text, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def invalid(fields: str, fault: str) -> NoReturn:
    """Raise Refused(INPUT_INVALID), without its cause, which may quote the request.

    Both are words of ours, never of the request.
    """
    raise Refused(No.INPUT_INVALID, fields=fields, fault=fault) from None


@cache
def components(kinds: tuple[type, ...]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """JSON Schemas (2020-12, as OpenAPI 3.1 has them) of these records, and their parts."""
    found, parts = msgspec.json.schema_components(
        kinds, schema_hook=_schema, ref_template="#/components/schemas/{name}"
    )
    return list(found), parts


def _schema(kind: type) -> dict[str, Any]:
    assert issubclass(kind, Secret)
    return {"type": "string", "description": "Words about a person; sealed before it is written."}


def _unfit(message: str, kind: type) -> NoReturn:
    field = _field(message, kind)
    fault = next((said for start, said in _FAULTS.items() if message.startswith(start)), _FORM)
    if field == _BODY and fault == _UNKNOWN:
        fault = f"{fault}; it may hold {', '.join(_own_names(kind))}"
    invalid(field, fault)


def _field(message: str, kind: type) -> str:
    known = _names(kind)
    at = _PLACE.search(message)
    path = [name for name in _NAME.findall(at.group(1)) if name in known] if at else []
    missing = _MISSING.match(message)
    if missing and missing.group(1) in known:
        path.append(missing.group(1))
    return ".".join(path) or _BODY


def _own_names(kind: type) -> list[str]:
    return [field.encode_name for field in msgspec.structs.fields(kind)]


@cache
def _names(kind: type) -> frozenset[str]:
    """Every field name of the record and of its parts."""
    _, parts = components((kind,))
    return frozenset(name for part in parts.values() for name in part.get("properties", {}))
