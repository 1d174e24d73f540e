"""Walk a story through the API, line by line, as clients do: HTTP alone, and nothing to install.

    python3 docs/walk.py api/stories/01-full-process-responsible.jsonl [http://127.0.0.1:8000]

The guide says what each header is for. Tokens and staff ids come from `.venv/bin/muniment`.
"""

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

MUNIMENT = Path(sys.executable).parent / "muniment"
if not MUNIMENT.exists():
    MUNIMENT = Path(__file__).parent.parent / ".venv/bin/muniment"
READ_AT = {"case": "/cases/{}", "item": "/evidence/{}", "person": "/people/{}"}
HEADS = ("Idempotency-Key", "If-Match", "Muniment-At")


@cache
def muniment(*words: str) -> str:
    """What the program says at the terminal."""
    return subprocess.run(
        [MUNIMENT, *words], capture_output=True, text=True, check=True
    ).stdout.strip()


IDS: dict[str, str] = {}


def named(name: str) -> str:
    """The random id of a `@name`: the client mints it, once."""
    return IDS.setdefault(name, str(uuid4()))


def filled(value: Any) -> Any:
    """The same with ids in place of `@name` and `staff:NAME`."""
    if isinstance(value, dict):
        return {filled(key): filled(one) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(one) for one in value]
    if isinstance(value, str) and value.startswith("staff:"):
        return muniment("staff", value.removeprefix("staff:"))
    return named(value) if isinstance(value, str) and re.fullmatch("@@?[^ @]+", value) else value


class Walk:
    """The case so far, as answers told of it."""

    def __init__(self, base: str) -> None:
        self.base = base
        _, known, _ = self.ask("GET", "/openapi.json")
        self.paths = {
            path.rpartition("/")[2]: path for path in known["paths"] if "/commands/" in path
        }
        self.recorded: list[tuple[dict[str, Any], str]] = []  # Each event, and the body behind it.
        _, office, _ = self.ask("GET", "/office/counselors", **self.token("coordinator-1", ""))
        for number, one in enumerate(office["counselors"], start=1):
            IDS[f"@@counselor-{number}"] = one["counselor_id"]

    def ask(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any, dict[str, str]]:
        """Status, body and headers of an answer."""
        sent = {"Content-Type": "application/json"} | headers
        data = None if body is None else json.dumps(body).encode()
        try:
            with urlopen(Request(self.base + path, data, sent, method=method)) as answer:
                return answer.status, json.load(answer), dict(answer.headers)
        except HTTPError as refused:
            return refused.code, json.load(refused), dict(refused.headers)

    def token(self, by: str, stream: str) -> dict[str, str]:
        """Of a staff member by name; of a party, for this case alone."""
        who = ("--case", stream, "--party", named(by)) if by.startswith("@") else (by,)
        return {"Authorization": f"Bearer {muniment('token', *who)}"}

    def version(self, path: str, stream: str) -> str:
        """What stands in `If-Match`: the version that was read, 0 where nothing is."""
        kind = next((kind for kind in READ_AT if f"{{{kind}}}" in path), None)
        if kind is None:
            return '"0"'
        _, _, headers = self.ask("GET", READ_AT[kind].format(stream), **self.token("deputy-1", ""))
        return headers.get("etag", '"0"')

    def place(self, word: dict[str, str], case: str) -> dict[str, Any]:
        """Where a sealed word stands: the newest such event, of that person or item."""
        stream = word.get("item", case)
        event = next(
            event
            for event, body in reversed(self.recorded)
            if (event["stream"], event["name"]) == (stream, word["event"])
            and word.get("whose", "") in body
        )
        return {"stream": stream, "version": event["version"], "path": word["path"]}

    def request(self, line: dict[str, Any], stream: str) -> tuple[str, dict[str, Any]]:
        """The address and the body of a line."""
        body = filled(line["with"])
        match line["do"]:
            case "Reveal":
                words = [self.place(word, stream) for word in body.pop("words")]
                return "/cases/{case}/reveal", body | {"fields": words}
            case "SearchParty":
                return "/search", body
            case "CountPriors":
                return f"/cases/{{case}}/respondents/{body['respondent']}/priors", {}
        return self.paths[re.sub(r"(?<!^)(?=[A-Z])", "-", line["do"]).lower()], body

    def give(self, line: dict[str, Any]) -> str:
        """The code of the answer: empty where it was taken."""
        on = line.get("on", "")
        stream = named(on) if on.startswith("@") else muniment("staff", on) if on else ""
        path, body = self.request(line, stream)
        if "occurred_on" in line:
            body["occurred_on"] = line["occurred_on"]
        for _ in range(2):  # The clock is run up to `at` first, and may write to the case.
            head = (str(uuid4()), self.version(path, stream), line["at"])
            status, said, _ = self.ask(
                "POST",
                re.sub(r"\{\w+\}", stream, path),
                body,
                **dict(zip(HEADS, head, strict=True)),
                **self.token(line["by"], stream),
            )
            if status != 412:
                break
        self.recorded += [(event, json.dumps(body)) for event in said.get("events", ())]
        return str(said["code"]) if status >= 400 else ""


def main(story: str, base: str = "http://127.0.0.1:8000") -> int:
    """0: every line went as it is written."""
    walk, wrong = Walk(base), 0
    for number, text in enumerate(Path(story).read_text("utf-8").splitlines(), start=1):
        if text.startswith("#"):
            continue
        line = json.loads(text)
        code = walk.give(line)
        as_written = code == line.get("refused", "")
        wrong += not as_written
        print(
            f"{number:>3} {line['at'][:10]} {line['by']:<18} {line['do']:<26} {code or 'recorded'}"
            f"{'' if as_written else '   NOT AS WRITTEN'}",
            flush=True,
        )
    print(f"case {named('@A')}: {f'{wrong} lines not' if wrong else 'all'} as written")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
