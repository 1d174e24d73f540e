"""What a story asks beside commands: sealed words, named by their event and their person; and
whether somebody is known, and for what."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from api.record import Record
from api.revealing import NOT_SEALED, Asked, open_words
from api.search import Search
from api.searching import Asked as Looked
from api.searching import Given, by_respondent, by_terms, look_for
from domain.context import Who
from domain.ids import Narrative
from domain.owners import sealed_fields
from domain.rules.known import known
from domain.terms import Purpose
from ledger.reveal import FieldRef


class Word(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sealed field of the newest such event: of any, or of this party, reporter or witness.

    `item`: of this item of evidence, not of the case.
    """

    event: str
    path: str
    whose: UUID | None = None
    item: UUID | None = None


class Reveal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /cases/{case}/reveal`, as a story says it."""

    purpose: Purpose
    reason: Narrative
    words: tuple[Word, ...]


class CountPriors(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /cases/{case}/respondents/{party}/priors`, as a story says it."""

    respondent: UUID


class Line(NamedTuple):
    """Who asks, of which case, as which command, when."""

    who: Who
    case: UUID
    command_id: UUID
    at: datetime


def _reveal(record: Record, asked: Reveal, line: Line) -> int:
    """Where it stands recorded. Errors: as `open_words`."""
    refs = [_place(record, line.case, word) for word in asked.words]
    wish = Asked(line.who, line.case, asked.purpose, asked.reason, refs, line.command_id, line.at)
    return open_words(record, wish).revealed.position


def _place(record: Record, case: UUID, word: Word) -> FieldRef:
    found = next(_places(record, word.item or case, word), None)
    return known(found, "words", NOT_SEALED)


def _places(record: Record, stream: UUID, word: Word) -> Iterator[FieldRef]:
    for row in reversed(record.ledger.history(stream)):
        if row.topic.partition("/")[0] == word.event:
            for field in sealed_fields(row.event, stream):
                if field.path == word.path and word.whose in (None, field.owner_id):
                    yield FieldRef(stream, row.version, field.path)


def _search(record: Record, asked: Search, line: Line) -> int:
    terms = [one.term() for one in asked.terms]
    return _looked(record, by_terms(record, asked.purpose, terms), line)


def _priors(record: Record, asked: CountPriors, line: Line) -> int:
    return _looked(record, by_respondent(record, line.case, asked.respondent), line)


def _looked(record: Record, asked: Looked, line: Line) -> int:
    """Where it stands recorded. Errors: as `look_for`."""
    mac = record.ledger.mac("story", line.command_id.bytes)
    return look_for(record, line.who, asked, Given(line.command_id, line.at, mac)).position


# By the name in `do`: the form of `with`, and what asks.
ASKED: Mapping[str, tuple[type, Callable[[Record, Any, Line], int]]] = {
    "Reveal": (Reveal, _reveal),
    "SearchParty": (Search, _search),
    "CountPriors": (CountPriors, _priors),
}
# Asked of the whole office: `on` names nothing.
OF_NO_CASE = frozenset({"SearchParty"})
