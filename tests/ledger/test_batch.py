"""What a caller may not hand to the database, because others share the call."""

from typing import Any
from uuid import uuid4

import pytest

from ledger.batch import LARGEST_STATE, Request, Row, encode
from ledger.errors import Malformed

GOOD = Row(uuid4(), 1, "NoteTaken/1", b"{}", bytes(32))


def request(**other: Any) -> Request:
    return Request(**{"command_id": uuid4(), "actor": "staff-1", "rows": [GOOD]} | other)


@pytest.mark.parametrize(
    "other",
    [
        {"rows": []},
        {"rows": [GOOD, GOOD._replace(salt=bytes(31))]},
        {"rows": [GOOD._replace(state=bytes(LARGEST_STATE + 1))]},
        {"rows": [GOOD._replace(topic="Note\0Taken/1")]},
        {"rows": [GOOD._replace(topic="NoteTaken\ud800/1")]},
        {"actor": "\0"},
        {"actor": "\udfff"},
        {"claims": [("vendor\0", b"")]},
    ],
)
def test_what_the_database_would_not_take_is_refused_before(other: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        encode(request(**other))


def test_the_largest_state_is_taken() -> None:
    assert encode(request(rows=[GOOD._replace(state=bytes(LARGEST_STATE))])).events == 1
