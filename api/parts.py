"""What the routes work with: the parts that `api/app.py` puts together."""

from typing import NamedTuple

from fastapi import Request

from api.auth import SignIn
from api.metrics import Metrics
from api.record import Record
from api.settings import Settings
from api.shown import Shown


class Parts(NamedTuple):
    """`sign_in`: None where nobody can sign in."""

    record: Record
    shown: Shown
    sign_in: SignIn | None
    settings: Settings
    metrics: Metrics


def parts_of(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts
