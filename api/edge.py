"""Around every request: its id, size and log line, and an answer to what nobody foresaw."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import errors, logs
from api.metrics import Metrics
from api.shown import NotYet
from ledger.errors import LedgerBusy, LedgerUnreachable
from projections.projector import UNREACHABLE

LARGEST_BODY = 1 << 20  # A long report is a few hundred kilobytes; files have their own step.

# Nothing about a person may stay in a shared cache; nothing here is meant for a browser's frame.
_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)

log = structlog.get_logger()


class Edge:
    """ASGI middleware. `pseudonym` turns an id into what a log may hold of it."""

    def __init__(
        self, app: ASGIApp, metrics: Metrics, pseudonym: Callable[[str, str], str]
    ) -> None:
        self._app, self._metrics, self._pseudonym = app, metrics, pseudonym

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state: dict[str, Any] = scope.setdefault("state", {})
        state["request_id"] = str(uuid4())
        answer = _Answer(send, state["request_id"])
        started = time.perf_counter()
        try:
            await self._app(scope, _limited(receive), answer.send)
        except Exception as error:
            code = "UNAVAILABLE" if _passing(error) else "UNEXPECTED"
            state["code"] = code
            log.exception(code.lower(), error=type(error).__name__, where=logs.where(error))
            if not answer.started:
                await errors.of_edge(code, errors.instance(scope))(scope, receive, answer.send)
        self._account(scope, state, answer.status, time.perf_counter() - started)

    def _account(self, scope: Scope, state: dict[str, Any], status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = getattr(scope.get("route"), "path", "none")
        self._metrics.requests.labels(method, route, status).inc()
        self._metrics.seconds.labels(method, route).observe(seconds)
        line: dict[str, Any] = {"request": state["request_id"]}
        if actor := state.get("actor"):
            line["actor"] = self._pseudonym("log-actor", actor)
        if stream := state.get("stream"):
            line["stream"] = self._pseudonym("log-stream", str(stream))
        if code := state.get("code"):
            self._metrics.refusals.labels(code).inc()
            there = {"there": state["there"]} if "there" in state else {}
            log.info("refused", code=code, **there, **line)
        log.info(
            "request",
            method=method,
            route=route,
            status=status,
            ms=round(seconds * 1000),
            **line,
        )


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class _Answer:
    """Sends on, with the headers that every answer has; remembers the status."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self.status = 500
        self.started = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            self.status = message["status"]
            own = (b"muniment-request", self._request_id.encode())
            message = {**message, "headers": [*message.get("headers", []), *_HEADERS, own]}
        await self._send(message)


def _limited(receive: Receive) -> Receive:
    """Refuse a body that is too large, whatever its length is said to be, before it is kept."""
    taken = 0

    async def limited() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            raise HTTPException(errors.EDGE["TOO_LARGE"].status)
        return message

    return limited


def _passing(error: Exception) -> bool:
    """The database is away or too busy: asking again may help."""
    return isinstance(error, (*UNREACHABLE, LedgerBusy, LedgerUnreachable, NotYet, TimeoutError))
