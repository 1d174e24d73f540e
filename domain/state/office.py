"""The state of the office: one staff member, the counselors, the packs adopted, the calendar."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import reduce
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.deadlines import Calendar
from domain.events import Event
from domain.events import office as on
from domain.ids import CounselorId, StaffId
from domain.policy import Adopted, Policy, load
from domain.terms import OfficeRole, RelationKind, Role


class Term(Struct, frozen=True):
    start_on: date
    until: date | None
    revoked: bool = False

    def covers(self, day: date) -> bool:
        inside = self.start_on <= day and (self.until is None or day <= self.until)
        return inside and not self.revoked


class Relation(Struct, frozen=True):
    kind: RelationKind
    until: date | None


class StaffMember(Struct, frozen=True, kw_only=True):
    staff_id: StaffId | None = None
    office: str | None = None
    roles: Mapping[OfficeRole, Term] = {}
    training: Mapping[str, date] = {}  # Topic → valid until.
    relations: Mapping[UUID, Relation] = {}
    left_on: date | None = None

    @property
    def here(self) -> bool:
        """Registered, and has not left."""
        return self.staff_id is not None and self.left_on is None

    @property
    def ended(self) -> frozenset[Role]:
        """Roles that count no more, wherever they were given."""
        if self.left_on is not None:
            return frozenset(Role)
        return frozenset(Role(role) for role, term in self.roles.items() if term.revoked)

    def roles_on(self, day: date) -> frozenset[Role]:
        """A confidential employee is nothing else here: what such a person hears goes no further.

        TEC 51.290(c) [P].
        """
        if self.left_on is not None:
            return frozenset()
        held = frozenset(Role(role) for role, term in self.roles.items() if term.covers(day))
        only = held & {Role.CONFIDENTIAL_EMPLOYEE}
        return only or held


def fold_staff(events: Iterable[Event]) -> StaffMember:
    return reduce(evolve_staff, events, StaffMember())


def evolve_staff(state: StaffMember, event: Event) -> StaffMember:
    match event:
        case on.StaffRegistered():
            return replace(state, staff_id=event.staff_id, office=event.office)
        case on.RoleGranted():
            return replace(
                state, roles={**state.roles, event.role: Term(event.start_on, event.until)}
            )
        case on.RoleRevoked():
            term = replace(state.roles[event.role], revoked=True)
            return replace(state, roles={**state.roles, event.role: term})
        case on.StaffLeft():
            return replace(state, left_on=event.left_on)
        case on.RelationDeclared():
            relation = Relation(event.kind, event.until)
            return replace(state, relations={**state.relations, event.relation_id: relation})
        case on.TrainingCompleted():
            until = max(event.valid_until, state.training.get(event.topic, event.valid_until))
            return replace(state, training={**state.training, event.topic: until})
        case _:
            raise AssertionError(f"no arm for {type(event).__name__}")


def fold_counselors(events: Iterable[Event]) -> frozenset[CounselorId]:
    """The register: who may be assigned."""
    return frozenset(e.counselor_id for e in events if isinstance(e, on.CounselorListed))


def adoptions(events: Iterable[Event]) -> tuple[on.PolicyAdopted, ...]:
    """Of a pack's events those that put a version of it in force."""
    return tuple(event for event in events if isinstance(event, on.PolicyAdopted))


def fold_resources(events: Iterable[Event]) -> frozenset[UUID]:
    """The confidential resources that are designated under one pack."""
    return frozenset(
        e.resource_id for e in events if isinstance(e, on.ConfidentialResourceDesignated)
    )


def fold_pack(events: Iterable[Event]) -> tuple[Adopted, ...]:
    """The versions of one Title IX pack as adopted. A mistreatment pack binds no case."""
    adopted = []
    for event in adoptions(events):
        policy = load(event.code, event.version)
        if isinstance(policy, Policy):
            adopted.append(
                Adopted(
                    effective_from=event.effective_from,
                    effective_to=event.effective_to,
                    policy=policy,
                )
            )
    return tuple(adopted)


def fold_calendar(events: Iterable[Event], zone: str) -> Calendar:
    marks: dict[date, bool] = {}
    for event in events:
        assert isinstance(event, on.CalendarDayMarked)
        marks[event.day] = event.closed
    return Calendar(
        zone,
        closed=frozenset(day for day, closed in marks.items() if closed),
        opened=frozenset(day for day, closed in marks.items() if not closed),
    )
