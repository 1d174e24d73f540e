"""The leaf of an event's row: the same bytes that the append function hashes (muniment.leaf/v1)."""

import hashlib
from datetime import UTC, datetime
from uuid import UUID

FORMAT = "muniment.leaf/v1"
FIRST = bytes(32)  # Stands where a stream's first event has no leaf before it.


def instant(at: datetime) -> str:
    """`at` in UTC with six decimals and Z, as leaves write it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def leaf_text(
    *,
    origin: str,
    stream: UUID,
    version: int,
    topic: str,
    recorded_at: datetime,
    state: bytes,
    salt: bytes,
    previous: bytes = FIRST,
) -> bytes:
    """The nine lines of one row; `previous` is the leaf hash of the stream's previous event.

    Raises ValueError where a line would hold a line break or another control character.
    """
    lines = (
        FORMAT,
        origin,
        str(stream),
        str(version),
        topic,
        instant(recorded_at),
        hashlib.sha256(salt + state).hexdigest(),
        str(len(state)),
        previous.hex(),
    )
    if not all(line.isprintable() for line in lines):
        raise ValueError("a line of a leaf holds a control character")
    return "".join(f"{line}\n" for line in lines).encode()


def leaf_hash(leaf: bytes) -> bytes:
    """RFC 6962: SHA-256 over 0x00 and the leaf."""
    return hashlib.sha256(b"\x00" + leaf).digest()
