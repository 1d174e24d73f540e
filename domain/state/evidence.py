"""The state of one item of evidence."""

from collections.abc import Iterable
from functools import reduce
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.events import Event
from domain.events import evidence as on
from domain.ids import CaseId


class EvidenceItem(Struct, frozen=True, kw_only=True):
    case_id: CaseId | None = None
    directly_related: bool | None = None  # None: not classified yet.
    relied_on: bool = False
    version_no: int = 0
    packages: frozenset[UUID] = frozenset()
    taken: bool = False  # The id has a stream, of this kind or of another.


def fold(events: Iterable[Event]) -> EvidenceItem:
    return reduce(evolve, events, EvidenceItem())


def evolve(state: EvidenceItem, event: Event) -> EvidenceItem:
    match event:
        case on.EvidenceAdded():
            return replace(state, case_id=event.case_id, version_no=1, taken=True)
        case on.EvidenceClassified():
            return replace(
                state, directly_related=event.directly_related, relied_on=event.relied_on
            )
        case on.EvidenceShared():
            return replace(state, packages=state.packages | {event.package_id})
        case _:
            raise AssertionError(f"no arm for {type(event).__name__}")
