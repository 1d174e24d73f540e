"""What a decision may know besides the state: who, when, under which policy, facts elsewhere."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Literal
from uuid import UUID

from msgspec import Struct

from domain.deadlines import Calendar, Length
from domain.errors import require
from domain.ids import CaseId, CounselorId, EvidenceId, PersonId, StaffId, access_stream
from domain.policy import Adopted, Policy, at_intake
from domain.refusals import No
from domain.state.access import Access
from domain.state.case import Case
from domain.state.evidence import EvidenceItem
from domain.state.office import StaffMember
from domain.state.person import Person
from domain.terms import Role


class Who(Struct, frozen=True):
    """The actor as sign-in established it.

    `id`: staff_id, party_id, reporter_id, or the words `operator` and `system`. A party's or
    reporter's sign-in names the one case it is good for.
    """

    kind: Literal["staff", "party", "operator", "system"]
    id: str
    case: CaseId | None = None


SYSTEM = Who("system", "system")
OPERATOR = Who("operator", "operator")


class Fact(Enum):
    """What a rule reads from streams other than its own; the append guards each of them."""

    STAFF = "staff"  # Every staff member that the command names.
    EVIDENCE = "evidence"  # Every item that the command names.
    COUNSELORS = "counselors"
    PERSON = "person"  # Every Person that the command names.
    ACCESS = "access"  # The grants on the case.
    CONCERNED = "concerned"  # Whom of the staff named the blind index knows in this case.
    CASE = "case"  # The case that an item of evidence belongs to.


class Context(Struct, frozen=True, kw_only=True):
    now: datetime
    ledger: UUID
    calendar: Calendar
    who: Who
    office: frozenset[Role]  # Office roles in force today.
    ended: frozenset[Role] = frozenset()  # Of the actor: what counts no more, on cases too.
    packs: tuple[Adopted, ...]
    mac: Callable[[str, str], str]  # Keyed HMAC: purpose, text → hex. The key is not here.
    staff: Mapping[StaffId, StaffMember] = {}
    evidence: Mapping[EvidenceId, EvidenceItem] = {}
    counselors: frozenset[CounselorId] = frozenset()
    resources: Mapping[str, frozenset[UUID]] = {}  # Confidential ones, by the code of their pack.
    persons: Mapping[PersonId, Person] = {}
    case: Case = Case()
    case_id: CaseId | None = None
    access: Access = Access()
    concerned: frozenset[StaffId] = frozenset()  # Of the staff named: known in the case otherwise.

    @property
    def today(self) -> date:
        """The date at the institution at the moment of the decision."""
        return self.calendar.day_of(self.now)

    @property
    def actor(self) -> str:
        return self.who.id

    @property
    def access_stream(self) -> UUID:
        """Of the case that this decision is about."""
        assert self.case_id is not None
        return access_stream(self.ledger, self.case_id)

    @property
    def staff_id(self) -> StaffId:
        """The staff member who acts; only for commands that staff alone may give."""
        return UUID(self.who.id)

    def policy(self, state: Case) -> Policy:
        """The pack that governs this case: the one it is bound to, or that of intake."""
        ref = state.bound_pack or state.intake_pack
        for adopted in self.packs:
            if ref in (None, adopted.ref):
                return adopted.policy
        raise AssertionError(f"pack {ref} was adopted when the case was bound to it")

    def intake(self) -> Adopted:
        """The pack of the day of receipt. Errors: POLICY_PARAMETER_UNSET before any adoption."""
        adopted = at_intake(self.packs, self.today)
        require(adopted, No.POLICY_PARAMETER_UNSET, parameter="policy pack")
        assert adopted is not None
        return adopted

    def last_day(self, length: Length, parameter: str, start: date | None = None) -> date:
        """The last day of a period from `start` (today). Errors: POLICY_PARAMETER_UNSET."""
        require(length.days is not None, No.POLICY_PARAMETER_UNSET, parameter=parameter)
        return self.calendar.last_day(start or self.today, length)

    def day_after(self, day: date) -> date:
        return day + timedelta(days=1)
