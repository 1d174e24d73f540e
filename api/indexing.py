"""The blind index from the sealed words again: an operator's job, and each reading is recorded."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from time import monotonic
from typing import NamedTuple
from uuid import UUID, uuid4

from api.record import Record
from domain.events import Event
from domain.identifiers import Standing, identifiers
from domain.ids import Secret, access_stream, office_access_stream
from domain.indexed import INDEXED, Form
from domain.owners import sealed_fields
from ledger.errors import WrongVersion
from ledger.index import Entry, create_index_keys, rows
from ledger.keys import KeyProvider
from ledger.progress import Progress
from ledger.reindex import Taken, reindexing
from ledger.reveal import FieldRef, Wish
from ledger.seal import Term, header
from ledger.store import Recorded

_PAGE = 500
_WHY = "The blind index is rebuilt by the operator."


class _Place(NamedTuple):
    """A sealed value that leads to somebody: where it stands, under which key."""

    ref: FieldRef
    key_id: UUID
    standing: Standing
    form: Form


def rebuild_index(
    record: Record,
    url: str,
    provider: KeyProvider,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Taken:
    """Read everything that leads to somebody, and index it anew. Again: goes on.

    `url`: the key database, for its administrator. Errors: KeyRefused; RevealBroken.
    """
    create_index_keys(provider)
    with reindexing(url) as job:
        position = before = job.begin()
        began = monotonic()
        # The readings themselves are recorded, and read in turn: they hold nothing to be indexed.
        while page := record.ledger.page(position, _PAGE):
            position = page[-1].position
            entries = [entry for group in _streams(page) for entry in _opened(record, group)]
            origin = record.ledger.identity.origin
            job.add(list(rows(provider, origin, entries)), position)
            progress(Progress(position, record.read([]).head, monotonic() - began, before))
        return job.finish()


def _streams(page: Sequence[Recorded]) -> Iterator[list[Recorded]]:
    for _, group in groupby(sorted(page, key=lambda row: row.stream), lambda row: row.stream):
        yield list(group)


def _opened(record: Record, group: Sequence[Recorded]) -> Iterator[Entry]:
    """What the values of one stream lead to, after it is recorded that they are read."""
    places = [place for row in group for place in _places(row)]
    if not places:
        return
    texts = _read(record, group[0], [place.ref for place in places])
    for ref, key_id, standing, form in places:
        text = texts[ref]  # None: its key was destroyed.
        for kind, normalized in identifiers(form, text or ""):
            yield Entry(key_id, ref.stream, Term(standing, kind, normalized))


def _places(row: Recorded) -> Iterator[_Place]:
    if not isinstance(row.event, Event):
        return
    for field in sealed_fields(row.event, row.stream):
        if leads := INDEXED.get(type(row.event), {}).get(field.path):
            value = getattr(row.event, field.path)
            assert isinstance(value, Secret)
            ref = FieldRef(row.stream, row.version, field.path)
            key_id = header(value.raw())
            yield _Place(ref, key_id, leads.standing(row.event), leads.form)


def _read(record: Record, row: Recorded, refs: list[FieldRef]) -> dict[FieldRef, str | None]:
    """Recorded beside the case that it is about, else with the office."""
    of_case = _begins_a_case(record, row.stream)
    office = office_access_stream(record.id)
    stream = access_stream(record.id, row.stream) if of_case else office
    while True:
        reading = record.read([stream])
        beside = reading.streams[stream]
        wish = Wish(
            command_id=uuid4(),
            actor="operator",
            actor_role="operator",
            access_stream=stream,
            access_version=beside[-1].version if beside else 0,
            purpose="index_rebuild",
            basis="operator",
            reason=_WHY,
            reason_owner=("case", row.stream) if of_case else ("office", office),
            fields=refs,
            given_at=reading.now if record.clock == "simulated" else None,
        )
        try:
            return record.ledger.reveal(wish).texts
        except WrongVersion:
            continue  # Somebody else looked at the same time.


def _begins_a_case(record: Record, stream: UUID) -> bool:
    events = (row.event for row in record.ledger.history(stream))
    first = next((event for event in events if isinstance(event, Event)), None)
    return type(first).__name__ == "ReportReceived"
