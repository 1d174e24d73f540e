"""The process `serve`, and `serve --all` with its children: everything stops with one signal."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI

from api.settings import Settings

log = structlog.get_logger()

_STOP_SECONDS = 10  # For requests under way, and for a child to finish.
_AGAIN_SECONDS = 1.0  # Before a child that stopped by itself is started anew.


class Busy(Exception):
    """One line for people: the port is somebody else's."""


class Stopping:
    """SIGTERM and SIGINT end a process in order: its children, its server, then itself, exit 0."""

    def __init__(self) -> None:
        self.asked = Event()
        self._how: Callable[[], object] | None = None
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._signal)

    def by(self, how: Callable[[], object]) -> None:
        """How to end what runs from now on; until then a signal raises SystemExit."""
        self._how = how

    def _signal(self, *_: object) -> None:
        if self.asked.is_set():
            return
        self.asked.set()
        if self._how is None:
            raise SystemExit(0)
        self._how()


def listen(host: str, port: int) -> socket.socket:
    """The listening socket. Errors: Busy."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listening = socket.socket(family, kind, protocol)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
        listening.listen()
    except OSError as error:
        listening.close()
        raise Busy(f"port {port} is in use or not ours; MUNIMENT_PORT names another") from error
    return listening


def run(app: FastAPI, listening: socket.socket, stopping: Stopping) -> None:
    """Serve until a signal; requests under way are finished."""
    config = uvicorn.Config(
        app,
        access_log=False,  # Ours has no addresses and no ids.
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
    server = _Server(config)
    stopping.by(server.stop)
    log.info("started", port=listening.getsockname()[1], pid=os.getpid())
    server.run(sockets=[listening])
    log.info("stopped")


@contextmanager
def pid_file(path: Path) -> Iterator[None]:
    """The process's number, for whoever wants to stop it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(f"{os.getpid()}\n")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def children(settings: Settings, commands: Sequence[str]) -> Iterator[None]:
    """Other processes of this program, kept running until the block ends.

    Each holds one end of a pipe: when this process is gone, however, it stops by itself.
    """
    kept = [_Child(command, settings) for command in commands]
    try:
        yield
    finally:
        for child in kept:
            child.stop()


def watch_parent(stop: Event) -> None:
    """In a child: stop when the parent is gone, even by kill -9."""

    def wait() -> None:
        while os.read(0, 1):
            pass
        stop.set()

    Thread(target=wait, name="parent", daemon=True).start()


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are taken by `Stopping`, from the start of the process to its end."""
        yield

    def stop(self) -> None:
        self.should_exit = True


class _Child:
    def __init__(self, command: str, settings: Settings) -> None:
        self._words = [sys.executable, "-m", "api.cli", command, "--child"]
        self._environment = settings.environment()
        self._stopping = Event()
        self._name = command
        self._process = self._start()
        self._thread = Thread(target=self._keep, name=command, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._process.terminate()
        self._thread.join(_STOP_SECONDS)
        if self._thread.is_alive():
            self._process.kill()
            self._thread.join()

    def _start(self) -> "subprocess.Popen[Any]":
        return subprocess.Popen(  # noqa: S603 - our own words.
            self._words,
            stdin=subprocess.PIPE,
            env=self._environment,
            start_new_session=True,  # A Ctrl-C is for the parent, which stops its children.
        )

    def _keep(self) -> None:
        while True:
            code = self._process.wait()
            if self._process.stdin:
                self._process.stdin.close()
            if self._stopping.is_set():
                return
            log.error("child_stopped", command=self._name, status=code)
            if self._stopping.wait(_AGAIN_SECONDS):
                return
            self._process = self._start()
            if self._stopping.is_set():  # Asked for between the two.
                self._process.terminate()
