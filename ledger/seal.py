"""A sealed value: text that only the holder of its owner's key can read, and only in its own place.

Format v1 (binary; in an event it is the JSON string "munimentenc:1:" + base64url without padding):

    0      version 0x01
    1      algorithm 0x01 = AES-256-GCM
    2-17   key id
    18-29  nonce
    30-    ciphertext || 16-byte tag
           plaintext = UTF-8 || 0x80 || 0x00... up to a multiple of 64 or 1,024

The place (ledger, stream, key owner, key, event, field, version) is authenticated, not stored: a
value that was moved does not open. GCM does not commit to its key, so each key has a check value,
which `keys.py` compares before anything is opened.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from hashlib import sha256
from ssl import RAND_bytes
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.errors import LedgerError

PREFIX = "munimentenc:1:"
PADS = (64, 1024)  # Names and the like; narratives. Hides lengths.

_VERSION = 1
_AES_256_GCM = 1
_HEADER = bytes((_VERSION, _AES_256_GCM))
_KEY_ID = slice(2, 18)
_NONCE = slice(18, 30)
_BODY = slice(30, None)
_SHORTEST = 30 + min(PADS) + 16
_END = b"\x80"

# Random 96-bit nonces are safe for 2^32 values a key; a key here seals below 10^4. A bound of 2^20
# is not enforced: a true count needs a write per value to a row that all processes share, and a
# count per process would only look like one.


# OpenSSL's generator, seeded by the system and again after a fork. os.urandom lets go of the
# interpreter's lock each time, and with several callers that is a change of threads for each value.
random_bytes = RAND_bytes


class Term(NamedTuple):
    """What the blind index is to know of a value: as what its owner stands there, of which kind it
    is, and the words in the form that is compared (`index.py`)."""

    standing: str
    kind: str
    normalized: str

    def __repr__(self) -> str:  # The words are plain text.
        return f"Term({self.standing}, {self.kind})"


class SealedField(NamedTuple):
    """Which field of an event is sealed, and under whose key."""

    path: str  # "occasions[0].place"
    owner_kind: str
    owner_id: UUID
    pad: int
    terms: tuple[Term, ...] = ()


class SealRefused(LedgerError):
    """Not a sealed value that opens in this place under this key. Carries no text of it."""


class DataKey:
    """The key of one owner. The secret itself is not kept: only the cipher made from it."""

    __slots__ = ("_cipher", "announced", "check_value", "epoch", "key_id", "owner_id", "owner_kind")

    def __init__(
        self,
        secret: bytes,
        *,
        key_id: UUID,
        owner_kind: str,
        owner_id: UUID,
        epoch: str,
        announced: bool,
    ) -> None:
        self.key_id = key_id
        self.owner_kind = owner_kind
        self.owner_id = owner_id
        self.epoch = epoch
        self.announced = announced
        self.check_value = check_value(secret, key_id)
        self._cipher = AESGCM(secret)

    def __repr__(self) -> str:
        return f"DataKey({self.key_id})"

    def encrypt(self, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
        return self._cipher.encrypt(nonce, plaintext, aad)

    def decrypt(self, nonce: bytes, ciphertext: bytes, aad: bytes) -> bytes:
        return self._cipher.decrypt(nonce, ciphertext, aad)


def check_value(secret: bytes, key_id: UUID) -> bytes:
    """Tells a key from every other without giving anything of it away; stands in KeyCreated."""
    return hmac.digest(secret, b"muniment.kcv/v1" + key_id.bytes, sha256)


def lp(*parts: bytes | str) -> bytes:
    """Length-prefixed parts: no two lists of parts give the same bytes."""
    raw = [part.encode() if isinstance(part, str) else part for part in parts]
    return b"".join([len(part).to_bytes(4, "big") + part for part in raw])


def seal(
    text: str,
    *,
    origin: str,
    stream: UUID,
    owner_id: UUID,
    key: DataKey,
    event_name: str,
    path: str,
    version: int,
    pad: int,
) -> str:
    """Seal a text for one field of one event, named without its schema version."""
    assert key.owner_id == owner_id, "a key seals its owner's values only"
    aad = _place(origin, stream, owner_id, key.key_id, event_name, path, version)
    nonce = random_bytes(12)
    sealed = key.encrypt(nonce, _padded(text, pad), aad)
    envelope = _HEADER + key.key_id.bytes + nonce + sealed
    return PREFIX + urlsafe_b64encode(envelope).rstrip(b"=").decode("ascii")


def open_(
    envelope: str,
    *,
    origin: str,
    stream: UUID,
    owner_id: UUID,
    key: DataKey,
    event_name: str,
    path: str,
    version: int,
) -> str:
    """Open a sealed value in its place; the caller has recorded that it is read (`reveal.py`).

    Raises SealRefused if it belongs elsewhere, was changed, or its format or algorithm is unknown.
    """
    raw = _raw(envelope)
    if raw[_KEY_ID] != key.key_id.bytes:
        raise SealRefused("sealed under another key")
    aad = _place(origin, stream, owner_id, key.key_id, event_name, path, version)
    try:
        padded = key.decrypt(raw[_NONCE], raw[_BODY], aad)
    except InvalidTag:
        raise SealRefused("changed, or not sealed for this place") from None
    text, end, rest = padded.rpartition(_END)
    if not end or rest.strip(b"\x00"):
        raise SealRefused("badly padded")
    return text.decode()


def header(envelope: str) -> UUID:
    """The id of the key that sealed this value. Raises SealRefused for anything else."""
    return UUID(bytes=_raw(envelope)[_KEY_ID])


def _place(
    origin: str,
    stream: UUID,
    owner_id: UUID,
    key_id: UUID,
    event_name: str,
    path: str,
    version: int,
) -> bytes:
    assert "/" not in event_name, "the event's name, not its topic"
    return lp(
        "muniment.field/v1",
        origin,
        stream.bytes,
        owner_id.bytes,
        key_id.bytes,
        event_name,
        path,
        version.to_bytes(8, "big"),
    )


def _padded(text: str, pad: int) -> bytes:
    assert pad in PADS
    try:
        plain = text.encode() + _END
    except UnicodeEncodeError:
        # The error would carry the text.
        raise SealRefused("not Unicode text") from None
    return plain + bytes(-len(plain) % pad)


def _raw(envelope: str) -> bytes:
    if not envelope.startswith(PREFIX):
        raise SealRefused("not a sealed value")
    body = envelope[len(PREFIX) :]
    try:
        raw = urlsafe_b64decode(body + "=" * (-len(body) % 4))
    except (NotBase64, ValueError):
        raise SealRefused("not base64url") from None
    if urlsafe_b64encode(raw).rstrip(b"=").decode("ascii") != body:
        raise SealRefused("not base64url")
    if len(raw) < _SHORTEST:
        raise SealRefused("too short")
    if raw[0] != _VERSION:
        raise SealRefused("unknown version")
    if raw[1] != _AES_256_GCM:
        raise SealRefused("unknown algorithm")
    return raw
