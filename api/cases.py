"""What is read of cases: the board, one case, its history, what can be done next."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from psycopg import Connection

from api import documented
from api.auth import signed_in
from api.bodies import invalid
from api.commands import path_of
from api.history import Line, lines
from api.looking import NOW, Looked, Point, look, look_at_item, moment, point_of
from api.parts import Parts, parts_of
from api.query import CHECKED
from api.shown import come_to
from domain.commands import Intention
from domain.context import Context, Who
from domain.errors import Refused
from domain.execute import always_read, context_of, events_of
from domain.ids import Secret
from domain.rules import RULES
from domain.rules.gate import OF_CASE, check_possible, held_roles
from domain.rules.warnings import warnings
from domain.state import case as case_state
from domain.visibility import Part, list_scope, pseudonyms, shown
from ledger.as_of import position_at
from ledger.store import Reading
from projections import case_board
from projections.case_board import BoardRow
from projections.walls import hidden_from

router = APIRouter(dependencies=CHECKED)
SignedIn = Annotated[Who, Depends(signed_in)]

_MOST = 200
_OFFSET = re.compile(r"[0-9]{1,6}")


class AsOf(msgspec.Struct, frozen=True, kw_only=True):
    """Of which moment an answer is. Rules are always those of this version of the program."""

    position: int
    at: datetime
    rules: str = "today"


class CaseState(msgspec.Struct, frozen=True, kw_only=True):
    """A case as a fold of its events, as far as the reader's role may see it."""

    case: UUID
    version: int
    as_of: AsOf
    roles: list[str]
    pseudonyms: dict[UUID, str]
    warnings: list[str]
    state: dict[str, Any]


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One item of evidence, without its words."""

    item: UUID
    version: int
    state: dict[str, Any]


class History(msgspec.Struct, frozen=True, kw_only=True):
    """Every event of a case's stream, in order; what is sealed stays sealed."""

    case: UUID
    version: int
    as_of: AsOf
    events: list[Line]


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """A command of the reader's roles: possible, or why not yet and what would allow it."""

    command: str
    path: str
    allowed: bool
    code: str | None = None
    detail: str | None = None
    rule: str | None = None
    citation: str | None = None
    remedy: str | None = None
    allowed_after: str | None = None


class Actions(msgspec.Struct, frozen=True, kw_only=True):
    case: UUID
    version: int
    as_of: AsOf
    actions: list[Action]


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """Cases, the next deadline first. `next`: where the list goes on, if it does."""

    as_of: AsOf
    cases: list[BoardRow]
    next: str | None


@router.get(
    "/cases",
    responses=documented.answers(Board),
    openapi_extra=documented.read(
        {
            "name": "offset",
            "in": "query",
            "schema": {"type": "integer", "minimum": 0, "maximum": 999_999, "default": 0},
        },
    ),
)
def board(request: Request, who: SignedIn) -> Response:
    """The board: stage, age, next deadline, what is missing. Assigned staff see their own cases."""
    parts = parts_of(request)
    reading = parts.record.read(sorted(always_read(parts.record, who)))
    context = context_of(parts.record, reading.streams, reading.now, who, None)
    scope = list_scope(Part.BOARD, context.office)
    point = asked(request, parts)
    offset = offset_of(request)
    with parts.shown.reading() as db:
        position = position_of(db, point)
        come = come_to(db)
        rows = case_board.cases(
            db,
            as_of=position,
            staff=None if scope == "every case" else UUID(who.id),
            hidden=hidden_from(db, UUID(who.id)),
            limit=_MOST + 1,
            offset=offset,
        )
    more = len(rows) > _MOST
    rows = _still_theirs(parts, rows[:_MOST], context) if context.ended else rows[:_MOST]
    at = as_of_views(parts, reading, come, point, position)
    then = "" if point == NOW else f"as_of={at.position}&"
    board = Board(
        as_of=at, cases=rows, next=f"/cases?{then}offset={offset + _MOST}" if more else None
    )
    return answer(board, None, at.position)


def as_of_views(
    parts: Parts, reading: Reading, come: int, point: Point, position: int | None
) -> AsOf:
    """Of which moment a list is. Where the views have come less far than was asked for, it is the
    last one before what they do not show yet."""
    wanted = reading.head if position is None else min(position, reading.head)
    at = moment(parts.record, point, reading.now)
    if come < wanted:
        missing = moment(parts.record, Point(come + 1), reading.now) - timedelta(microseconds=1)
        at = max(moment(parts.record, Point(come), at), missing) if come else missing
    return AsOf(position=come if position is None else min(come, position), at=at)


def _still_theirs(parts: Parts, rows: list[BoardRow], context: Context) -> list[BoardRow]:
    """Without the cases of a role that was taken back: the view knows who, and not as what."""
    streams = parts.record.read([row.case_id for row in rows]).streams

    def holds(row: BoardRow) -> bool:
        case = case_state.fold(events_of(streams[row.case_id], "case"))
        return bool(held_roles(case, context))

    return [row for row in rows if holds(row)]


def position_of(db: Connection[Any], point: Point) -> int | None:
    """As views want it; None: as they stand."""
    return point.position if point.instant is None else position_at(db, point.instant)


@router.get(
    "/cases/{case}",
    responses=documented.answers(CaseState),
    openapi_extra=documented.read(),
)
def case(request: Request, who: SignedIn, case: UUID) -> Response:
    """The state of a case, without sealed text."""
    looked = look_for(request, who, case, Part.STATE)
    seeing = looked.seeing
    fields = shown(looked.case, seeing, who.id)
    seen = {*fields.get("parties", ()), *fields.get("witnesses", ())}
    state = CaseState(
        case=case,
        version=looked.version,
        as_of=as_of(looked),
        roles=sorted(seeing),
        pseudonyms={key: one for key, one in pseudonyms(looked.case).items() if key in seen},
        warnings=warnings(looked.case, looked.context) if looked.rows else [],
        state=plain(fields),
    )
    return answer(state, looked.version, looked.head)


@router.get(
    "/cases/{case}/history",
    responses=documented.answers(History),
    openapi_extra=documented.read(),
)
def history(request: Request, who: SignedIn, case: UUID) -> Response:
    """The events of a case: number, times, role, name, leaf hash, clear fields, sealed markers."""
    looked = look_for(request, who, case, Part.HISTORY)
    events = History(
        case=case,
        version=looked.version,
        as_of=as_of(looked),
        events=lines(parts_of(request).record, looked.rows),
    )
    return answer(events, looked.version, looked.head)


@router.get(
    "/cases/{case}/actions",
    responses=documented.answers(Actions),
    openapi_extra=documented.read(),
)
def actions(request: Request, who: SignedIn, case: UUID) -> Response:
    """What can be done next; and what not yet, with the reason and what would allow it."""
    looked = look_for(request, who, case, Part.ACTIONS)
    found = Actions(
        case=case,
        version=looked.version,
        as_of=as_of(looked),
        actions=list(_actions(looked, case)),
    )
    return answer(found, looked.version, looked.head)


@router.get(
    "/evidence/{item}",
    responses=documented.answers(Item),
)
def evidence(request: Request, who: SignedIn, item: UUID) -> Response:
    """One item of evidence and its version, for the next command on it."""
    request.state.stream = item
    found, version = look_at_item(parts_of(request).record, who, item)
    state = plain({name: getattr(found, name) for name in found.__struct_fields__})
    return answer(Item(item=item, version=version, state=state), version, None)


def look_for(request: Request, who: Who, case_id: UUID, part: Part) -> Looked:
    """The case, as of the point in the query. Errors: as `look`."""
    parts = parts_of(request)
    request.state.stream = case_id
    return look(parts.record, who, case_id, part, asked(request, parts))


def asked(request: Request, parts: Parts) -> Point:
    text = request.query_params.get("as_of")
    return NOW if text is None else point_of(text, parts.record.zone)


def offset_of(request: Request) -> int:
    text = request.query_params.get("offset", "0")
    if not _OFFSET.fullmatch(text):
        invalid("offset", "is no number of a place in the list")
    return int(text)


def as_of(looked: Looked) -> AsOf:
    return AsOf(position=looked.head, at=looked.context.now)


def answer(said: msgspec.Struct, version: int | None, head: int | None) -> Response:
    """As JSON, with the version for the next command and the position up to which it holds."""
    headers = {}
    if version is not None:
        headers["ETag"] = f'"{version}"'
    if head is not None:
        headers["Log-Position"] = str(head)
    return Response(msgspec.json.encode(said), media_type="application/json", headers=headers)


def plain(value: object) -> Any:
    """As JSON will have it, in a fixed order; sealed text as a marker."""
    return msgspec.to_builtins(value, str_keys=True, order="deterministic", enc_hook=_marker)


def _marker(value: object) -> str:
    assert isinstance(value, Secret)
    return "[sealed]"


def _actions(looked: Looked, case_id: UUID) -> Iterator[Action]:
    held = held_roles(looked.case, looked.context)
    for kind, rule in RULES.items():
        if rule.home in OF_CASE and held & rule.by:
            yield _action(kind, looked, case_id)


def _action(kind: type[Intention], looked: Looked, case_id: UUID) -> Action:
    path = path_of(kind).replace("{case}", str(case_id))
    try:
        held = held_roles(looked.case, looked.context)
        check_possible(kind, looked.case, looked.context, held)
    except Refused as refused:
        because = refused.refusal.because
        after = refused.allowed_after
        return Action(
            command=kind.__name__,
            path=path,
            allowed=False,
            code=refused.code,
            detail=refused.sentence,
            rule=because.rule,
            citation=because.cite,
            remedy=refused.remedy,
            allowed_after=after.isoformat() if after else None,
        )
    return Action(command=kind.__name__, path=path, allowed=True)
