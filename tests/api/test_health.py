"""For whoever runs it: alive, ready, counted and logged, and not a word of any case in it."""

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
import structlog
from starlette.testclient import TestClient

from api import logs
from api.logs import ALLOWED
from tests.api.conftest import NewSite, Site
from tests.api.reports import received

Logged = Callable[[], list[dict[str, Any]]]


def test_it_is_ready_where_everything_answers(demo: Site) -> None:
    demo.project()
    answer = demo.client.get("/readyz")
    assert answer.status_code == 200
    said = answer.json()
    assert (said["ready"], said["clock"]) == (True, "simulated")
    assert [check["name"] for check in said["checks"]] == ["ledger", "migrations", "views", "keys"]
    assert demo.client.get("/livez").json() == {"alive": True}


def test_it_is_not_ready_while_a_view_is_parked(new_site: NewSite) -> None:
    site = new_site()
    site.project()
    assert site.client.get("/readyz").json()["ready"]
    with site.databases.connect("projector") as db:
        db.execute(
            "INSERT INTO projections.parked (view, position, topic, error)"
            " VALUES ('deadlines_v1', 1, 'ReportReceived/1', 'LookupError')"
        )
    answer = site.client.get("/readyz")
    assert answer.status_code == 503
    assert {"name": "views", "ok": False, "says": "1 parked"} in answer.json()["checks"]


def test_it_is_not_ready_without_its_keys(new_site: NewSite) -> None:
    site = new_site()
    site.project()
    with site.databases.connect("keys_admin") as db:
        db.execute("ALTER TABLE vault.keys RENAME TO gone")
    answer = site.client.get("/readyz")
    assert answer.status_code == 503
    assert [check["name"] for check in answer.json()["checks"] if not check["ok"]] == ["keys"]
    assert "gone" not in answer.text


@pytest.mark.parametrize(
    ("setting", "host", "headers", "status"),
    [
        ("local", "127.0.0.1", {}, 200),
        ("local", "::1", {}, 200),
        ("local", "10.0.0.7", {}, 404),
        ("local", "127.0.0.1", {"X-Forwarded-For": "10.0.0.7"}, 404),
        ("network", "10.0.0.7", {}, 200),
        ("off", "127.0.0.1", {}, 404),
    ],
)
def test_metrics_are_for_programs_on_this_machine(
    new_site: NewSite, setting: str, host: str, headers: dict[str, str], status: int
) -> None:
    site = new_site(metrics=setting)
    client = TestClient(site.app, client=(host, 4711))
    assert client.get("/metrics", headers=headers).status_code == status


def test_metrics_count_by_route_and_code_and_name_nobody(demo: Site) -> None:
    case, _ = received(demo)
    demo.get(f"/cases/{uuid4()}")
    text = TestClient(demo.app, client=("127.0.0.1", 1)).get("/metrics").text
    assert 'muniment_requests_total{method="GET",route="/cases/{case}",status="404"}' in text
    assert 'muniment_refusals_total{code="NOT_FOUND"}' in text
    assert "muniment_events_total" in text
    assert str(case) not in text
    assert str(demo.staff("coordinator-1")) not in text


def test_a_request_is_one_line_and_a_refusal_one_more(demo: Site, logged: Logged) -> None:
    case, version = received(demo)
    before = len(logged())
    answer = demo.post(f"/cases/{case}/commands/close-case", {}, version=version)
    refused, request = logged()[before:]
    actor = demo.record.mac("log-actor", str(demo.staff("coordinator-1")))
    stream = demo.record.mac("log-stream", str(case))
    same = {
        "actor": actor,
        "stream": stream,
        "request": answer.headers["muniment-request"],
        "level": "info",
        "process": "test",
    }
    del refused["timestamp"], request["timestamp"], request["ms"]
    assert refused == {**same, "event": "refused", "code": "ILLEGAL_TRANSITION"}
    assert request == {
        **same,
        "event": "request",
        "method": "POST",
        "route": "/cases/{case}/commands/close-case",
        "status": 409,
    }


def test_the_log_alone_tells_hidden_from_missing(demo: Site, logged: Logged) -> None:
    demo.get(f"/cases/{demo.cases['01']}", "faculty-1")
    demo.get(f"/cases/{uuid4()}", "faculty-1")
    refused = [line for line in logged() if line["event"] == "refused"]
    assert [line["there"] for line in refused] == [True, False]


def test_no_line_has_an_id_an_address_or_a_field_off_the_list(demo: Site, logged: Logged) -> None:
    case, version = received(demo, narrative="Wrennaquoring")
    client = TestClient(demo.app, client=("203.0.113.9", 4711))
    headers = {**demo.token("coordinator-1"), "User-Agent": "Wrennaquoring/1"}
    client.get(f"/cases/{case}/history?as_of=2030-01-01", headers=headers)
    demo.post(f"/cases/{case}/commands/close-case", {}, version=version)
    demo.client.request("BREW", f"/cases/{case}")
    said = str(logged())
    assert logged()
    for word in (str(case), str(demo.staff("coordinator-1")), "203.0.113.9", "Wrenna", "BREW"):
        assert word not in said
    assert {name for line in logged() for name in line} <= ALLOWED


def test_what_is_not_on_the_list_does_not_come_out(logged: Logged) -> None:
    structlog.get_logger().info("request", code="X", narrative="Wrennaquoring", ip="203.0.113.9")
    (line,) = logged()
    assert line.keys() == {"event", "level", "timestamp", "process", "code"}


def test_a_librarys_message_loses_its_words(logged: Logged) -> None:
    try:
        int("Wrennaquoring")
    except ValueError:
        logging.getLogger("psycopg.pool").exception("error connecting: Wrennaquoring")
    (line,) = logged()
    assert "Wrennaquoring" not in str(line)
    assert (line["logger"], line["error"], line["event"]) == (
        "psycopg.pool",
        "ValueError",
        "library",
    )


def test_a_log_that_nobody_takes_stops_nothing() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w")
    logs.set_up("test", stream=stream)
    for closed in (False, True):
        assert stream.closed == closed
        structlog.get_logger().info("request")  # Written, and lost.
        logging.getLogger("projections.projector").warning("words")
        with suppress(BrokenPipeError):
            stream.close()


def test_where_a_bug_is_can_be_told_without_its_words() -> None:
    with pytest.raises(KeyError) as caught:
        logs.set_up("test", level="no level")  # type: ignore[arg-type]
    assert logs.where(caught.value).startswith("api.logs:")


def test_the_frameworks_own_telemetry_is_off(demo: Site) -> None:
    told = demo.app._telemetry
    assert not any(
        told[name] for name in ("tracing", "metrics", "logs", "operation_spans", "auto_configure")
    )
