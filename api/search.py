"""Finding a person without opening anything: recorded first, and answered without a name."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal, NamedTuple
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from api import documented
from api.auth import signed_in
from api.bodies import decode, invalid
from api.commands import given_at, idempotency_key, raw, request_mac
from api.looking import path_id
from api.parts import Parts, parts_of
from domain.context import Context, Who
from domain.errors import Conflict, DecideAgain, Refused, require
from domain.execute import Entry, always_read, context_of, holds
from domain.identifiers import NORMALIZERS, IdentifierKind
from domain.ids import Secret, office_access_stream
from domain.refusals import No
from domain.search import Known, may_count_priors, may_search, prior, tell
from domain.terms import Role, SearchPurpose
from ledger.events import PartySearchDenied, PartySearchPerformed
from ledger.index import Found
from ledger.reveal import REPEATABLE
from ledger.seal import Term
from ledger.store import Appended, Reading

router = APIRouter()

_HOUR = timedelta(hours=1)
_MOST = 8
_TRIES = 20


class Identifier(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that is known of the person."""

    kind: IdentifierKind
    text: Secret


class Search(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to look for: whoever has any of these. `priors` is asked from a case."""

    purpose: Literal["intake", "related_reports", "conflict_check", "access_request", "legal"]
    terms: Annotated[tuple[Identifier, ...], msgspec.Meta(min_length=1, max_length=_MOST)]


class Priors(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing more is asked: the case and the respondent stand in the address."""


class KnownPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody is known. `case`: none for the register of the staff. `by`: through what."""

    case: UUID | None
    owner_id: UUID
    role: str
    since: date
    by: list[str]


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, and where it stands recorded that somebody looked."""

    position: int
    places: list[KnownPlace]


class PriorFindings(msgspec.Struct, frozen=True, kw_only=True):
    """Cases with a final finding against the same person. `name_only`: further ones whose
    respondent shares no more than the name, which proves nothing: look before they are counted."""

    position: int
    findings: int
    name_only: int


class _Looked(NamedTuple):
    """What the index and the streams say, and which streams at which versions were read."""

    rows: Reading
    found: list[Found]


class _Asked(NamedTuple):
    """A search on its way. `allowed`: the role in which; `look`: what the index says; `told`: how
    many hits, and what becomes the answer once it is recorded."""

    kinds: list[str]
    purpose: SearchPurpose
    case: UUID | None
    allowed: Callable[[int, Context], Role]
    look: Callable[[], list[Found]]
    told: Callable[[_Looked, Context], tuple[int, Callable[[int], object]]]


@router.post(
    "/search",
    responses=documented.answers(Findings),
    openapi_extra=documented.search(Search),
)
def search(
    request: Request,
    who: Annotated[Who, Depends(signed_in)],
    body: Annotated[bytes, Depends(raw)],
) -> Response:
    """Look for a person in all cases and among the staff. Recorded, whatever it finds."""
    parts = parts_of(request)
    asked = decode(body, Search)
    terms = [Term("", one.kind, NORMALIZERS[one.kind](one.text.raw())) for one in asked.terms]
    if not all(term.normalized for term in terms):
        invalid("terms.text")
    return _answered(
        request,
        who,
        body,
        _Asked(
            kinds=sorted({term.kind for term in terms}),
            purpose=asked.purpose,
            case=None,
            allowed=may_search,
            look=lambda: parts.record.ledger.people.find(terms),
            told=_places,
        ),
    )


@router.post(
    "/cases/{case}/respondents/{party}/priors",
    responses=documented.answers(PriorFindings),
    openapi_extra=documented.search(Priors, "/cases/{case}/respondents/{party}/priors"),
)
def priors(
    request: Request,
    who: Annotated[Who, Depends(signed_in)],
    body: Annotated[bytes, Depends(raw)],
) -> Response:
    """How many earlier cases ended with a final finding against this respondent. Recorded."""
    parts = parts_of(request)
    case, party = path_id(request, "case"), path_id(request, "party")
    decode(body, Priors)
    request.state.stream = case
    return _answered(
        request,
        who,
        body,
        _Asked(
            kinds=sorted(NORMALIZERS),
            purpose="priors",
            case=case,
            allowed=lambda recent, context: may_count_priors(party, recent, context),
            look=lambda: parts.record.ledger.people.elsewhere(case, party, "party"),
            told=_priors,
        ),
    )


def _answered(request: Request, who: Who, body: bytes, asked: _Asked) -> Response:
    """Decide, look, record, answer. A refusal is recorded too; what is unknown leaves nothing."""
    parts = parts_of(request)
    command_id = idempotency_key(request)
    at = given_at(parts, request)
    mac = request_mac(parts, request, body)
    for _ in range(_TRIES):
        first = parts.record.first_result(command_id, who.id, mac)
        reading, context = _read(parts, who, asked.case, at)
        rows = reading.streams[office_access_stream(parts.record.id)]
        if first is not None:
            return _again(parts, asked, first, context)
        recent = sum(
            row.envelope.actor == who.id
            and isinstance(row.event, PartySearchPerformed)
            and row.recorded_at > context.now - _HOUR
            for row in rows
        )
        try:
            role, refused = asked.allowed(recent, context).value, None
        except Refused as why:
            role, refused = _first_role(context, who), why
        event: PartySearchPerformed | PartySearchDenied
        read = [reading]
        if refused:
            event = PartySearchDenied(
                kinds=asked.kinds, purpose=asked.purpose, code=refused.code, case=asked.case
            )
        else:
            looked = _look(parts, asked)
            read.append(looked.rows)
            hits, said = asked.told(looked, context)
            event = PartySearchPerformed(
                kinds=asked.kinds, purpose=asked.purpose, hits=hits, case=asked.case
            )
        try:
            appended = _record(parts, who, role, event, read, context, command_id, mac)
        except (Conflict, DecideAgain):
            continue
        if refused:
            raise refused
        return _response(said(appended.last), appended.last)
    raise TimeoutError


def _again(parts: Parts, asked: _Asked, first: Appended, context: Context) -> Response:
    """The first answer, for whoever lost it: for some minutes, and only if it would be the same."""
    (row,) = parts.record.between(first.first, first.last)
    event = row.event
    if isinstance(event, PartySearchDenied):
        raise Refused(No[event.code])
    assert isinstance(event, PartySearchPerformed)
    require(context.now - row.recorded_at <= REPEATABLE, No.COMMAND_ID_REUSED)
    asked.allowed(0, context)
    hits, said = asked.told(_look(parts, asked), context)
    require(hits == event.hits, No.COMMAND_ID_REUSED)
    return _response(said(row.position), row.position)


def _read(
    parts: Parts, who: Who, case: UUID | None, at: datetime | None
) -> tuple[Reading, Context]:
    wanted = {office_access_stream(parts.record.id), *always_read(parts.record, who)}
    reading = parts.record.read(sorted(wanted | ({case} if case else set())))
    now = max(at or reading.now, reading.now)
    return reading, context_of(parts.record, reading.streams, now, who, case)


def _look(parts: Parts, asked: _Asked) -> _Looked:
    """The index first and the streams after it, each once, whatever there is to be found."""
    found = asked.look()
    return _Looked(parts.record.read(sorted({one.stream for one in found})), found)


def _record(
    parts: Parts,
    who: Who,
    role: str,
    event: PartySearchPerformed | PartySearchDenied,
    read: Iterable[Reading],
    context: Context,
    command_id: UUID,
    mac: bytes,
) -> Appended:
    office = office_access_stream(parts.record.id)
    versions = {
        stream: rows[-1].version if rows else 0
        for reading in read
        for stream, rows in reading.streams.items()
    }
    simulated = parts.record.clock == "simulated"
    return parts.record.append(
        command_id=command_id,
        actor=who.id,
        actor_role=role,
        entries=[Entry(office, versions.pop(office), [event])],
        guards=versions,
        holds=None if simulated else holds(context),
        given_at=context.now if simulated else None,
        request_mac=mac,
        occurred_on=None,
    )


def _first_role(context: Context, who: Who) -> str:
    return next((role.value for role in Role if role in context.office), who.kind)


def _known(one: Found) -> Known:
    return Known(one.stream, one.owner_id, one.standing)


def _places(looked: _Looked, context: Context) -> tuple[int, Callable[[int], object]]:
    by: dict[Known, list[str]] = {}
    for one in looked.found:
        by.setdefault(_known(one), []).append(one.kind)
    places = [
        KnownPlace(
            case=hit.stream if hit.of_case else None,
            owner_id=hit.owner_id,
            role=hit.role,
            since=_since(looked.rows.streams[hit.stream][0].recorded_at, context),
            by=kinds,
        )
        for known, kinds in by.items()
        if (hit := tell(known, looked.rows.streams[known.stream], context))
    ]
    return len(places), lambda position: Findings(position=position, places=places)


def _priors(looked: _Looked, context: Context) -> tuple[int, Callable[[int], object]]:
    against = {
        (one.stream, one.kind == "name")
        for one in looked.found
        if prior(_known(one), looked.rows.streams[one.stream], context)
    }
    sure = {stream for stream, by_name in against if not by_name}
    name_only = {stream for stream, _ in against} - sure
    return len(sure), lambda position: PriorFindings(
        position=position, findings=len(sure), name_only=len(name_only)
    )


def _since(at: datetime, context: Context) -> date:
    return context.calendar.day_of(at.astimezone(UTC))


def _response(said: object, position: int) -> Response:
    return Response(
        msgspec.json.encode(said),
        200,
        media_type="application/json",
        headers={"Log-Position": str(position)},
    )
