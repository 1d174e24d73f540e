"""Finding a person without opening anything: recorded first, and answered without a name."""

from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from api import documented
from api.auth import signed_in
from api.bodies import decode, invalid
from api.cases import answer
from api.commands import given_at, idempotency_key, raw, request_mac
from api.looking import path_id
from api.parts import parts_of
from api.query import CHECKED
from api.searching import (
    Asked,
    Findings,
    Given,
    PriorFindings,
    by_respondent,
    by_terms,
    look_for,
)
from domain.context import Who
from domain.identifiers import NORMALIZERS, IdentifierKind
from domain.ids import Secret
from ledger.seal import Term

router = APIRouter(dependencies=CHECKED)

_MOST = 8


class Identifier(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that is known of the person."""

    kind: IdentifierKind
    text: Secret

    def term(self) -> Term:
        """As the index compares it. Errors: Refused(INPUT_INVALID) for what has no form."""
        normalized = NORMALIZERS[self.kind](self.text.raw())
        if not normalized:
            invalid("terms.text", "is no identifier of the kind named")
        return Term("", self.kind, normalized)


class Search(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to look for: whoever has any of these. `priors` is asked from a case."""

    purpose: Literal["intake", "related_reports", "conflict_check", "access_request", "legal"]
    terms: Annotated[tuple[Identifier, ...], msgspec.Meta(min_length=1, max_length=_MOST)]


class Priors(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing more is asked: the case and the respondent stand in the address."""


@router.post(
    "/search",
    responses=documented.answers(Findings),
    openapi_extra=documented.search(Search),
)
def search(
    request: Request,
    who: Annotated[Who, Depends(signed_in)],
    body: Annotated[bytes, Depends(raw)],
) -> Response:
    """Look for a person in all cases and among the staff. Recorded, whatever it finds."""
    parts = parts_of(request)
    asked = decode(body, Search)
    terms = [one.term() for one in asked.terms]
    return _answered(request, who, body, by_terms(parts.record, asked.purpose, terms))


@router.post(
    "/cases/{case}/respondents/{party}/priors",
    responses=documented.answers(PriorFindings),
    openapi_extra=documented.search(Priors, "/cases/{case}/respondents/{party}/priors"),
)
def priors(
    request: Request,
    who: Annotated[Who, Depends(signed_in)],
    body: Annotated[bytes, Depends(raw)],
) -> Response:
    """How many earlier cases ended with a final finding against this respondent. Recorded."""
    parts = parts_of(request)
    case, party = path_id(request, "case"), path_id(request, "party")
    decode(body, Priors)
    request.state.stream = case
    return _answered(request, who, body, by_respondent(parts.record, case, party))


def _answered(request: Request, who: Who, body: bytes, asked: Asked) -> Response:
    parts = parts_of(request)
    given = Given(
        idempotency_key(request), given_at(parts, request), request_mac(parts, request, body)
    )
    found = look_for(parts.record, who, asked, given)
    return answer(found.said, None, found.position)
