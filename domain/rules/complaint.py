"""The formal complaint: 34 CFR 106.30 [P]; the policy, II, III(h)-(o), IV.C.2 [P]."""

from collections.abc import Sequence
from datetime import date
from typing import Literal
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import Refused, require
from domain.events import Event
from domain.events.case import Allegation, FormalComplaintSigned
from domain.ids import AllegationId, IncidentId, Narrative, PartyId, Secret, StaffId
from domain.policy import Policy
from domain.refusals import No
from domain.rules.binding import bind
from domain.rules.known import TWICE, party, said, valid
from domain.state.case import Case
from domain.terms import ConductType, Role

# The two ways of sexual harassment that are not an offense of their own.
_PRONGS: frozenset[str | None] = frozenset({"quid_pro_quo", "hostile_environment"})
_NONE: frozenset[str | None] = frozenset({None})
_TAKES_PART: dict[str | None, Literal["yes", "no", "n/a"]] = {"yes": "yes", "no": "no"}


class Alleged(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One allegation, as the complaint states it: one complainant, one respondent, one act."""

    allegation_id: AllegationId
    complainant_id: PartyId
    respondent_id: PartyId | None = None
    category: ConductType
    subtype: (
        Literal[
            "quid_pro_quo",
            "hostile_environment",
            "rape",
            "fondling",
            "incest",
            "statutory_rape",
        ]
        | None
    ) = None
    incident_id: IncidentId | None = None


class SignFormalComplaint(Command):
    complaint_id: UUID
    capacity: Literal["complainant", "coordinator"]
    signed_by: PartyId | StaffId
    signed_on: date
    document: Narrative
    signature_kind: (
        Literal["physical", "digital", "electronic_submission", "other_indication"] | None
    ) = None
    signature: Secret | None = None
    requests_investigation: bool = False
    allegations: tuple[Alleged, ...] = ()
    participation_at_filing: Literal["yes", "no", "n/a"] | None = None


def may_sign(state: Case, _context: Context) -> None:
    """Every complainant who can be told knows that anonymity cannot be promised."""
    for key, complainant in state.those("complainant").items():
        told = "identity_may_be_disclosed" in state.topics_told.get(key, ())
        require(told or not complainant.identified, No.IDENTITY_WARNING_REQUIRED)


def sign(command: SignFormalComplaint, state: Case, context: Context) -> Sequence[Event]:
    """By an identified complainant, against somebody, asking that it be investigated."""
    if command.capacity == "coordinator":
        require(context.office & {Role.COORDINATOR, Role.DEPUTY}, No.NOT_COORDINATOR)
        # The records of the complainant's wishes and of the evaluation come with step 3.
        raise Refused(No.SIGNING_EVALUATION_REQUIRED)
    own = context.who.kind == "staff" or context.actor == str(command.signed_by)
    require(own, No.ROLE_NOT_ALLOWED)
    signed = command.signature_kind and command.signature and not command.signature.blank
    require(signed, No.COMPLAINT_UNSIGNED)
    assert command.signature is not None
    complainant = state.those("complainant").get(command.signed_by)
    require(complainant and complainant.identified, No.COMPLAINT_CANNOT_BE_ANONYMOUS)
    assert complainant is not None
    require(command.requests_investigation, No.REQUEST_TO_INVESTIGATE_REQUIRED)
    named = command.allegations and all(one.respondent_id for one in command.allegations)
    require(named, No.RESPONDENT_REQUIRED)
    require(command.signed_on <= context.today, No.DATE_IN_FUTURE)
    said(command.document, "document")
    bound_pack, bound_by = bind(state.reported_from, state.reported_to, state, context)
    policy = context.policy(replace(state, bound_pack=bound_pack))
    ids = {one.allegation_id for one in command.allegations}
    valid(len(ids) == len(command.allegations), "allegations.allegation_id", TWICE)
    allegations = tuple(_alleged(one, command, state, policy) for one in command.allegations)
    takes_part = _TAKES_PART.get(command.participation_at_filing, "n/a")
    outside = complainant.affiliation == "third_party"
    require(takes_part != "n/a" or not outside, No.PARTICIPATION_TEST_REQUIRED)
    return [
        restate(
            FormalComplaintSigned,
            command,
            signature_hmac=context.mac("signature", command.signature.raw()),
            allegations=allegations,
            participation_at_filing=takes_part,
            bound_pack=bound_pack,
            bound_by=bound_by,
        )
    ]


def _alleged(one: Alleged, command: SignFormalComplaint, state: Case, policy: Policy) -> Allegation:
    """Of the signer, against a respondent of the case, of a kind that the policy defines."""
    own = one.complainant_id == command.signed_by
    valid(own, "allegations.complainant_id", "is not who signs")
    assert one.respondent_id is not None
    respondent = party(state, one.respondent_id, "respondent", field="allegations.respondent_id")
    of_case = one.incident_id is None or one.incident_id in state.incidents
    valid(of_case, "allegations.incident_id", "names no incident of this case")
    rules = policy.categories
    require(one.category in rules.listed, No.NOT_TITLE_IX_CATEGORY)
    if one.category == "sexual_assault":
        require(one.subtype in rules.sexual_assault_subtypes, No.SA_SUBTYPE_REQUIRED)
    else:
        prongs = _PRONGS if one.category == "sexual_harassment" else _NONE
        valid(one.subtype in prongs, "allegations.subtype", "is not of this category, or missing")
    if one.subtype == "quid_pro_quo" and respondent.affiliation:
        employee = respondent.affiliation in rules.quid_pro_quo_respondents
        require(employee, No.QUID_PRO_QUO_NEEDS_EMPLOYEE)
    return Allegation(
        allegation_id=one.allegation_id,
        complainant_id=one.complainant_id,
        respondent_id=one.respondent_id,
        category=one.category,
        subtype=one.subtype,
        incident_id=one.incident_id,
    )
