"""What is worked out and never stored: leaves, places of sealed values, ids. The same for good.

A verifier, a key, a retried command and a resumed story each rest on one of these.
"""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from api.stories import Loader, Placed
from domain.due import due
from domain.ids import access_stream, natural, staff_stream
from domain.state.case import fold
from ledger.leaf import leaf_hash, leaf_text
from ledger.seal import _place, check_value
from tests.golden.kept import HERE, permanent
from tests.spec.cases import (
    but,
    determination,
    determined,
    finalized,
    her_window_closed,
    his_window_closed,
    not_responsible,
)

pytestmark = pytest.mark.golden

LEDGER = UUID("6d756e69-6d65-4e74-8000-000000000000")
STREAM = UUID("01234567-89ab-4cde-8f01-23456789abcd")
OWNER = UUID("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee")
KEY = UUID("11111111-2222-4333-8444-555555555555")
ORIGIN = "titleix.example.edu/log"
WHEN = datetime(2025, 1, 14, 15, 30, 0, 42, tzinfo=UTC)
LATER = date(2026, 1, 1)  # Every window is over.


def test_leaves_places_and_ids_are_made_as_ever() -> None:
    permanent(HERE / "forms.txt", {**_leaves(), **_sealing(), **_streams(), **_command_ids()})


def _leaves() -> dict[str, str]:
    row: dict[str, Any] = {
        "origin": ORIGIN,
        "stream": STREAM,
        "topic": "ReportReceived/1",
        "recorded_at": WHEN,
        "state": b'{"envelope":{},"event":{}}',
        "salt": bytes(range(32)),
    }
    first = leaf_text(version=1, **row)
    second = leaf_text(version=2, previous=leaf_hash(first), **row)
    return {
        "leaf/first": repr(first.decode()),
        "leaf/first/hash": leaf_hash(first).hex(),
        "leaf/second": repr(second.decode()),
        "leaf/second/hash": leaf_hash(second).hex(),
    }


def _sealing() -> dict[str, str]:
    place = _place(ORIGIN, STREAM, OWNER, KEY, "IncidentClassified", "occasions[0].place", 7)
    return {
        "seal/place": place.hex(),
        "seal/key-check-value": check_value(bytes(range(32)), KEY).hex(),
    }


def _streams() -> dict[str, str]:
    return {
        "stream/policy-pack": str(natural(LEDGER, "policy-pack", "BCM-02.2.20")),
        "stream/calendar": str(natural(LEDGER, "calendar", "calendar")),
        "stream/counselors": str(natural(LEDGER, "counselors", "counselors")),
        "stream/staff": str(staff_stream(LEDGER, "0" * 64)),
        "stream/access": str(access_stream(LEDGER, STREAM)),
    }


def _command_ids() -> dict[str, str]:
    """Of what is due by itself, and of a story's lines: given again, they give the first result."""
    cleared = but(finalized, determination, results=(not_responsible,), sanctions=())
    closed = (*determined, her_window_closed, his_window_closed)
    falling_due = [
        one for history in (determined, closed, cleared) for one in due(fold(history), LATER)
    ]
    loader = Loader(cast("Any", SimpleNamespace(clock="simulated")), LEDGER)
    line = Placed(WHEN, 2, 7, "a story", cast("Any", None))
    return {
        **{f"due/{one.key}": str(one.command_id(LEDGER, STREAM)) for one in falling_due},
        "story/line": str(loader._command_id(line)),
        "story/@name": str(loader._name("@complainant", 2)),
        "story/@@name": str(loader._name("@@complainant", 2)),
    }
