"""A writer for tests of the append function: each append goes each of its ways."""

import os
from pathlib import Path
from typing import LiteralString, cast
from uuid import uuid4

import msgspec
import psycopg

from ledger.batch import Answer, Request, Row
from ledger.commit import GroupCommit
from ledger.identity import Identity
from tests.contract.rows import batch, check_leaves, request, rows
from tests.databases import Databases

# The function takes one plain event by the shortest way, and several by a short one, all or none.
# So each test goes in company, too: of another plain event, which is written behind them; and of
# one that is refused, stands before them and leaves no trace: with that all go the long way.
COMPANY = ["alone", "in good company", "in bad company"]
SERVERS = [("cluster", company) for company in COMPANY]
if Path("/usr/lib/postgresql/15/bin").exists():
    SERVERS += [("cluster_15", company) for company in COMPANY]


class Writer:
    """A writer of one ledger, which other tests use too: each counts what it wrote itself."""

    def __init__(self, databases: Databases, company: str) -> None:
        self.databases = databases
        self.company = company
        self.identity = databases.identity
        self.commit = GroupCommit(lambda: psycopg.connect(databases.urls.writer, autocommit=True))
        self.head = 0  # What others wrote, up to the last call.
        self.other = False

    def __call__(self, *requests: Request) -> list[Answer]:
        self.head += self.other
        self.other = False
        if self.company == "in bad company":
            refused, *answers = batch(self.commit, request(*rows(uuid4(), 9)), *requests)
            assert refused.word == "version"
            return answers
        if self.company == "in good company":
            *answers, other = batch(self.commit, *requests, request(*rows(uuid4(), 1)))
            self.other = other.word == "written"
            return answers
        return batch(self.commit, *requests)

    def written(self) -> int:
        """How many events this test wrote; each event there is has its right leaf."""
        with self.databases.connect("admin") as admin:
            return check_leaves(admin, self.identity.origin) - self.head - self.other


def opening(identity: Identity, **other: str) -> Row:
    body = {
        "ledger": str(identity.ledger),
        "origin": identity.origin,
        "institution": identity.institution,
        "clock": identity.clock,
        "zone": identity.zone,
        "migrations": [],
    } | other
    state = msgspec.json.encode({"envelope": {}, "event": body})
    return Row(identity.ledger, 1, "LedgerOpened/1", state, os.urandom(32))


def by_hand(**other: str) -> LiteralString:
    """A call in plain SQL, of one event of a new stream but for what is `other`."""
    sql = _BY_HAND.format(**_FITS | other)
    return cast("LiteralString", sql)


_FITS = {
    "commands": "ARRAY[gen_random_uuid()]",
    "actors": "'{a}'",
    "given": "'{NULL}'",
    "guard_counts": "'{0}'",
    "event_counts": "'{1}'",
    "streams": "ARRAY[gen_random_uuid()]",
    "versions": "'{1}'",
    "states": "ARRAY[''::bytea]",
    "salts": "ARRAY[sha256('')]",
}
_BY_HAND = """SELECT answer FROM muniment.append({commands}, {actors}, '{{NULL}}', '{{NULL}}',
    '{{NULL}}', {given}, {guard_counts}, '{{0}}', {event_counts}, '{{}}', '{{}}', '{{}}', '{{}}',
    {streams}, {versions}, '{{NoteTaken/1}}', {states}, {salts})"""
