"""What the append function takes and what stands in its way, on every server that is supported."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from ledger.batch import Answer, Request, Row
from ledger.commit import GroupCommit
from ledger.identity import Identity
from tests.contract.rows import batch, check_leaves, request, rows, words
from tests.databases import Cluster, Databases

# The function takes one plain event by the shortest way, and several by a short one, all or none.
# So each test goes in company, too: of another plain event, which is written behind them; and of
# one that is refused, stands before them and leaves no trace: with that all go the long way.
COMPANY = ["alone", "in good company", "in bad company"]
SERVERS = [("cluster", company) for company in COMPANY]
if Path("/usr/lib/postgresql/15/bin").exists():
    SERVERS += [("cluster_15", company) for company in COMPANY]

# One event of a new stream, from plain SQL; %s is its given time.
PLAIN = """SELECT answer FROM muniment.append(ARRAY[gen_random_uuid()], '{a}', '{NULL}', '{NULL}',
    '{NULL}', ARRAY[%s::timestamptz], '{0}', '{0}', '{1}', '{}', '{}', '{}', '{}',
    ARRAY[gen_random_uuid()], '{1}', '{NoteTaken/1}', ARRAY[''::bytea], ARRAY[sha256('')])"""


class Writer:
    """A writer of one ledger, which other tests use too: each counts what it wrote itself."""

    def __init__(self, databases: Databases, company: str) -> None:
        self.databases = databases
        self.company = company
        self.identity = databases.identity
        self.commit = GroupCommit(lambda: psycopg.connect(databases.urls.writer, autocommit=True))
        self.head = 0  # What others wrote, up to the last call.
        self.other = False

    def __call__(self, *requests: Request) -> list[Answer]:
        self.head += self.other
        self.other = False
        if self.company == "in bad company":
            refused, *answers = batch(self.commit, request(*rows(uuid4(), 9)), *requests)
            assert refused.word == "version"
            return answers
        if self.company == "in good company":
            *answers, other = batch(self.commit, *requests, request(*rows(uuid4(), 1)))
            self.other = other.word == "written"
            return answers
        return batch(self.commit, *requests)

    def written(self) -> int:
        """How many events this test wrote; each event there is has its right leaf."""
        with self.databases.connect("admin") as admin:
            return check_leaves(admin, self.identity.origin) - self.head - self.other


@pytest.fixture(scope="module", params=SERVERS, ids=" ".join)
def new_writer(request: pytest.FixtureRequest) -> Iterator[Callable[..., Writer]]:
    """Writers of new ledgers: new_writer(use="opened")."""
    server, company = request.param
    cluster: Cluster = request.getfixturevalue(server)
    made: list[Writer] = []

    def new(**words: Any) -> Writer:
        made.append(Writer(cluster.new(**words), company))
        return made[-1]

    yield new
    for writer in made:
        writer.commit.close()
        cluster.drop(writer.databases)


@pytest.fixture(scope="module")
def shared(new_writer: Callable[..., Writer]) -> Callable[..., Writer]:
    """One ledger of each kind: making a database takes longer than a test."""
    made: dict[str, Writer] = {}

    def get(name: str, **words: Any) -> Writer:
        if name not in made:
            made[name] = new_writer(**words)
        made[name].head, made[name].other = 0, False
        made[name].head = made[name].written()
        return made[name]

    return get


@pytest.fixture
def append(shared: Callable[..., Writer]) -> Writer:
    """On a ledger for tests, with a real clock."""
    return shared("test")


@pytest.fixture
def simulated(shared: Callable[..., Writer]) -> Writer:
    return shared("simulated", clock="simulated")


@pytest.fixture
def unopened(shared: Callable[..., Writer]) -> Writer:
    return shared("unopened", use="opened")


@pytest.fixture
def opened(shared: Callable[..., Writer]) -> Writer:
    writer = shared("opened", use="opened")
    writer(request(opening(writer.identity), command_id=writer.identity.ledger))
    return shared("opened")


def opening(identity: Identity, **other: str) -> Row:
    body = {
        "ledger": str(identity.ledger),
        "origin": identity.origin,
        "institution": identity.institution,
        "clock": identity.clock,
        "zone": identity.zone,
        "migrations": [],
    } | other
    state = msgspec.json.encode({"envelope": {}, "event": body})
    return Row(identity.ledger, 1, "LedgerOpened/1", state, os.urandom(32))


def test_positions_are_dense_and_the_answer_names_them(append: Writer) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    a, b = uuid4(), uuid4()
    first, second = append(request(*rows(a, 1, 2)), request(*rows(b, 1)))
    head = append.head
    assert (first.word, first.first, first.last) == ("written", head + 1, head + 2)
    assert (second.word, second.first, second.last) == ("written", head + 3, head + 3)
    assert first.recorded_at is not None
    assert second.recorded_at is not None
    assert before < first.recorded_at <= second.recorded_at
    assert append.written() == 3


def test_a_stale_version_is_refused(append: Writer) -> None:
    stream = uuid4()
    append(request(*rows(stream, 1, 2)))
    for stale in (1, 2):
        (answer,) = append(request(*rows(stream, stale)))
        assert (answer.word, answer.in_way) == ("version", stream)
    assert append.written() == 2


def test_a_version_ahead_is_refused(append: Writer) -> None:
    stream = uuid4()
    append(request(*rows(stream, 1)))
    assert words(append(request(*rows(stream, 3)), request(*rows(uuid4(), 2)))) == ["version"] * 2
    assert append.written() == 1


@pytest.mark.parametrize("versions", [(1, 1), (1, 3), (2, 1)])
def test_a_gap_or_repetition_inside_an_append_is_refused(
    append: Writer, versions: tuple[int, ...]
) -> None:
    assert words(append(request(*rows(uuid4(), *versions)))) == ["version"]
    assert append.written() == 0


def test_streams_may_be_mixed_in_one_append(append: Writer) -> None:
    a, b = uuid4(), uuid4()
    mixed = [*rows(a, 1), *rows(b, 1), *rows(a, 2), *rows(b, 2), *rows(a, 3)]
    assert words(append(request(*mixed), request(*rows(b, 3), *rows(a, 4)))) == ["written"] * 2
    assert append.written() == 7


def test_one_that_is_refused_leaves_no_trace_and_the_others_land(append: Writer) -> None:
    moved, taken = uuid4(), uuid4()
    append(request(*rows(moved, 1)), request(*rows(taken, 1), claims=[("number", b"1")]))
    past = datetime(2001, 1, 1, tzinfo=UTC)
    failing = [
        request(*rows(uuid4(), 1), guards={moved: 0}),
        request(*rows(uuid4(), 1), claims=[("number", b"2"), ("number", b"1")]),
        request(*rows(uuid4(), 1), *rows(moved, 1)),
        request(*rows(uuid4(), 1), holds=(past, past)),
        request(*rows(uuid4(), 1), given_at=past),
        request(*rows(uuid4(), 1, topic="not\nplain")),
    ]
    mixed = [one for bad in failing for one in (bad, request(*rows(uuid4(), 1)))]
    assert words(append(*mixed)) == [
        word
        for bad in ("guard", "claimed", "version", "decide_again", "time", "malformed")
        for word in (bad, "written")
    ]
    assert append.written() == 2 + len(failing)
    with append.databases.connect("admin") as admin:
        for one in failing:
            for query, key in (
                ("SELECT FROM muniment.events WHERE stream = %s", one.rows[0].stream),
                ("SELECT FROM muniment.commands WHERE command_id = %s", one.command_id),
            ):
                assert not admin.execute(query, [key]).fetchall()
        query = "SELECT key_mac FROM muniment.claims WHERE kind = 'number'"
        assert admin.execute(query).fetchall() == [(b"1",)]


def test_plain_appends_go_together(append: Writer) -> None:
    new, old, seen, never = (uuid4() for _ in range(4))
    append(request(*rows(old, 1, 2)), request(*rows(seen, 1)))
    hour = timedelta(hours=1)
    holds = (datetime.now(UTC) - hour, datetime.now(UTC) + hour)
    plain = [
        request(*rows(new, 1), guards={seen: 1, never: 0}, request_mac=b"mac"),
        request(*rows(old, 3), holds=holds),
        request(*rows(uuid4(), 1), guards={seen: 1}),
    ]
    answers = append(*plain)
    assert words(answers) == ["written"] * 3
    places = [append.head + 4, append.head + 5, append.head + 6]
    assert [(one.first, one.last) for one in answers] == [(place, place) for place in places]
    assert append(*plain) == [one._replace(word="known") for one in answers]
    assert append(plain[0]._replace(request_mac=None))[0].word == "reused"
    assert append.written() == 6


def in_the_way(case: str) -> tuple[list[Request], Request]:
    """What was written before, and one plain append that cannot be written after it."""
    stream, past = uuid4(), datetime(2001, 1, 1, tzinfo=UTC)
    before = request(*rows(stream, 1))
    plain = request(*rows(uuid4(), 1))
    return {
        "known": ([before], before),
        "reused": ([before], before._replace(actor="staff-2")),
        "guard": ([before], plain._replace(guards={uuid4(): 0, stream: 2})),
        "guard on none": ([], plain._replace(guards={stream: 1})),
        "version": ([before], request(*rows(stream, 1))),
        "version ahead": ([before], request(*rows(stream, 3))),
        "version of none": ([], request(*rows(stream, 2))),
        "malformed": ([], request(*rows(stream, 1, topic="not\nplain"))),
        "time": ([], plain._replace(given_at=past)),
        "decide_again": ([], plain._replace(holds=(past, past))),
        "decide_again later": ([], plain._replace(holds=(past.replace(year=9000),) * 2)),
    }[case]


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(
    "case",
    [
        *("known", "reused", "guard", "guard on none", "version", "version ahead"),
        *("version of none", "malformed", "time", "decide_again", "decide_again later"),
    ],
)
def test_of_plain_appends_only_the_one_in_the_way_is_not_written(
    append: Writer, case: str, place: int
) -> None:
    before, bad = in_the_way(case)
    for one in before:
        append(one)
    word, *_ = case.split()
    some = [request(*rows(uuid4(), 1)) for _ in range(2)]
    some.insert(place, bad)
    expected = ["written"] * 2
    expected.insert(place, word)
    assert words(append(*some)) == expected
    assert append.written() == len(before) + 2
    assert words(append(bad)) == [word]


def test_plain_appends_to_one_stream_follow_each_other(append: Writer) -> None:
    stream = uuid4()
    some = [request(*rows(stream, version)) for version in (1, 2, 2, 3)]
    assert words(append(*some)) == ["written", "written", "version", "written"]
    assert append.written() == 3


def test_an_append_may_guard_the_stream_that_it_writes(append: Writer) -> None:
    stream = uuid4()
    for version in (1, 2):
        own = request(*rows(stream, version), guards={stream: version - 1})
        assert words(append(own, request(*rows(uuid4(), 1)))) == ["written"] * 2
    assert words(append(request(*rows(stream, 3), guards={stream: 1}))) == ["guard"]


def test_the_same_command_again_gets_the_first_result(append: Writer) -> None:
    once = request(*rows(uuid4(), 1, 2), request_mac=b"mac")
    (first,) = append(once)
    append(request(*rows(uuid4(), 1)))
    (again,) = append(once)
    assert again == first._replace(word="known")
    assert append.written() == 3


def test_the_same_command_twice_in_one_batch_is_written_once(append: Writer) -> None:
    once = request(*rows(uuid4(), 1))
    first, second = append(once, once)
    assert (first.word, second) == ("written", first._replace(word="known"))
    assert append.written() == 1


def test_of_the_same_command_the_first_that_can_be_written_counts(append: Writer) -> None:
    stream, name = uuid4(), uuid4()
    ahead = request(*rows(stream, 2), command_id=name)
    good = request(*rows(stream, 1), command_id=name)
    other = request(*rows(uuid4(), 1), command_id=name, actor="staff-2")
    refused, written, known, reused = append(ahead, good, ahead, other)
    assert words([refused, written, known, reused]) == ["version", "written", "known", "reused"]
    assert known == written._replace(word="known")
    assert append.written() == 1


@pytest.mark.parametrize(
    "other", [{"actor": "staff-2"}, {"request_mac": b"m2"}, {"request_mac": None}]
)
def test_a_command_id_of_another_actor_or_request_is_refused(
    append: Writer, other: dict[str, object]
) -> None:
    once = request(*rows(uuid4(), 1), request_mac=b"m1")
    append(once)
    assert append(once._replace(**other)) == [Answer("reused", 0, 0, None, None)]
    assert append.written() == 1


def test_a_known_command_is_answered_before_anything_else_is_checked(append: Writer) -> None:
    stream = uuid4()
    once = request(*rows(stream, 1), claims=[("known", b"1")], guards={stream: 0})
    append(once)
    assert words(append(once)) == ["known"]


def test_a_guard_that_holds_lets_pass(append: Writer) -> None:
    seen, never = uuid4(), uuid4()
    append(request(*rows(seen, 1, 2)))
    assert words(append(request(*rows(uuid4(), 1), guards={seen: 2, never: 0}))) == ["written"]


def test_a_guard_that_moved_is_named(append: Writer) -> None:
    still, moved = uuid4(), uuid4()
    append(request(*rows(still, 1)), request(*rows(moved, 1)))
    append(request(*rows(moved, 2)))
    (answer,) = append(request(*rows(uuid4(), 1), guards={still: 1, moved: 1}))
    assert (answer.word, answer.in_way) == ("guard", moved)


def test_a_guard_sees_what_stands_before_it_in_the_same_batch(append: Writer) -> None:
    a, b = uuid4(), uuid4()
    one = request(*rows(a, 1), guards={b: 0})
    other = request(*rows(b, 1), guards={a: 0})
    assert words(append(one, other)) == ["written", "guard"]


def test_a_claim_is_for_ever(append: Writer) -> None:
    claim = [("vendor", b"\x01" * 32)]
    assert words(append(request(*rows(uuid4(), 1), claims=claim * 2))) == ["written"]
    assert words(append(request(*rows(uuid4(), 1), claims=claim))) == ["claimed"]
    fresh = [("vendor", b"\x02" * 32)]
    twice = [request(*rows(uuid4(), 1), claims=fresh) for _ in range(2)]
    assert words(append(*twice)) == ["written", "claimed"]
    other = [("import", b"\x01" * 32)]
    assert words(append(request(*rows(uuid4(), 1), claims=other))) == ["written"]


def test_a_decision_is_written_only_while_it_holds(append: Writer) -> None:
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    for since, until, word in (
        (now - hour, now + hour, "written"),
        (now + hour, now + 2 * hour, "decide_again"),
        (now - 2 * hour, now - hour, "decide_again"),
    ):
        assert words(append(request(*rows(uuid4(), 1), holds=(since, until)))) == [word]


def test_the_interval_includes_its_ends(simulated: Writer) -> None:
    at, tick = datetime(2026, 3, 8, 6, tzinfo=UTC), timedelta(microseconds=1)
    for since, until, word in (
        (at, at, "written"),
        (at + tick, at + tick, "decide_again"),
        (at - tick, at - tick, "decide_again"),
    ):
        one = request(*rows(uuid4(), 1), holds=(since, until), given_at=at)
        assert words(simulated(one)) == [word]


def test_recorded_time_never_runs_back(new_writer: Callable[..., Writer]) -> None:
    append = new_writer()
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    with append.databases.connect("owner") as owner:
        # As if the server's clock had been a day ahead when the first event was recorded.
        owner.execute(
            "INSERT INTO muniment.events VALUES (1, gen_random_uuid(), 1, 'NoteTaken/1', %s, '',"
            " sha256(''), sha256(''))",
            [tomorrow],
        )
    (answer,) = append(request(*rows(uuid4(), 1)))
    assert (answer.first, answer.recorded_at) == (2, tomorrow)


def test_a_real_ledger_takes_no_given_time(append: Writer) -> None:
    assert words(append(request(*rows(uuid4(), 1), given_at=datetime.now(UTC)))) == ["time"]


def test_a_simulated_ledger_is_at_the_given_time_and_never_before_its_head(
    simulated: Writer,
) -> None:
    at = datetime(2031, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    first, none, before, same = simulated(
        request(*rows(uuid4(), 1), given_at=at),
        request(*rows(uuid4(), 1)),
        request(*rows(uuid4(), 1), given_at=at - timedelta(microseconds=1)),
        request(*rows(uuid4(), 1), given_at=at),
    )
    assert words([first, none, before, same]) == ["written", "time", "time", "written"]
    assert first.recorded_at == same.recorded_at == at
    assert simulated.written() == 2


@pytest.mark.parametrize("at", ["infinity", "-infinity", "10000-01-01 UTC", "0001-12-31 UTC BC"])
def test_a_time_that_no_leaf_can_write_is_refused(simulated: Writer, at: str) -> None:
    with simulated.databases.connect("writer") as db:
        assert db.execute(PLAIN, [at]).fetchall() == [("time",)]


def test_a_ledger_is_opened_first_and_once(new_writer: Callable[..., Writer]) -> None:
    append, stream = new_writer(use="opened"), uuid4()
    early, opened, later, again = append(
        request(*rows(stream, 1)),
        request(opening(append.identity)),
        request(*rows(stream, 1)),
        request(opening(append.identity)._replace(version=2)),
    )
    assert words([early, opened, later, again]) == ["not_opened", "written", "written", "malformed"]
    assert opened.first == 1
    assert append.written() == 2


@pytest.mark.parametrize("field", ["ledger", "origin", "institution", "clock", "zone"])
def test_an_opening_that_disagrees_with_the_identity_is_refused(
    unopened: Writer, field: str
) -> None:
    wrong = opening(unopened.identity, **{field: "other"})
    assert words(unopened(request(wrong))) == ["not_opened"]
    assert unopened.written() == 0


def test_an_opening_in_another_stream_is_refused(unopened: Writer) -> None:
    elsewhere = opening(unopened.identity)._replace(stream=uuid4())
    assert words(unopened(request(elsewhere))) == ["not_opened"]


@pytest.mark.parametrize(
    "topic",
    [
        *("noteTaken/1", "NoteTaken", "NoteTaken/0", "NoteTaken/01", "NoteTaken/1\n", "N/1", ""),
        *("Note Taken/1", "NoteTäken/1", "Note_Taken/1"),
    ],
)
def test_an_opened_ledger_takes_only_names_with_a_version(opened: Writer, topic: str) -> None:
    assert words(opened(request(*rows(uuid4(), 1, topic=topic)))) == ["malformed"]
    assert opened.written() == 0
    assert words(opened(request(*rows(uuid4(), 1, topic="NoteTaken/12")))) == ["written"]


def test_an_opened_ledger_has_no_version_zero(opened: Writer) -> None:
    assert words(opened(request(*rows(uuid4(), 0)))) == ["version"]


def test_a_ledger_for_tests_may_begin_at_zero_or_one_only(append: Writer) -> None:
    zero, one = uuid4(), uuid4()
    firsts = [
        request(*rows(zero, 0, 1)),
        request(*rows(one, 1)),
        request(*rows(uuid4(), 2)),
        request(*rows(uuid4(), 0, 0)),
        request(*rows(zero, 0)),
    ]
    assert words(append(*firsts)) == ["written"] * 2 + ["version"] * 3


def test_without_an_identity_nothing_is_taken(new_writer: Callable[..., Writer]) -> None:
    append = new_writer()
    with append.databases.connect("admin") as admin:
        # Nothing less than a superuser who takes the guards away can make a ledger nameless.
        admin.execute("SET session_replication_role = replica")
        for (trigger,) in admin.execute("SELECT evtname FROM pg_event_trigger").fetchall():
            admin.execute(SQL("ALTER EVENT TRIGGER {} DISABLE").format(Identifier(trigger)))
        admin.execute("ALTER TABLE muniment.identity DISABLE TRIGGER ALL")
        admin.execute("DELETE FROM muniment.identity")
    with pytest.raises(psycopg.errors.NoDataFound):
        append(request(*rows(uuid4(), 1)))


def test_an_old_snapshot_cannot_append(append: Writer) -> None:
    with append.databases.connect("writer") as db:
        db.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with db.transaction():
            db.execute("SELECT count(*) FROM muniment.events")
            append(request(*rows(uuid4(), 1)))
            with pytest.raises(psycopg.errors.UniqueViolation):
                db.execute(PLAIN, [None])
    assert append.written() == 1


def test_one_notification_a_call(append: Writer) -> None:
    with append.databases.connect("reader") as listener:
        listener.execute("LISTEN muniment")
        append(*(request(*rows(uuid4(), 1, 2)) for _ in range(3)))
        batch(append.commit, request(*rows(uuid4(), 2)))  # Nothing written, nothing said.
        append(request(*rows(uuid4(), 1)))
        heard = list(listener.notifies(timeout=10, stop_after=2))
        assert len(heard) == 2
        assert not list(listener.notifies(timeout=0))


def test_leaves_of_one_stream_chain_over_calls_and_batches(append: Writer) -> None:
    stream: UUID = uuid4()
    append(request(*rows(stream, 1)), request(*rows(stream, 2)))
    append(request(*rows(stream, 3, 4)))
    assert append.written() == 4


# By hand, with arrays that do not fit together: an event that no append decides, or the reverse.
A, B = UUID(int=1), UUID(int=2)
NONE: dict[str, str] = {
    "commands": "ARRAY[gen_random_uuid()]",
    "actors": "'{a}'",
    "nulls": "'{NULL}'",
    "guard_counts": "'{0}'",
    "event_counts": "'{1}'",
    "guards": "'{}'",
    "streams": f"'{{{A}}}'",
    "versions": "'{1}'",
    "topics": "'{NoteTaken/1}'",
    "states": "ARRAY[''::bytea]",
    "salts": "ARRAY[sha256('')]",
}
BY_HAND = """SELECT answer FROM muniment.append({commands}, {actors}, {nulls}, {nulls}, {nulls},
    {nulls}, {guard_counts}, '{{0}}', {event_counts}, {guards}, {guards}, '{{}}', '{{}}',
    {streams}, {versions}, {topics}, {states}, {salts})"""


@pytest.mark.parametrize(
    "other",
    [
        {"event_counts": "'{-1}'"},
        {"event_counts": "'{2}'"},
        {"event_counts": "'{NULL}'"},
        {"event_counts": "'{1,1}'"},
        {"guard_counts": "'{1}'"},
        {"guard_counts": "'{-1}'"},
        {"commands": "'{}'"},
        {"actors": "'[0:0]={a}'"},
        {"actors": "'{{a}}'"},
        {"actors": "NULL"},
        {"streams": f"'[2:2]={{{A}}}'"},
        {"streams": f"'{{{A},{B}}}'"},
        {"streams": f"'{{{{{A}}}}}'"},
        {"versions": "'[0:1]={1,2}'"},
        {"states": "ARRAY[''::bytea, '']"},
        {"salts": "NULL"},
    ],
)
def test_arrays_that_do_not_fit_together_write_nothing(
    append: Writer, other: dict[str, str]
) -> None:
    with append.databases.connect("writer") as db, pytest.raises(psycopg.DataError):
        db.execute(BY_HAND.format(**NONE | other))  # type: ignore[arg-type]
    assert append.written() == 0


def test_a_gap_cannot_be_made_by_hand(append: Writer) -> None:
    """Three appends of -1, 1 and 1 events once left positions 1 and 3, and skipped a version."""
    with append.databases.connect("writer") as db, pytest.raises(psycopg.DataError):
        db.execute(
            """SELECT answer FROM muniment.append(
                ARRAY[gen_random_uuid(), gen_random_uuid(), gen_random_uuid()], '{a,a,a}',
                '{NULL,NULL,NULL}', '{NULL,NULL,NULL}', '{NULL,NULL,NULL}', '{NULL,NULL,NULL}',
                '{0,0,0}', '{0,0,0}', '{-1,1,1}', '{}', '{}', '{}', '{}',
                '[0:1]={00000000-0000-0000-0000-000000000009,00000000-0000-0000-0000-000000000009}',
                '[0:1]={1,2}', '[0:1]={NoteTaken/1,NoteTaken/1}',
                ('[0:1]={a,b}')::bytea[],
                array_prepend(sha256(''), ARRAY[]::bytea[]) || sha256(''))"""
        )
    assert append.written() == 0


def test_arrays_by_hand_that_fit_are_taken(append: Writer) -> None:
    with append.databases.connect("writer") as db:
        stream = {"streams": "ARRAY[gen_random_uuid()]"}
        (row,) = db.execute(BY_HAND.format(**NONE | stream)).fetchall()  # type: ignore[arg-type]
        assert row == ("written",)
    assert append.written() == 1
