"""Requests that fail, one of each kind, with a word wherever a client can put one.

In addresses, headers and bodies `WORD` stands for the word; every request has a word of its own.
What stands in a header between « and » is sent in base64.
"""

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from api.edge import LARGEST_BODY
from tests.canary.running import Desk, Given, Server
from tests.canary.search import words

W = "WORD"
_BASE64 = re.compile("«(.*?)»")


class Asked(NamedTuple):
    """What was sent with which word, and the status that it came to."""

    name: str
    word: str
    status: int
    expected: int


class Request(NamedTuple):
    name: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    expected: int

    def send(self, server: Server) -> Asked:
        (word,) = words(1)
        body = self.body
        for encoding in ("utf-8", "utf-16-le"):
            body = body.replace(W.encode(encoding), word.encode(encoding))
        answer = server.client.request(
            self.method.replace(W, word),
            self.path.replace(W, word),
            headers={
                name.replace(W, word): _BASE64.sub(_encoded, value.replace(W, word))
                for name, value in self.headers.items()
            },
            content=body,
        )
        return Asked(self.name, word, answer.status_code, self.expected)


class Wrong:
    """`desk` has given one command of each kind before; `item` is one of evidence."""

    def __init__(self, server: Server, desk: Desk, item: UUID) -> None:
        self.server, self.desk, self.item = server, desk, item
        self.report = desk.given["ReceiveReport"]
        self.case = self.report.stream
        self.signed = server.signed("coordinator-1")

    def requests(self) -> Iterator[Request]:
        yield from self.bodies()
        yield from self.forms()
        yield from self.addresses()
        yield from self.headers()
        yield from self.people()
        yield from self.reveals()
        yield from self.in_confidence()
        yield from self.searches()

    def bodies(self) -> Iterator[Request]:
        """No JSON, or none that was meant; too large."""
        for name, body in {
            "no JSON": b"WORD",
            "cut short": b'{"narrative": "WORD',
            "no quotes": b'{"narrative": WORD}',
            "single quotes": b"{'narrative': 'WORD'}",
            "something behind": b'{"narrative": "WORD"} WORD',
            "text": b'"WORD"',
            "list": b'["WORD", ["WORD"]]',
            "not a number": b'{"WORD": NaN, "narrative": Infinity}',
            "invalid UTF-8": b'{"narrative": "WORD \xff\xfe"}',
            "half a character": b'{"narrative": "WORD \\ud800"}',
            "UTF-16": '{"narrative": "WORD"}'.encode("utf-16"),
            "byte order mark": b'\xef\xbb\xbf{"narrative": "WORD"}',
            "too deep": b"[" * 100_000 + b'"WORD"',
            "wrong escape": b'{"narrative": "\\WORD"}',
            "control character": b'{"narrative": "\nWORD"}',
            "form": b"narrative=WORD&place=WORD",
            "key twice": b'{"narrative": "WORD", "narrative": ["WORD"]}',
            "unknown key twice": b'{"WORD": "WORD", "WORD": "WORD"}',
        }.items():
            yield self._post(name, body)
        yield self._post("too large", self._filled(narrative=W) + b" " * LARGEST_BODY, 413)
        parts = {"Content-Type": "multipart/form-data; boundary=WORD"}
        yield self._post("multipart", b"--WORD\r\n\r\nWORD", headers=parts)
        yield self._post("compressed", b"WORD", headers={"Content-Encoding": "gzip"})

    def forms(self) -> Iterator[Request]:
        """JSON that is not this command."""
        for field in (*_CLEAR, W):
            yield self._post(f"{field}: text", self._filled(**{field: W}))
            yield self._post(f"{field}: list", self._filled(**{field: [{W: [W]}]}))
        for field in ("narrative", "reporter_name"):
            yield self._post(f"{field}: list", self._filled(**{field: [W], "place": W}))
            yield self._post(f"{field}: number", self._filled(**{field: 7, "place": W}))
        for command, path in _NESTED.items():
            given = self.desk.given[command]
            body = _replaced(given.body, path, W)
            yield self._again(f"{command} {path}: text", given, body)
            body = _replaced(given.body, path, {W: [W]})
            yield self._again(f"{command} {path}: map", given, body)
        for given in self.desk.given.values():
            yield self._again(f"{given.command} and more", given, {**given.body, W: W})

    def addresses(self) -> Iterator[Request]:
        for path, expected in {
            "/WORD": 404,
            "/cases;WORD": 404,
            "/cases/WORD": 404,
            "/cases/WORD/history": 404,
            "/cases/%ff%feWORD": 404,
            "/evidence/WORD": 404,
            "/problems/WORD": 404,
            f"/cases/{self.case}/WORD": 404,
            "/deadlines/?q=WORD": 404,  # Sent elsewhere, it would come back in a header.
            f"/cases/{self.case}?as_of=WORD": 422,
            f"/cases/{self.case}/history?as_of=2020-01-01T00:00:00WORD": 422,
            f"/cases/{self.case}/deadlines?as_of=WORD": 422,
            "/cases?offset=WORD": 422,
            "/cases?as_of=%00WORD": 422,
            "/deadlines?until=WORD": 422,
            f"/cases/{self.case}?WORD=WORD": 422,
            f"/evidence/{self.item}?WORD=WORD#WORD": 422,
        }.items():
            yield Request(f"GET {path}", "GET", path, self.signed, b"", expected)
        for method in ("PUT", "PATCH", "DELETE", "TRACE", "HEAD", "POST", "WORD"):
            path = f"/cases/{self.case}?WORD=WORD"
            yield Request(f"{method} of a case", method, path, self.signed, b"WORD", 405)
        for path in (f"/cases/{self.case}/commands/WORD", "/office/staff/WORD/commands/grant-role"):
            expected = 404 if path.startswith("/cases") else 422
            yield self._post(path, b'{"WORD": "WORD"}', expected, path)

    def headers(self) -> Iterator[Request]:
        for name, value in (
            ("Idempotency-Key", W),
            ("If-Match", W),
            ("If-Match", f'W/"{W}"'),
            ("Muniment-At", W),
            ("Muniment-At", "2020-01-01T00:00:00Z"),
        ):
            yield self._post(f"{name}: {value}", self._filled(narrative=W), headers={name: value})
        for name, expected in {
            "Idempotency-Key": 422,
            "If-Match": 428,
            "Authorization": 401,
        }.items():
            right = self._post(f"no {name}", self._filled(narrative=W), expected)
            headers = {key: value for key, value in right.headers.items() if key != name}
            yield right._replace(headers=headers)
        for name in _UNREAD:
            yield Request(name, "GET", "/cases", {**self.signed, name: W}, b"", 200)
        header, claims, signature = self.signed["Authorization"].split(".")
        for value in (
            W,
            f"Bearer {W}",
            "Basic «WORD:WORD»",
            f"{header}.{claims}.{W}",
            f'{header}.«{{"sub": "WORD"}}».{signature}',
            'Bearer «{"alg": "none", "kid": "WORD"}».«{"sub": "WORD"}».',
        ):
            headers = {"Authorization": value}
            yield Request(f"token {value[:9]}", "GET", f"/cases/{self.case}", headers, b"", 401)

    def people(self) -> Iterator[Request]:
        """Refused for who asks, for what stands, or because it was said before."""
        party = self.desk.given["AddParty"]
        body = {**party.body, "party_id": str(uuid4()), "name": W, "contact": W}
        for name, who, case, expected in (
            ("not your role", "investigator-1", None, 403),
            ("hidden", "faculty-1", None, 404),
            ("nobody's name", W, None, 404),
            ("a party's id that is none", W, self.case, 401),
        ):
            headers = self.desk.headers(party) | self.server.signed(who, case)
            yield self._again(name, party, body, expected, headers)
        stale = self.desk.headers(party) | {"If-Match": '"99999"'}
        yield self._again("stale", party, body, 412, stale)
        missing = party.path.replace(str(party.stream), str(uuid4()))
        yield self._post("missing", json.dumps(body).encode(), 404, missing)
        notice = self.desk.given["IssueNotice"]
        yield self._again("too late", notice, {**notice.body, "text": W}, 409)
        used = self.desk.headers(party) | {"Idempotency-Key": self.desk.used}
        yield self._again("the id of another command", party, body, 422, used)

    def reveals(self) -> Iterator[Request]:
        at: dict[str, Any] = {"version": 2, "path": "narrative"}
        right = {"purpose": "intake", "reason": W, "fields": [at]}
        wrong: dict[str, dict[str, Any]] = {
            "purpose": {"purpose": W},
            "reason": {"reason": [W]},
            "no reason": {"reason": " ", W: W},
            "fields": {"fields": W},
            "path": {"fields": [at | {"path": W}]},
            "index": {"fields": [at | {"path": f"{W}[0].place"}]},
            "version": {"fields": [at | {"version": W}]},
            "stream": {"fields": [at | {"stream": W}]},
            "nothing there": {"fields": [at | {"version": 99_999}]},
            "nothing of the case": {"fields": [at | {"stream": str(uuid4())}]},
            "clear": {"fields": [at | {"path": "reason"}]},
            "more": {W: W},
        }
        for name, more in wrong.items():
            body = json.dumps({**right, **more}).encode()
            yield self._post(f"reveal: {name}", body, 422, f"/cases/{self.case}/reveal")

    def in_confidence(self) -> Iterator[Request]:
        """More than the type, by somebody who may say that; and the type, by who may not."""
        path = self.report.path.replace("receive-report", "report-type-only")
        path = path.replace(str(self.case), str(uuid4()))
        employee = self.server.signed("confidential-1")
        for one in (*self.bodies(), *self.forms()):
            if one.path.endswith("/receive-report") and one.expected == _MALFORMED:
                name = f"in confidence: {one.name}"
                yield one._replace(name=name, path=path, headers={**one.headers, **employee})
        right: dict[str, Any] = {
            "claimed_types": ["stalking"],
            "received_at": "2027-01-20T14:00:00-06:00",
            "resource_id": str(uuid4()),
        }
        for name, more in {
            "a field": {"narrative": W},
            "its name": {W: None},
            "a map": {"detail": {W: [W]}},
            "no type": {"claimed_types": [W]},
            "a type and more": {"claimed_types": ["stalking", W]},
            "no time": {"received_at": W},
            "no resource": {"resource_id": {W: W}},
            "when": {"occurred_on": W},
        }.items():
            body = json.dumps({**right, **more}).encode()
            yield self._post(f"type only: {name}", body, path=path, headers=employee)
            yield self._post(f"type only, not you: {name}", body, path=path)
        body = json.dumps(right).encode()
        twice = body.replace(b"{", b'{"resource_id": "WORD", ', 1)
        yield self._post("type only: a key twice", twice, path=path, headers=employee)
        yield self._post("type only: more behind", body + b" WORD", path=path, headers=employee)
        for query in ("?WORD", "?note=WORD", "?wait=WORD"):
            yield self._post(f"type only{query}", body, path=path + query, headers=employee)
        for kind in ("text/plain; charset=WORD", W):
            said = {**employee, "Content-Type": kind}
            yield self._post(f"type only: as {kind}", b"WORD", path=path, headers=said)
            yield self._post("type only: not designated", body, path=path, headers=said)
        yield self._post("type only: your role", body, 403, path, {"User-Agent": W})

    def searches(self) -> Iterator[Request]:
        """Malformed ones, and such as nobody may make."""
        term: dict[str, Any] = {"kind": "name", "text": W}
        right = {"purpose": "intake", "terms": [term]}
        wrong: dict[str, dict[str, Any]] = {
            "purpose": {"purpose": W},
            "no terms": {"terms": []},
            "terms": {"terms": W},
            "too many": {"terms": [term] * 9},
            "kind": {"terms": [term | {"kind": W}]},
            "text": {"terms": [term | {"text": [W]}]},
            "no address": {"terms": [term | {"kind": "email"}]},
            "no number": {"terms": [term | {"kind": "phone"}]},
            "one of two": {"terms": [term, term | {"text": " "}]},
            "more": {W: W},
        }
        for name, more in wrong.items():
            yield self._post(
                f"search: {name}", json.dumps({**right, **more}).encode(), 422, "/search"
            )
        for who in ("investigator-1", "security-1", "operator"):
            signed = self.server.signed(who)
            body = json.dumps(right).encode()
            yield self._post(f"search: {who}", body, 403, "/search", signed)
        path = f"/cases/{self.case}/respondents/{uuid4()}/priors"
        yield self._post("priors: more", json.dumps({W: W}).encode(), 422, path)

    def _post(
        self,
        name: str,
        body: bytes,
        expected: int = 422,
        path: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Request:
        """To a case that is not there yet, unless a path is given."""
        sent = {"Idempotency-Key": str(uuid4()), "If-Match": '"0"', **self.signed}
        new = self.report.path.replace(str(self.case), str(uuid4()))
        return Request(name, "POST", path or new, sent | (headers or {}), body, expected)

    def _again(
        self,
        name: str,
        given: Given,
        body: dict[str, Any],
        expected: int = 422,
        headers: dict[str, str] | None = None,
    ) -> Request:
        """A command that was taken, with another body, by the same person unless headers say."""
        sent = headers or self.desk.headers(given)
        return Request(name, "POST", given.path, sent, json.dumps(body).encode(), expected)

    def _filled(self, **more: Any) -> bytes:
        ids = {"report_id": str(uuid4()), "reporter_id": str(uuid4())}
        return json.dumps({**self.report.body, **ids, **more}).encode()


_MALFORMED = 422

# Fields of a report that are not sealed.
_CLEAR = [
    "channel",
    "geography",
    "in_us",
    "anonymous",
    "received_at",
    "report_id",
    "incident_from",
    "learned_on",
]
_CLEAR += ["claimed_types", "occurred_on"]

# Places in lists and maps of a body, for words of the wrong kind.
_NESTED: dict[str, list[str | int]] = {
    "ClassifyIncident": ["occasions", 0, "geography"],
    "SignFormalComplaint": ["allegations", 0, "category"],
    "IssueNotice": ["deliveries", 0, "method"],
    "IssueReport": ["deliveries", 0, "sent_at"],
    "IssueDetermination": ["results", 0, "elements"],
    "ConveneHearing": ["advisors"],
    "SendEvidence": ["items", 0],
    "OrderEmergencyRemoval": ["scope", 0],
}

# Headers that clients and proxies send and nothing here asks for.
_UNREAD = (
    *("Accept", "Accept-Language", "Content-Type", "Cookie", "From", "Host", "Origin", "Range"),
    *("Referer", "User-Agent", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Request-Id"),
    *("Baggage", "Traceparent", "Tracestate", W),
)


def _replaced(body: dict[str, Any], path: list[str | int], value: object) -> dict[str, Any]:
    """The body with something else at one place."""
    changed: dict[str, Any] = json.loads(json.dumps(body))
    holder: Any = changed
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return changed


def _encoded(text: re.Match[str]) -> str:
    return urlsafe_b64encode(text.group(1).encode()).decode().rstrip("=")
