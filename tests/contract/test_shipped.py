"""The eventsourcing library's own test cases for recorders, on ours."""

from collections.abc import Callable

import pytest
from eventsourcing.tests.persistence import (
    ApplicationRecorderTestCase,
    NonInterleavingNotificationIDsBaseCase,
)

from ledger.recorder import LedgerRecorder
from tests.databases import Databases


class OurRecorder:
    """Gives the cases a recorder over databases of their own; the cases choose topics and ids."""

    @pytest.fixture(autouse=True)
    def given(
        self, databases: Databases, new_recorder: Callable[[Databases], LedgerRecorder]
    ) -> None:
        self.recorder = new_recorder(databases)

    def create_recorder(self) -> LedgerRecorder:
        return self.recorder


class TestApplicationRecorder(OurRecorder, ApplicationRecorderTestCase):
    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestNonInterleaving(OurRecorder, NonInterleavingNotificationIDsBaseCase):
    pass


del ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase
