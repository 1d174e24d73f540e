"""docs/reference says what the code says: each page is made from it, and compared."""

from collections.abc import Callable

import pytest

from domain.refusals import No
from tests.golden.kept import ROOT, same
from tests.golden.pages import events, policies, refusals, rules, traceability
from tests.golden.pages.records import KINDS, recorded_by
from tests.golden.pages.requirements import BUILT, requirements, rules_of, steps, to_come

pytestmark = pytest.mark.golden


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rules", rules.text),
        ("refusals", refusals.text),
        ("events", events.text),
        ("policies", policies.text),
        ("traceability", traceability.text),
    ],
)
def test_a_page_of_the_reference_says_what_the_code_says(
    name: str, text: Callable[[], str]
) -> None:
    same(ROOT / "docs" / "reference" / f"{name}.md", text())


def test_every_event_is_recorded_by_a_command() -> None:
    recorded = {event for command in rules.COMMANDS.values() for event in recorded_by(command)}
    assert recorded == set(KINDS)


def test_every_rule_that_a_refusal_cites_is_a_requirement() -> None:
    cited = {one for no in No for one in rules_of(no)}
    assert cited - requirements().keys() == set()
    coming = {one for code in to_come() for one in code.rules}
    assert coming - requirements().keys() == set()


def test_what_is_built_is_no_longer_to_come() -> None:
    assert {code.code for code in to_come()} & {no.name for no in No} == set()
    assert {code.step for code in to_come()} <= steps().keys() - {BUILT}
    assert {one.step for one in requirements().values()} <= steps().keys()


def test_every_built_requirement_is_kept_by_something_that_a_test_shows() -> None:
    built = [one for one in requirements().values() if one.step == BUILT]
    files = [word for one in built for word in one.served_by if "/" in word]
    assert [file for file in files if not (ROOT / file).is_file()] == []
    assert [one.id for one in built if not traceability.kept_by(one)] == []
