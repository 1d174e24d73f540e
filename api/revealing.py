"""Sealed words of a case: decided, recorded, and only then opened. For HTTP and for stories."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from api.bodies import invalid
from api.record import Record
from domain.context import Context, Who
from domain.errors import Refused
from domain.execute import always_read, context_of, events_of, holds
from domain.ids import Narrative, access_stream
from domain.interest import Words, words_at
from domain.policy import Policy
from domain.refusals import No
from domain.reveal import Ground, ground
from domain.rules.known import valid
from domain.state import evidence as evidence_state
from domain.terms import Purpose
from ledger import errors
from ledger.events import IdentityRevealed
from ledger.reveal import FieldRef, Revealed, Wish
from ledger.store import Reading

NOT_SEALED = "point at a place without sealed words"
_TRIES = 20


class Asked(NamedTuple):
    """A reveal on its way. `home`: the stream that it is about, beside which it is recorded.

    `at`: a simulated ledger's time of it; None: its head.
    """

    who: Who
    home: UUID
    purpose: Purpose
    reason: Narrative
    refs: Sequence[FieldRef]
    command_id: UUID
    at: datetime | None


class Found(NamedTuple):
    """On what reading it was decided, and how."""

    reading: Reading
    context: Context
    ground: Ground
    policy: Policy


class OpenedWords(NamedTuple):
    """`shown`: how long they may be shown."""

    revealed: Revealed
    shown: timedelta


def open_words(record: Record, asked: Asked) -> OpenedWords:
    """Open these words of a case. It is recorded first, and so is that it was refused.

    Errors: NotFound; Refused, with that code recorded where the actor may know of the case;
    INPUT_INVALID where nothing stands there.
    """

    def look() -> Found:
        reading, context = _read(record, asked)
        return Found(reading, context, _decide(reading, context, asked), _policy(context))

    return carry_out(record, asked, ("case", asked.home), look)


def carry_out(
    record: Record, asked: Asked, owner: tuple[str, UUID], look: Callable[[], Found]
) -> OpenedWords:
    """Record it beside its stream, the reason under the key of `owner`; then open.

    Errors: those of `look`; Refused.
    """
    access = access_stream(record.id, asked.home)
    simulated = record.clock == "simulated"
    for _ in range(_TRIES):
        reading, context, found, policy = look()
        shown = timedelta(minutes=policy.reveal.shown_minutes)
        versions = {
            stream: rows[-1].version if rows else 0 for stream, rows in reading.streams.items()
        }
        wish = Wish(
            command_id=asked.command_id,
            actor=asked.who.id,
            actor_role=found.role.value,
            access_stream=access,
            access_version=versions.pop(access),
            purpose=asked.purpose,
            basis=found.basis,
            grant_id=str(found.grant_id) if found.grant_id else None,
            repeatable=shown,
            reason=asked.reason.raw(),
            reason_owner=owner,
            fields=asked.refs,
            guards=versions,
            holds=None if simulated else holds(context),
            given_at=context.now if simulated else None,
        )
        try:
            if found.refused:
                record.ledger.deny(wish, found.refused.code)
                raise found.refused
            return OpenedWords(record.ledger.reveal(wish), shown)
        except (errors.WrongVersion, errors.GuardMoved, errors.DecideAgain):
            continue
        except errors.TimeRefused:
            if not simulated:
                raise
            continue  # The head went past the time that was given.
        except errors.CommandIdReused:
            raise Refused(No.COMMAND_ID_REUSED) from None
        except errors.NotSealedThere:
            invalid("fields", NOT_SEALED)
    raise TimeoutError


def now_of(reading: Reading, at: datetime | None) -> datetime:
    """When it is decided: the ledger's time, or a simulated ledger's given one."""
    return max(at or reading.now, reading.now)


def _policy(context: Context) -> Policy:
    return context.policy(context.case)


def _read(record: Record, asked: Asked) -> tuple[Reading, Context]:
    streams = {ref.stream for ref in asked.refs} | always_read(record, asked.who)
    reading = record.read(sorted(streams | {asked.home, access_stream(record.id, asked.home)}))
    now = now_of(reading, asked.at)
    return reading, context_of(record, reading.streams, now, asked.who, asked.home)


def _decide(reading: Reading, context: Context, asked: Asked) -> Ground:
    """On what ground, or why not. What is at none of these places is looked for when it is known
    that the actor may know of the case. Errors: NotFound, Refused(INPUT_INVALID)."""
    words = [_words(reading, context, ref) for ref in asked.refs]
    found = ground(asked.purpose, [one for one in words if one], context)
    valid(all(words) or found.refused, "fields", NOT_SEALED)
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
