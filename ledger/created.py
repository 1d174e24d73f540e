"""Which key the ledger has told of for each owner: one in the whole ledger, and no other after it.

Each `KeyCreated` carries a permanent claim on its owner. So a key store that lost a row, or was put
back from a backup, cannot give that owner a second key behind the ledger's back.
"""

from collections.abc import Callable, Iterable
from uuid import UUID

from ledger.errors import KeyGone
from ledger.events import KeyCreated
from ledger.keys import KeyRefused, KeyStore
from ledger.mapper import LedgerMapper
from ledger.recorder import LedgerRecorder
from ledger.seal import DataKey, lp

_KIND = "key"
_PAGE = 100


class CreatedKeys:
    """The keys of a ledger as its own events tell of them."""

    def __init__(
        self, recorder: LedgerRecorder, mapper: LedgerMapper, keys: Callable[[], KeyStore]
    ) -> None:
        self._recorder = recorder
        self._mapper = mapper
        self._keys = keys

    def claim(self, created: KeyCreated) -> tuple[str, bytes]:
        """What the append of this event claims for good."""
        return _KIND, self._mac(created.owner_kind, created.owner_id)

    def settle(self, drafted: Iterable[KeyCreated]) -> bool:
        """After a refused claim: note which of these keys are recorded. False: none is.

        Raises KeyGone where another key of that owner is: the new one is taken back.
        """
        known = {one.key_id: recorded for one in drafted if (recorded := self._claimed(one))}
        for key_id, recorded in known.items():
            if recorded.key_id != key_id:
                self._keys().withdraw(key_id)
                raise KeyGone(recorded.key_id)
        self._keys().announced(known)
        return bool(known)

    def check(self, key: DataKey) -> None:
        """Raises KeyRefused where this is not the key that the ledger tells of."""
        # A key that was recorded before claims were made is looked for from the beginning.
        position = self._recorder.claimed(_KIND, self._mac(key.owner_kind, key.owner_id)) or 1
        recorded = self._from(position, key.owner_kind, key.owner_id)
        mine = key.key_id, key.check_value.hex()
        if recorded is None or (recorded.key_id, recorded.key_check_value) != mine:
            raise KeyRefused("not the key that the ledger tells of")

    def _claimed(self, drafted: KeyCreated) -> KeyCreated | None:
        kind, mac = self.claim(drafted)
        position = self._recorder.claimed(kind, mac)
        if position is None:
            return None
        recorded = self._from(position, drafted.owner_kind, drafted.owner_id)
        assert recorded is not None, "the append that made the claim holds the event"
        return recorded

    def _from(self, position: int, owner_kind: str, owner_id: UUID) -> KeyCreated | None:
        """The first KeyCreated of this owner at a position or behind it."""
        while rows := self._recorder.select_notifications(position, _PAGE, topics=["KeyCreated/1"]):
            for row in rows:
                _, event = self._mapper.decode(row.topic, row.state)
                assert isinstance(event, KeyCreated)
                if (event.owner_kind, event.owner_id) == (owner_kind, owner_id):
                    return event
            position = rows[-1].id + 1
        return None

    def _mac(self, owner_kind: str, owner_id: UUID) -> bytes:
        return self._keys().mac("key", lp(owner_kind, owner_id.bytes))
