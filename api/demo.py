"""The demo: a simulated ledger of an invented institution, with its stories, and what to try."""

import json
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID, uuid5

from api import logs, stories
from api.installation import install, record, server, urls
from api.issuer import PERSONAS
from api.processes import serving
from api.record import Record
from api.serving import Stopping, listen
from api.settings import Settings

Say = Callable[[str], None]


def demo(settings: Settings, numbers: Sequence[str] | None, *, serve: bool, say: Say) -> int:
    """Set up, load what is not loaded yet, and serve. `numbers`: of shipped stories; None: all.

    Returns the exit code: 1 where a story did not go as written.
    """
    stopping = Stopping()
    files = [stories.setup_story(), *stories.shipped(numbers)]
    if not serve:
        with server(settings, make=True) as admin_url:
            return _prepare(settings, admin_url, files, say)
    with (
        listen(settings.host, settings.port) as listening,
        server(settings, share=False, make=True) as admin_url,
    ):
        code = _prepare(settings, admin_url, files, say)
        if code:
            return code
        logs.set_up("serve")
        with serving(settings, urls(settings, admin_url), all_=True) as (app, opened):
            say(_welcome(settings, opened))
            app(listening, stopping)
    return 0


def _prepare(settings: Settings, admin_url: str, files: list[Path], say: Say) -> int:
    logs.set_up("demo", logging.WARNING)
    install(settings, admin_url, clock="simulated")
    with record(settings, urls(settings, admin_url)) as opened:
        return load(settings, opened, files, say)


def load(settings: Settings, opened: Record, files: list[Path], say: Say) -> int:
    """The set-up and these stories, once: a load that was cut short goes on where it was."""
    done = settings.home / "demo-loaded.json"
    names = [file.name for file in files]
    if done.exists():
        before = json.loads(done.read_text())
        if before != names:
            say(
                f"The ledger holds {_list(before)} already; `make clean` and a new demo for others."
            )
        return 0
    say(f"Loading {_list(names)} ...")
    loader = stories.Loader(opened, _load_id(opened))
    wrong = [result for result in loader.run(stories.read(files)) if not result.as_written]
    for result in wrong:
        say(str(result))
    if wrong:
        return 1
    done.write_text(json.dumps(names))
    return 0


def _load_id(opened: Record) -> UUID:
    """The same for every start of the demo on this ledger, so that it resumes."""
    return uuid5(opened.id, "demo")


def _list(names: Sequence[str]) -> str:
    return ", ".join(name.removesuffix(".jsonl") for name in names)


def _about_keys(settings: Settings) -> list[str]:
    if settings.key_provider != "file":
        return []
    return [
        f"Its keys are files in {settings.keyring}: for a demo or a tiny site only.",
        "",
    ]


def _welcome(settings: Settings, opened: Record) -> str:
    base = f"http://{settings.host}:{settings.port}"
    now = opened.read([]).now.date()
    opened.watch.follow()
    histories = [opened.ledger.history(case) for case in opened.watch.cases]
    longest = max(histories, key=len, default=[])
    case = longest[0].stream if longest else None
    halfway = longest[len(longest) // 2].recorded_at.date() if longest else None
    muniment = ".venv/bin/muniment"
    tries = (
        [
            "the board, and what is due:",
            f'  curl -s -H "Authorization: Bearer $TOKEN" {base}/cases',
            "a case, event by event, as of a day; what is sealed stays sealed:",
            f"  {muniment} history {case} --as-of {halfway}",
            "what can be done next, and what not yet and why:",
            f'  curl -s -H "Authorization: Bearer $TOKEN" {base}/cases/{case}/actions',
        ]
        if case
        else [
            "every command, as JSON Schema:",
            f"  {muniment} commands --json",
            "what the record holds so far:",
            f"  {muniment} history {opened.id}",
            "a case of your own, step by step:",
            "  docs/guide.md, Walking a case through the API",
        ]
    )
    return "\n".join(
        [
            "",
            f"Muniment serves on {base} (pid {os.getpid()}; Ctrl-C or SIGTERM stops everything).",
            f"The clock of this ledger is simulated: it is {now} there.",
            "",
            *_about_keys(settings),
            "Sign in as one of:",
            *(f"  {'  '.join(PERSONAS[i : i + 5])}" for i in range(0, len(PERSONAS), 5)),
            f"  TOKEN=$({muniment} token coordinator-1)",
            "",
            "Three things to try:",
            *tries,
            "",
        ]
    )
