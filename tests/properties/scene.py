"""What a move can see: one case on a record, who is there, and at what time it comes."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any, cast
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import msgspec

from domain.context import OPERATOR, SYSTEM, Context, Who
from domain.events.case import ReportReceived
from domain.events.evidence import EvidenceAdded
from domain.events.office import StaffRegistered
from domain.events.person import PersonRegistered
from domain.execute import always_read, context_of
from domain.ids import access_stream, natural
from domain.policy import Policy, load
from domain.rules.rule import Rule
from domain.state import access as access_state
from domain.state import case as case_state
from domain.state import evidence as evidence_state
from domain.state import office as office_state
from domain.state import person as person_state
from domain.state.access import Access
from domain.state.case import Case
from domain.state.evidence import EvidenceItem
from domain.state.office import StaffMember
from domain.state.person import Person
from domain.terms import Role
from tests.properties.chance import Chance
from tests.properties.paper import ZONE, Paper
from tests.properties.words import Words

STRANGER = Who("staff", "00000000-0000-4000-8000-0000000057a6")
_LOADED = load("BCM-02.2.20", 1)
assert isinstance(_LOADED, Policy)
PACK: Policy = _LOADED
_OFFICE = frozenset({Role.COORDINATOR, Role.DEPUTY})
_BY_OFFICE = _OFFICE | {Role.ADMIN, Role.CONFIDENTIAL_EMPLOYEE}


class Scene:
    """One moment: made anew for each move. `hasty`: whoever moves does not ask if it is time."""

    def __init__(
        self,
        paper: Paper,
        case: UUID,
        at: datetime,
        chance: Chance,
        *,
        minted: int = 0,
        hasty: bool = False,
    ) -> None:
        self.paper = paper
        self.case = case
        self.at = at
        self.chance = chance
        self.minted = minted
        self.hasty = hasty
        self.words = Words(chance, self)

    def fresh(self) -> UUID:
        """An id that nothing has yet."""
        self.minted += 1
        return uuid5(self.case, f"minted {self.minted}")

    @cached_property
    def today(self) -> date:
        return self.at.astimezone(ZoneInfo(ZONE)).date()

    @cached_property
    def state(self) -> Case:
        return self.state_of(self.case)

    def state_of(self, case: UUID) -> Case:
        """Of a stream that is no case: that of none."""
        is_case = self.paper.begins_with(case, ReportReceived)
        return self.paper.folded(case, case_state.fold) if is_case else Case()

    @cached_property
    def access(self) -> Access:
        """Who may read what of this case."""
        return self.paper.folded(access_stream(self.paper.id, self.case), access_state.fold)

    @cached_property
    def walled(self) -> frozenset[str]:
        """Staff for whom this case is not there."""
        return frozenset(map(str, self.state.walls))

    @cached_property
    def staff(self) -> dict[UUID, StaffMember]:
        """Everybody who is registered."""
        return {
            stream: self.paper.folded(stream, office_state.fold_staff)
            for stream in self.paper.streams
            if self.paper.begins_with(stream, StaffRegistered)
        }

    @cached_property
    def persons(self) -> dict[UUID, Person]:
        return {
            stream: self.paper.folded(stream, person_state.fold)
            for stream in self.paper.streams
            if self.paper.begins_with(stream, PersonRegistered)
        }

    @cached_property
    def items(self) -> dict[UUID, EvidenceItem]:
        """The evidence of this case."""
        items = {
            stream: self.paper.folded(stream, evidence_state.fold)
            for stream in self.paper.streams
            if self.paper.begins_with(stream, EvidenceAdded)
        }
        return {stream: item for stream, item in items.items() if item.case_id == self.case}

    @cached_property
    def cases(self) -> list[UUID]:
        paper = self.paper
        return [stream for stream in paper.streams if paper.begins_with(stream, ReportReceived)]

    @cached_property
    def counselors(self) -> list[UUID]:
        register = natural(self.paper.id, "counselors", "counselors")
        return sorted(self.paper.folded(register, office_state.fold_counselors))

    @cached_property
    def resources(self) -> list[UUID]:
        """The confidential ones, of the one Title IX pack."""
        pack = natural(self.paper.id, "policy-pack", PACK.pack.code)
        return sorted(self.paper.folded(pack, office_state.fold_resources))

    @cached_property
    def ids(self) -> list[UUID]:
        """Every id that the case knows, those of other streams, and those of other cases."""
        found: list[UUID] = [self.case, *self.paper.streams]
        for stream in self.cases:
            for row in (*self.paper.streams[stream], *self.paper.beside(stream)):
                found += _ids_in(msgspec.structs.astuple(row.event))
        return list(dict.fromkeys(found))

    @cached_property
    def days(self) -> list[date]:
        """The days of this case on which something ends or may begin."""
        state = self.state
        found = [
            state.first_interview_not_before,
            state.review.respond_by if state.review else None,
            state.report.earliest_hearing_on if state.report else None,
            state.hearing.hearing_on if state.hearing else None,
            state.statements_until,
            state.final_on,
            *(window.until for window in state.windows.values()),
        ]
        # A hearing may be set for the last day that there is; nobody waits for that.
        return sorted({day for day in found if day and day.year < date.max.year})

    @cached_property
    def policy(self) -> Policy | None:
        """The one Title IX pack that there is, once it is adopted."""
        pack = natural(self.paper.id, "policy-pack", PACK.pack.code)
        return PACK if pack in self.paper.streams else None

    def context(self, who: Who) -> Context:
        """As a page about the case would have it."""
        reading = self.paper.read([*always_read(self.paper, who), self.case])
        return context_of(self.paper, reading.streams, self.at, who, self.case)

    def in_office(self, *roles: Role) -> list[Who]:
        """Staff with one of these roles at the institution today, and no wall between."""
        return [
            Who("staff", str(key))
            for key, member in self.staff.items()
            if member.roles_on(self.today) & set(roles) and str(key) not in self.walled
        ]

    def acting(self, role: Role | str) -> list[UUID]:
        """Staff whom this case gave that role, and who find it."""
        held = self.state.roles.get(str(role), ())
        return sorted(key for key in held if str(key) not in self.walled)

    def party(self, party_id: UUID) -> list[Who]:
        """The party itself, or the office for it."""
        return [Who("party", str(party_id), self.case), *self.in_office(*_OFFICE)]

    def known_parties(self) -> list[UUID]:
        return [key for key, party in self.state.parties.items() if party.identified]

    def those(self, role: Any) -> list[UUID]:
        return list(self.state.those(role))

    def actors(self, rule: Rule) -> list[Who]:
        """Who may give a command of this row on this case."""
        if Role.SYSTEM in rule.by:
            return [SYSTEM]
        found = self.in_office(*(rule.by & (_BY_OFFICE | {Role.AUDITOR})))
        for role in rule.by:
            found += [Who("staff", str(key)) for key in self.acting(role.value)]
        found += [
            Who("party", str(key), self.case)
            for key, party in self.state.parties.items()
            if Role(party.role) in rule.by
        ]
        if Role.OPERATOR in rule.by:
            found.append(OPERATOR)
        return sorted(set(found), key=lambda who: (who.kind, who.id))

    def anybody(self) -> list[Who]:
        """Whoever may come: staff, strangers, parties of this case and of others, programs."""
        found = [STRANGER, SYSTEM, OPERATOR]
        found += [Who("staff", str(key)) for key in self.staff]
        for case in self.cases:
            state = self.state_of(case)
            people = [*state.parties, *([state.reporter_id] if state.reporter_id else [])]
            found += [Who("party", str(key), case) for key in people]
            found += [Who("party", str(key), self.case) for key in people]
        return found


def _ids_in(values: Any) -> Iterator[UUID]:
    if isinstance(values, UUID):
        yield values
    elif isinstance(values, msgspec.Struct):
        yield from _ids_in(msgspec.structs.astuple(values))
    elif isinstance(values, dict):
        yield from _ids_in(list(values))
    elif isinstance(values, (list, tuple)):
        for value in cast("Sequence[Any]", values):
            yield from _ids_in(value)
