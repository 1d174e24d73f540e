"""What views read of events is what the events say, in every form that was ever recorded."""

import typing
from types import NoneType, UnionType
from typing import Any
from uuid import UUID

import msgspec
import pytest

from domain.events import Event
from domain.events import case as recorded
from domain.ids import Secret
from domain.registry import TYPES, UPCASTERS
from projections import VIEWS, facts
from projections.facts import KINDS, Fact, UnknownTopic, readers, require_known
from tests.projections.book import state
from tests.spec import cases


@pytest.mark.parametrize("topic", sorted(KINDS))
def test_a_fact_has_fields_of_its_event_and_their_types(topic: str) -> None:
    _same(KINDS[topic], TYPES[topic])


def _same(fact: type[Fact], event: type[Event]) -> None:
    said = {one.encode_name: one for one in msgspec.structs.fields(event)}
    for field in msgspec.structs.fields(fact):
        assert field.encode_name in said, f"{fact.__name__}.{field.name}"
        _same_type(field.type, said[field.encode_name].type)


def _same_type(mine: Any, theirs: Any) -> None:
    if isinstance(mine, type) and issubclass(mine, Fact):
        _same(mine, theirs)
    elif typing.get_origin(mine) is tuple:
        _same_type(typing.get_args(mine)[0], typing.get_args(theirs)[0])
    else:
        assert _plain(theirs) <= _plain(mine), (mine, theirs)


def _plain(kind: Any) -> set[type]:
    """The types of a field as they stand in JSON, but for dates; ids and words are text."""
    if isinstance(kind, UnionType) or typing.get_origin(kind) in (typing.Union, typing.Annotated):
        members = [one for one in typing.get_args(kind) if not isinstance(one, msgspec.Meta)]
        return set().union(*map(_plain, members))
    if typing.get_origin(kind) is typing.Literal:
        return {type(word) for word in typing.get_args(kind)}
    assert not issubclass(kind, Secret)
    return {str if kind is UUID else kind}


def test_every_form_of_an_event_that_a_view_reads_is_read() -> None:
    names = {topic.partition("/")[0] for topic in KINDS}
    forms = {topic for topic in TYPES.keys() | UPCASTERS.keys() if topic.split("/")[0] in names}
    assert forms == KINDS.keys()


def test_every_fact_is_read_by_a_view() -> None:
    used = frozenset[type[Fact]]().union(*(view.reads for view in VIEWS))
    assert used == set(KINDS.values()) - {facts.CalendarDayMarked}


def test_a_fact_is_read_from_the_bytes_of_a_row() -> None:
    read = readers(KINDS.values())["DeterminationIssued/1"](state(cases.determination))
    assert read == facts.DeterminationIssued(
        sanctions=(facts.Sanction(str(cases.SANCTION)),),
        deliveries=tuple(
            facts.Delivery(str(one.party_id), advisor=False, appeal_until=cases.WINDOW)
            for one in cases.determination.deliveries
        ),
    )


def test_an_unknown_event_is_not_passed_over() -> None:
    require_known("QuestionRuled/1")
    require_known("KeyCreated/1")
    with pytest.raises(UnknownTopic):
        require_known("ReportReceived/9")


def test_no_view_has_a_column_for_words_about_people() -> None:
    sealed = {
        name
        for kind in vars(recorded).values()
        if isinstance(kind, type) and issubclass(kind, Event)
        for name, hint in typing.get_type_hints(kind).items()
        if any(_is_secret(one) for one in (hint, *typing.get_args(hint)))
    }
    assert "narrative" in sealed
    for view in VIEWS:
        assert not sealed & view.schema.keys()


def _is_secret(kind: Any) -> bool:
    return isinstance(kind, type) and kind is not NoneType and issubclass(kind, Secret)
