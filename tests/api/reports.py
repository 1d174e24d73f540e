"""A report as the office sends it, for tests that need a case of their own."""

from typing import Any
from uuid import UUID, uuid4

import msgspec

from domain.commands import Intention
from domain.registry import enc_hook
from tests.api.conftest import Site
from tests.golden.sample import sample


def report(**more: Any) -> dict[str, Any]:
    """The body of a ReceiveReport that is taken."""
    return {
        "report_id": str(uuid4()),
        "channel": "in_person",
        "reporter_capacity": "third_party",
        "reporter_id": str(uuid4()),
        "in_us": "yes",
        "geography": "on_campus",
        **more,
    }


def received(site: Site, at: str | None = None, **more: Any) -> tuple[UUID, int]:
    """A new case, and its version."""
    case = uuid4()
    headers = {"Muniment-At": at} if at else {}
    path = f"/cases/{case}/commands/receive-report"
    answer = site.post(path, report(**more), headers=headers)
    assert answer.status_code == 201, answer.text
    return case, answer.json()["version"]


def body_of(kind: type[Intention], **fields: object) -> bytes:
    """A body that has the form of that command, whatever a rule may say to it."""
    return msgspec.json.encode(sample(kind, **fields), enc_hook=enc_hook)
