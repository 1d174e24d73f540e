"""One person's part of a case's history: 34 CFR 99.12 [K], only what is about that person.

Events that do not name the person are left out; in the others, what is about somebody else is
taken out or replaced by a marker. Sealed words are the caller's matter.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import msgspec

from api.history import Line
from domain.state.case import Case

SOMEBODY_ELSE = "[another person]"


def about(lines: Sequence[Line], party_id: UUID, case: Case) -> Iterator[Line]:
    """The lines that are about this party, without the others."""
    people = {*case.parties, *case.witnesses, case.reporter_id} - {party_id, None}
    others = {str(one) for one in people}
    mine = str(party_id)
    for line in lines:
        if _names(line.fields, {mine}):
            yield msgspec.structs.replace(line, fields=_without(line.fields, mine, others))


def _names(value: Any, ids: set[str]) -> bool:
    if isinstance(value, dict):
        return any(key in ids or _names(one, ids) for key, one in value.items())
    if isinstance(value, (list, tuple)):
        return any(_names(one, ids) for one in value)
    return value in ids


def _without(value: Any, mine: str, others: set[str]) -> Any:
    """A part that is about somebody else alone is gone; an id of somebody else is a marker."""
    if isinstance(value, dict):
        return {key: _without(one, mine, others) for key, one in value.items() if key not in others}
    if isinstance(value, (list, tuple)):
        kept = (one for one in value if _names(one, {mine}) or not _names(one, others))
        return [_without(one, mine, others) for one in kept]
    return SOMEBODY_ELSE if value in others else value
