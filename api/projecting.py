"""The process `project`: feeds the views from the ledger; rebuilding and unparking by hand."""

from collections.abc import Callable
from threading import Event

import structlog
from psycopg import connect

from ledger.progress import Progress
from projections import VIEWS
from projections.parked import Parked, unpark
from projections.projector import run
from projections.rebuild import rebuild
from projections.view import View

log = structlog.get_logger()


class NoSuchView(Exception):
    """One line for people: which views there are."""


def project(projector_url: str, stop: Event) -> None:
    """Follow the ledger into every view until told to stop."""
    log.info("started")
    run(projector_url, VIEWS, stop, alert=_alert)
    log.info("stopped")


def rebuild_view(projector_url: str, name: str, progress: Callable[[Progress], None]) -> Progress:
    """A view anew, beside the live one. Errors: NoSuchView."""
    return rebuild(projector_url, named(name), progress=progress)


def unpark_view(projector_url: str, name: str) -> bool:
    """Let a parked view try again; False: it was not parked. Errors: NoSuchView."""
    with connect(projector_url, autocommit=True) as db:
        return unpark(db, named(name).table)


def named(name: str) -> View:
    for view in VIEWS:
        if view.name == name:
            return view
    raise NoSuchView(f"there is no view {name}; there are: {', '.join(v.name for v in VIEWS)}")


def _alert(parked: Parked) -> None:
    """Somebody must look: the view shows what was before that event until it is let go on."""
    log.error("parked", view=parked.view, position=parked.position, error=parked.error)
