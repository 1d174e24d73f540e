"""Sealed words of a case: decided, recorded, and only then opened. For HTTP and for stories."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from api.bodies import invalid
from api.record import Record
from domain.context import Context, Who
from domain.errors import Refused, require
from domain.execute import always_read, context_of, events_of, holds
from domain.ids import Narrative, access_stream
from domain.interest import Words, words_at
from domain.refusals import No
from domain.reveal import Ground, ground
from domain.state import evidence as evidence_state
from domain.terms import Purpose
from ledger import errors
from ledger.events import IdentityRevealed
from ledger.reveal import FieldRef, Revealed, Wish
from ledger.store import Reading

_TRIES = 20


class Asked(NamedTuple):
    """For what, why, and which words."""

    purpose: Purpose
    reason: Narrative
    refs: Sequence[FieldRef]


class OpenedWords(NamedTuple):
    """`shown`: how long they may be shown."""

    revealed: Revealed
    shown: timedelta


def open_words(
    record: Record, who: Who, case: UUID, asked: Asked, command_id: UUID, at: datetime | None
) -> OpenedWords:
    """Open these words for this actor. It is recorded first, and so is that it was refused.

    `at`: a simulated ledger's time of it; None: its head. Errors: NotFound; Refused, with that
    code recorded where the actor may know of the case; INPUT_INVALID where nothing stands there.
    """
    access = access_stream(record.id, case)
    simulated = record.clock == "simulated"
    for _ in range(_TRIES):
        reading, context = _read(record, who, case, asked.refs, at)
        found = _decide(reading, context, asked)
        shown = timedelta(minutes=context.policy(context.case).reveal.shown_minutes)
        versions = {
            stream: rows[-1].version if rows else 0 for stream, rows in reading.streams.items()
        }
        wish = Wish(
            command_id=command_id,
            actor=who.id,
            actor_role=found.role.value,
            access_stream=access,
            access_version=versions.pop(access),
            purpose=asked.purpose,
            basis=found.basis,
            grant_id=str(found.grant_id) if found.grant_id else None,
            repeatable=shown,
            reason=asked.reason.raw(),
            reason_owner=("case", case),
            fields=asked.refs,
            guards=versions,
            holds=None if simulated else holds(context),
            given_at=context.now if simulated else None,
        )
        try:
            if found.refused:
                record.ledger.deny(wish, found.refused.code)
                raise found.refused
            revealed = record.ledger.reveal(wish)
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
        return OpenedWords(revealed, shown)
    raise TimeoutError


def _read(
    record: Record, who: Who, case_id: UUID, refs: Sequence[FieldRef], at: datetime | None
) -> tuple[Reading, Context]:
    access = access_stream(record.id, case_id)
    wanted = {case_id, access, *always_read(record, who), *(ref.stream for ref in refs)}
    reading = record.read(sorted(wanted))
    now = max(at or reading.now, reading.now)
    return reading, context_of(record, reading.streams, now, who, case_id)


def _decide(reading: Reading, context: Context, asked: Asked) -> Ground:
    """On what ground, or why not. What is at none of these places is looked for when it is known
    that the actor may know of the case. Errors: NotFound, Refused(INPUT_INVALID)."""
    words = [_words(reading, context, ref) for ref in asked.refs]
    found = ground(asked.purpose, [one for one in words if one], context)
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
