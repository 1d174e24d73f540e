"""Key provider over PKCS#11: each epoch's key (KEK) is made in a token and never leaves it.

The token is an HSM, a network HSM or, for tests, SoftHSM: whatever brings a PKCS#11 module. One
token serves one ledger. An epoch is an AES-256 key whose label is the epoch's name; data keys are
wrapped by AES-GCM, bound to the same bytes as in the file keyring. An index key is a generic secret
that only signs (HMAC-SHA-256). Needs the extra `pkcs11`.
"""

import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TypeVar

import pkcs11
from pkcs11 import (
    Attribute,
    GCMParams,
    KeyType,
    Mechanism,
    MechanismFlag,
    ObjectClass,
    PKCS11Error,
    SecretKey,
    Session,
)
from pkcs11.types import DecryptMixin, EncryptMixin, SignMixin

from ledger.keys import KeyContext, KeyRefused, bound_to, check_epoch, check_index_key

# One for the process: a module may not bear calls from several threads, whatever their sessions.
_TURN = Lock()
_NONCE = 12
_TAG_BITS = 128
_STAYS_INSIDE = {
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
}
_USES = {
    KeyType.AES: {Attribute.ENCRYPT: True, Attribute.DECRYPT: True},
    KeyType.GENERIC_SECRET: {Attribute.SIGN: True},
}
_T = TypeVar("_T")


class Pkcs11Token:
    """Key provider over the token with this label, signed in to with the user's PIN.

    KeyRefused: no such module or token, a wrong PIN, or a token that does not do what it is asked.
    Safe to share between threads: all tokens of a process take turns.
    """

    def __init__(self, module: Path, token: str, pin: str) -> None:
        self._module = str(module)
        self._token = token
        self._pin: str | None = pin
        self._session: Session | None = None
        self._keys: dict[str, list[SecretKey]] = {}
        self._ask(lambda: None)

    def __repr__(self) -> str:  # Never the PIN.
        return f"Pkcs11Token({self._token})"

    def close(self) -> None:
        with _TURN:
            self._leave()

    def create_epoch(self, epoch: str) -> None:
        """Make the epoch's key in the token unless it is there."""
        check_epoch(epoch)
        self._ask(lambda: self._create(epoch))

    def wrap(self, epoch: str, secret: bytes, context: KeyContext) -> bytes:
        check_epoch(epoch)
        aad = bound_to(epoch, context)
        return self._ask(lambda: self._wrap(epoch, secret, aad))

    def unwrap(self, epoch: str, wrapped: bytes, context: KeyContext) -> bytes:
        check_epoch(epoch)
        aad = bound_to(epoch, context)
        return self._ask(lambda: self._unwrap(epoch, wrapped, aad))

    def create_index_key(self, name: str) -> None:
        """Make the index key in the token unless it is there."""
        check_index_key(name)
        self._ask(lambda: self._create_index_key(name))

    def mac(self, name: str, digest: bytes) -> bytes:
        check_index_key(name, digest)
        return self._ask(lambda: self._mac(name, digest))

    def _ask(self, asked: Callable[[], _T]) -> _T:
        """Answer from the token; a session that was lost is opened again, once."""
        with _TURN:
            if self._session is not None:
                try:
                    return asked()
                except PKCS11Error:
                    # A lost session, a key that another process made meanwhile, or a refusal for
                    # good: tokens do not tell these apart (SoftHSM: GeneralError for each).
                    self._leave()
            try:
                self._enter()
                return asked()
            except PKCS11Error as error:
                # Its text is left out: it is the module's own, and unknown.
                raise KeyRefused(f"the token refuses: {type(error).__name__}") from None

    def _enter(self) -> None:
        if self._pin is None:
            raise KeyRefused("the token has refused this PIN; it is not tried again")
        token = pkcs11.lib(self._module).get_token(token_label=self._token)
        try:
            self._session = token.open(rw=True, user_pin=self._pin)
        except pkcs11.UserAlreadyLoggedIn:  # Signing in is for the whole process.
            self._session = token.open(rw=True)
        except pkcs11.PinIncorrect:  # A few tries more would lock the token.
            self._pin = None
            raise

    def _leave(self) -> None:
        session, self._session, self._keys = self._session, None, {}
        try:
            if session is not None:
                session.close()
        except PKCS11Error:
            pass  # It was lost.

    def _create(self, epoch: str) -> None:
        assert self._session is not None
        if not self._found(epoch):
            self._session.generate_key(
                KeyType.AES,
                256,
                label=epoch,
                store=True,
                capabilities=MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT,
                template={**_STAYS_INSIDE, Attribute.PRIVATE: True, Attribute.MODIFIABLE: False},
            )

    def _create_index_key(self, name: str) -> None:
        assert self._session is not None
        if not self._found(name, KeyType.GENERIC_SECRET):
            self._session.generate_key(
                KeyType.GENERIC_SECRET,
                256,
                label=name,
                store=True,
                capabilities=MechanismFlag.SIGN,
                template={**_STAYS_INSIDE, Attribute.PRIVATE: True, Attribute.MODIFIABLE: False},
            )

    def _mac(self, name: str, digest: bytes) -> bytes:
        keys = self._found(name, KeyType.GENERIC_SECRET)
        if not keys:
            raise KeyRefused(f"no index key {name}")
        if len(keys) > 1:  # Two processes made it at once: neither's tokens would be found always.
            raise KeyRefused(f"two index keys are called {name}: remove one, rebuild the index")
        assert isinstance(keys[0], SignMixin)
        signed = keys[0].sign(digest, mechanism=Mechanism.SHA256_HMAC)
        assert isinstance(signed, bytes)
        return signed

    def _wrap(self, epoch: str, secret: bytes, aad: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        key = self._of(epoch)[0]
        assert isinstance(key, EncryptMixin)
        sealed = key.encrypt(
            secret, mechanism=Mechanism.AES_GCM, mechanism_param=GCMParams(nonce, aad, _TAG_BITS)
        )
        assert isinstance(sealed, bytes)
        return nonce + sealed

    def _unwrap(self, epoch: str, wrapped: bytes, aad: bytes) -> bytes:
        """Two processes may have made the epoch at once: then two keys have its name."""
        *others, last = self._of(epoch)
        for key in others:
            try:
                return _opened(key, wrapped, aad)
            except PKCS11Error:
                continue
        return _opened(last, wrapped, aad)

    def _of(self, epoch: str) -> list[SecretKey]:
        keys = self._found(epoch)
        if not keys:
            raise KeyRefused(f"no key of the epoch {epoch}")
        return keys

    def _found(self, label: str, kind: KeyType = KeyType.AES) -> list[SecretKey]:
        assert self._session is not None
        if label not in self._keys:
            named = {
                Attribute.CLASS: ObjectClass.SECRET_KEY,
                Attribute.KEY_TYPE: kind,
                Attribute.LABEL: label,
                **_USES[kind],
            }
            keys = [key for key in self._session.get_objects(named) if isinstance(key, SecretKey)]
            for key in keys:
                if {name: key[name] for name in _STAYS_INSIDE} != _STAYS_INSIDE:
                    raise KeyRefused(f"the key {label} can be taken out of its token")
            if not keys:
                return keys
            self._keys[label] = keys
        return self._keys[label]


def _opened(key: SecretKey, wrapped: bytes, aad: bytes) -> bytes:
    nonce, sealed = wrapped[:_NONCE], wrapped[_NONCE:]
    # What is too short is left to nobody's decoder.
    if len(sealed) < _TAG_BITS // 8:
        raise KeyRefused("this key does not open here")
    assert isinstance(key, DecryptMixin)
    secret = key.decrypt(
        sealed, mechanism=Mechanism.AES_GCM, mechanism_param=GCMParams(nonce, aad, _TAG_BITS)
    )
    assert isinstance(secret, bytes)
    return secret
