"""A day of an installation in which every word that it is given is known, and all that it leaves.

The demo as it ships; the same stories again with a word in every sealed field, some by the loader
and some over HTTP; requests that fail; bugs; everybody reads everything; all words are revealed.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from uuid import UUID, uuid4

import psycopg

from api import stories
from api.installation import KEYS_DB, LEDGER_DB, record, urls
from api.issuer import PERSONAS
from api.record import Record
from domain.events.case import PartyAdded, ReportReceived, RespondentIdentitySealed
from domain.events.evidence import EvidenceAdded
from domain.events.office import RelationDeclared
from domain.events.person import PersonRegistered
from domain.ids import access_stream
from domain.interest import INTERESTS, words_at
from domain.owners import sealed_fields
from domain.rules.intake import ReceiveReport
from domain.terms import Purpose
from ledger.roles import Urls, url_of
from ledger.server import Server as Postgres
from ledger.server import wheel_binaries
from tests.canary.badly import ask_badly
from tests.canary.broken import CHANGES, FAILS, SPILLS
from tests.canary.planting import Planted, sealed_places
from tests.canary.running import BROKEN, Desk, Place, Server
from tests.canary.search import Hit, find, on_disk, words
from tests.canary.told import GIVEN, LOADED, told
from tests.canary.wrong import Asked, Wrong

if TYPE_CHECKING:
    from ledger.store import Recorded

AT_ONCE = 100  # So many words a reveal opens.

# For what those who act on a case may ask, where a grant came with their role.
OWN_PURPOSE = {
    "investigator-1": "investigate",
    "hearing-officer-1": "hear",
    "decision-maker-1": "decide",
    "appeal-officer-1": "appeal",
    "auditor-1": "audit",
}


Reader: TypeAlias = tuple[str | None, UUID | None]  # Who; and of which case, if a party.


class Left(NamedTuple):
    """Where each role signs in; and by database where who may read everything does."""

    roles: Urls
    databases: dict[str, str]


class Whole:
    """`live` it, then `search` what is left."""

    def __init__(self, folder: Path) -> None:
        (self.institution,) = words(1)  # In clear in every ledger: it must be found.
        self.place = Place(
            folder, MUNIMENT_INSTITUTION=self.institution, MUNIMENT_CLOCK="simulated"
        )
        self.folder = folder
        self.planted: list[Planted] = []
        self.asked: list[Asked] = []
        self.bare: dict[str, bytes] = {}  # Word → what came back.
        self.answers: dict[str, bytes] = {}
        self.reasons: dict[str, int] = {}  # Of asking to reveal, and the status.
        self.searched: dict[tuple[str, str], tuple[int, bool]] = {}  # Word and who; found or not.
        self.failed: dict[str, tuple[str, int]] = {}  # Bug → its word, and the status.
        self.spilt: dict[str, str] = {}  # Bug → the word that it let out.
        self.rows: list[Recorded] = []
        self.read = Counter[tuple[str, int]]()  # Address and status of what was read.
        self.ledger = UUID(int=0)
        self.read_upto = 0  # Behind this position, all words are revealed.
        self.limits = ""  # Of the process that serves.

    def live(self) -> None:
        self.place.run("demo", "--no-serve")
        self.place.run("load", *map(str, self._told("loaded", LOADED)))
        given = stories.read(self._told("given", GIVEN))
        with self.place.serving() as server, self._opened() as opened:
            self.limits = Path(f"/proc/{server.pid}/limits").read_text()
            desk = Desk(server, stories.Loader(opened, uuid4()))
            for line in given:
                desk.give(line)
            assert desk.wrong == []
            self.rows = opened.ledger.page(0, 100_000)
            self.ledger = opened.id
            self._grant_the_rest(server, str(desk.staff("coordinator-1")))
            item = next(row.stream for row in self.rows if isinstance(row.event, EvidenceAdded))
            self.asked = [one.send(server) for one in Wrong(server, desk, item).requests()]
            self.bare = ask_badly(server)
            for asked in (["rebuild", "case_board"], ["index", "rebuild"], ["reveals"], ["doctor"]):
                self.place.run(*asked)
            self._with_bugs(desk)
            waits = desk.given["RecordTraining"]
            waits.path += "?wait=true"
            assert desk.send(waits, {}).status_code == 201
            self.rows = opened.ledger.page(0, 100_000)
            self._everybody_reads(server)
            self.read_upto = opened.ledger.read([]).head
            self._reveal(server)
            self._search(server)
            self.place.run("history", str(desk.given["ReceiveReport"].stream), "--json")
            self.answers |= server.answers
            self.rows = opened.ledger.page(0, 100_000)

    @contextmanager
    def left(self) -> Iterator[Left]:
        """Its databases, served again."""
        with Postgres(self.place.settings.postgres) as postgres:
            admin = postgres.admin_url
            yield Left(
                urls(self.place.settings, admin),
                {"ledger": url_of(admin, LEDGER_DB), "keys": url_of(admin, KEYS_DB)},
            )

    def spill(self) -> None:
        """Into a view, and into the key store."""
        with self.left() as left:
            for bug, url, schema in (
                ("view", left.roles.projector, "projections"),
                ("key store", left.databases["keys"], "vault"),
            ):
                (self.spilt[bug],) = words(1)
                with psycopg.connect(url, autocommit=True) as db:
                    db.execute(f"CREATE TABLE {schema}.spilt AS SELECT '{self.spilt[bug]}' AS t")

    def search(self, sought: Sequence[str], **more: Any) -> list[Hit]:
        """In every place that there is."""
        with self.left() as left:
            on_disk(left.databases["ledger"])  # Under the home: written out, and searched with it.
            return find(
                sought,
                databases=left.databases,
                files=self.place.files,
                texts={
                    **self.place.said,
                    **self.answers,
                    **{f"bare {number}": said for number, said in enumerate(self.bare.values())},
                },
                pg_dump=wheel_binaries() / "pg_dump",
                **more,
            )

    def _told(self, name: str, years: Mapping[str, int]) -> list[Path]:
        files, planted = told(self.folder / name, years)
        self.planted += planted
        return files

    @contextmanager
    def _opened(self) -> Iterator[Record]:
        settings = self.place.settings
        admin = Postgres(settings.postgres).admin_url  # Somebody else's: it runs.
        with record(settings, urls(settings, admin)) as opened:
            yield opened

    def _with_bugs(self, desk: Desk) -> None:
        """Each bug once, in a process of its own beside the whole one."""
        fault = self.folder / "fault"
        fault.write_text("none ")
        whole, fields = desk.server, self.fields(desk.given["ReceiveReport"].stream)["intake"][:1]
        with self.place.serving("-B", str(BROKEN), "serve", CANARY_FAULT=str(fault)) as server:
            desk.server = server
            server.client.headers["Connection"] = "close"  # As it is behind some of the bugs.
            for bug in FAILS:
                (word,) = words(1)
                fault.write_text(f"{bug} {word}")
                self.failed[bug] = word, provoke(bug, desk, word, fields)
            for bug in (*SPILLS, *CHANGES):
                (self.spilt[bug],) = words(1)
                fault.write_text(f"{bug} {self.spilt[bug]}")
                provoke(bug, desk, self.spilt[bug], fields)
                server.get("/metrics", None)
        self.answers |= {f"broken {name}": answer for name, answer in server.answers.items()}
        desk.server = whole

    def _everybody_reads(self, server: Server) -> None:
        """Every address that can be read, by every role and by nobody."""
        known = server.get("/openapi.json").json()["paths"]
        paths = [path for path, ways in known.items() if "get" in ways]
        paths += ["/livez", "/metrics", "/openapi.json"]
        office: list[Reader] = [(who, None) for who in (*PERSONAS, None)]
        items = {
            row.event.case_id: row.stream
            for row in self.rows
            if isinstance(row.event, EvidenceAdded)
        }
        events = Counter(row.stream for row in self.rows)
        middle = self.rows[len(self.rows) // 2].position
        for case in self.cases():
            parties: list[Reader] = [(str(party), case) for party in self.parties(case)]
            longest = case == max(self.cases(), key=events.__getitem__)
            for path in paths:
                ids = {
                    "case": case,
                    "item": items.get(case, case),
                    "code": "NOT_FOUND",
                    "person": next(self.persons()),
                    "staff": next(self.staff()),
                }
                at = path.format_map(ids)
                if at == path and not longest:
                    continue  # Of no case: once is enough.
                server.get(f"{at}?as_of={middle}")
                if path.endswith("/copy"):
                    at += f"?party={[case, *self.parties(case)][-1]}"
                readers = [*office, *parties] if longest else [("coordinator-1", None), *parties]
                for who, of_case in readers:
                    self.read[path, server.get(at, who, of_case).status_code] += 1

    def _grant_the_rest(self, server: Server, user: str) -> None:
        """What the office reads by its role ends with the process; words beside a case never were
        its own to read, and need a second person."""
        cases = (*self.cases(planted=False), *self.cases())
        for case in filter(self.parties, cases):
            for purpose in ("intake", "support"):
                self._grant(server, case, user, purpose, sorted(INTERESTS[purpose].fields))
            if case not in self.cleared():  # Texts of such a case stay in the process.
                self._grant(server, case, user, "legal", ["access"])
                more = {"approval_id": str(uuid4())}
                self._grant(server, case, user, "legal", ["access"], "approve-reveal", more)

    def _grant(
        self,
        server: Server,
        case: UUID,
        user: str,
        purpose: Purpose,
        scope: Sequence[str],
        command: str = "grant-access",
        more: Mapping[str, str] | None = None,
    ) -> None:
        more = more or {"grant_id": str(uuid4()), "expires_on": "2100-01-01"}
        answer = server.client.post(
            f"/cases/{case}/commands/{command}",
            json={"user": user, "purpose": purpose, "field_scope": scope} | dict(more),
            headers={**server.signed("deputy-1"), "Idempotency-Key": str(uuid4())},
        )
        assert answer.status_code == 201, answer.text

    def _reveal(self, server: Server) -> None:
        """All words of all cases, by who may; and some by everybody else."""
        for case in (*self.cases(planted=False), *self.cases()):
            fields = self.fields(case)
            for purpose, of_purpose in fields.items():
                for start in range(0, len(of_purpose), AT_ONCE):
                    asked = of_purpose[start : start + AT_ONCE]
                    out = purpose == "legal" and case in self.cleared()
                    assert self._ask_for(server, case, purpose, asked) == (403 if out else 200)
        for person in self.persons():
            at = f"/people/{person}"
            own = self.words_in({person})
            assert self._ask_for(server, at, "intake", own) == 200
            assert self._ask_for(server, at, "audit", own) == 403
            assert self._ask_for(server, at, "intake", own, "investigator-1") == 404
        others: list[Reader] = [(who, None) for who in PERSONAS if who != "coordinator-1"]
        others += [(str(party), case) for party in self.parties(case)]
        for purpose, of_purpose in fields.items():
            for who, of_case in others:
                own = OWN_PURPOSE.get(who or "", purpose)
                self._ask_for(server, case, own, of_purpose[:AT_ONCE], who, of_case)

    def _search(self, server: Server) -> None:
        """For names that are known, and for words that are not: by who may, and by who may not."""
        known = [
            one.word
            for one in self.planted
            if (one.command, one.path, one.refused) == ("AddParty", "name", False)
        ]
        for word in (*known[:5], *words(5)):
            for who in ("coordinator-1", "security-1"):
                term = {"kind": "name", "text": f"It was {word}, they said."}
                body = {"purpose": "intake", "terms": [term]}
                headers = {**server.signed(who), "Idempotency-Key": str(uuid4())}
                answer = server.client.post("/search", json=body, headers=headers)
                found = bool(answer.json().get("places"))
                self.searched[word, who] = (answer.status_code, found)

    def _ask_for(
        self,
        server: Server,
        of: UUID | str,
        purpose: str,
        fields: Sequence[dict[str, Any]],
        who: str | None = "coordinator-1",
        of_case: UUID | None = None,
    ) -> int:
        (word,) = words(1)
        body = {"purpose": purpose, "reason": f"Because of {word}.", "fields": fields}
        headers = {**server.signed(who, of_case), "Idempotency-Key": str(uuid4())}
        path = of if isinstance(of, str) else f"/cases/{of}"
        answer = server.client.post(f"{path}/reveal", json=body, headers=headers)
        self.reasons[word] = answer.status_code
        return int(answer.status_code)

    def cases(self, *, planted: bool = True) -> list[UUID]:
        """Those that were planted, or those that are shipped, in order."""
        found = [row for row in self.rows if isinstance(row.event, ReportReceived)]
        shipped = len(stories.shipped())
        chosen = found[shipped : 2 * shipped] if planted else found[:shipped]
        return [row.stream for row in chosen]

    def cleared(self) -> set[UUID]:
        """Cases in which nothing was found against somebody."""
        return {row.stream for row in self.rows if isinstance(row.event, RespondentIdentitySealed)}

    def parties(self, case: UUID) -> list[UUID]:
        return [
            row.event.party_id
            for row in self.rows
            if row.stream == case and isinstance(row.event, PartyAdded)
        ]

    def persons(self) -> Iterator[UUID]:
        return (row.stream for row in self.rows if isinstance(row.event, PersonRegistered))

    def staff(self) -> Iterator[UUID]:
        return (row.stream for row in self.rows if isinstance(row.event, RelationDeclared))

    def words_in(self, streams: Collection[UUID]) -> list[dict[str, Any]]:
        """Every place of sealed words in these."""
        return [
            {"stream": str(row.stream), "version": row.version, "path": field.path}
            for row in self.rows
            if row.stream in streams
            for field in sealed_fields(row.event, row.stream)
        ]

    def fields(self, case: UUID) -> dict[Purpose, list[dict[str, Any]]]:
        """By purpose that the office has, where sealed words of a case and its evidence stand."""
        beside = access_stream(self.ledger, case)
        streams = {case, beside} | {
            row.stream
            for row in self.rows
            if isinstance(row.event, EvidenceAdded) and row.event.case_id == case
        }
        found: dict[Purpose, list[dict[str, Any]]] = {"intake": [], "support": [], "legal": []}
        for row in self.rows:
            if row.stream in streams:
                for field in sealed_fields(row.event, row.stream):
                    known = words_at(row.event, row.stream, field.path)
                    assert known is not None
                    purpose = next(one for one in found if known.scope in INTERESTS[one].fields)
                    at = {"stream": str(row.stream), "version": row.version, "path": field.path}
                    found[purpose].append(at)
        return found


def provoke(bug: str, desk: Desk, word: str, fields: Sequence[dict[str, Any]]) -> int:
    """A request with the word on whose way the bug lies; its status. `fields`: to be revealed."""
    report = desk.given["ReceiveReport"]
    match bug:
        case "show" | "history":
            path = f"/cases/{report.stream}" + ("/history" if bug == "history" else "")
            headers = {**desk.server.signed("coordinator-1"), "Referer": word}
            return int(desk.server.client.get(path, headers=headers).status_code)
        case "open" | "opened":
            path = f"/cases/{report.stream}/reveal"
            body = {"purpose": "intake", "reason": word, "fields": fields}
        case _:
            path = report.path.replace(str(report.stream), str(uuid4()))
            body = {**report.body, "report_id": str(uuid4())}
            for place in sealed_places(ReceiveReport, body):
                body[place.name] = word
    if bug in ("refusal", "problem", "header"):
        body[word] = word
    who = desk.server.signed("coordinator-1")
    headers = {**desk.headers(report), **who, "If-Match": '"0"'}
    answer = desk.server.client.post(path, json=body, headers=headers)
    if bug == "unsealed":
        desk.server.get(path.partition("/commands")[0] + "/history")
    return int(answer.status_code)
