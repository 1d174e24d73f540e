"""From an event to its row: ids that are UUIDs, and paths to sealed values."""

from typing import Any
from uuid import RFC_4122, UUID

import pytest

from ledger.draft import event_name, random_id, value_at
from ledger.seal import random_bytes

BODY: dict[str, Any] = {"place": "a", "acts": [{"words": "b"}, {"words": "c", "by": ["d"]}]}


def test_an_event_id_is_a_random_uuid() -> None:
    ids = [random_id(random_bytes(16)) for _ in range(200)]
    for one in ids:
        assert str(UUID(one)) == one
        assert (UUID(one).version, UUID(one).variant) == (4, RFC_4122)
    assert len(set(ids)) == len(ids)
    assert {one[19] for one in ids} == set("89ab")


@pytest.mark.parametrize(
    ("path", "value"),
    [("place", "a"), ("acts[1].words", "c"), ("acts[1].by[0]", "d"), ("acts[0].words", "b")],
)
def test_a_path_leads_to_its_value(path: str, value: str) -> None:
    assert value_at(BODY, path) == value


@pytest.mark.parametrize("path", ["other", "acts[2].words", "place.words", "acts.words"])
def test_a_path_to_nothing_is_an_error(path: str) -> None:
    with pytest.raises((LookupError, TypeError)):
        value_at(BODY, path)


def test_an_event_s_name_is_its_topic_without_the_version() -> None:
    assert event_name("ReportReceived/12") == "ReportReceived"
