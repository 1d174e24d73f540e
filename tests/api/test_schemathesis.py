"""Whatever is sent: an answer that the description promises, and never a failure of ours."""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    missing_required_header,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from api import stories
from domain.rules import RULES
from domain.terms import Stage, stages
from tests.api.conftest import NewSite, Site

pytestmark = pytest.mark.slow

RUN = settings(
    max_examples=30, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    missing_required_header,
    negative_data_rejection,
    unsupported_method,
]


# After each of these commands of history 01 a case stands at another stage.
STEPS = (
    "ReceiveReport",
    "AssessJurisdiction",
    "SignFormalComplaint",
    "IssueNotice",
    "OpenInvestigation",
    "SendEvidence",
    "CloseReview",
    "IssueReport",
    "ConveneHearing",
    "ConcludeHearing",
    "IssueDetermination",
)
STAGES = {
    *stages(Stage.REPORTED, Stage.DETERMINED),
} - {Stage.SUPPORT_ONLY}
STAFF = ("coordinator-1", "investigator-1", "hearing-officer-1", "decision-maker-1")


def test_every_answer_is_one_that_the_description_promises(demo: Site) -> None:
    described = schemathesis.openapi.from_asgi("/openapi.json", demo.app)
    asked = 0
    for found in described.get_all_operations():
        operation = found.ok()

        @RUN
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=demo.token("coordinator-1"), checks=CHECKS)

        ask()
        asked += 1
    assert asked > len(RULES)


def test_no_command_fails_at_any_stage_whoever_gives_it(new_site: NewSite, tmp_path: Path) -> None:
    """Whatever has the form of a command is recorded or refused with a code."""
    site = new_site()
    site.load(list(_cut_short(tmp_path)))
    site.record.watch.follow()
    cases = list(site.record.watch.cases)
    assert {site.record.watch.cases[case].stage for case in cases} == STAGES
    described = schemathesis.openapi.from_asgi("/openapi.json", site.app)
    for found in described.get_all_operations():
        operation = found.ok()
        if operation.method != "post" or not operation.path.startswith("/cases/{case}/"):
            continue

        @RUN
        @given(
            case=operation.as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE),
            target=st.sampled_from(cases),
            who=st.sampled_from([*STAFF, "complainant", "respondent"]),
        )
        def ask(case: schemathesis.Case, target: UUID, who: str) -> None:
            party = _party(site, target, who)
            answer = site.client.post(
                case.path.replace("{case}", str(target)),
                json=case.body,
                headers={
                    **site.token(party or who, target if party else None),
                    "Idempotency-Key": str(uuid4()),
                    "If-Match": f'"{site.record.version(target)}"',
                },
            )
            assert answer.status_code < 500, answer.text
            assert answer.status_code < 300 or answer.json()["code"]

        ask()


def _cut_short(folder: Path) -> Iterator[Path]:
    """History 01 up to each of the steps, each a story of its own."""
    (whole,) = stories.shipped(["01"])
    lines = whole.read_text("utf-8").splitlines()
    for number, step in enumerate(STEPS):
        end = next(
            place
            for place, line in enumerate(lines)
            if line.startswith("{")
            and (said := json.loads(line))["do"] == step
            and "refused" not in said
        )
        file = folder / f"{number:02}-{step}.jsonl"
        file.write_text("\n".join(lines[: end + 1]), "utf-8")
        yield file


def _party(site: Site, case: UUID, role: str) -> str | None:
    parties = site.record.watch.cases[case].parties
    return next((str(key) for key, party in parties.items() if party.role == role), None)
