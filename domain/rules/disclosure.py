"""Telling somebody outside: 20 U.S.C. 1232g(b) [P]; TEC 51.256, 51.291 [P]; 19 TAC 3.17 [P].

Every disclosure is recorded with its ground; the parties may read what was told of them. Whoever
acts on the case reads under a grant, which is no disclosure and stands in the access audit.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal, NamedTuple
from uuid import UUID

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import require
from domain.events import Event
from domain.events.access import DisclosureRecorded, FinalResultsDisclosed, WaiverRecorded
from domain.ids import Narrative, PartyId, Secret
from domain.refusals import No
from domain.rules.known import new_id, party, said, valid
from domain.state.access import Access
from domain.state.case import Case
from domain.terms import DisclosedItem, DisclosureInterest, Recipient, Stage

# Stands on every answer that tells something of a record. 34 CFR 99.33 [S].
NO_REDISCLOSURE = (
    "This information is from education records. It may not be disclosed to anybody else without "
    "the written consent of the person it is about, and may be used only for the purpose for which "
    "it was given (34 CFR 99.33)."
)


class Basis(NamedTuple):
    """A lawful ground. `needs`: what else must be said, or the code that asks for it.
    `when_sealed`: also of a respondent who was cleared."""

    cite: str
    recipients: frozenset[Recipient]
    needs: No | None = None
    when_sealed: bool = False


def _basis(
    cite: str, *recipients: Recipient, needs: No | None = None, when_sealed: bool = False
) -> Basis:
    return Basis(cite, frozenset(recipients), needs, when_sealed)


BASES: Mapping[str, Basis] = {
    "police_investigation": _basis("TEC 51.291; 19 TAC 3.17(b) [P]", "police"),
    "emergency_treatment": _basis("TEC 51.291; 19 TAC 3.17(b) [P]", "health_provider"),
    "health_or_safety": _basis(
        "20 U.S.C. 1232g(b)(1)(I) [P]",
        *("police", "health_provider", "person_named_in_consent", "party"),
        needs=No.THREAT_STATEMENT_REQUIRED,
    ),
    "subpoena": _basis(
        "20 U.S.C. 1232g(b)(2)(B) [P]",
        *("court", "police"),
        needs=No.ADVANCE_NOTICE_REQUIRED,
        when_sealed=True,
    ),
    "investigation": _basis("TEC 51.256; 19 TAC 3.17 [P]", "investigation_contractor"),
    "accused_as_required": _basis("TEC 51.256; 19 TAC 3.17 [P]", "accused", when_sealed=True),
    "witness_as_needed": _basis("TEC 51.256; 19 TAC 3.17 [P]", "witness"),
    "grievance_process": _basis("34 CFR 106.6(e) [S]", "party", "accused", when_sealed=True),
    "request_of_institution": _basis("TEC 51.287(b) [K]", "other_institution"),
    "oversight": _basis("20 U.S.C. 1232g(b)(1)(C) [P]", "education_agency"),
    "written_waiver": _basis(
        "TEC 51.256 [P]; 34 CFR 99.30 [K]",
        *("person_named_in_consent", "other_institution", "party"),
        needs=No.DISCLOSURE_BASIS_REQUIRED,
        when_sealed=True,
    ),
}

# Told in their own way, which is narrower.
FINAL_RESULTS = "final_results"
THREE = frozenset({"name", "violation", "sanction"})


class RecordDisclosure(Command):
    disclosure_id: UUID
    about: tuple[PartyId, ...]
    recipient_class: Recipient
    interest: DisclosureInterest
    basis: str | None = None
    items: tuple[DisclosedItem, ...]
    minimum_necessary: bool = False
    advance_notice_on: date | None = None
    sealed_order: bool = False
    waiver_id: UUID | None = None
    recipient: Secret
    necessity: Narrative | None = None
    threat: Narrative | None = None


class DiscloseFinalResults(Command):
    disclosure_id: UUID
    party_id: PartyId
    to_class: Literal["alleged_victim", "anyone"]
    items: tuple[str, ...]


class RecordWaiver(Command):
    waiver_id: UUID
    party_id: PartyId
    scope: tuple[DisclosedItem, ...]
    in_writing: bool = False


def record(command: RecordDisclosure, state: Access, context: Context) -> Sequence[Event]:
    """On a listed ground, to whom it allows, no more than is needed."""
    new_id(command.disclosure_id in state.disclosures, "disclosure_id")
    valid(command.about, "about", "is empty")
    for party_id in command.about:
        party(context.case, party_id, field="about")
    valid(command.items, "items", "is empty")
    said(command.recipient, "recipient")
    require(command.basis != FINAL_RESULTS, No.FINAL_RESULTS_ONLY)
    basis = BASES.get(command.basis or "")
    allowed = basis and command.recipient_class in basis.recipients
    least = command.minimum_necessary and command.necessity and not command.necessity.blank
    require(allowed and least, No.DISCLOSURE_BASIS_REQUIRED)
    assert basis is not None
    cleared = set(command.about) & context.case.respondents_sealed
    require(not cleared or basis.when_sealed, No.RESPONDENT_SEALED)
    if basis.needs:
        require(_there_is(basis.needs, command, state, context), basis.needs)
    return [restate(DisclosureRecorded, command, case=context.case_id)]


def may_tell_results(case: Case, _context: Context) -> None:
    require(case.stage in (Stage.FINAL, Stage.CLOSED), No.NOT_FINAL)


def final_results(
    command: DiscloseFinalResults, state: Access, context: Context
) -> Sequence[Event]:
    """Name, violation and sanction: to the alleged victim, or, where that violation was found, to
    anyone. Of a crime of violence or a nonforcible sex offense alone, whatever else was found."""
    case = context.case
    new_id(command.disclosure_id in state.disclosures, "disclosure_id")
    party(case, command.party_id, "respondent")
    found = _found(case, command.party_id)
    require(found or command.to_class == "alleged_victim", No.RESPONDENT_SEALED)
    once = len(command.items) == len(THREE)
    require(once and set(command.items) == THREE, No.FINAL_RESULTS_ONLY)
    offenses = set(context.policy(case).disclosure.final_results)
    alleged = {
        one.category for one in case.allegations.values() if one.respondent_id == command.party_id
    }
    ground = alleged if command.to_class == "alleged_victim" else found
    require(ground & offenses, No.DISCLOSURE_BASIS_REQUIRED)
    violations = found & offenses
    sanctions = [
        one.kind
        for one in case.sanctions.values()
        if violations and one.respondent == command.party_id
    ]
    return [
        restate(
            FinalResultsDisclosed,
            command,
            violations=tuple(sorted(violations)),
            sanctions=tuple(sorted(sanctions)),
        )
    ]


def waive(command: RecordWaiver, state: Access, context: Context) -> Sequence[Event]:
    """By the person it is about, in writing, for what is named."""
    new_id(command.waiver_id in state.waivers, "waiver_id")
    party(context.case, command.party_id)
    ours = context.who.kind == "staff" or context.actor == str(command.party_id)
    require(ours, No.ROLE_NOT_ALLOWED)
    require(command.in_writing and command.scope, No.DISCLOSURE_BASIS_REQUIRED)
    return [restate(WaiverRecorded, command)]


def _there_is(needs: No, command: RecordDisclosure, state: Access, context: Context) -> bool:
    """What this ground asks for beside a recipient and a reason."""
    match needs:
        case No.THREAT_STATEMENT_REQUIRED:
            return bool(command.threat and not command.threat.blank)
        case No.ADVANCE_NOTICE_REQUIRED:
            told = command.advance_notice_on
            return command.sealed_order or bool(told and told < context.today)
        case _:
            waiver = command.waiver_id and state.waivers.get(command.waiver_id)
            return bool(
                waiver
                and set(command.about) == {waiver.party_id}
                and waiver.items.issuperset(command.items)
            )


def _found(case: Case, respondent: PartyId) -> set[str]:
    """The categories of which this respondent was found responsible."""
    return {
        one.category
        for key, one in case.allegations.items()
        if one.respondent_id == respondent and case.results.get(key) == "responsible"
    }
