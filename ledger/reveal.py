"""The one way to what is sealed: record who reads what and why, then unwrap."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple
from uuid import UUID, uuid5

import msgspec

from ledger.created import CreatedKeys
from ledger.draft import Entry, SealedWith, event_name, value_at
from ledger.errors import CommandIdReused, NotSealedThere, RevealBroken, WrongVersion
from ledger.events import Field, IdentityRevealed, RevealDenied, RevealFailed
from ledger.keys import KeyStore
from ledger.recorder import LedgerRecorder
from ledger.seal import SealedField, SealRefused, header, open_

if TYPE_CHECKING:
    from ledger.store import Appended, Ledger

# A reader whose answer was lost may ask again; later the same command id would be a second reading
# that nothing records.
REPEATABLE = timedelta(minutes=10)


class FieldRef(NamedTuple):
    """Which sealed value."""

    stream: UUID
    version: int
    path: str


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to read, and on what ground. Whether they may is decided before."""

    command_id: UUID
    actor: str
    actor_role: str
    access_stream: UUID
    access_version: int
    purpose: str
    basis: str
    reason: str
    reason_owner: tuple[str, UUID]  # Whose key seals the reason: ("case", the case's stream).
    fields: Sequence[FieldRef]
    guards: Mapping[UUID, int] = {}
    holds: tuple[datetime, datetime] | None = None
    given_at: datetime | None = None
    grant_id: str | None = None
    repeatable: timedelta = REPEATABLE

    def __repr__(self) -> str:  # The reason is plain text.
        return f"Wish({self.basis}, {self.purpose})"


class Revealed(msgspec.Struct, frozen=True):
    """The texts, by place; None where the key was destroyed. Prints no text."""

    position: int
    recorded_at: datetime
    texts: dict[FieldRef, str | None]

    def __repr__(self) -> str:
        return f"Revealed({self.position})"


class _Sealed(NamedTuple):
    event_name: str
    value: str
    key_id: UUID


def reveal(
    ledger: "Ledger", recorder: LedgerRecorder, keys: KeyStore, created: CreatedKeys, wish: Wish
) -> Revealed:
    """Record the reveal, then open what was asked for, with the keys that the ledger tells of.

    Raises NotSealedThere before anything is recorded; what `Ledger.append` raises; CommandIdReused
    for a repetition with another wish or too late; RevealBroken.
    """
    found = {ref: _sealed(recorder, ref) for ref in wish.fields}
    event = IdentityRevealed(
        grant_id=wish.grant_id,
        basis=wish.basis,
        purpose=wish.purpose,
        key_ids=sorted({sealed.key_id for sealed in found.values()}),
        fields=_fields(found),
        reason=wish.reason,
    )
    reason = SealedField("reason", *wish.reason_owner, 1024)
    appended = _record(ledger, wish, event, SealedWith(event, [reason]))
    try:
        recorded = ledger.page(appended.last - 1, 1)[0]
        why = UUID(recorded.envelope.event_id)
        live = keys.find({sealed.key_id for sealed in found.values()}, why)
        for found_key in live.values():
            created.check(found_key)
        texts = {
            ref: open_(
                sealed.value,
                origin=ledger.identity.origin,
                stream=ref.stream,
                owner_id=key.owner_id,
                key=key,
                event_name=sealed.event_name,
                path=ref.path,
                version=ref.version,
            )
            if (key := live.get(sealed.key_id))
            else None
            for ref, sealed in found.items()
        }
    except Exception as error:  # Whatever it was: it is recorded as read, and was not.
        _record_failure(ledger, wish, appended, type(error).__name__)
        raise RevealBroken(appended.last) from error
    return Revealed(appended.last, appended.recorded_at, texts)


def deny(ledger: "Ledger", wish: Wish, code: str) -> "Appended":
    """Record that this was asked for and refused by the rule `code`. Nothing is looked up.

    Raises what `Ledger.append` raises, and CommandIdReused as `reveal` does.
    """
    denied = RevealDenied(purpose=wish.purpose, fields=_fields(wish.fields), code=code)
    return _record(ledger, wish, denied, denied)


def state_of(keys: KeyStore, values: Iterable[str]) -> dict[UUID, Literal["live", "destroyed"]]:
    """Of each key that sealed one of these values: can it still be opened? Opens nothing.

    A key comes before its first value, so one that is not there was destroyed.
    """
    key_ids = {header(value) for value in values}
    live = keys.live(key_ids)
    return {key_id: "live" if key_id in live else "destroyed" for key_id in key_ids}


def _fields(refs: Iterable[FieldRef]) -> list[Field]:
    return [Field(stream=ref.stream, version=ref.version, path=ref.path) for ref in refs]


def _sealed(recorder: LedgerRecorder, ref: FieldRef) -> _Sealed:
    row = recorder.row(ref.stream, ref.version)
    try:
        if row is not None:
            value = value_at(msgspec.json.decode(row.state)["event"], ref.path)
            if isinstance(value, str):
                return _Sealed(event_name(row.topic), value, header(value))
    except (LookupError, TypeError, ValueError, SealRefused):
        pass
    raise NotSealedThere(f"no sealed value at {ref.stream}/{ref.version}")


def _record(
    ledger: "Ledger", wish: Wish, event: IdentityRevealed | RevealDenied, entry: object
) -> "Appended":
    # Another wish under the same command id would ride on this one's record.
    asked = msgspec.json.encode(
        [type(event).__name__, event, wish.access_stream, wish.reason_owner]
    )
    appended = ledger.append(
        command_id=wish.command_id,
        actor=wish.actor,
        actor_role=wish.actor_role,
        entries=[Entry(wish.access_stream, wish.access_version, [entry])],
        guards=wish.guards,
        holds=wish.holds,
        given_at=wish.given_at,
        request_mac=ledger.mac("reveal", asked),
        grant_id=wish.grant_id,
    )
    if appended.repeated and ledger.read([]).now - appended.recorded_at > wish.repeatable:
        raise CommandIdReused("this reveal was recorded and answered long ago")
    return appended


def _record_failure(ledger: "Ledger", wish: Wish, appended: "Appended", code: str) -> None:
    """Say so in the access stream, behind whatever came meanwhile."""
    while True:
        reading = ledger.read([wish.access_stream])
        *_, last = reading.streams[wish.access_stream]
        recorded = next(
            e for e in reading.streams[wish.access_stream] if e.position == appended.last
        )
        failed = RevealFailed(reveal_event_id=UUID(recorded.envelope.event_id), reason_code=code)
        try:
            ledger.append(
                command_id=uuid5(wish.command_id, "failed"),
                actor=wish.actor,
                actor_role=wish.actor_role,
                entries=[Entry(wish.access_stream, last.version, [failed])],
                guards={},
                holds=None,
                given_at=reading.now if ledger.identity.clock == "simulated" else None,
            )
        except WrongVersion:
            continue
        return
