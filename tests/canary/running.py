"""A whole installation in processes of its own, as people run it, and all that it gives out."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import IO, Any, Self
from uuid import UUID, uuid4

import httpx2
import msgspec

from api import asking
from api.commands import path_of
from api.issuer import LocalIssuer
from api.settings import Settings
from api.stories import COMMANDS, Loader, Placed
from domain.registry import dec_hook
from domain.rules import RULES
from domain.rules.gate import VERSIONED

PATIENCE = 240  # Seconds, where other work keeps the machine busy.
BROKEN = Path(__file__).with_name("broken.py")


class Place:
    """Where it runs: a home, a folder for temporary files and one to stand in, all watched."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.home, self.temporary, self.cwd = (folder / name for name in ("h", "tmp", "cwd"))
        for made in (self.temporary, self.cwd):
            made.mkdir(parents=True)
        self.settings = Settings(home=self.home, admin_url=None)
        self.environment = {
            **{name: value for name, value in os.environ.items() if "MUNIMENT" not in name},
            "MUNIMENT_HOME": str(self.home),
            "MUNIMENT_PORT": "0",
            "MUNIMENT_WAIT_SECONDS": str(PATIENCE),
            "TMPDIR": str(self.temporary),
            "PYTHONFAULTHANDLER": "1",
            **settings,
        }
        self.said: dict[str, bytes] = {}

    def run(self, *words: str, code: int = 0) -> str:
        """One command to its end. What it printed is kept."""
        with self.start("-m", "api.cli", *words) as process:
            ended = process.ended()
        assert ended == code, process.printed.decode(errors="replace")
        return process.out.decode()

    @contextmanager
    def start(self, *words: str, **environment: str) -> Iterator["Process"]:
        process = Process(words, self.environment | environment, self.cwd)
        try:
            yield process
        finally:
            process.stop()
            name = " ".join(word for word in words[2:] if "/" not in word)
            self.said[f"{len(self.said)} {name}: output"] = process.out
            self.said[f"{len(self.said)} {name}: log"] = process.err

    @contextmanager
    def serving(self, *words: str, **environment: str) -> Iterator["Server"]:
        """`serve --all`, or what is given instead, until the block ends by SIGTERM: exit 0."""
        with self.start(*(words or ("-m", "api.cli", "serve", "--all")), **environment) as process:
            with Server(process.port(), LocalIssuer(self.settings.issuer_key)) as server:
                server.pid = process.pid
                yield server
            process.terminate()
            assert process.ended() == 0, process.printed.decode(errors="replace")

    @property
    def files(self) -> list[Path]:
        return [self.home, self.temporary, self.cwd]


class Process:
    """What it writes is read at once, or a full pipe would stop it."""

    def __init__(self, words: Sequence[str], environment: dict[str, str], cwd: Path) -> None:
        self.out = self.err = b""
        self._port: int | None = None
        self._told = Event()
        self._process = subprocess.Popen(
            [sys.executable, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=cwd,
        )
        self.pid = self._process.pid
        readers = ((self._read_out, self._process.stdout), (self._read_err, self._process.stderr))
        self._threads = [Thread(target=read, args=[pipe]) for read, pipe in readers]
        for thread in self._threads:
            thread.start()

    @property
    def printed(self) -> bytes:
        return self.out + self.err

    def port(self) -> int:
        """Where it serves, once it says so."""
        assert self._told.wait(PATIENCE), "it neither serves nor stops"
        assert self._port, self.printed.decode(errors="replace")
        return self._port

    def ended(self) -> int:
        """Its exit code, with all that it and its children wrote read to the end."""
        code = self._process.wait(PATIENCE)
        for thread in self._threads:
            thread.join(PATIENCE)
        return code

    def terminate(self) -> None:
        self._process.terminate()

    def stop(self) -> None:
        """In order if that is possible: killed, it would leave its server behind."""
        self.terminate()
        try:
            self.ended()
        except subprocess.TimeoutExpired:
            self._process.kill()
            self.ended()

    def _read_out(self, pipe: IO[bytes]) -> None:
        with pipe:
            for line in pipe:
                self.out += line

    def _read_err(self, pipe: IO[bytes]) -> None:
        with pipe:
            for line in pipe:
                self.err += line
                if b'"event": "started"' in line and (said := json.loads(line)).get("port"):
                    self._port = said["port"]
                    self._told.set()
        self._told.set()


class Server:
    """A client of a process that serves. Every answer is kept, with its headers."""

    def __init__(self, port: int, issuer: LocalIssuer) -> None:
        self.port, self.issuer, self.pid = port, issuer, 0
        self.answers: dict[str, bytes] = {}
        self.client = httpx2.Client(
            base_url=f"http://127.0.0.1:{port}",
            timeout=PATIENCE,
            event_hooks={"response": [self._keep]},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def signed(self, who: str | None, case: UUID | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.issuer.token(who, case=case)}"} if who else {}

    def get(self, path: str, who: str | None = "coordinator-1", case: UUID | None = None) -> Any:
        return self.client.get(path, headers=self.signed(who, case))

    def _keep(self, answer: Any) -> None:
        answer.read()
        asked = answer.request
        name = f"{len(self.answers):05} {asked.method} {asked.url.path} {answer.status_code}"
        head = "".join(f"{key}: {value}\n" for key, value in answer.headers.multi_items())
        self.answers[name] = f"{answer.reason_phrase}\n{head}\n".encode() + answer.content


class Desk:
    """Gives the lines of stories over HTTP, as clients do: each with the version that it read."""

    def __init__(self, server: Server, loader: Loader) -> None:
        """`loader` knows who and what the names of a story are."""
        self.server, self._loader = server, loader
        self.given: dict[str, Given] = {}
        self.wrong: list[str] = []
        self.used = ""  # The id of the last command that was taken.
        self._versions: dict[UUID, int] = {}

    def give(self, placed: Placed) -> None:
        """One line. What does not go as written is told in `wrong`."""
        if placed.line.do in asking.ASKED:
            self._ask(placed)
            return
        given = self._given(placed)
        answer = self.send(given, {"Muniment-At": placed.at.isoformat()})
        if (answer.status_code == 201) != (placed.line.refused is None):
            self.wrong.append(f"{placed.file}:{placed.number}: {given.command}: {answer.text}")
        if answer.status_code == 201:
            self.given.setdefault(given.command, given)

    def _ask(self, placed: Placed) -> None:
        line, loader = placed.line, self._loader
        body = loader._fill(line.with_, placed.place)
        case = loader._stream(placed, None)
        match line.do:
            case "Reveal":
                asked = msgspec.convert(body, asking.Reveal, dec_hook=dec_hook)
                refs = [asking._place(loader._record, case, word) for word in asked.words]
                path = f"/cases/{case}/reveal"
                places = [ref._asdict() | {"stream": str(ref.stream)} for ref in refs]
                body = {"purpose": asked.purpose, "reason": asked.reason.raw(), "fields": places}
            case "SearchParty":
                path = "/search"
            case _:
                path, body = f"/cases/{case}/respondents/{body['respondent']}/priors", {}
        headers = {
            **self.server.signed(line.by),
            "Idempotency-Key": str(uuid4()),
            "Muniment-At": placed.at.isoformat(),
        }
        answer = self.server.client.post(path, json=body, headers=headers)
        code = None if answer.status_code == 200 else answer.json()["code"]
        if code != line.refused:
            self.wrong.append(f"{placed.file}:{placed.number}: {line.do}: {answer.text}")

    def send(self, given: "Given", headers: dict[str, str]) -> Any:
        """Once more where somebody, or the clock, wrote first."""
        answer = self._send(given, headers)
        if answer.status_code == 412:
            kind = given.path.split("/")[1]
            read = self.server.get(f"/{kind}/{given.stream}")
            self._versions[given.stream] = int(read.headers["ETag"].strip('"'))
            answer = self._send(given, headers)
        if answer.status_code == 201:
            for event in answer.json()["events"]:
                self._versions[UUID(event["stream"])] = event["version"]
        return answer

    def headers(self, given: "Given") -> dict[str, str]:
        """Of a request that is right in every way but what comes."""
        version = {"If-Match": f'"{self._versions.get(given.stream, 0)}"'}
        return {
            **self.server.signed(given.who, given.case),
            **(version if RULES[COMMANDS[given.command]].home in VERSIONED else {}),
            "Idempotency-Key": str(uuid4()),
        }

    def staff(self, sign_in: str) -> UUID:
        return self._loader._staff(sign_in)

    def _send(self, given: "Given", headers: dict[str, str]) -> Any:
        sent = self.headers(given) | headers
        answer = self.server.client.post(given.path, json=given.body, headers=sent)
        if answer.status_code == 201:
            self.used = sent["Idempotency-Key"]
        return answer

    def _given(self, placed: Placed) -> "Given":
        line, loader = placed.line, self._loader
        stream = loader._stream(placed, COMMANDS[line.do])
        body = loader._fill(line.with_, placed.place)
        party = line.by.startswith("@")
        return Given(
            command=line.do,
            stream=stream,
            path=re.sub(r"\{\w+\}", str(stream), path_of(COMMANDS[line.do])),
            who=str(loader._name(line.by, placed.place)) if party else line.by,
            case=stream if party else None,
            body=body | ({"occurred_on": line.occurred_on} if line.occurred_on else {}),
        )


class Given:
    """A command as it was given."""

    def __init__(
        self,
        *,
        command: str,
        stream: UUID,
        path: str,
        who: str,
        case: UUID | None,
        body: dict[str, Any],
    ) -> None:
        self.command, self.stream, self.path = command, stream, path
        self.who, self.case, self.body = who, case, body
