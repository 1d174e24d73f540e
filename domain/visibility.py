"""Which role may see which part of a case: printed, tested whole, and asked by every read.

Rows and marks are those of the access matrix, as far as step 1 has them.
Nothing here opens what is sealed but IDENTITIES, and that is recorded first.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Literal, TypeAlias
from uuid import UUID

from domain.context import Context
from domain.errors import NotFound, require
from domain.refusals import No
from domain.rules.gate import held_roles
from domain.state.case import Case
from domain.terms import Role, Stage


class Part(StrEnum):
    """What is read. BOARD and DIARY are lists over cases, all others are of one case."""

    BOARD = "board"
    DIARY = "diary"
    STATE = "state"
    ACTIONS = "actions"
    DEADLINES = "deadlines"
    EVIDENCE = "evidence"
    HISTORY = "history"
    IDENTITIES = "identities"
    DISCLOSURES = "disclosures"
    ACCESS = "access"
    COPY = "copy"


Scope: TypeAlias = Literal["every case", "own cases"]

_OFFICE: dict[Role, Scope] = {Role.COORDINATOR: "every case", Role.DEPUTY: "every case"}
_AUDITOR: dict[Role, Scope] = {Role.AUDITOR: "every case"}
_ASSIGNED: dict[Role, Scope] = dict.fromkeys(
    (Role.INVESTIGATOR, Role.HEARING_OFFICER, Role.DECISION_MAKER, Role.APPEAL_OFFICER),
    "own cases",
)
_PARTIES: dict[Role, Scope] = dict.fromkeys((Role.COMPLAINANT, Role.RESPONDENT), "own cases")

VISIBLE: Mapping[Part, Mapping[Role, Scope]] = {
    Part.BOARD: {**_OFFICE, **_AUDITOR, **_ASSIGNED},
    Part.DIARY: {**_OFFICE, **_AUDITOR},
    Part.STATE: {
        **_OFFICE,
        **_AUDITOR,
        **_ASSIGNED,
        **_PARTIES,
        Role.REPORTER: "own cases",
    },
    Part.ACTIONS: {**_OFFICE, **_ASSIGNED, **_PARTIES},
    Part.DEADLINES: {**_OFFICE, **_AUDITOR, **_ASSIGNED, **_PARTIES},
    Part.EVIDENCE: {**_OFFICE, **_AUDITOR, Role.INVESTIGATOR: "own cases"},
    # "Full history replay": of those assigned, investigators alone.
    Part.HISTORY: {**_OFFICE, **_AUDITOR, Role.INVESTIGATOR: "own cases"},
    # Beside the role, a ground: `domain/reveal.py`.
    Part.IDENTITIES: {**_OFFICE, **_AUDITOR, **_ASSIGNED},
    # Two logs: what was told of a party is its own to read, who looked is not. 34 CFR 99.32 [S].
    Part.DISCLOSURES: {**_OFFICE, **_AUDITOR, **_PARTIES},
    Part.ACCESS: {**_OFFICE, **_AUDITOR},
    Part.COPY: {**_OFFICE, **_PARTIES},
}


def see(part: Part, case: Case, context: Context) -> frozenset[Role]:
    """The roles in which this part of a case may be seen.

    Errors: NotFound, the same for a case that is missing or hidden; Refused(ROLE_NOT_ALLOWED) to
    those who may know of it.
    """
    held = held_roles(case, context) if case.stage is not Stage.NONE else frozenset()
    if not held:
        raise NotFound
    seeing = held & VISIBLE[part].keys()
    require(seeing, No.ROLE_NOT_ALLOWED)
    return seeing


def list_scope(part: Part, office: frozenset[Role]) -> Scope:
    """Over which cases somebody with these office roles may read a list.

    Errors: Refused(ROLE_NOT_ALLOWED). That there is a board is no secret.
    """
    scopes = {VISIBLE[part][role] for role in office if role in VISIBLE[part]}
    require(scopes, No.ROLE_NOT_ALLOWED)
    return "every case" if "every case" in scopes else "own cases"


_OFFICE_ONLY = frozenset({*_OFFICE, *_AUDITOR})
_INQUIRY = _OFFICE_ONLY | {Role.INVESTIGATOR}
_PROCESS = frozenset({*_OFFICE_ONLY, *_ASSIGNED, *_PARTIES})
_STATUS = _PROCESS | {Role.REPORTER}
_OUTCOME = _PROCESS - {Role.INVESTIGATOR}
_APPEALS = frozenset({*_OFFICE_ONLY, Role.APPEAL_OFFICER, *_PARTIES})

# Who sees a field of the state of a case, whole.
FIELDS: Mapping[str, frozenset[Role]] = {
    # "See own report status"
    "stage": _STATUS,
    "received_at": _STATUS,
    "report_ids": _STATUS,
    # The report and its assessment
    "reported_from": _INQUIRY,
    "reported_to": _INQUIRY,
    "intake_pack": _PROCESS,
    "reporter_id": _OFFICE_ONLY,  # "Reporter identity": not even its pseudonym.
    "anonymous": _OFFICE_ONLY,
    "type_only": _OFFICE_ONLY,
    "reporter_identified": _OFFICE_ONLY,
    "duty_unmet": _OFFICE_ONLY,
    "danger_reported": _OFFICE_ONLY,
    "jurisdiction": _INQUIRY,
    "incidents": _INQUIRY,
    # The parties, by their ids and roles
    "parties": _PROCESS,
    "witnesses": _PROCESS - _PARTIES.keys(),
    "rights_given": _OFFICE_ONLY,
    "topics_told": _OFFICE_ONLY,
    "attempts": _OFFICE_ONLY,
    "failed_attempts": _OFFICE_ONLY,
    # "Supportive measures": not even to those who decide. 34 CFR 106.30 [P].
    "measures": _OFFICE_ONLY,
    "counselors": _OFFICE_ONLY,
    "response_documented": _OFFICE_ONLY,
    "removals": _OFFICE_ONLY,
    # The complaint and the inquiry
    "complaint_id": _PROCESS,
    "complaint_signed_on": _PROCESS,
    "bound_pack": _PROCESS,
    "bound_by": _PROCESS,
    "allegations": _PROCESS,
    "first_interview_not_before": _PROCESS,
    "informal_offered": _PROCESS,
    "roles": _PROCESS,  # The notice names who acts. 34 CFR 106.45(b)(2) [S].
    "roles_left": _OFFICE_ONLY,
    "investigators": _PROCESS,
    "conflicts": _OFFICE_ONLY,
    "meetings": _INQUIRY,
    "review": _PROCESS,
    "responses": _INQUIRY,
    "report": _PROCESS,
    "hearing": _PROCESS,
    # "Determination", "Appeal file / decide"
    "determination": _OUTCOME,
    "results": _OUTCOME,
    "sanctions": _OUTCOME,
    "remedies_owed": _OFFICE_ONLY,
    "windows": _APPEALS - _PARTIES.keys(),
    "appeals": _APPEALS,
    "statements_until": _APPEALS,
    "final_basis": _OUTCOME,
    "final_on": _OUTCOME,
    "respondents_sealed": _OFFICE_ONLY,
}


def _keyed(values: Mapping[UUID, Any], me: UUID) -> dict[UUID, Any]:
    return {key: value for key, value in values.items() if key == me}


# What of other fields a party sees: its own.
OWN: Mapping[str, Callable[[Any, UUID], Any]] = {
    "rights_given": lambda given, me: given & {me},
    "witnesses": lambda witnesses, me: {
        key: witness for key, witness in witnesses.items() if witness.called_by == me
    },
    "topics_told": _keyed,
    "measures": lambda measures, me: {
        key: measure for key, measure in measures.items() if measure.for_party == me
    },
    "counselors": _keyed,
    "removals": lambda removals, me: {
        key: removal for key, removal in removals.items() if removal.respondent == me
    },
    "windows": _keyed,
}


def shown(case: Case, seeing: frozenset[Role], me: str) -> dict[str, Any]:
    """The fields of a case that these roles may see, for the actor `me`. Sealed values are there
    as they stand: sealed."""
    fields: dict[str, Any] = {}
    for name in case.__struct_fields__:
        value = getattr(case, name)
        if seeing & FIELDS[name]:
            fields[name] = value
        elif seeing & _PARTIES.keys() and name in OWN:
            fields[name] = OWN[name](value, UUID(me))
    return fields


def pseudonyms(case: Case) -> dict[UUID, str]:
    """What those of a case are called: C-1, R-1, W-1, in the order in which they came in."""
    letters = [(key, party.role[0].upper()) for key, party in case.parties.items()]
    called: dict[UUID, str] = {}
    for key, letter in [*letters, *((key, "W") for key in case.witnesses)]:
        number = 1 + sum(other.startswith(letter) for other in called.values())
        called[key] = f"{letter}-{number}"
    return called
