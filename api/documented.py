"""What OpenAPI says of the routes: made from the same records that bodies are decoded into."""

from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.bodies import components
from api.errors import PROBLEM
from domain.commands import Intention
from domain.rules import RULES
from domain.rules.gate import VERSIONED

DESCRIPTION = (
    "The record of Title IX cases: commands in, history out. Every command needs an"
    " `Idempotency-Key` (its id, minted by the client) and, on a case or an item of evidence, the"
    ' version that was read in `If-Match` (`"0"`: nothing is there yet). Refusals are RFC 9457'
    " problems with a stable `code`; `/problems/{code}` tells each."
)

_AS_OF = {
    "name": "as_of",
    "in": "query",
    "description": "A position, an instant with its offset, or a date (the end of that day).",
    "schema": {"type": "string"},
}


class Problem(msgspec.Struct, kw_only=True):
    """RFC 9457. `allowed_after`: from when the command may come, where time alone allows it."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str | None = None
    rule: str | None = None
    citation: str | None = None
    remedy: str | None = None
    allowed_after: str | None = None


def command(kind: type[Intention], path: str) -> dict[str, Any]:
    """Parameters and body of a command's route."""
    version = [
        _header(
            "If-Match",
            "The version that was read, as an entity tag.",
            {"type": "string", "pattern": '^"(0|[1-9][0-9]{0,17})"$'},
        )
    ]
    wait = {
        "name": "wait",
        "in": "query",
        "description": "Answer once the views show what was recorded, or a limit has passed.",
        "schema": {"type": "string", "enum": ["true", "false"], "default": "false"},
    }
    return {
        "parameters": [
            *in_path(path),
            _key(),
            *(version if RULES[kind].home in VERSIONED else []),
            _AT,
            wait,
        ],
        "requestBody": body(kind),
    }


def body(kind: type) -> dict[str, Any]:
    return {
        "required": True,
        "content": {"application/json": {"schema": _ref(kind)}},
    }


def reveal(kind: type) -> dict[str, Any]:
    return {"parameters": [_key(), _AT], "requestBody": body(kind)}


def search(kind: type, path: str = "") -> dict[str, Any]:
    return {"parameters": [*in_path(path), _key(), _AT], "requestBody": body(kind)}


def read(*more: dict[str, Any]) -> dict[str, Any]:
    """Parameters of a route that reads as of a point."""
    return {"parameters": [_AS_OF, *more]}


def in_path(path: str) -> list[dict[str, Any]]:
    """The ids in an address."""
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "format": "uuid"},
        }
        for name in ("case", "item", "party", "person", "staff")
        if f"{{{name}}}" in path
    ]


def answers(kind: type, *statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route answers: this record, or a problem."""
    return {
        **{
            status: {
                "description": "As asked.",
                "content": {"application/json": {"schema": _ref(kind)}},
            }
            for status in statuses or (200,)
        },
        "default": {
            "description": "A problem.",
            "content": {PROBLEM: {"schema": _ref(Problem)}},
        },
    }


def describe(app: FastAPI, records: tuple[type, ...]) -> None:
    """Let the app's OpenAPI hold the schemas of all commands and of these records."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title,
                version=app.version,
                openapi_version="3.1.0",
                description=DESCRIPTION,
                routes=app.routes,
            )
            _, parts = components((*RULES, Problem, *records))
            known = made.setdefault("components", {})
            known["schemas"] = dict(sorted(parts.items()))
            known["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


SIGNED_IN: list[dict[str, list[str]]] = [{"bearer": []}]


def _key() -> dict[str, Any]:
    return _header(
        "Idempotency-Key",
        "The command's id: a retry with the same one answers with the first result.",
        {"type": "string", "format": "uuid"},
    )


def _header(
    name: str, description: str, schema: dict[str, Any], *, required: bool = True
) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": description,
        "schema": schema,
    }


def _ref(kind: type) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


_AT = _header(
    "Muniment-At",
    "On a simulated ledger: when it is given. Its clock is run up to then.",
    {"type": "string", "format": "date-time"},
    required=False,
)
