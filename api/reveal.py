"""The one way to words that are sealed: decided, recorded, and only then opened."""

import re
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from api import documented
from api.auth import signed_in
from api.bodies import decode, invalid
from api.cases import answer
from api.commands import given_at, idempotency_key, raw
from api.parts import parts_of
from api.query import CHECKED
from api.revealing import Asked, OpenedWords, open_words
from domain.context import Who
from domain.ids import Narrative
from domain.owners import OWNERS
from domain.terms import Purpose
from ledger.reveal import FieldRef, Revealed

router = APIRouter(dependencies=CHECKED)

# Where sealed words can stand: a path is recorded in clear, so it can be nothing else.
_SEALED = {path for fields in OWNERS.values() for path in fields} | {"reason"}
_INDEX = re.compile(r"\[\d{1,4}\]")
_MOST = 100


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
    asked = asked_for(request, who, body, case)
    return shown(open_words(parts_of(request).record, asked))


def asked_for(request: Request, who: Who, body: bytes, home: UUID) -> Asked:
    """What was sent, as far as its form says. Errors: Refused(INPUT_INVALID)."""
    command_id = idempotency_key(request)
    asked = decode(body, Reveal)
    request.state.stream = home
    if asked.reason.blank:
        invalid("reason", "is empty")
    at = given_at(parts_of(request), request)
    refs = [FieldRef(one.stream or home, one.version, one.path) for one in asked.fields]
    if not all(_INDEX.sub("[]", ref.path) in _SEALED for ref in refs):
        invalid("fields.path", "names no field that is sealed")
    return Asked(who, home, asked.purpose, asked.reason, refs, command_id, at)


def shown(opened: OpenedWords) -> Response:
    """The words, for as long as they may be shown."""
    position = opened.revealed.position
    return answer(_said(opened.revealed, opened.shown), None, position)


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
