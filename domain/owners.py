"""Which field is sealed under whose key: one table, read by the ledger."""

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

import msgspec

from domain.events import Event, access, case, evidence, office, person
from domain.identifiers import Term
from domain.ids import Secret
from domain.indexed import terms

OwnerKind: TypeAlias = Literal["party", "reporter", "witness", "case", "evidence", "person"]


class SealedField(NamedTuple):
    """One sealed value of one event: where it stands and whose key seals it.

    `terms`: what of it the blind index is to know, in plain text, before it is sealed.
    """

    path: str
    owner_kind: OwnerKind
    owner_id: UUID
    pad: int
    terms: tuple[Term, ...] = ()


class Owner(NamedTuple):
    """The kind of owner, and the event field that names it. `stream`: the case's own stream."""

    kind: OwnerKind
    named_by: str


CASE = Owner("case", "stream")
PERSON = Owner("person", "stream")

OWNERS: dict[type[Event], dict[str, Owner]] = {
    case.ReportReceived: {
        "narrative": CASE,
        "place": CASE,
        "country": CASE,
        "reporter_name": Owner("reporter", "reporter_id"),
        "reporter_contact": Owner("reporter", "reporter_id"),
        "relation": Owner("reporter", "reporter_id"),
    },
    case.PartyAdded: dict.fromkeys(
        ("name", "contact", "detail", "minor"), Owner("party", "party_id")
    ),
    case.PartyIdentified: dict.fromkeys(
        ("name", "contact", "detail", "person"), Owner("party", "subject")
    ),
    case.WitnessAdded: dict.fromkeys(
        ("name", "contact", "detail", "person"), Owner("witness", "witness_id")
    ),
    case.ComplainantContacted: {"note": Owner("party", "party_id")},
    case.JurisdictionAssessed: {"rationale": CASE},
    case.IncidentClassified: {"occasions[].place": CASE, "reason": CASE},
    case.SupportiveMeasureOffered: dict.fromkeys(
        ("burden_assessment", "detail"), Owner("party", "for_party")
    ),
    case.CounselorAssigned: {"note": Owner("party", "person")},
    case.ResponseBasisDocumented: {"not_deliberately_indifferent_basis": CASE},
    case.EmergencyRemovalOrdered: {"analysis": CASE},
    case.EmergencyRemovalChallenged: {"grounds": Owner("party", "respondent")},
    case.EmergencyRemovalChallengeDecided: {"reason": CASE},
    case.FormalComplaintSigned: {"document": CASE},
    case.NoticeOfAllegationsIssued: {"text": CASE},
    case.ConflictDisclosed: {"note": CASE},
    case.ConflictAlleged: {"note": CASE},
    case.ConflictDecided: {"note": CASE},
    case.AdvisorSelected: dict.fromkeys(
        ("name", "contact", "attorney"), Owner("party", "for_party")
    ),
    case.AdvisorProvided: dict.fromkeys(
        ("name", "contact", "attorney"), Owner("party", "for_party")
    ),
    case.MeetingNoticeSent: dict.fromkeys(("at", "participants", "place"), CASE),
    case.InterviewHeld: {"notes": Owner("party", "subject")},
    case.PartyResponseReceived: {"text": Owner("party", "party_id")},
    case.InvestigativeReportIssued: {"report": CASE},
    case.HearingNoticeSent: dict.fromkeys(("at", "place", "participants"), CASE),
    case.QuestionRuled: {"question": CASE, "explanation": CASE},
    case.DeterminationIssued: {"text": CASE},
    case.AppealFiled: {"effect_on_outcome": Owner("party", "by")},
    case.AppealDecided: {"rationale": CASE},
    case.RemedyProvided: {"detail": Owner("party", "for_party")},
    access.DisclosureRecorded: dict.fromkeys(
        ("recipient", "necessity", "threat"), Owner("case", "case")
    ),
    evidence.EvidenceAdded: dict.fromkeys(
        ("description", "source", "file_name"), Owner("evidence", "evidence_id")
    ),
    evidence.EvidenceClassified: {"reason": Owner("evidence", "stream")},
    office.StaffRegistered: dict.fromkeys(
        ("name", "institutional_id"), Owner("person", "staff_id")
    ),
    office.RelationDeclared: {"person": PERSON},
    office.CounselorListed: {"name": Owner("person", "counselor_id")},
    person.PersonRegistered: dict.fromkeys(("identity", "contact", "institutional_id"), PERSON),
    person.PersonLinked: dict.fromkeys(("case", "subject"), PERSON),
}

# Where a field of the event says of what kind the owner is.
KIND_IN: dict[type[Event], str] = {
    case.PartyIdentified: "subject_kind",
    case.CounselorAssigned: "person_kind",
    case.InterviewHeld: "subject_kind",
}


def sealed_fields(event: object, stream: UUID) -> list[SealedField]:
    """Every sealed value that this event holds, in the order of the table."""
    if not isinstance(event, Event):
        return []
    found = []
    for pattern, owner in OWNERS.get(type(event), {}).items():
        told_by = KIND_IN.get(type(event))
        kind = getattr(event, told_by) if told_by else owner.kind
        for path, text in _values(event, pattern):
            owner_id = stream if owner.named_by == "stream" else getattr(event, owner.named_by)
            assert owner_id is not None, f"{type(event).__name__}.{path} has no key owner"
            known = terms(event, pattern, text)
            found.append(SealedField(path, kind, owner_id, text.PAD, known))
    return found


def _values(event: object, pattern: str) -> Iterator[tuple[str, Secret]]:
    """The values at `field` or `list[].field`, with the names and indexes they are stored under."""
    if "[]." in pattern:
        name, inner = pattern.split("[].")
        for index, item in enumerate(getattr(event, name)):
            for path, text in _values(item, inner):
                yield f"{_stored_name(event, name)}[{index}].{path}", text
    elif isinstance(text := getattr(event, pattern), Secret):
        yield _stored_name(event, pattern), text


def _stored_name(event: object, name: str) -> str:
    assert isinstance(event, msgspec.Struct)
    fields = type(event).__struct_fields__
    return type(event).__struct_encode_fields__[fields.index(name)]
