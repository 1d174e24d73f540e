"""The catalog of problems: what the `type` of an answer leads to."""

import msgspec
from fastapi import APIRouter, Response

from api import documented
from api.errors import EDGE, STATUS
from domain.errors import NotFound
from domain.refusals import No

router = APIRouter()


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """One code: its sentence with the blanks open, its rule and source, and what would help."""

    code: str
    status: int
    sentence: str
    rule: str = ""
    citation: str = ""
    remedy: str = ""


@router.get("/problems/{code}", responses=documented.answers(Known))
def problem(code: str) -> Response:
    """What a code means."""
    if code in EDGE:
        known = Known(code=code, status=EDGE[code].status, sentence=EDGE[code].sentence)
    elif code in No.__members__:
        because = No[code].because
        known = Known(
            code=code,
            status=STATUS[No[code]],
            sentence=because.sentence,
            rule=because.rule,
            citation=because.cite,
            remedy=because.remedy,
        )
    else:
        raise NotFound
    return Response(msgspec.json.encode(known), media_type="application/json")
