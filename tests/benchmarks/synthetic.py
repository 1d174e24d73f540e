"""A large ledger of synthetic cases: real event types, interleaved as in life, put there by COPY.

Only the bytes that a projection reads matter here: salts and leaves are noise, so such a ledger
must never be verified. Sealed values are noise of the length that sealing gives them.
"""

import base64
import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from psycopg import Connection

from domain.events import Event
from domain.events.case import QuestionRuled, SupportiveMeasureOffered
from domain.ids import Narrative
from domain.registry import TOPICS
from tests.projections.book import state
from tests.spec import cases
from tests.spec.kit import COMPLAINANT, RESPONDENT, an_id

_TOGETHER = 400  # Cases under way at once.
_START = datetime(2021, 1, 4, 15, tzinfo=UTC)

_measure = SupportiveMeasureOffered(
    measure_id=an_id("measure"),
    for_party=COMPLAINANT,
    kind="location_change",
    mutual=None,
    requires_complaint="no",
    affects_other_party=False,
    start_on=cases.WINDOW,
    end_on=None,
    implementer_office="housing",
    burden_assessment=None,
    detail=None,
)
_question = QuestionRuled(
    hearing_id=cases.HEARING,
    no=1,
    asked_by="advisor",
    to=RESPONDENT,
    relevant=True,
    exception=None,
    question=cases.TEXT,
    explanation=None,
)


def story() -> list[Event]:
    """One case of sixty events."""
    events: list[Event] = list(cases.documented)
    at = events.index(cases.interview) + 1
    events[at:at] = [cases.meeting, cases.interview] * 6
    events[4:4] = [_measure] * 3
    at = events.index(cases.convening) + 1
    events[at:at] = [_question] * (60 - len(events))
    return events


def rows(count: int) -> Iterator[tuple[int, UUID, int, str, datetime, bytes, bytes, bytes]]:
    """`count` cases, some hundred under way at a time, each with parties of its own."""
    sealed = base64.urlsafe_b64encode(os.urandom(1100)).rstrip(b"=")
    said = cases.TEXT.raw().encode()
    templates = [
        (TOPICS[type(one)], state(one).replace(said, b"munimentenc:1:" + sealed)) for one in story()
    ]
    assert Narrative(said.decode()) == cases.TEXT
    chance = random.Random(2)  # noqa: S311 - the same ledger at each run.
    noise = os.urandom(32)
    under_way: list[tuple[UUID, list[bytes], int]] = []
    position, made, at = 0, 0, _START
    while under_way or made < count:
        while len(under_way) < _TOGETHER and made < count:
            under_way.append((uuid4(), [str(uuid4()).encode() for _ in range(2)], 0))
            made += 1
        slot = chance.randrange(len(under_way))
        case, parties, done = under_way[slot]
        topic, text = templates[done]
        for party, own in zip((COMPLAINANT, RESPONDENT), parties, strict=True):
            text = text.replace(str(party).encode(), own)
        position += 1
        at += timedelta(minutes=7)
        yield position, case, done + 1, topic, at, text, noise, noise
        under_way[slot] = (case, parties, done + 1)
        if done + 1 == len(templates):
            under_way[slot] = under_way[-1]
            under_way.pop()


def fill(owner: Connection, count: int) -> int:
    """Put that many cases into an empty ledger; return how many events that is."""
    events = 0
    query = (
        "COPY muniment.events (position, stream, version, topic, recorded_at, state, salt,"
        " leaf_hash) FROM STDIN (FORMAT BINARY)"
    )
    with owner.cursor().copy(query) as copy:
        copy.set_types(["int8", "uuid", "int8", "text", "timestamptz", "bytea", "bytea", "bytea"])
        for row in rows(count):
            copy.write_row(row)
            events += 1
    owner.execute("VACUUM ANALYZE muniment.events")
    return events
