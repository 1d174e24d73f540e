"""A sealed value opens for its owner's key in its own place, and nowhere else."""

import re
import subprocess
import sys
import traceback
from base64 import urlsafe_b64decode, urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from Crypto.Cipher import AES
from hypothesis import given
from hypothesis import strategies as st

from ledger.seal import PREFIX, DataKey, SealRefused, header, lp, open_, random_bytes, seal

SECRET = bytes(range(32))
KEY_ID = UUID("11111111-2222-4333-8444-555555555555")
OWNER = UUID("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee")
STREAM = UUID("01234567-89ab-4cde-8f01-23456789abcd")
NONCE = bytes.fromhex("0a0b0c0d0e0f101112131415")
ORIGIN = "titleix.example.edu/log"


def key_of(owner: UUID = OWNER, secret: bytes = SECRET, key_id: UUID = KEY_ID) -> DataKey:
    return DataKey(
        secret,
        key_id=key_id,
        owner_kind="party",
        owner_id=owner,
        epoch="open-2026",
        announced=True,
    )


PLACE: dict[str, Any] = {
    "origin": ORIGIN,
    "stream": STREAM,
    "owner_id": OWNER,
    "key": key_of(),
    "event_name": "LetterSent",
    "path": "deliveries[2].address",
    "version": 7,
}


@pytest.fixture
def fixed_nonce(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.seal.random_bytes", lambda length: NONCE[:length])


def raw(envelope: str) -> bytes:
    body = envelope.removeprefix(PREFIX)
    return urlsafe_b64decode(body + "=" * (-len(body) % 4))


def text(envelope: bytes) -> str:
    return PREFIX + urlsafe_b64encode(envelope).rstrip(b"=").decode()


@pytest.mark.usefixtures("fixed_nonce")
def test_the_bytes_are_those_of_format_1() -> None:
    sealed = seal("Ann Example", pad=64, **PLACE)

    # Written out by hand: u32 length before each part.
    aad = (
        b"\x00\x00\x00\x11muniment.field/v1"
        b"\x00\x00\x00\x17titleix.example.edu/log"
        b"\x00\x00\x00\x10" + STREAM.bytes + b"\x00\x00\x00\x10" + OWNER.bytes
    )
    aad += (
        b"\x00\x00\x00\x10" + KEY_ID.bytes + b"\x00\x00\x00\x0aLetterSent"
        b"\x00\x00\x00\x15deliveries[2].address"
        b"\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x07"
    )
    other = AES.new(SECRET, AES.MODE_GCM, nonce=NONCE).update(aad)
    body, tag = other.encrypt_and_digest(b"Ann Example\x80" + bytes(52))
    assert raw(sealed) == b"\x01\x01" + KEY_ID.bytes + NONCE + body + tag


@pytest.mark.usefixtures("fixed_nonce")
def test_a_value_sealed_by_the_first_release_opens_for_ever() -> None:
    golden = (
        "munimentenc:1:AQERERERIiJDM4REVVVVVVVVCgsMDQ4PEBESExQVLtNU6C6lthjGaL2N3qzlSP0e3y"
        "-_av6061nLllFd3OMpYVCxo4TCV5hR9vwqGB3fNrqnhVlTR3edwQM2C32C7a1EQeVaD-XkPzzCvCkKz54"
    )
    assert seal("Ann Example", pad=64, **PLACE) == golden
    assert open_(golden, **PLACE) == "Ann Example"


@given(
    words=st.text(alphabet=st.characters(exclude_categories=["Cs"])),
    pad=st.sampled_from([64, 1024]),
)
def test_what_was_sealed_opens_the_same(words: str, pad: int) -> None:
    sealed = seal(words, pad=pad, **PLACE)

    assert open_(sealed, **PLACE) == words
    assert header(sealed) == KEY_ID
    assert (len(raw(sealed)) - 46) % pad == 0


@pytest.mark.parametrize(
    ("length", "padded"), [(0, 64), (63, 64), (64, 128), (127, 128), (128, 192)]
)
def test_only_the_size_class_shows(length: int, padded: int) -> None:
    assert len(raw(seal("x" * length, pad=64, **PLACE))) == 30 + padded + 16


def test_the_same_text_is_never_sealed_to_the_same_bytes() -> None:
    assert seal("Ann", pad=64, **PLACE) != seal("Ann", pad=64, **PLACE)


def test_text_that_ends_like_the_padding_is_kept() -> None:
    for words in ("\x00", "\x00\x00", "a\x00", "\x80\x00"):
        assert open_(seal(words, pad=64, **PLACE), **PLACE) == words


@pytest.mark.parametrize(
    "moved",
    [
        {"origin": "titleix.other.edu/log"},
        {"stream": UUID(int=1)},
        {"owner_id": UUID(int=2), "key": key_of(owner=UUID(int=2))},
        {"event_name": "LetterReturned"},
        {"path": "deliveries[2].name"},
        {"path": "deliveries[3].address"},
        {"version": 8},
    ],
    ids=["ledger", "case", "party", "event", "field", "list place", "version"],
)
def test_a_value_does_not_open_where_it_was_moved_to(moved: dict[str, Any]) -> None:
    sealed = seal("Ann Example", pad=64, **PLACE)
    with pytest.raises(SealRefused, match="not sealed for this place"):
        open_(sealed, **PLACE | moved)


def test_a_value_does_not_open_under_another_key() -> None:
    sealed = seal("Ann Example", pad=64, **PLACE)
    with pytest.raises(SealRefused, match="another key"):
        open_(sealed, **PLACE | {"key": key_of(key_id=UUID(int=3))})
    with pytest.raises(SealRefused, match="not sealed for this place"):
        open_(sealed, **PLACE | {"key": key_of(secret=bytes(32))})


def test_no_byte_can_be_changed() -> None:
    sealed = raw(seal("Ann Example", pad=64, **PLACE))
    for at in range(len(sealed)):
        changed = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        with pytest.raises(SealRefused):
            open_(text(changed), **PLACE)


@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize("byte", [0x00, 0x02, 0xFF])
def test_an_unknown_version_or_algorithm_is_refused(at: int, byte: int) -> None:
    sealed = bytearray(raw(seal("Ann Example", pad=64, **PLACE)))
    sealed[at] = byte
    with pytest.raises(SealRefused, match=("unknown version", "unknown algorithm")[at]):
        open_(text(bytes(sealed)), **PLACE)


def unusual_last_character(envelope: str) -> str:
    """Another spelling of the same bytes: the unused bits of the last character are set."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    assert len(raw(envelope)) % 3
    return envelope[:-1] + alphabet[alphabet.index(envelope[-1]) + 1]


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda _: "Ann Example", "not a sealed value"),
        (lambda sealed: sealed.replace(":1:", ":2:"), "not a sealed value"),
        (lambda sealed: sealed + "\n", "not base64url"),
        (lambda sealed: sealed + "=", "not base64url"),
        (lambda sealed: sealed + "é", "not base64url"),
        (lambda _: PREFIX + "A", "not base64url"),
        (unusual_last_character, "not base64url"),
        (lambda sealed: sealed[:98], "too short"),
    ],
    ids=["text", "format 2", "line end", "padded", "not ASCII", "one character", "bits", "cut"],
)
def test_anything_else_is_no_sealed_value(spoil: Any, why: str) -> None:
    with pytest.raises(SealRefused, match=why):
        header(spoil(seal("Ann Example", pad=64, **PLACE)))


@pytest.mark.parametrize("plaintext", [bytes(64), b"Ann\x80" + b"\x01" * 60, b"A" * 64])
def test_bad_padding_under_the_right_key_is_refused(plaintext: bytes) -> None:
    key = key_of()
    place = lp("muniment.field/v1", ORIGIN, STREAM.bytes, OWNER.bytes, KEY_ID.bytes)
    place += lp("LetterSent", "deliveries[2].address", (7).to_bytes(8, "big"))
    sealed = key.encrypt(NONCE, plaintext, place)
    with pytest.raises(SealRefused, match="badly padded"):
        open_(text(b"\x01\x01" + KEY_ID.bytes + NONCE + sealed), **PLACE)


def test_no_error_and_no_repr_shows_text_or_key() -> None:
    with pytest.raises(SealRefused) as refused:
        seal("Ann \ud800 Example", pad=64, **PLACE)
    shown = "".join(traceback.format_exception(refused.value)) + repr(key_of())

    assert repr(key_of()) == f"DataKey({KEY_ID})"
    assert not hasattr(key_of(), "__dict__")
    assert not re.search(r"Example'|\\ud800'|" + SECRET.hex(), shown)
    assert refused.value.__cause__ is None
    assert SECRET not in [getattr(key_of(), name) for name in DataKey.__slots__]


def test_no_two_lists_of_parts_have_the_same_frame() -> None:
    assert lp("ab", "c") != lp("a", "bc")
    assert lp("", "a") != lp("a", "")
    assert lp(b"a") == lp("a")


# Draws before the fork, so that there is a state to inherit; then two children and the parent draw.
FORKING = """
import os
from ledger.seal import random_bytes
random_bytes(12)
read, write = os.pipe()
for _ in range(2):
    if not os.fork():
        os.write(write, random_bytes(12))
        os._exit(0)
os.wait(), os.wait()
print(len({os.read(read, 12), os.read(read, 12), random_bytes(12)}))
"""


def test_a_fork_does_not_draw_the_nonces_of_its_parent() -> None:
    run = subprocess.run(
        [sys.executable, "-c", FORKING], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout == "3\n"


def test_threads_draw_different_nonces() -> None:
    start = Barrier(8)

    def draw(_: int) -> list[bytes]:
        start.wait()
        return [random_bytes(12) for _ in range(1_000)]

    with ThreadPoolExecutor(8) as threads:
        drawn = [nonce for some in threads.map(draw, range(8)) for nonce in some]
    assert len(set(drawn)) == 8_000
