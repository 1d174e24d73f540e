"""Rows and requests for tests of the append function alone."""

import hashlib
import os
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from psycopg import Connection

from ledger.batch import Answer, Request, Row, answers, encode
from ledger.commit import GroupCommit, _Batch, _Caller
from ledger.leaf import FIRST, leaf_hash, leaf_text


def rows(stream: UUID, *versions: int, topic: str = "NoteTaken/1") -> list[Row]:
    return [Row(stream, version, topic, os.urandom(20), os.urandom(32)) for version in versions]


def request(*some: Row, **more: Any) -> Request:
    return Request(**({"command_id": uuid4(), "actor": "staff-1", "rows": some} | more))


def batch(commit: GroupCommit, *requests: Request) -> list[Answer]:
    """One call of the append function with all of these."""
    return answers(commit._call(_Batch([_Caller(encode(one)) for one in requests])))


def words(found: Sequence[Answer]) -> list[str]:
    return [answer.word for answer in found]


def check_leaves(admin: Connection, origin: str) -> int:
    """Compute every leaf again in Python and compare; returns how many rows there are."""
    last: dict[UUID, bytes] = {}
    count = 0
    query = (
        "SELECT position, stream, version, topic, recorded_at, state, salt, leaf_hash"
        " FROM muniment.events ORDER BY position"
    )
    for position, stream, version, topic, at, state, salt, stored in admin.execute(query):
        count += 1
        assert position == count
        leaf = leaf_text(
            origin=origin,
            stream=stream,
            version=version,
            topic=topic,
            recorded_at=at,
            state=state,
            salt=salt,
            previous=last.get(stream, FIRST),
        )
        assert hashlib.sha256(b"\0" + leaf).digest() == stored == leaf_hash(leaf)
        last[stream] = stored
    return count
