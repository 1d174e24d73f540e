"""`muniment` with a bug that is chosen while it runs: it fails with a word, or lets one out.

    CANARY_FAULT=fault python tests/canary/broken.py serve

The file `fault` holds the name of a bug and the word; without one the program is whole.
"""

import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Callable
from inspect import getattr_static
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import structlog
from fastapi import Response

import api.cases
import api.cli
import api.commands
import api.edge
import api.errors
import api.logs
import api.metrics
import api.reveal
import domain.execute
import domain.registry
import ledger.draft
import ledger.reveal
import ledger.store

# Bug → the function that fails. Each is on the way of a request that holds words.
FAILS: dict[str, tuple[Any, str]] = {
    "decode": (api.commands, "decode"),
    "decide": (domain.execute, "decide"),
    "seal": (ledger.draft, "seal"),
    "append": (ledger.store.Ledger, "append"),
    "read": (ledger.store.Ledger, "read"),
    "answer": (api.commands, "answer"),
    "refusal": (api.errors, "of_refusal"),
    "show": (api.cases, "plain"),
    "history": (api.cases, "lines"),
    "open": (ledger.reveal, "open_"),
    "opened": (api.reveal, "_said"),
    "account": (api.edge.Edge, "_account"),
}


def fails(word: str) -> None:
    """As badly as it gets: in the message, its notes and its cause, in warnings and in logs."""
    thread = Thread(target=_raise, args=[word])
    thread.start()
    thread.join()
    warnings.warn(word, stacklevel=1)
    try:
        _raise(word)
    except psycopg.Error as error:
        logging.getLogger("psycopg.pool").exception("about %s", word)
        structlog.get_logger().exception("library", detail=word, body={"name": word})
        raise RuntimeError(word, {"name": word}) from error


def _raise(word: str) -> None:
    error = psycopg.errors.UniqueViolation(f"DETAIL: Key (name)=({word}) already exists.")
    error.add_note(f"about {word}")
    raise error


def _output(word: str) -> None:
    sys.stdout.write(f"about {word}\n")
    sys.stdout.flush()


def _log(word: str) -> None:
    structlog.get_logger().info(f"about {word}")


def _temporary(word: str) -> None:
    with tempfile.NamedTemporaryFile("w", delete=False) as file:
        file.write(word)


def _home(word: str) -> None:
    Path(os.environ["MUNIMENT_HOME"], "spool").write_text(word)


def _cwd(word: str) -> None:
    Path(f"core.{word}").touch()


# Bug → what it does beside what the program does, at every command.
SPILLS: dict[str, Callable[[str], None]] = {
    "output": _output,
    "log": _log,
    "temporary": _temporary,
    "home": _home,
    "cwd": _cwd,
}

# Bug → the function whose answer is another one then.
CHANGES: dict[str, tuple[Any, str, Callable[[str], Any]]] = {
    "unsealed": (domain.registry.Registry, "sealed_fields", lambda _: ()),
    "metrics": (api.metrics.Metrics, "text", str.encode),
    "problem": (api.errors, "_problem", lambda word: Response(word, 422)),
    "header": (api.errors, "_problem", lambda word: Response(b"{}", 422, {"X-About": word})),
}


def _fault() -> tuple[str, str]:
    name, _, word = Path(os.environ["CANARY_FAULT"]).read_text().partition(" ")
    return name, word


def _patch(owner: Any, name: str, bug: str, act: Callable[[str], Any], *, instead: bool) -> None:
    whole = getattr(owner, name)

    def function(*given: Any, **named: Any) -> Any:
        chosen, word = _fault()
        if chosen == bug:
            acted = act(word)
            if instead:
                return acted
        return whole(*given, **named)

    static = isinstance(getattr_static(owner, name), staticmethod)
    setattr(owner, name, staticmethod(function) if static else function)


def break_() -> None:
    for bug, (owner, name) in FAILS.items():
        _patch(owner, name, bug, fails, instead=True)
    for bug, act in SPILLS.items():
        _patch(api.commands, "idempotency_key", bug, act, instead=False)
    for bug, (owner, name, act) in CHANGES.items():
        _patch(owner, name, bug, act, instead=True)


if __name__ == "__main__":
    break_()
    raise SystemExit(api.cli.main())
