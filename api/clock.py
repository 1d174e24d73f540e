"""Issues what is due because time passed, as the actor `system`; the process `clock`.

On a real ledger it looks every half minute. A simulated ledger's time moves only when a story or a
request moves it: then everything due on the way is recorded first, each at its own midnight.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from threading import Event
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from api.record import Record
from domain.context import SYSTEM
from domain.due import Due, due, next_on
from domain.errors import Conflict, NotFound, Refused
from domain.execute import Request, execute
from ledger.errors import LedgerError
from projections.projector import UNREACHABLE

log = structlog.get_logger()


class _Step(NamedTuple):
    """Something due on a case, from the first moment of that day."""

    day: date
    case: UUID
    due: Due


def run_until(record: Record, instant: datetime) -> None:
    """Run a simulated ledger's clock: record what is due up to this instant, in order of time."""
    zone = ZoneInfo(record.zone)
    tried: set[UUID] = set()
    with record.watch.lock:
        while True:
            record.watch.follow()
            now = record.read([]).now
            today = now.astimezone(zone).date()
            step = min(_steps(record, today, tried), key=_order, default=None)
            if step is None:
                return
            at = max(now, datetime.combine(step.day, time(), zone).astimezone(UTC))
            if at > instant:
                return
            tried.add(_give(record, step, at))


def look(record: Record) -> None:
    """On a real ledger: give everything that is due today, until nothing is."""
    zone = ZoneInfo(record.zone)
    tried: set[UUID] = set()
    with record.watch.lock:
        while True:
            record.watch.follow()
            today = record.read([]).now.astimezone(zone).date()
            steps = [step for step in _steps(record, today, tried) if step.day == today]
            if not steps:
                return
            for step in sorted(steps, key=_order):
                tried.add(_give(record, step, None))


def run(record: Record, stop: Event, every: float) -> None:
    """The process: look, wait, look again. What cannot be had now is asked for the next time."""
    if record.clock == "simulated":
        log.info("idle")  # Its time is moved by stories and requests.
        stop.wait()
        return
    log.info("started")
    while not stop.is_set():
        try:
            look(record)
        except (LedgerError, *UNREACHABLE) as error:
            log.warning("unreachable", error=type(error).__name__)
        stop.wait(every)


def _steps(record: Record, today: date, tried: set[UUID]) -> Iterator[_Step]:
    for case, state in record.watch.cases.items():
        day = next_on(state, today)
        if day is None:
            continue
        for one in due(state, day):
            if one.command_id(record.id, case) not in tried:
                yield _Step(day, case, one)


def _order(step: _Step) -> tuple[date, UUID, str]:
    return step.day, step.case, step.due.key


def _give(record: Record, step: _Step, at: datetime | None) -> UUID:
    command_id = step.due.command_id(record.id, step.case)
    name = type(step.due.command).__name__
    try:
        done = execute(
            record,
            Request(
                command=step.due.command,
                stream=step.case,
                who=SYSTEM,
                command_id=command_id,
                given_at=at,
            ),
        )
        log.info("due", command=name, position=done.appended.last)
    except (Refused, NotFound, Conflict) as refused:
        # Somebody was faster, or the rule sees it otherwise: then it is not due.
        code = refused.code if isinstance(refused, Refused) else type(refused).__name__
        log.info("refused", command=name, code=code)
    return command_id
