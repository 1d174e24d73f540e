"""Who may read what of a case now: a fold of its access stream, without sealed text."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import reduce
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.events import Event
from domain.events import access as on
from domain.ids import StaffId
from domain.terms import FieldScope, Purpose


class Grant(Struct, frozen=True):
    user: StaffId
    purpose: Purpose
    basis: str
    fields: frozenset[FieldScope]
    expires_on: date | None
    revoked: bool = False

    def live(self, today: date) -> bool:
        return not self.revoked and (self.expires_on is None or today <= self.expires_on)


class Approval(Struct, frozen=True):
    user: StaffId
    purpose: Purpose
    fields: frozenset[FieldScope]
    until: datetime


class Access(Struct, frozen=True, kw_only=True):
    """The grants on one case, oldest first, and what second persons agreed to."""

    grants: Mapping[UUID, Grant] = {}
    approvals: Mapping[UUID, Approval] = {}

    def live(self, today: date, user: StaffId | None = None) -> dict[UUID, Grant]:
        """The grants that hold on this day: of one person, or of all."""
        return {
            key: grant
            for key, grant in self.grants.items()
            if grant.live(today) and user in (None, grant.user)
        }


def fold(events: Iterable[Event]) -> Access:
    return reduce(evolve, events, Access())


def evolve(state: Access, event: Event) -> Access:
    """What is known after one more event. What is recorded is never refused."""
    match event:
        case on.AccessGranted():
            grant = Grant(
                event.user,
                event.purpose,
                event.basis,
                frozenset(event.field_scope),
                event.expires_on,
            )
            return replace(state, grants={**state.grants, event.grant_id: grant})
        case on.AccessRevoked():
            ended = replace(state.grants[event.grant_id], revoked=True)
            return replace(state, grants={**state.grants, event.grant_id: ended})
        case on.RevealApproved():
            approval = Approval(
                event.user, event.purpose, frozenset(event.field_scope), event.until
            )
            return replace(state, approvals={**state.approvals, event.approval_id: approval})
        case on.AuditReplayPerformed():
            return state  # Kept for the record.
        case _:
            raise AssertionError(f"no arm for {type(event).__name__}")
