"""The one way to words that are sealed: decided, recorded, and only then opened."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, NamedTuple
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from api import documented
from api.auth import signed_in
from api.bodies import decode, invalid
from api.cases import answer
from api.commands import given_at, idempotency_key, raw
from api.parts import Parts, parts_of
from domain.context import Context, Who
from domain.errors import Refused, require
from domain.execute import always_read, context_of, events_of, holds
from domain.ids import Narrative, access_stream
from domain.interest import Words, words_at
from domain.owners import OWNERS
from domain.policy import Policy
from domain.refusals import No
from domain.reveal import Ground, ground
from domain.state import evidence as evidence_state
from domain.terms import Purpose
from ledger import errors
from ledger.events import IdentityRevealed
from ledger.reveal import FieldRef, Revealed, Wish
from ledger.store import Reading

router = APIRouter()

# Where sealed words can stand: a path is recorded in clear, so it can be nothing else.
_SEALED = {path for fields in OWNERS.values() for path in fields} | {"reason"}
_INDEX = re.compile(r"\[\d{1,4}\]")
_MOST = 100
_TRIES = 20


class Place(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which sealed value: a field of the event with that version. `stream`: the case's own."""

    version: Annotated[int, msgspec.Meta(ge=1, le=2**53)]
    path: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    stream: UUID | None = None


class Reveal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who asks is known from the sign-in; this is for what, why, and which words."""

    purpose: Purpose
    reason: Narrative
    fields: Annotated[tuple[Place, ...], msgspec.Meta(min_length=1, max_length=_MOST)]


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """The words at one place; without them its key was destroyed."""

    stream: UUID
    version: int
    path: str
    text: str | None
    destroyed: bool

    def __repr__(self) -> str:
        return "Opened()"


class Revelation(msgspec.Struct, frozen=True, kw_only=True):
    """What was opened, where it stands recorded that it was, and how long it may be shown."""

    position: int
    until: datetime
    fields: list[Opened]

    def __repr__(self) -> str:
        return f"Revelation({self.position})"


@router.post(
    "/cases/{case}/reveal",
    responses=documented.answers(Revelation),
    openapi_extra=documented.reveal(Reveal),
)
def reveal(
    request: Request,
    who: Annotated[Who, Depends(signed_in)],
    body: Annotated[bytes, Depends(raw)],
    case: UUID,
) -> Response:
    """Open sealed words of a case. It is recorded first, whatever becomes of the answer."""
    parts = parts_of(request)
    wanted = asked_for(request, who, body, case)

    def look() -> Found:
        reading, context = _read(parts, who, case, wanted.refs)
        ground_ = _decide(reading, context, wanted.asked.purpose, wanted.refs)
        return Found(reading, context, ground_, context.policy(context.case))

    return carry_out(parts, wanted, ("case", case), look)


class Wanted(NamedTuple):
    """A reveal on its way. `home`: the stream that it is about, beside which it is recorded."""

    command_id: UUID
    who: Who
    home: UUID
    asked: Reveal
    refs: list[FieldRef]
    at: datetime | None


class Found(NamedTuple):
    """On what reading it was decided, and how."""

    reading: Reading
    context: Context
    ground: Ground
    policy: Policy


def asked_for(request: Request, who: Who, body: bytes, home: UUID) -> Wanted:
    """What was sent, as far as its form says. Errors: Refused(INPUT_INVALID)."""
    command_id = idempotency_key(request)
    asked = decode(body, Reveal)
    request.state.stream = home
    if asked.reason.blank:
        invalid("reason")
    at = given_at(parts_of(request), request)
    refs = [FieldRef(one.stream or home, one.version, one.path) for one in asked.fields]
    if not all(_INDEX.sub("[]", ref.path) in _SEALED for ref in refs):
        invalid("fields.path")
    return Wanted(command_id, who, home, asked, refs, at)


def carry_out(
    parts: Parts, wanted: Wanted, owner: tuple[str, UUID], look: Callable[[], Found]
) -> Response:
    """Record it beside its stream, the reason under the key of `owner`; then open.

    Errors: those of `look`; Refused.
    """
    access = access_stream(parts.record.id, wanted.home)
    simulated = parts.record.clock == "simulated"
    for _ in range(_TRIES):
        reading, context, found, policy = look()
        shown = timedelta(minutes=policy.reveal.shown_minutes)
        versions = {
            stream: rows[-1].version if rows else 0 for stream, rows in reading.streams.items()
        }
        wish = Wish(
            command_id=wanted.command_id,
            actor=wanted.who.id,
            actor_role=found.role.value,
            access_stream=access,
            access_version=versions.pop(access),
            purpose=wanted.asked.purpose,
            basis=found.basis,
            grant_id=str(found.grant_id) if found.grant_id else None,
            repeatable=shown,
            reason=wanted.asked.reason.raw(),
            reason_owner=owner,
            fields=wanted.refs,
            guards=versions,
            holds=None if simulated else holds(context),
            given_at=max(wanted.at or reading.now, reading.now) if simulated else None,
        )
        try:
            if found.refused:
                parts.record.ledger.deny(wish, found.refused.code)
                raise found.refused
            revealed = parts.record.ledger.reveal(wish)
        except (errors.WrongVersion, errors.GuardMoved, errors.DecideAgain):
            continue
        except errors.TimeRefused:
            if not simulated:
                raise
            continue  # The head went past the time that was given.
        except errors.CommandIdReused:
            raise Refused(No.COMMAND_ID_REUSED) from None
        except errors.NotSealedThere:
            invalid("fields")
        return answer(_said(revealed, shown), None, revealed.position)
    raise TimeoutError


def _read(parts: Parts, who: Who, case_id: UUID, refs: list[FieldRef]) -> tuple[Reading, Context]:
    access = access_stream(parts.record.id, case_id)
    wanted = {case_id, access, *always_read(parts.record, who), *(ref.stream for ref in refs)}
    reading = parts.record.read(sorted(wanted))
    return reading, context_of(parts.record, reading.streams, reading.now, who, case_id)


def _decide(reading: Reading, context: Context, purpose: Purpose, refs: list[FieldRef]) -> Ground:
    """On what ground, or why not. What is at none of these places is looked for when it is known
    that the actor may know of the case. Errors: NotFound, Refused(INPUT_INVALID)."""
    words = [_words(reading, context, ref) for ref in refs]
    found = ground(purpose, [one for one in words if one], context)
    require(all(words) or found.refused, No.INPUT_INVALID, fields="fields")
    return found


def _words(reading: Reading, context: Context, ref: FieldRef) -> Words | None:
    """The sealed value at a place of the case, of its evidence, or of its access stream."""
    assert context.case_id is not None
    if ref.stream not in (context.case_id, context.access_stream):
        item = evidence_state.fold(events_of(reading.streams[ref.stream], "evidence"))
        if item.case_id != context.case_id:
            return None
    row = next((row for row in reading.streams[ref.stream] if row.version == ref.version), None)
    if row and isinstance(row.event, IdentityRevealed):
        return Words("access", "case", context.case_id) if ref.path == "reason" else None
    return words_at(row.event, ref.stream, ref.path) if row else None


def _said(revealed: Revealed, shown: timedelta) -> Revelation:
    return Revelation(
        position=revealed.position,
        until=revealed.recorded_at + shown,
        fields=[
            Opened(
                stream=ref.stream,
                version=ref.version,
                path=ref.path,
                text=text,
                destroyed=text is None,
            )
            for ref, text in revealed.texts.items()
        ],
    )
