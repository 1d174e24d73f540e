"""Every command's route, generated from RULES: shape in, command out. No rule lives here."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from api import documented, query
from api.auth import signed_in
from api.bodies import decode, decode_exactly, invalid
from api.clock import run_until
from api.looking import path_id
from api.parts import Parts, parts_of
from domain.commands import Command, Intention
from domain.context import Who
from domain.errors import Refused, require
from domain.execute import Appended, execute, own_stream
from domain.execute import Request as Asked
from domain.ids import natural, staff_stream
from domain.refusals import No
from domain.rules import RULES, office
from domain.rules.gate import VERSIONED
from domain.rules.rule import Rule

router = APIRouter()

_ETAG = re.compile(r'"(0|[1-9][0-9]{0,17})"')
_NO_TIME = "is no time with its offset from UTC"


class Happened(msgspec.Struct, frozen=True):
    """One event that the command brought about: its place in the record, and its name."""

    position: int
    stream: UUID
    version: int
    name: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What was recorded. `repeated`: before, by this same command id; this is that result."""

    command: str
    stream: UUID
    version: int
    recorded_at: datetime
    repeated: bool
    events: list[Happened]


async def raw(request: Request) -> bytes:
    """The bytes of the body, as the keyed digest of a request needs them."""
    return await request.body()


def path_of(kind: type[Intention]) -> str:
    """`/cases/{case}/commands/issue-notice`; the office's own under `/office`."""
    name = "-".join(re.findall(r"[A-Z][a-z]*", kind.__name__)).lower()
    match RULES[kind].home:
        case "case" | "access":
            return f"/cases/{{case}}/commands/{name}"
        case "evidence":
            return f"/evidence/{{item}}/commands/{name}"
        case "person":
            return f"/people/{{person}}/commands/{name}"
        case "staff" if kind is not office.RegisterStaff:
            return f"/office/staff/{{staff}}/commands/{name}"
        case _:
            return f"/office/commands/{name}"


def endpoint(kind: type[Intention]) -> Callable[..., Response]:
    """The route of one command: 201 with the answer, 200 where it had been given before."""
    rule = RULES[kind]

    def give(
        request: Request,
        who: Annotated[Who, Depends(signed_in)],
        body: Annotated[bytes, Depends(raw)],
    ) -> Response:
        parts = parts_of(request)
        command = said(body, kind, rule, request)
        command_id = idempotency_key(request)
        stream = stream_of(parts, command, rule, request)
        request.state.stream = stream
        expected = if_match(request) if rule.home in VERSIONED else None
        waits = asked_to_wait(request)
        mac = request_mac(parts, request, body)
        appended: Appended | None = parts.record.first_result(command_id, who.id, mac)
        if appended is None:
            appended = execute(
                parts.record,
                Asked(
                    command=command,
                    stream=stream,
                    who=who,
                    command_id=command_id,
                    expected=expected,
                    given_at=given_at(parts, request),
                    request_mac=mac,
                ),
            ).appended
        if not appended.repeated:
            parts.metrics.events.inc(appended.last - appended.first + 1)
        if waits:
            parts.shown.wait(appended.last, parts.settings.wait_seconds)
        return answer(parts, kind, own_stream(parts.record.id, rule, stream), appended)

    give.__name__ = kind.__name__
    give.__doc__ = kind.__doc__ if kind.__doc__ != Command.__doc__ else None
    return give


def said(body: bytes, kind: type[Intention], rule: Rule, request: Request) -> Intention:
    """The command that was sent. Errors: Refused(INPUT_INVALID), or as the row says instead: then
    the address may say nothing either."""
    if rule.misread is No.INPUT_INVALID:
        query.check(request)
        return decode(body, kind)
    require(request.url.query in ("", "wait=true", "wait=false"), rule.misread)
    return decode_exactly(body, kind, rule.misread)


def answer(parts: Parts, kind: type[Intention], stream: UUID, appended: Appended) -> Response:
    """The same body for a first and a repeated giving, but for `repeated`."""
    rows = parts.record.between(appended.first, appended.last)
    said = Answer(
        command=kind.__name__,
        stream=stream,
        version=appended.versions[stream],
        recorded_at=appended.recorded_at,
        repeated=appended.repeated,
        events=[
            Happened(row.position, row.stream, row.version, row.topic.partition("/")[0])
            for row in rows
        ],
    )
    headers = {"ETag": f'"{said.version}"', "Log-Position": str(appended.last)}
    return Response(
        msgspec.json.encode(said),
        200 if appended.repeated else 201,
        media_type="application/json",
        headers=headers,
    )


def stream_of(parts: Parts, command: Intention, rule: Rule, request: Request) -> UUID:
    """Named in the address, or natural: one pack, one calendar, one register of counselors."""
    ledger = parts.record.id
    match rule.home, command:
        case (("case" | "access" | "evidence" | "person") as home, _):
            return path_id(request, {"access": "case", "evidence": "item"}.get(home, home))
        case "staff", office.RegisterStaff():
            name = command.sign_in.raw()
            return staff_stream(ledger, parts.record.mac("sign-in", name))
        case "staff", _:
            return path_id(request, "staff")
        case "pack", (office.AdoptPolicy() | office.DesignateConfidentialResource()):
            return natural(ledger, "policy-pack", command.code)
        case ("calendar" | "counselors") as home, _:
            return natural(ledger, home, home)
        case _:
            raise AssertionError(f"no stream for {type(command).__name__}")


def idempotency_key(request: Request) -> UUID:
    """The command id, minted by the client. Errors: Refused(INPUT_INVALID)."""
    try:
        return UUID(request.headers.get("Idempotency-Key", "").strip('"'))
    except ValueError:
        invalid("Idempotency-Key", "is missing or no UUID")


def if_match(request: Request) -> int:
    """The version that the client read; 0: nothing is there yet.

    Errors: Refused(VERSION_REQUIRED) where it is missing, Refused(INPUT_INVALID).
    """
    text = request.headers.get("If-Match")
    if text is None:
        raise Refused(No.VERSION_REQUIRED)
    match = _ETAG.fullmatch(text.strip())
    return int(match.group(1)) if match else invalid("If-Match", "is no version in quotation marks")


def given_at(parts: Parts, request: Request) -> datetime | None:
    """`Muniment-At`: when a command is given on a simulated ledger, whose clock is run up to it.

    Errors: Refused(INPUT_INVALID) on a real ledger, and for a time before the head.
    """
    text = request.headers.get("Muniment-At")
    if text is None:
        return None
    if parts.record.clock == "real":
        invalid("Muniment-At", "is for a simulated ledger alone")
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            invalid("Muniment-At", _NO_TIME)
        at = at.astimezone(UTC)
    except (ValueError, OverflowError):
        invalid("Muniment-At", _NO_TIME)
    if at < parts.record.read([]).now:
        invalid("Muniment-At", "lies before the ledger's own time")
    run_until(parts.record, at)
    return at


def request_mac(parts: Parts, request: Request, body: bytes) -> bytes:
    """What tells a retry from another request under the same id: the address and the body."""
    return parts.record.ledger.mac("request", request.url.path.encode() + b"\n" + body)


def asked_to_wait(request: Request) -> bool:
    """`?wait=true`: answer once the views have come so far, or the limit has passed."""
    text = request.query_params.get("wait", "false")
    if text not in ("true", "false"):
        invalid("wait", "is neither true nor false")
    return text == "true"


for _kind in RULES:
    router.add_api_route(
        path_of(_kind),
        endpoint(_kind),
        methods=["POST"],
        status_code=201,
        name=_kind.__name__,
        responses=documented.answers(Answer, 200, 201),
        openapi_extra=documented.command(_kind, path_of(_kind)),
    )
