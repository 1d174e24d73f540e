"""One machine, one command: everything starts, one signal stops it, a crash loses nothing."""

import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Self
from urllib.request import urlopen

import pytest
import structlog

from api import cli
from api.cli import DONE, FAILED, UNAVAILABLE, WRONG, main
from ledger.progress import Progress
from projections import VIEWS

NAMES = [view.name for view in VIEWS]
ROOT = Path(__file__).parent.parent.parent
STORY = "api/stories/01-full-process-responsible.jsonl"
LAST_WORDS = "Walking a case through the API"


class Running:
    """`muniment demo` without stories, in a home and on a port of its own."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.port = home, port
        self.ledger = ""
        self.log = home.with_suffix(".log")  # Not a pipe, which stops the writer when it is full.
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-W", "error", "-m", "api.cli", "demo", "--stories", ""],
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment(home, port),
            )

    def __enter__(self) -> Self:
        try:
            self.wait_until_it_serves()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        self.wait()

    def wait_until_it_serves(self) -> None:
        assert self.process.stdout
        said = ""
        while LAST_WORDS not in said:
            line = self.process.stdout.readline().decode()
            assert line, "it stopped before it served"
            said += line
        (self.ledger,) = re.findall(r"history ([0-9a-f-]{36})", said)

    def get(self, path: str) -> dict[str, object]:
        with urlopen(f"http://127.0.0.1:{self.port}{path}") as answer:
            found: dict[str, object] = json.load(answer)
            return found

    def end(self, how: signal.Signals) -> tuple[int, str]:
        """The exit code, and all lines logged: the last process that could write one is gone."""
        os.kill(int((self.home / "muniment.pid").read_text()), how)
        self.wait()
        return self.process.returncode, self.log.read_text()

    def wait(self) -> None:
        """Until each process that could still say something is gone."""
        assert self.process.stdout
        if not self.process.stdout.closed:
            self.process.stdout.read()
            self.process.stdout.close()
        self.process.wait()


def environment(home: Path, port: int) -> dict[str, str]:
    outside = {name: value for name, value in os.environ.items() if name[:9] != "MUNIMENT_"}
    return {**outside, "MUNIMENT_HOME": str(home), "MUNIMENT_PORT": str(port)}


def muniment(home: Path, port: int, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "api.cli", *words],
        capture_output=True,
        text=True,
        env=environment(home, port),
        check=False,
    )


@pytest.fixture(scope="module")
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
        return number


@pytest.fixture(scope="module")
def home(short_folder: Path) -> Path:
    return short_folder / "served"


@pytest.fixture(scope="module")
def running(home: Path, port: int) -> Iterator[Running]:
    with Running(home, port) as running:
        yield running


def kept(running: Running) -> list[dict[str, object]]:
    """The ledger's own stream, as an auditor reads it."""
    lines = muniment(running.home, running.port, "history", running.ledger, "--json").stdout
    return [json.loads(line) for line in lines.splitlines()]


@pytest.fixture
def here(home: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The settings of what runs, for commands that are given in this process."""
    for name, value in environment(home, port).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MUNIMENT_ADMIN_URL", raising=False)
    handlers = logging.getLogger().handlers[:]
    yield home
    logging.getLogger().handlers = handlers
    logging.captureWarnings(False)
    structlog.reset_defaults()


def test_a_busy_port_or_folder_is_one_clear_line(running: Running, home: Path, port: int) -> None:
    busy = muniment(home, port, "demo")
    assert (busy.returncode, busy.stdout) == (UNAVAILABLE, "")
    assert busy.stderr == (
        f"muniment: port {port} is in use or not ours; MUNIMENT_PORT names another\n"
    )
    taken = muniment(home, 0, "demo")
    assert taken.returncode == UNAVAILABLE
    assert taken.stderr.count("\n") == 1
    assert f"in use by process {running.process.pid}" in taken.stderr


def test_what_is_asked_at_a_terminal_is_answered(running: Running, home: Path, port: int) -> None:
    assert muniment(home, port, "version").stdout == "0.1.0\n"
    doctor = muniment(home, port, "doctor")
    assert doctor.returncode == DONE, doctor.stdout
    assert f"MUNIMENT_HOME={home}" in doctor.stdout
    assert "MUNIMENT_CLOCK=real   (only where a ledger is made)" in doctor.stdout
    assert "keys and ledger are on one server" in doctor.stdout
    rebuilt = muniment(home, port, "rebuild", "case_board")
    assert rebuilt.stdout.startswith("case_board: ")
    assert muniment(home, port, "unpark", "deadlines").stdout == "it was not parked\n"
    assert muniment(home, port, "migrate").stdout == "nothing to do\n"
    commands = json.loads(muniment(home, port, "commands", "--json").stdout)
    assert "ReceiveReport" in commands["commands"]
    listed = muniment(home, port, "commands").stdout.splitlines()
    assert [line.partition(":")[0] for line in listed] == list(commands["commands"])


def test_a_rebuild_tells_a_person_its_rate_and_the_time_left(
    running: Running,
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main(["rebuild", "deadlines"]) == DONE
    shown = capsys.readouterr().err
    assert re.search(r"\r([\d,]+) of \1 events of deadlines, [\d,]+ a second, 0 s left", shown)


def test_a_rebuild_that_is_stopped_says_that_it_goes_on(
    running: Running,
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def stop(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "show_pace", lambda _: stop)
    assert main(["rebuild", "deadlines"]) == FAILED
    says = "stopped; the view is as it was, and `muniment rebuild deadlines` goes on"
    assert capsys.readouterr().err == f"muniment: {says}\n"
    monkeypatch.undo()


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["rebuild", "x"], WRONG, f"there is no view x; there are: {', '.join(NAMES)}"),
        (["staff", "nobody-1"], WRONG, "nobody signs in as nobody-1"),
        (["token", "nobody-1"], WRONG, "nobody signs in as nobody-1"),
        (["token"], WRONG, "token NAME, or token --case CASE --party PARTY"),
        (
            ["history", "00000000-0000-4000-8000-000000000000"],
            WRONG,
            "nothing is recorded there",
        ),
        (["load", "missing.jsonl"], WRONG, "missing.jsonl: cannot be read (FileNotFoundError)"),
        (["demo", "--stories", "99"], WRONG, "no shipped story 99; there are: 01, 12, 15, 17"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    running: Running,
    here: Path,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: int,
    says: str,
) -> None:
    assert main(words) == code
    assert capsys.readouterr().err == f"muniment: {says}\n"


def test_a_setting_that_is_no_value_is_named(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MUNIMENT_METRICS", "everywhere")
    assert main(["doctor"]) == WRONG
    assert capsys.readouterr().err.startswith("muniment: not a value for MUNIMENT_METRICS")


def test_an_installation_that_is_not_there_is_said(
    here: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MUNIMENT_HOME", str(tmp_path))
    monkeypatch.setenv("MUNIMENT_ADMIN_URL", "postgresql://nobody@127.0.0.1:1/x")
    assert main(["unpark", "deadlines"]) == WRONG
    said = capsys.readouterr().err
    assert said == f"muniment: no installation in {tmp_path}: run `muniment migrate`\n"
    assert main(["migrate"]) == UNAVAILABLE
    assert capsys.readouterr().err.startswith("muniment: no server answers: ")


def test_a_signal_stops_everything_and_a_crash_loses_nothing(
    running: Running, home: Path, port: int
) -> None:
    """Ready; killed; started again with all that was; stopped in order."""
    assert running.get("/readyz")["clock"] == "simulated"
    before = kept(running)
    assert before[0]["name"] == "LedgerOpened"
    code, lines = running.end(signal.SIGKILL)
    assert code == -signal.SIGKILL
    assert '"process": "project"' in lines

    with Running(home, port) as again:
        assert again.get("/readyz")["clock"] == "simulated"
        assert kept(again) == before
        code, lines = again.end(signal.SIGTERM)
    assert code == DONE, lines
    assert '"event": "stopped"' in lines
    assert not (home / "muniment.pid").exists()
    assert not (home / "postgres" / "data" / "postmaster.pid").exists()


def test_the_walk_of_the_guide_goes_as_written(home: Path, port: int) -> None:
    """History 01, whole, over HTTP alone; then read back as of the middle of it."""
    walk, story = (str(ROOT / part) for part in ("docs/walk.py", STORY))
    with Running(home, port):
        walked = subprocess.run(
            [sys.executable, walk, story, f"http://127.0.0.1:{port}"],
            capture_output=True,
            text=True,
            env=environment(home, port),
            check=False,
        )
    assert walked.returncode == 0, walked.stdout + walked.stderr
    last = walked.stdout.splitlines()[-1]
    (case,) = re.findall(r"^case ([0-9a-f-]{36}): all as written$", last)
    then = muniment(home, port, "history", case, "--as-of", "2025-03-12").stdout
    assert "EvidencePackageSent" in then
    assert "EvidenceReviewClosed" not in then
    # By the second number a reveal names the event.
    assert [int(n) for n in re.findall(r"^ *\d+ +v(\d+) ", then, re.MULTILINE)] == list(
        range(1, len(re.findall(r"^ *\d+ ", then, re.MULTILINE)) + 1)
    )


# What follows is given while nothing is served.


def report(number: int) -> dict[str, object]:
    """A line of a story."""
    return {
        "at": f"2027-01-0{number + 1}T09:00:00-06:00",
        "by": "coordinator-1",
        "do": "ReceiveReport",
        "on": f"@case{number}",
        "with": {
            "report_id": f"@report{number}",
            "channel": "in_person",
            "reporter_capacity": "third_party",
            "reporter_id": f"@reporter{number}",
            "in_us": "yes",
            "geography": "on_campus",
            "narrative": "What was seen",
        },
    }


def test_a_load_that_is_stopped_goes_on_where_it_was(
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def stop(so_far: Progress) -> None:
        if so_far.done == 3:
            raise KeyboardInterrupt

    story = str(here / "reports.jsonl")
    Path(story).write_text("".join(f"{json.dumps(report(number))}\n" for number in range(5)))
    with monkeypatch.context() as stopped:
        stopped.setattr(cli, "show_pace", lambda _: stop)
        assert main(["load", story]) == FAILED
    said = capsys.readouterr()
    load_id = said.out.split()[1]
    assert said.err == f"muniment: stopped; `muniment load --resume {load_id} ...` goes on\n"
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main(["load", "--resume", load_id, story]) == DONE
    said = capsys.readouterr()
    assert re.search(
        r"^5 lines, all as written; 3 of them by an earlier run", said.out, re.MULTILINE
    )
    assert re.search(r"\r(\d+) of \1 lines, [\d,]+ a second, 0 s left", said.err)
    assert main(["load", "--json", "--resume", load_id, story]) == DONE
    again = [json.loads(line) for line in capsys.readouterr().out.splitlines()[1:]]
    assert [line["outcome"] for line in again] == ["repeated"] * 5
