"""The long-running processes as they start: which parts each of them needs."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from socket import socket
from threading import Event
from typing import TypeAlias

from api import clock, logs, projecting
from api.app import build
from api.installation import record, server, urls
from api.record import Record
from api.serving import Stopping, children, listen, pid_file, run, watch_parent
from api.settings import Settings
from api.shown import Shown
from ledger.roles import Urls

CHILDREN = ("project", "clock")

Run: TypeAlias = Callable[[socket, Stopping], None]


def serve(settings: Settings, *, all_: bool) -> int:
    """HTTP; with `all_` the other processes as children, and the embedded server its own."""
    logs.set_up("serve")
    stopping = Stopping()
    with (
        listen(settings.host, settings.port) as listening,
        server(settings, share=not all_) as admin_url,
        serving(settings, urls(settings, admin_url), all_=all_) as (app, _),
    ):
        app(listening, stopping)
    return 0


@contextmanager
def serving(settings: Settings, where: Urls, *, all_: bool) -> Iterator[tuple[Run, Record]]:
    """Everything that serving needs, open: run it on a socket."""
    with ExitStack() as stack:
        opened = stack.enter_context(record(settings, where))
        shown = stack.enter_context(Shown(where.reader))
        app = build(opened, shown, settings)
        stack.enter_context(pid_file(settings.pid_file))
        if all_:
            stack.enter_context(children(settings, CHILDREN))
        yield partial(run, app), opened


def project(settings: Settings, *, child: bool) -> int:
    stop = _stop("project", child=child)
    with server(settings) as admin_url:
        projecting.project(urls(settings, admin_url).projector, stop)
    return 0


def issue_due(settings: Settings, *, child: bool) -> int:
    stop = _stop("clock", child=child)
    with server(settings) as admin_url, record(settings, urls(settings, admin_url)) as opened:
        clock.run(opened, stop, settings.clock_seconds)
    return 0


def _stop(process: str, *, child: bool) -> Event:
    """Set by a signal, and in a child when its parent is gone."""
    logs.set_up(process)
    stop = Event()
    Stopping().by(stop.set)
    if child:
        watch_parent(stop)
    return stop
