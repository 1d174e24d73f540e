"""The eventsourcing library's own cases for tracking and projections, on our tracking recorder.

Left out: `EventSourcedProjectionTestCase` (a projection that records events: ours record none)
and `TaggedDecisionCountersProjectionTestCase` (another kind of event store).
"""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import pytest
from eventsourcing import popo
from eventsourcing.persistence import StoredEvent, Tracking, TrackingRecorder
from eventsourcing.tests.persistence import TrackingRecorderTestCase
from eventsourcing.tests.projection import (
    AggregateEventCountersProjectionTestCase,
    EventCountersView,
    EventCountersViewTestCase,
)
from eventsourcing.utils import Environment

from ledger.recorder import LedgerDatastore, LedgerRecorder
from projections.tracking import Tracker, ViewDatastore
from tests.databases import Databases


class Counters(Tracker, EventCountersView):
    """A view of two counters, which shares the transaction of its tracking."""

    def create_table(self) -> None:
        super().create_table()
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute(
                "CREATE TABLE projections.counters (name text PRIMARY KEY, counted bigint)"
            )

    def get_created_event_counter(self) -> int:
        return self._counted("created")

    def get_subsequent_event_counter(self) -> int:
        return self._counted("subsequent")

    def incr_created_event_counter(self, tracking: Tracking) -> None:
        self._count("created", tracking)

    def incr_subsequent_event_counter(self, tracking: Tracking) -> None:
        self._count("subsequent", tracking)

    def _counted(self, name: str) -> int:
        with self.datastore.transaction() as cursor:
            row = cursor.execute(
                "SELECT counted FROM projections.counters WHERE name = %s", [name]
            ).fetchone()
            return 0 if row is None else int(row["counted"])

    def _count(self, name: str, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self.advance(cursor, tracking.application_name, tracking.notification_id)
            cursor.execute(
                "INSERT INTO projections.counters VALUES (%s, 1) ON CONFLICT (name)"
                " DO UPDATE SET counted = counters.counted + 1",
                [name],
            )


class Recorder(LedgerRecorder):
    """The library's application names the tracking of every append: here, none."""

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        assert kwargs.pop("tracking") is None
        return super().insert_events(stored_events, **kwargs)


class Factory(popo.POPOFactory):
    """Hands the library's runner our recorders over one pair of databases."""

    databases: ClassVar[Databases]
    made: ClassVar[list[Recorder | Tracker]] = []

    def application_recorder(self) -> Any:
        recorder = Recorder(LedgerDatastore(self.databases.urls.writer))
        self.made.append(recorder)
        return recorder

    def tracking_recorder(self, tracking_recorder_class: type[Any] | None = None) -> Any:
        assert tracking_recorder_class is not None
        recorder = tracking_recorder_class(ViewDatastore(self.databases.urls.projector))
        recorder.create_table()
        self.made.append(recorder)
        return recorder


class OurViews:
    """Each case gets databases of its own."""

    @pytest.fixture(autouse=True)
    def given(self, databases: Databases) -> Iterator[None]:
        Factory.databases = databases
        Factory.made = []
        yield
        for recorder in Factory.made:
            recorder.close()

    def made(self, kind: type[Tracker]) -> Tracker:
        tracker: Tracker = Factory(Environment()).tracking_recorder(kind)
        return tracker


class TestTracker(OurViews, TrackingRecorderTestCase):
    def create_recorder(self) -> TrackingRecorder:
        return self.made(Tracker)


class TestView(OurViews, EventCountersViewTestCase):
    def construct_event_counters_view(self) -> EventCountersView:
        view = self.made(Counters)
        assert isinstance(view, Counters)
        return view


class TestProjection(OurViews, AggregateEventCountersProjectionTestCase):
    view_class = Counters
    env: ClassVar[dict[str, str]] = {"PERSISTENCE_MODULE": __name__}


del TrackingRecorderTestCase, EventCountersViewTestCase, AggregateEventCountersProjectionTestCase
