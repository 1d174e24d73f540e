"""What the state of a case is made of: a party, a removal, a hearing, a window to appeal."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from domain.ids import AllegationId, PartyId, StaffId, WitnessId
from domain.terms import Affiliation, MeetingKind, SanctionKind


class Party(Struct, frozen=True):
    role: Literal["complainant", "respondent"]
    identified: bool
    affiliation: Affiliation | None
    has_advisor: bool = False
    advisor_removed: bool = False


class Witness(Struct, frozen=True):
    """`identified`: the case has a name."""

    called_by: PartyId | StaffId
    identified: bool
    affiliation: Affiliation | None
    withdrawn: bool = False


class Measure(Struct, frozen=True):
    for_party: PartyId
    one_sided: bool  # Said not to bind both, where such a measure may.
    status: Literal["offered", "accepted", "active", "ended"]
    since: date | None = None  # The day from which it was in effect.


class Removal(Struct, frozen=True):
    respondent: PartyId
    ordered_by: StaffId
    analysis_id: UUID
    status: Literal["ordered", "served", "challenged", "decided", "lifted"]


class Jurisdiction(Struct, frozen=True):
    in_us: str
    in_program: bool
    definition_met: bool
    participation_test: str
    bound_pack: str
    incident_from: str | None
    incident_to: str | None

    @property
    def failed(self) -> str | None:
        """The ground on which the assessment puts the matter outside the policy, if any."""
        if self.in_us == "no":
            return "not in the United States"
        if not self.in_program:
            return "not in the education program or activity"
        return None if self.definition_met else "not sexual harassment even if proved"


class Meeting(Struct, frozen=True):
    """What a written notice of it said in clear."""

    subject: PartyId | WitnessId
    kind: MeetingKind
    sent_on: date


class Review(Struct, frozen=True):
    """An evidence package and the time to answer it."""

    package_id: UUID
    respond_by: date
    closed: bool = False


class Report(Struct, frozen=True):
    report_id: UUID
    sent_at: datetime
    earliest_hearing_on: date


class Hearing(Struct, frozen=True):
    hearing_id: UUID
    hearing_on: date
    officer: StaffId
    decision_maker: StaffId
    noticed: bool = False
    convened: bool = False
    concluded: bool = False
    recorded: bool = False


class Determination(Struct, frozen=True):
    determination_id: UUID
    no: int
    results: Mapping[AllegationId, str]


class Window(Struct, frozen=True):
    """One party's time to appeal the outcome that stands."""

    until: date
    status: Literal["open", "used", "closed"] = "open"


class Appeal(Struct, frozen=True):
    by: PartyId
    noticed: bool = False
    decided: bool = False


class SanctionState(Struct, frozen=True):
    kind: SanctionKind
    respondent: PartyId
    end_on: date | None
    status: Literal["decided", "implemented", "completed"] = "decided"
    since: date | None = None  # The day on which it was implemented.


class Conflict(Struct, frozen=True):
    """Between one of the staff and the case."""

    staff_id: StaffId
    status: Literal["disclosed", "alleged", "upheld", "not_upheld"]
