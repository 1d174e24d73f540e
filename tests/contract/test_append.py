"""What the append function takes and what stands in its way, on every server that is supported."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from ledger.batch import Answer, Request
from tests.contract.rows import batch, request, rows, words
from tests.contract.writer import Writer


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
