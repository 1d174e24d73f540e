"""Events and bytes: only known topics, older forms changed in memory, stored bytes never remade."""

from typing import Any
from uuid import uuid4

import msgspec
import pytest
from eventsourcing.persistence import StoredEvent

from ledger.errors import UnknownTopic, UnreadableState
from ledger.events import TYPES, IdentityRevealed, SchemaMigrated, SystemEvent
from ledger.mapper import Envelope, LedgerMapper, Registry


class ReportFiled(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    channel: str
    urgent: bool


def split_channel(body: dict[str, Any]) -> dict[str, Any]:
    return {"how": body["channel"].removesuffix("!"), "urgent": body["channel"].endswith("!")}


def name_channel(body: dict[str, Any]) -> dict[str, Any]:
    return {"channel": body["how"], "urgent": body["urgent"]}


REPORTS = Registry(
    {"ReportFiled/3": ReportFiled},
    {
        "ReportFiled/1": (split_channel, "ReportFiled/2"),
        "ReportFiled/2": (name_channel, "ReportFiled/3"),
    },
)
MAPPER = LedgerMapper([REPORTS, Registry(TYPES)])
ENVELOPE = Envelope(event_id="e", actor="staff-1", actor_role="coordinator", command_id="c")


def state(body: str) -> bytes:
    return b'{"envelope":{"actor":"staff-1"},"event":' + body.encode() + b"}"


def test_an_event_survives_its_bytes() -> None:
    event = ReportFiled(channel="web", urgent=True)
    topic, codec = MAPPER.codec(event)
    stored = MAPPER.encode(ENVELOPE, codec.to_builtins(event))
    assert topic == "ReportFiled/3"
    assert MAPPER.decode(topic, stored) == (ENVELOPE, event)


def test_the_state_is_envelope_and_event_and_nothing_else() -> None:
    event = SchemaMigrated(number=7, sha256="00")
    _, codec = MAPPER.codec(event)
    assert MAPPER.encode(ENVELOPE, codec.to_builtins(event)) == (
        b'{"envelope":{"event_id":"e","actor":"staff-1","actor_role":"coordinator",'
        b'"grant_id":null,"command_id":"c","occurred_on":null},'
        b'"event":{"number":7,"sha256":"00"}}'
    )


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("ReportFiled/1", '{"channel":"phone!"}'),
        ("ReportFiled/2", '{"how":"phone","urgent":true}'),
        ("ReportFiled/3", '{"channel":"phone","urgent":true}'),
    ],
)
def test_every_older_form_is_read_as_today_s(topic: str, body: str) -> None:
    envelope, event = MAPPER.decode(topic, state(body))
    assert event == ReportFiled(channel="phone", urgent=True)
    assert envelope.actor == "staff-1"


@pytest.mark.parametrize("topic", ["ReportFiled/4", "ReportFiled", "os.system", ""])
def test_an_unknown_topic_is_never_passed_over(topic: str) -> None:
    with pytest.raises(UnknownTopic):
        MAPPER.decode(topic, state("{}"))


def test_an_event_of_no_table_cannot_be_written() -> None:
    with pytest.raises(UnknownTopic, match="dict"):
        MAPPER.codec({"channel": "a secret"})


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"{}",
        b"\xff",
        state('{"channel":"a secret"}'),
        state('{"channel":"a secret","urgent":"a secret"}'),
        state('{"channel":"a secret","urgent":true,"more":1}'),
        state('{"channel":"a secret\xff","urgent":').replace(b"\xc3\xbf", b"\xff"),
        b'{"envelope":{},"event":{"channel":"x","urgent":true},"more":1}',
        b'{"envelope":{"other":1},"event":{"channel":"x","urgent":true}}',
    ],
)
def test_bytes_that_are_not_what_the_topic_promises_are_refused_without_quoting_them(
    stored: bytes,
) -> None:
    with pytest.raises(UnreadableState) as refused:
        MAPPER.decode("ReportFiled/3", stored)
    assert "secret" not in repr(refused.value)
    assert refused.value.__suppress_context__


def test_the_library_gets_the_very_bytes_back() -> None:
    odd = b'{ "event":{"urgent":true,"channel":"w\\u0065b"}, "envelope":{} }'
    stored = StoredEvent(uuid4(), 3, "ReportFiled/3", odd)
    event = MAPPER.to_domain_event(stored)
    assert event.event == ReportFiled(channel="web", urgent=True)
    assert MAPPER.to_stored_event(event) == stored


def test_every_system_event_is_in_the_table() -> None:
    assert set(TYPES.values()) == set(SystemEvent.__subclasses__())
    assert set(TYPES) == {f"{kind.__name__}/1" for kind in TYPES.values()}


def test_a_reveal_does_not_print_its_reason() -> None:
    event = IdentityRevealed(
        grant_id=None,
        basis="coordinator_role",
        purpose="contact",
        key_ids=[],
        fields=[],
        reason="to call Marlowe",
    )
    assert "Marlowe" not in f"{event!r} {event!s}"
    assert Registry(TYPES).sealed_fields(event, uuid4()) == ()
