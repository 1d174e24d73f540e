"""Who may read what of a case now: a fold of its access stream, without sealed text."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import reduce
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.events import Event
from domain.events import access as on
from domain.ids import PartyId, StaffId
from domain.terms import DisclosedItem, FieldScope, Purpose


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


class Waiver(Struct, frozen=True):
    party_id: PartyId
    items: frozenset[DisclosedItem]


class Request(Struct, frozen=True):
    """A party's request to see the own record."""

    party_id: PartyId
    received_on: date
    due_on: date
    taken_by: StaffId | None = None
    fulfilled: bool = False


class Access(Struct, frozen=True, kw_only=True):
    """The grants on one case, oldest first, what second persons agreed to, and what was told."""

    grants: Mapping[UUID, Grant] = {}
    approvals: Mapping[UUID, Approval] = {}
    disclosures: frozenset[UUID] = frozenset()
    waivers: Mapping[UUID, Waiver] = {}
    requests: Mapping[UUID, Request] = {}

    def asked_by(self, party_id: PartyId) -> list[Request]:
        """The requests of this party that are not fulfilled."""
        return [
            one for one in self.requests.values() if one.party_id == party_id and not one.fulfilled
        ]

    def live(self, today: date, user: StaffId | None = None) -> dict[UUID, Grant]:
        """The grants that hold on this day: of one person, or of all."""
        return {
            key: grant
            for key, grant in self.grants.items()
            if grant.live(today) and user in (None, grant.user)
        }


def fold(events: Iterable[Event]) -> Access:
    return reduce(evolve, events, Access())


def evolve(state: Access, event: Event) -> Access:  # noqa: PLR0911 - one arm per event.
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
        case on.DisclosureRecorded() | on.FinalResultsDisclosed():
            return replace(state, disclosures=state.disclosures | {event.disclosure_id})
        case on.WaiverRecorded():
            waiver = Waiver(event.party_id, frozenset(event.scope))
            return replace(state, waivers={**state.waivers, event.waiver_id: waiver})
        case on.AccessRequestReceived():
            request = Request(event.party_id, event.received_on, event.due_on, event.taken_by)
            return replace(state, requests={**state.requests, event.request_id: request})
        case on.AccessRequestFulfilled():
            answered = replace(state.requests[event.request_id], fulfilled=True)
            return replace(state, requests={**state.requests, event.request_id: answered})
        case on.AuditReplayPerformed():
            return state  # Kept for the record.
        case _:
            raise AssertionError(f"no arm for {type(event).__name__}")
