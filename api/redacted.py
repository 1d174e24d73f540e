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


# Told of somebody else wherever they stand beside that id, or of nobody who may know them.
_OF_SOMEBODY_ELSE = {
    "witness_id": {"affiliation_class"},
    "signed_by": {"capacity", "signature_kind"},
}


def about(lines: Sequence[Line], party_id: UUID, case: Case) -> Iterator[Line]:
    """The lines that are about this party, without the others.

    An allegation is about its complainant and its respondent; one between others is somebody
    else's, like they are.
    """
    people = {*case.parties, *case.witnesses, case.reporter_id} - {party_id, None}
    mine, others = {str(party_id)}, {str(one) for one in people}
    for key, one in case.allegations.items():
        own = party_id in (one.complainant_id, one.respondent_id)
        (mine if own else others).add(str(key))
    respondent = party_id in case.those("respondent")
    for line in lines:
        if _names(line.fields, {str(party_id)}):
            left = _without(line.fields, mine, others)
            if not respondent:
                left.pop("priors_considered", None)  # Of the respondent's other cases.
            yield msgspec.structs.replace(line, fields=left)


def _names(value: Any, ids: set[str]) -> bool:
    if isinstance(value, dict):
        return any(key in ids or _names(one, ids) for key, one in value.items())
    if isinstance(value, (list, tuple)):
        return any(_names(one, ids) for one in value)
    return value in ids


def _without(value: Any, mine: set[str], others: set[str]) -> Any:
    """A part that is about somebody else alone is gone, and so is a row of a list that says of
    nobody whom it is about; an id of somebody else is a marker."""
    if isinstance(value, dict):
        told_of_others = {
            name
            for key, names in _OF_SOMEBODY_ELSE.items()
            if value.get(key) in others
            for name in names
        }
        return {
            key: _without(one, mine, others)
            for key, one in value.items()
            if key not in others | told_of_others and not key.endswith("_hmac")
        }
    if isinstance(value, (list, tuple)):
        rows = any(isinstance(one, dict) for one in value)
        kept = (one for one in value if _names(one, mine) or not (rows or _names(one, others)))
        return [_without(one, mine, others) for one in kept]
    return SOMEBODY_ELSE if value in others else value
