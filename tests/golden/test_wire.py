"""What stands in the ledger can be read for good: names, fields, order and words of every event."""

from typing import Any

import msgspec
import pytest

from domain.registry import TYPES, Registry
from ledger.events import TYPES as LEDGER_TYPES
from ledger.mapper import Envelope, LedgerMapper
from ledger.mapper import Registry as LedgerRegistry
from tests.golden.kept import HERE, permanent, read, rewriting, same
from tests.golden.sample import sample, words

pytestmark = pytest.mark.golden

EVENTS = HERE / "events.txt"
WORDS = HERE / "words.txt"
CODECS: list[Any] = [Registry(), LedgerRegistry(LEDGER_TYPES)]  # Of two layers: alike, not one.
MAPPER = LedgerMapper(CODECS)
KINDS: dict[str, type[msgspec.Struct]] = {**TYPES, **LEDGER_TYPES}


def test_every_state_ever_written_is_read_and_would_be_written_so_today() -> None:
    kept = read(EVENTS)
    older = {topic: state for topic, state in kept.items() if topic not in KINDS}
    for topic, state in older.items():
        MAPPER.decode(topic, state.encode())
    today = {
        topic: _again(topic, kept[topic].encode()) if topic in kept else _new(kind)
        for topic, kind in KINDS.items()
    }
    permanent(EVENTS, {**older, **today})


def _again(topic: str, state: bytes) -> str:
    envelope, event = MAPPER.decode(topic, state)
    _, codec = MAPPER.codec(event)
    return MAPPER.encode(envelope, codec.to_builtins(event)).decode()


def _new(kind: type[msgspec.Struct]) -> str:
    event = sample(kind)
    topic, codec = MAPPER.codec(event)
    state = MAPPER.encode(sample(Envelope), codec.to_builtins(event))
    assert MAPPER.decode(topic, state) == (sample(Envelope), event)
    return state.decode()


def test_a_word_that_an_event_may_hold_is_never_taken_back() -> None:
    today = {
        place: choices for topic in sorted(KINDS) for place, choices in words(KINDS[topic]).items()
    }
    gone = {
        place: sorted(lost)
        for place, line in read(WORDS).items()
        if (lost := set(line.split()) - set(today.get(place, ())))
    }
    assert gone == {}, "words that stand in the record for good"
    same(WORDS, "".join(f"{place} {' '.join(today[place])}\n" for place in sorted(today)))


def test_compare_is_what_happens_unless_rewriting_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("MUNIMENT_GOLDEN", raising=False)
    assert not rewriting()
    with pytest.raises(AssertionError, match="run `make golden`"):
        same(EVENTS, "another text")
    altered = {**read(EVENTS), "CaseClosed/1": "{}"}
    with pytest.raises(AssertionError, match=r"permanent.*CaseClosed/1"):
        permanent(EVENTS, altered)
