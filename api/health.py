"""Is it alive, is it ready, how is it doing: for whoever runs it. No case stands in any answer."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec
from fastapi import APIRouter, Request, Response

from api import documented
from api.metrics import CONTENT_TYPE_LATEST
from api.parts import Parts, parts_of
from domain.errors import NotFound

router = APIRouter()

# A view that is so many events behind is not what people should decide their day on.
_BEHIND = 1000


class Check(msgspec.Struct, frozen=True):
    """One thing that must hold to serve. `says`: a word or a number, never an address."""

    name: str
    ok: bool
    says: str


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    ready: bool
    clock: str
    checks: list[Check]


class _Said(NamedTuple):
    ok: bool
    says: str


@router.get("/livez", include_in_schema=False)
def alive() -> Response:
    """The process answers."""
    return Response(b'{"alive":true}', media_type="application/json")


@router.get("/readyz", responses=documented.answers(Ready, 200, 503))
def ready(request: Request) -> Response:
    """Both databases, migrations, the views and the keys: 200 where all is well, 503 where not."""
    parts = parts_of(request)
    checks = [Check(name, *_asked(check, parts)) for name, check in _CHECKS.items()]
    said = Ready(ready=all(check.ok for check in checks), clock=parts.record.clock, checks=checks)
    return Response(
        msgspec.json.encode(said), 200 if said.ready else 503, media_type="application/json"
    )


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request) -> Response:
    """For programs on this machine, unless the settings say otherwise. Errors: NotFound."""
    parts = parts_of(request)
    match parts.settings.metrics:
        case "off":
            raise NotFound
        case "local" if not _local(request):
            raise NotFound
    return Response(parts.metrics.text(), media_type=CONTENT_TYPE_LATEST)


def _local(request: Request) -> bool:
    """From this machine, and not through a proxy on it."""
    host = request.client.host if request.client else ""
    through = {"forwarded", "x-forwarded-for", "via"} & set(request.headers)
    return host in ("127.0.0.1", "::1") and not through


def _ledger(parts: Parts) -> _Said:
    parts.record.ledger.read([])
    return _Said(True, "answers")


def _migrated(parts: Parts) -> _Said:
    pending = parts.shown.pending()
    return _Said(pending == 0, f"{pending} pending")


def _views(parts: Parts) -> _Said:
    standings = parts.shown.standings()
    stopped = sum(one.parked is not None for one in standings)
    behind = max(one.behind for one in standings)
    if stopped:
        return _Said(False, f"{stopped} parked")
    return _Said(behind <= _BEHIND, f"{behind} behind")


def _keys(parts: Parts) -> _Said:
    parts.record.ledger.state_of([])  # The store answers,
    parts.record.ledger.mac("ready", b"")  # and the provider has opened a key of it.
    return _Said(True, "answers")


_CHECKS: dict[str, Callable[[Parts], _Said]] = {
    "ledger": _ledger,
    "migrations": _migrated,
    "views": _views,
    "keys": _keys,
}


def _asked(check: Callable[[Parts], _Said], parts: Parts) -> _Said:
    try:
        return check(parts)
    except Exception as error:  # noqa: BLE001 - whatever it is: it is not ready, and says the class.
        return _Said(False, type(error).__name__)
