"""How failures are told over HTTP: the only table of statuses, and RFC 9457 problem documents.

A problem holds what the catalog says and the facts of a refusal. Nothing of a request is repeated.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from domain.errors import Conflict, NotFound, Refused
from domain.refusals import No

STATUS: dict[No, int] = {
    No.INPUT_INVALID: 422,
    No.NOT_SIGNED_IN: 401,
    No.COMMAND_ID_REUSED: 422,
    No.FORMAL_COMPLAINT_REQUIRED: 409,
    No.COMPLAINT_UNSIGNED: 422,
    No.COMPLAINT_CANNOT_BE_ANONYMOUS: 422,
    No.RESPONDENT_REQUIRED: 422,
    No.REQUEST_TO_INVESTIGATE_REQUIRED: 422,
    No.DUPLICATE_COMPLAINT: 409,
    No.PARTICIPATION_TEST_REQUIRED: 422,
    No.AFFILIATION_REQUIRED: 422,
    No.IDENTITY_WARNING_REQUIRED: 409,
    No.CHANNEL_UNKNOWN: 422,
    No.ANONYMOUS_HAS_IDENTITY: 422,
    No.TYPE_ONLY: 422,
    No.NOT_A_CONFIDENTIAL_RESOURCE: 422,
    No.OMBUDS_IS_NOT_NOTICE: 422,
    No.LEARNED_ON_REQUIRED: 422,
    No.DUTY_REPORT_INCOMPLETE: 422,
    No.DATE_IN_FUTURE: 422,
    No.NOT_TITLE_IX_CATEGORY: 422,
    No.DEFINITION_ELEMENTS_MISSING: 422,
    No.QUID_PRO_QUO_NEEDS_EMPLOYEE: 422,
    No.STALKING_TWO_ACTS: 422,
    No.SA_SUBTYPE_REQUIRED: 422,
    No.PROGRAM_TEST_INCONSISTENT: 422,
    No.POLICY_PARAMETER_UNSET: 409,
    No.NO_POLICY_FOR_DATE: 409,
    No.SPLIT_BY_POLICY_DATE: 409,
    No.MUST_DISMISS_JURISDICTION: 409,
    No.NOT_COORDINATOR: 403,
    No.ROLE_NOT_ALLOWED: 403,
    No.NOT_ASSIGNED: 403,
    No.ROLE_CONFLICT: 409,
    No.TRAINING_NOT_CURRENT: 409,
    No.NO_INSTITUTIONAL_INTEREST: 403,
    No.RESPONDENT_SEALED: 403,
    No.SECOND_APPROVER_REQUIRED: 409,
    No.SEARCH_LIMIT: 429,
    No.DISCLOSURE_BASIS_REQUIRED: 422,
    No.FINAL_RESULTS_ONLY: 422,
    No.ADVANCE_NOTICE_REQUIRED: 409,
    No.THREAT_STATEMENT_REQUIRED: 422,
    No.COORDINATOR_CONTACT_MISSING: 409,
    No.NOTICE_FIRST: 409,
    No.NOTICE_INCOMPLETE: 422,
    No.NOTICE_ALL_PARTIES: 422,
    No.NOT_SIMULTANEOUS: 422,
    No.INTERVIEW_TOO_SOON: 409,
    No.MEETING_NOTICE_REQUIRED: 409,
    No.ADVISOR_REQUIRED: 409,
    No.MEASURE_IS_PUNITIVE: 422,
    No.BURDEN_ASSESSMENT_REQUIRED: 422,
    No.MEASURES_NOT_CONDITIONAL: 422,
    No.COUNSELOR_SHARED: 409,
    No.REMOVAL_ANALYSIS_REQUIRED: 422,
    No.CHALLENGE_ROUTE_REQUIRED: 422,
    No.REMOVAL_REVIEWER_CONFLICT: 409,
    No.CEO_IMMEDIATE_REPORT: 409,
    No.REMOVAL_NOT_EVIDENCE: 422,
    No.EVIDENCE_REVIEW_OPEN: 409,
    No.EVIDENCE_NOT_SENT_TO_ALL: 409,
    No.RESPONSES_NOT_CONSIDERED: 422,
    No.REPORT_TEN_DAYS: 409,
    No.ONLY_HO_OR_ADVISOR_ASKS: 422,
    No.EXCLUSION_EXPLANATION: 422,
    No.RECORDING_REQUIRED: 409,
    No.HEARING_FIRST: 409,
    No.SEPARATE_ROOMS_REQUESTED: 409,
    No.DETERMINATION_INCOMPLETE: 422,
    No.STANDARD_IS_PREPONDERANCE: 422,
    No.NO_INFERENCE_FROM_ABSENCE: 422,
    No.SA_REMOVAL_MANDATORY: 422,
    No.SANCTION_CLASS_MISMATCH: 422,
    No.NOT_FINAL: 409,
    No.APPEAL_BASIS_REQUIRED: 422,
    No.APPEAL_LATE: 409,
    No.APPEAL_STATEMENTS_OPEN: 409,
    No.APPEAL_ROUTE_MISMATCH: 409,
    No.APPEAL_ROUTE_UNDEFINED: 409,
    No.INFORMAL_NOT_EMPLOYEE_ON_STUDENT: 409,
    No.RIGHTS_NOTICE_MISSING: 409,
    No.CONTACT_TOPICS_MISSING: 409,
    No.RESPONSE_RECORD_INCOMPLETE: 409,
    No.ILLEGAL_TRANSITION: 409,
    No.NO_DELETE: 405,
    No.VERSION_CONFLICT: 412,
    No.VERSION_REQUIRED: 428,
    No.NOT_FOUND: 404,
    No.SIGNING_EVALUATION_REQUIRED: 409,
}


class Edge(NamedTuple):
    """A failure of the connection or of this program: no rule of the catalog."""

    status: int
    sentence: str


EDGE = {
    "METHOD_NOT_ALLOWED": Edge(405, "This address does not know that method."),
    "TOO_LARGE": Edge(413, "The request is larger than this service takes."),
    "UNEXPECTED": Edge(500, "Something failed here. Nothing is known to have been recorded."),
    "UNAVAILABLE": Edge(503, "The record cannot be reached. Ask again with the same command id."),
}

PROBLEM = "application/problem+json"


def of_refusal(refused: Refused, instance: str) -> Response:
    """The problem of a refusal, with its facts filled in."""
    because = refused.refusal.because
    assert isinstance(refused.refusal, No)
    after = refused.allowed_after
    return _problem(
        STATUS[refused.refusal],
        code=refused.code,
        detail=refused.sentence,
        instance=instance,
        rule=because.rule,
        citation=because.cite,
        remedy=refused.remedy,
        allowed_after=after.isoformat() if after else None,
    )


def not_found() -> Response:
    """The same bytes for missing and hidden: so not even an `instance` tells two answers apart."""
    because = No.NOT_FOUND.because
    return _problem(
        STATUS[No.NOT_FOUND],
        code=No.NOT_FOUND.name,
        detail=because.sentence,
        instance=None,
        rule=because.rule,
        citation=because.cite,
        remedy=because.remedy,
        allowed_after=None,
    )


def of_edge(code: str, instance: str, headers: Mapping[str, str] | None = None) -> Response:
    """The problem of something that no rule refused."""
    edge = EDGE[code]
    return _problem(
        edge.status, code=code, detail=edge.sentence, instance=instance, headers=headers
    )


def handle(app: FastAPI) -> None:
    """Translate what routes raise. What is not in this list is a bug, and answered by the edge."""

    @app.exception_handler(Refused)
    def refused(request: Request, error: Refused) -> Response:
        request.state.code = error.code
        response = of_refusal(error, instance(request.scope))
        if error.refusal is No.NOT_SIGNED_IN:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response

    @app.exception_handler(NotFound)
    def missing(request: Request, _: NotFound) -> Response:
        request.state.code = No.NOT_FOUND.name
        if stream := getattr(request.state, "stream", None):
            # For whoever runs it, in the log alone: a mistyped id, or a case that is hidden.
            request.state.there = request.app.state.parts.record.version(stream) > 0
        return not_found()

    @app.exception_handler(Conflict)
    def stale(request: Request, error: Conflict) -> Response:
        return refused(request, Refused(No.VERSION_CONFLICT, n=error.version))

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        """Only ids in paths are left to the framework: a malformed id is an id of nothing."""
        assert all(place["loc"][0] == "path" for place in error.errors())
        return missing(request, NotFound())

    @app.exception_handler(HTTPException)
    def refused_by_framework(request: Request, error: HTTPException) -> Response:
        nothing = error.status_code == STATUS[No.NO_DELETE] and _only_refused(error)
        if nothing or error.status_code == STATUS[No.NOT_FOUND]:
            return missing(request, NotFound())
        code = next((name for name, edge in EDGE.items() if edge.status == error.status_code), None)
        assert code is not None, f"the framework answered {error.status_code}"
        request.state.code = code
        return of_edge(code, instance(request.scope), error.headers)


# What no address of a case takes (`app.py`): an address that knows no other method is none.
REFUSED_METHODS = ["DELETE", "PUT", "PATCH"]


def _only_refused(error: HTTPException) -> bool:
    allowed = (error.headers or {}).get("Allow", "")
    return set(filter(None, allowed.split(", "))) == set(REFUSED_METHODS)


def instance(scope: Mapping[str, Any]) -> str:
    """Names this occurrence: the id of the request, as its log line has it."""
    return f"urn:uuid:{scope['state']['request_id']}"


def _problem(
    status: int,
    *,
    code: str,
    detail: str,
    instance: str | None,
    headers: Mapping[str, str] | None = None,
    **more: str | None,
) -> Response:
    body: dict[str, Any] = {
        "type": f"/problems/{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        **({"instance": instance} if instance else {}),
        "code": code,
        **more,
    }
    return Response(
        msgspec.json.encode(body), status, media_type=PROBLEM, headers=dict(headers or {})
    )
