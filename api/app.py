"""build(): the one place where the parts are put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from anyio.to_thread import current_default_thread_limiter
from fastapi import APIRouter, FastAPI, Request, Response

from api import (
    access,
    cases,
    commands,
    copy,
    deadlines,
    documented,
    errors,
    health,
    people,
    problems,
    reveal,
    search,
    searching,
)
from api.auth import SignIn, TokenSignIn
from api.edge import Edge
from api.issuer import ALGORITHM, AUDIENCE, ISSUER, LocalIssuer
from api.metrics import Metrics
from api.parts import Parts
from api.record import Record
from api.settings import Settings
from api.shown import Shown
from domain.errors import Refused
from domain.refusals import No

_THREADS = 16  # As many as the ledger's pool has connections.

_RECORDS = (
    access.AccessLog,
    copy.Copied,
    access.Disclosures,
    access.OfficeLog,
    cases.Actions,
    cases.Board,
    cases.CaseState,
    cases.History,
    cases.Item,
    commands.Answer,
    deadlines.Deadlines,
    health.Ready,
    people.Counselors,
    people.PersonState,
    people.StaffState,
    problems.Known,
    reveal.Reveal,
    reveal.Revelation,
    searching.Findings,
    searching.PriorFindings,
    search.Priors,
    search.Search,
)


def build(record: Record, shown: Shown, settings: Settings) -> FastAPI:
    """The application. Whoever opened the record and the views closes them."""
    metrics = Metrics()
    app = FastAPI(
        title="Muniment",
        version=version("muniment"),
        debug=False,
        docs_url=None,  # Their pages load scripts from elsewhere.
        redoc_url=None,
        redirect_slashes=False,  # The answer would hold the address as it was asked for.
        lifespan=_threads,
        # The framework's own logs and spans hold bodies, validation errors and stack traces.
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "auto_configure": False,
        },
    )
    app.state.parts = Parts(record, shown, sign_in_of(record, settings), settings, metrics)
    app.add_middleware(Edge, metrics=metrics, pseudonym=record.mac)
    errors.handle(app)
    for router in (
        health.router,
        problems.router,
        cases.router,
        deadlines.router,
        access.router,
        copy.router,
        reveal.router,
        people.router,
        search.router,
        commands.router,
        _kept(),
    ):
        app.include_router(router)
    documented.describe(app, _RECORDS)
    return app


def sign_in_of(record: Record, settings: Settings) -> SignIn | None:
    """The local issuer's tokens: on a simulated ledger, or where the settings ask for it."""
    if record.clock == "real" and settings.sign_in != "local":
        return None
    return TokenSignIn(
        keys=LocalIssuer(settings.issuer_key).key_set,
        issuer=ISSUER,
        audience=AUDIENCE,
        algorithms=[ALGORITHM],
        ledger=record.id,
        mac=record.mac,
    )


def _kept() -> APIRouter:
    """What is recorded is not deleted, replaced or changed, at whatever address."""
    router = APIRouter()

    @router.api_route("/cases{rest:path}", methods=errors.REFUSED_METHODS, include_in_schema=False)
    def kept(request: Request) -> Response:
        request.state.code = No.NO_DELETE.name
        response = errors.of_refusal(Refused(No.NO_DELETE), errors.instance(request.scope))
        acts = "/commands/" in request.url.path or request.url.path.endswith(("/reveal", "/priors"))
        response.headers["Allow"] = "POST" if acts else "GET"
        return response

    return router


@asynccontextmanager
async def _threads(_: FastAPI) -> AsyncIterator[None]:
    current_default_thread_limiter().total_tokens = _THREADS
    yield
