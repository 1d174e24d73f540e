"""Logs: JSON lines with an allow-list of fields. What is not on the list does not come out."""

import io
import logging
import sys
import threading
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from typing import Any, TextIO

import structlog

# No field here can hold a body, a name, an address of a network, or words of a case.
ALLOWED = frozenset(
    {
        "event",  # what kind of line this is: request, refused, started ...
        "level",
        "timestamp",
        "process",  # serve, project, clock
        "request",  # the id that the answer's `instance` has
        "method",
        "route",  # the address as a pattern, never as asked for
        "status",
        "ms",
        "code",
        "actor",  # a keyed pseudonym
        "stream",  # a keyed pseudonym
        "there",  # of what was not found: does it exist?
        "position",
        "command",  # a command's name
        "count",
        "view",
        "logger",
        "error",  # the name of an exception's type, never its text
        "where",  # file and line of this program
        "port",
        "pid",
    }
)


def only_allowed(
    _logger: object, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Drop every field that is not on the list."""
    return {name: value for name, value in line.items() if name in ALLOWED}


def set_up(process: str, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Write this process's lines to standard error. Libraries' own messages lose their text."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        processors=[
            _of(process),
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_allowed,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        logger_factory=structlog.WriteLoggerFactory(_Sink(stream or sys.stderr)),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [_Quiet()]
    root.setLevel(logging.WARNING)
    logging.captureWarnings(True)


@contextmanager
def without_words() -> Iterator[None]:
    """Meanwhile, what a thread or a finalizer lets go is told without its message.

    Python would print the whole of it, and a message may quote a row or a request.
    """
    before = threading.excepthook, sys.unraisablehook
    threading.excepthook = lambda left: crashed(left.exc_value)
    sys.unraisablehook = lambda left: crashed(left.exc_value)
    try:
        yield
    finally:
        threading.excepthook, sys.unraisablehook = before


def crashed(error: BaseException | None) -> None:
    """A bug that nobody caught: what it was and where, to be found without its message."""
    structlog.get_logger().critical(
        "crashed", error=type(error).__name__, where=where(error) if error else "unknown"
    )


def _of(process: str) -> structlog.typing.Processor:
    """Says in every line, of whatever thread, which process wrote it."""

    def say(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {"process": process, **line}

    return say


def where(error: BaseException) -> str:
    """File and line of the innermost frame of this program, to find a bug without its message."""
    found = "unknown"
    trace = error.__traceback__
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] in ("api", "domain", "ledger", "projections", "retention"):
            found = f"{module}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found


class _Sink(io.StringIO):
    """Where lines go. One that nobody takes any more is lost; what it tells of is not."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):  # The pipe is broken; the stream is closed.
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()


class _Quiet(logging.Handler):
    """A library's record as one of our lines: who spoke and how loud. Its words may quote a row."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        structlog.get_logger().log(
            record.levelno, "library", logger=record.name, **({"error": error} if error else {})
        )
