"""The leaf of a row: nine lines, and no way to write two rows as one."""

from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.leaf import leaf_hash, leaf_text

ROW: dict[str, Any] = {
    "origin": "titleix.example.edu/log",
    "stream": UUID("0b8e7a4c-93f1-4d5e-8a2b-6c7d8e9f0a1b"),
    "version": 3,
    "topic": "ReportReceived/1",
    "recorded_at": datetime(2026, 3, 9, 14, 30, 5, 12, tzinfo=UTC),
    "state": b'{"envelope":{},"event":{}}',
    "salt": bytes(range(32)),
    "previous": b"\xab" * 32,
}


def test_a_leaf_as_it_is_written() -> None:
    commitment = sha256(ROW["salt"] + ROW["state"]).hexdigest()
    assert leaf_text(**ROW).decode() == (
        "muniment.leaf/v1\n"
        "titleix.example.edu/log\n"
        "0b8e7a4c-93f1-4d5e-8a2b-6c7d8e9f0a1b\n"
        "3\n"
        "ReportReceived/1\n"
        "2026-03-09T14:30:05.000012Z\n"
        f"{commitment}\n"
        "26\n"
        f"{'ab' * 32}\n"
    )
    # This hash is for ever: a change here is another format.
    assert leaf_hash(leaf_text(**ROW)).hex() == (
        "f9585ed77eb300f1242caf39b17e2977d30b57b1678a0ce635646afeae527214"
    )


def test_the_first_leaf_of_a_stream_has_zeros_before_it() -> None:
    first = {name: value for name, value in ROW.items() if name != "previous"}
    assert leaf_text(**first).endswith(b"\n" + b"0" * 64 + b"\n")


def test_an_empty_leaf_hashes_as_rfc_6962_says() -> None:
    # The hash of the leaf "" in the test data of RFC 6962's own implementations.
    assert leaf_hash(b"").hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )


@pytest.mark.parametrize("field", ["origin", "topic"])
@pytest.mark.parametrize("character", ["\n", "\r", "\0", "\x1b", "\x7f", "\u2028"])
def test_no_line_holds_a_control_character(field: str, character: str) -> None:
    with pytest.raises(ValueError, match="control character"):
        leaf_text(**ROW | {field: f"a{character}b"})


def test_time_is_written_in_utc_whatever_zone_it_comes_in() -> None:
    houston = ROW["recorded_at"].astimezone(timezone(timedelta(hours=-5)))
    assert leaf_text(**ROW | {"recorded_at": houston}) == leaf_text(**ROW)


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_time_has_the_same_width(at: datetime) -> None:
    line = leaf_text(**ROW | {"recorded_at": at}).split(b"\n")[5].decode()
    assert len(line) == 27
    assert datetime.fromisoformat(line) == at


WORD = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20)
PARTS = st.fixed_dictionaries(
    {
        "origin": WORD,
        "stream": st.uuids(),
        "version": st.integers(0, 2**63 - 1),
        "topic": WORD,
        "recorded_at": st.datetimes(timezones=st.just(UTC)),
        "state": st.binary(max_size=40),
        "salt": st.binary(min_size=32, max_size=32),
        "previous": st.binary(min_size=32, max_size=32),
    }
)


@given(PARTS)
def test_a_leaf_has_nine_lines_and_says_what_it_was_given(row: dict[str, Any]) -> None:
    leaf = leaf_text(**row)
    assert leaf.count(b"\n") == 9
    assert leaf.endswith(b"\n")
    assert len(leaf) < 65_536
    _, origin, stream, version, topic, at, commitment, length, previous, _ = leaf.decode().split(
        "\n"
    )
    assert (origin, UUID(stream), int(version), topic) == (
        row["origin"],
        row["stream"],
        row["version"],
        row["topic"],
    )
    assert datetime.fromisoformat(at) == row["recorded_at"]
    assert bytes.fromhex(commitment) == sha256(row["salt"] + row["state"]).digest()
    assert (int(length), bytes.fromhex(previous)) == (len(row["state"]), row["previous"])


@given(PARTS, PARTS, st.sampled_from(sorted(ROW)))
def test_another_value_in_any_place_is_another_leaf(
    row: dict[str, Any], other: dict[str, Any], field: str
) -> None:
    changed = row | {field: other[field]}
    assert (leaf_hash(leaf_text(**changed)) == leaf_hash(leaf_text(**row))) is (changed == row)
