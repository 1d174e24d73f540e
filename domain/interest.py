"""Legitimate institutional interest, as tables: who may read for what, and which words those are.

02.2.20 IV.C.3.a [P]; TEC 51.256 [P]; the rows are those of the access matrix (model.md, 5.1).
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple
from uuid import UUID

from domain.events import Event, case
from domain.owners import sealed_fields
from domain.terms import CaseRole, FieldScope, Purpose, Role

OFFICE = frozenset({Role.COORDINATOR, Role.DEPUTY})


class Interest(NamedTuple):
    """`fields`: the most that a grant for this purpose covers. `in_process`: goes on when the
    respondent's identity is sealed. `standing`: how long the office role is ground enough, without
    a grant; by the role alone nothing is in process any more when the process is over, and what is
    opened always is words of parties then."""

    roles: frozenset[Role]
    fields: frozenset[FieldScope]
    in_process: bool = False
    standing: Literal["never", "in_process", "always"] = "never"


_PROCESS = frozenset[FieldScope](
    {"parties", "witnesses", "advisors", "statements", "narratives", "evidence"}
)
_TASK = frozenset[FieldScope]({"parties", "narratives"})

INTERESTS: Mapping[Purpose, Interest] = {
    # The office, by its role; measures outlast the process
    "intake": Interest(OFFICE, _PROCESS | {"reporter"}, in_process=True, standing="in_process"),
    "support": Interest(
        OFFICE, _TASK | {"advisors", "measures", "links"}, in_process=True, standing="always"
    ),
    # Who acts on the case, by a grant that comes with the role
    "investigate": Interest(
        frozenset({Role.INVESTIGATOR}), _PROCESS | {"reporter"}, in_process=True
    ),
    "hear": Interest(frozenset({Role.HEARING_OFFICER}), _PROCESS, in_process=True),
    "decide": Interest(frozenset({Role.DECISION_MAKER}), _PROCESS, in_process=True),
    "appeal": Interest(frozenset({Role.APPEAL_OFFICER}), _PROCESS, in_process=True),
    # The office, by a grant that another of the office gives
    "implement_sanction": Interest(OFFICE, _TASK),
    "implement_measure": Interest(OFFICE, _TASK | {"measures"}),
    "registrar": Interest(OFFICE, _TASK),
    "ceo_report": Interest(OFFICE, _TASK),
    "legal": Interest(OFFICE, _PROCESS | {"reporter", "measures", "access", "links"}),
    # Auditors, by a grant that general counsel approved
    "audit": Interest(
        frozenset({Role.AUDITOR}), _PROCESS | {"reporter", "measures", "access", "links"}
    ),
}

PURPOSE_OF: Mapping[CaseRole, Purpose] = {
    "investigator": "investigate",
    "hearing_officer": "hear",
    "decision_maker": "decide",
    "appeal_officer": "appeal",
}

# Words under a party's key, by the event that holds them; what is not here is the office's alone.
OF_PARTY: Mapping[str, FieldScope] = {
    "PartyAdded": "parties",
    "PartyIdentified": "parties",
    "ComplainantContacted": "measures",
    "SupportiveMeasureOffered": "measures",
    "CounselorAssigned": "measures",
    "RemedyProvided": "measures",
    "AdvisorSelected": "advisors",
    "AdvisorProvided": "advisors",
    "EmergencyRemovalChallenged": "statements",
    "InterviewHeld": "statements",
    "PartyResponseReceived": "statements",
    "AppealFiled": "statements",
}

_OF_OWNER: Mapping[str, FieldScope] = {
    "reporter": "reporter",
    "witness": "witnesses",
    "case": "narratives",
    "evidence": "evidence",
}


# Texts in which anybody of the case may be named, whoever's key they are under.
MAY_NAME_ANYBODY = frozenset[FieldScope](
    {"narratives", "statements", "witnesses", "evidence", "access"}
)


class Words(NamedTuple):
    """One sealed value: of which kind, and whose."""

    scope: FieldScope
    owner_kind: str
    owner_id: UUID


def words_at(event: object, stream: UUID, path: str) -> Words | None:
    """The sealed value at a place of an event; None: there is none that a case can open."""
    for field in sealed_fields(event, stream):
        if field.path == path and field.owner_kind != "person":
            return Words(_scope(event, path, field.owner_kind), field.owner_kind, field.owner_id)
    return None


def _scope(event: object, path: str, owner_kind: str) -> FieldScope:
    if path == "person" and isinstance(event, case.PartyIdentified | case.WitnessAdded):
        return "links"  # Leads to other cases.
    if isinstance(event, case.CounselorAssigned):
        return "measures"  # Of a reporter, too.
    if isinstance(event, Event) and type(event).__module__ == "domain.events.access":
        return "access"
    if owner_kind == "party":
        return OF_PARTY.get(type(event).__name__, "measures")
    return _OF_OWNER[owner_kind]
