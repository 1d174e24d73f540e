"""What is sealed stands nowhere in clear, whatever happens to an installation: nor what was asked.

`tests/canary/whole.py` says what happens to it. Every word is looked for in every place; those that
were let out on purpose show that each place was looked at.
"""

import re
from collections import Counter

import pytest

from api.stories import COMMANDS
from domain.owners import OWNERS, sealed_fields
from domain.registry import TYPES
from domain.rules import RULES
from domain.terms import Role
from ledger.events import (
    IdentityRevealed,
    PartySearchDenied,
    PartySearchPerformed,
    RevealDenied,
    RevealFailed,
)
from tests.canary.broken import CHANGES, FAILS, SPILLS
from tests.canary.planting import cast, sealed_paths
from tests.canary.search import Hit
from tests.canary.whole import Whole

pytestmark = pytest.mark.timeout(900)

# Words in these stand under a person's key or are kept as a keyed digest: no case reveals them.
# Why somebody reads is opened to who has a grant for that, and here nobody has.
OF_THE_OFFICE = {"RegisterStaff", "ListCounselor", "DeclareRelation", "Reveal", "SearchParty"}
DIGESTS = {("SignFormalComplaint", "signature"), ("RegisterStaff", "sign_in")}
REVEALED = re.compile(r"/(reveal|copy) 200$")

# What was let out on purpose → where it must be found, and nowhere else.
# The server's own statistics quote a clear column once a table has been analyzed.
DISK = r".*/postgres/data/(base|pg_wal)/.*|\w+: table pg_catalog\.pg_stat(istic|s)"
LEDGER = r"ledger: (dump|table muniment\.(events|log))|" + DISK
SPILT = {
    "output": r"\d+ serve: output",
    "log": r"\d+ serve: log",
    "temporary": r".*/tmp/\w+",
    "home": r".*/h/spool",
    "cwd": r"name of .*/cwd/core\.\w+",
    "unsealed": LEDGER + r"|broken \d+ GET .*/history 200",
    "metrics": r"broken \d+ GET /metrics 200",
    "problem": r"broken \d+ POST .* 422",
    "header": r"broken \d+ POST .* 422",
    "view": r"ledger: (dump|table projections\.spilt)|" + DISK,
    "key store": r"keys: (dump|table vault\.spilt)|" + DISK,
}


@pytest.fixture(scope="module")
def hits(whole: Whole) -> list[Hit]:
    """Of all words that were given, in all places."""
    whole.spill()
    given = [
        *(planted.word for planted in whole.planted),
        *(asked.word for asked in whole.asked),
        *whole.bare,
        *whole.reasons,
        *(word for word, _ in whole.searched),
        *(word for word, _ in whole.failed.values()),
        *whole.spilt.values(),
        whole.institution,
    ]
    return whole.search(given, in_clear=cast())


def places(hits: list[Hit], words: set[str]) -> set[str]:
    return {hit.place for hit in hits if hit.word in words}


def elsewhere(hits: list[Hit], words: set[str]) -> set[str]:
    """Where these words were found, but for the answers that reveal."""
    assert words
    return {place for place in places(hits, words) if not REVEALED.search(place)}


def test_every_sealed_field_of_every_event_was_written_and_is_sealed(whole: Whole) -> None:
    """A field that is new fails here until a story, or a line of `whole`, has words in it."""
    written = set()
    for row in whole.rows:
        for field in sealed_fields(row.event, row.stream):
            written.add((type(row.event), re.sub(r"\[\d+\]", "[]", field.path)))
    assert written == {(kind, path) for kind, paths in OWNERS.items() for path in paths}
    assert {kind for kind, _ in written} <= set(TYPES.values())


def test_every_field_that_a_command_seals_had_a_word(whole: Whole) -> None:
    had = {
        (planted.command, re.sub(r"\[\d+\]", "[]", planted.path))
        for planted in whole.planted
        if not planted.refused and planted.command in COMMANDS
    }
    given = [kind for kind in RULES if RULES[kind].by != {Role.SYSTEM}]
    assert had == {(kind.__name__, path) for kind in given for path in sealed_paths(kind)}


def test_every_word_of_a_case_is_found_where_it_was_revealed(whole: Whole, hits: list[Hit]) -> None:
    """So what was planted was there, and the search finds it."""
    opened = {hit.word for hit in hits if REVEALED.search(hit.place)} - set(cast())
    kept = [one for one in whole.planted if not one.refused and one.command in COMMANDS]
    # Whom somebody told is opened where no respondent was cleared, and nowhere else.
    beside = {one.word for one in kept if one.command == "RecordDisclosure"}
    assert opened & beside
    assert beside - opened
    assert opened - beside == {
        one.word
        for one in kept
        if one.command not in OF_THE_OFFICE | {"RecordDisclosure"}
        and (one.command, one.path) not in DIGESTS
    }


def test_a_sealed_word_is_nowhere_else(whole: Whole, hits: list[Hit]) -> None:
    assert elsewhere(hits, {planted.word for planted in whole.planted}) == set()


def test_a_name_of_the_shipped_stories_is_found_where_it_was_revealed_and_nowhere_else(
    whole: Whole, hits: list[Hit]
) -> None:
    names = set(cast())
    assert len(names) > 20
    assert {hit.word for hit in hits if REVEALED.search(hit.place)} >= names
    assert elsewhere(hits, names) == set()


@pytest.mark.slow
def test_nor_is_such_a_name_in_any_other_form(whole: Whole) -> None:
    assert elsewhere(whole.search(cast()), set(cast())) == set()


def test_a_word_of_a_request_that_failed_is_nowhere(whole: Whole, hits: list[Hit]) -> None:
    assert places(hits, {asked.word for asked in whole.asked}) == set()
    assert places(hits, set(whole.bare)) == set()


def test_each_of_them_failed_as_it_should(whole: Whole) -> None:
    assert [asked for asked in whole.asked if asked.status != asked.expected] == []
    assert Counter(asked.expected for asked in whole.asked).keys() >= {
        401, 403, 404, 405, 409, 412, 413, 422, 428
    }  # fmt: skip


def test_what_is_hardly_http_is_answered_with_nothing_or_a_refusal(whole: Whole) -> None:
    answered = {said[:12] for said in whole.bare.values()}
    assert answered <= {b"", b"HTTP/1.1 400", b"HTTP/1.1 401", b"HTTP/1.1 404"}


def test_the_words_of_a_bug_are_nowhere(whole: Whole, hits: list[Hit]) -> None:
    assert whole.failed.keys() == FAILS.keys()
    assert places(hits, {word for word, _ in whole.failed.values()}) == set()


def test_each_bug_was_met(whole: Whole) -> None:
    met = {bug: status for bug, (_, status) in whole.failed.items()}
    assert met == dict.fromkeys(FAILS, 500) | {"account": 201}  # Made after the answer.
    log = b"".join(said for name, said in whole.place.said.items() if name.endswith("log"))
    assert log.count(b'"event": "unexpected"') == len(FAILS) - 1
    assert log.count(b'"event": "crashed"') == len(FAILS)  # Their threads.


def test_why_somebody_revealed_is_nowhere(whole: Whole, hits: list[Hit]) -> None:
    assert places(hits, set(whole.reasons)) == set()


def test_a_reveal_that_was_denied_is_recorded_and_opens_nothing(whole: Whole) -> None:
    kinds = Counter(type(row.event) for row in whole.rows if row.position > whole.read_upto)
    answered = Counter(whole.reasons.values())
    assert answered.keys() == {200, 403, 404}
    assert kinds[RevealDenied] == answered[403]
    assert kinds[IdentityRevealed] == answered[200]
    failed = [row for row in whole.rows if isinstance(row.event, RevealFailed)]
    assert len(failed) == 1  # Of a bug.


def test_who_was_looked_for_is_nowhere(whole: Whole, hits: list[Hit]) -> None:
    """Found or not, refused or not: only the record itself was revealed."""
    assert Counter(whole.searched.values()) == {(200, True): 5, (200, False): 5, (403, False): 10}
    assert elsewhere(hits, {word for word, _ in whole.searched}) == set()
    kinds = Counter(type(row.event) for row in whole.rows if row.position > whole.read_upto)
    assert kinds[PartySearchPerformed] == 10
    assert kinds[PartySearchDenied] == 10


@pytest.mark.parametrize("bug", SPILT)
def test_what_is_let_out_is_found_there(whole: Whole, hits: list[Hit], bug: str) -> None:
    assert whole.spilt.keys() == {*SPILLS, *CHANGES, "view", "key store"} == set(SPILT)
    found = places(hits, {whole.spilt[bug]})
    assert found
    assert {place for place in found if not re.fullmatch(SPILT[bug], place)} == set()
    if SPILT[bug].startswith(("ledger", "keys")):
        assert {place.partition(":")[2].split()[0] for place in found if ":" in place} >= {
            "dump",
            "table",
        }
        assert any("/base/" in place or "/pg_wal/" in place for place in found)


def test_what_is_in_clear_by_design_is_found_in_the_ledger(whole: Whole, hits: list[Hit]) -> None:
    found = places(hits, {whole.institution})
    assert {"ledger: dump", "ledger: table muniment.events", "ledger: table muniment.identity"} <= (
        found
    )
    by_design = LEDGER + r"|ledger: table muniment\.identity|\d+ doctor: output"
    assert not {place for place in found if not re.fullmatch(by_design, place)}


def test_nothing_is_written_beside_the_home(whole: Whole, hits: list[Hit]) -> None:
    """But what was let out on purpose."""
    assert len(list(whole.place.temporary.iterdir())) == 1
    assert [file.name for file in whole.place.cwd.iterdir()] == [f"core.{whole.spilt['cwd']}"]


def test_no_process_leaves_a_copy_of_its_memory(whole: Whole) -> None:
    (line,) = [line for line in whole.limits.splitlines() if line.startswith("Max core file size")]
    assert line.split()[4] == "0"


def test_every_address_was_read_by_who_may_and_by_who_may_not(whole: Whole) -> None:
    paths = {path for path, _ in whole.read}
    assert len(paths) >= 10
    assert {path for path in paths if not whole.read[path, 200]} == set()
    of_cases = {path for path in paths if "{case}" in path or "{item}" in path}
    assert {path for path in of_cases if not whole.read[path, 404]} == set()
