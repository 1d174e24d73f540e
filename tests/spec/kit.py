"""given / when / then for the rules: whole events are compared, and sent through storage."""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import msgspec
import pytest

from domain.commands import Intention
from domain.context import Context, Who
from domain.deadlines import Calendar
from domain.errors import NotFound, Refused
from domain.events import Event
from domain.ids import access_stream
from domain.policy import Adopted, Policy, load
from domain.refusals import No
from domain.registry import TOPICS, Registry
from domain.rules import RULES
from domain.rules.gate import decide
from domain.rules.rule import On
from domain.state import access as access_state
from domain.state import case as case_state
from domain.state import evidence as evidence_state
from domain.state.evidence import EvidenceItem
from domain.state.office import StaffMember, Term
from domain.terms import Role

ZONE = "America/Chicago"
LEDGER = UUID("6d756e69-6d65-4e74-8000-000000000000")
CASE = UUID("00000000-0000-4000-8000-0000000000ca")
ACCESS = access_stream(LEDGER, CASE)


def an_id(name: str) -> UUID:
    """The same id for the same name, in every spec."""
    return uuid5(LEDGER, name)


def instant(day: str | date, hour: int = 10) -> datetime:
    """That hour of that day at the institution, in UTC."""
    on = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime.combine(on, time(hour), ZoneInfo(ZONE)).astimezone(UTC)


def staff(name: str) -> Who:
    return Who("staff", str(an_id(name)))


def party(name: str) -> Who:
    return Who("party", str(an_id(name)), CASE)


CORA, DEE, IVY, HUGO, DORA, APRIL = (
    staff(name) for name in ("cora", "dee", "ivy", "hugo", "dora", "april")
)
EVE = staff("eve")  # Signed in, and nothing to do with any case.
SYSTEM = Who("system", "system")
OPERATOR = Who("operator", "operator")
COMPLAINANT, RESPONDENT = an_id("complainant"), an_id("respondent")

OFFICE: dict[str, frozenset[Role]] = {
    CORA.id: frozenset({Role.COORDINATOR}),
    DEE.id: frozenset({Role.DEPUTY}),
}

BCM = load("BCM-02.2.20", 1)
assert isinstance(BCM, Policy)
ADOPTED = Adopted(effective_from=date(2020, 8, 12), effective_to=None, policy=BCM)

CLOSED = frozenset(
    date.fromisoformat(day)
    for day in (
        "2022-05-30", "2022-07-04", "2024-11-28", "2024-11-29", "2024-12-25", "2025-01-01",
        "2025-01-20", "2025-05-26", "2025-07-04", "2025-09-01", "2025-11-27", "2025-11-28",
    )
)  # fmt: skip


def trained(*roles: Any, until: str = "2099-01-01", topics: Sequence[str] = ()) -> StaffMember:
    """A staff member with these office roles and every training, or the topics given."""
    all_topics = topics or ("title_ix", "trauma_informed", "hearing", "appeal")
    return StaffMember(
        staff_id=an_id("somebody"),
        office="title_ix",
        roles={role: Term(date(2020, 1, 1), None) for role in roles},
        training=dict.fromkeys(all_topics, date.fromisoformat(until)),
    )


def mac(purpose: str, text: str) -> str:
    return hmac.new(b"spec", f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()


def scene(case: case_state.Case, *, by: Who = CORA, on: str = "2025-01-15", **more: Any) -> Context:
    """What is known beside a case that nobody gives a command on."""
    known: dict[str, Any] = {"office": OFFICE.get(by.id, frozenset()), "packs": (ADOPTED,)}
    return Context(
        now=instant(on),
        ledger=LEDGER,
        calendar=Calendar(ZONE, closed=CLOSED),
        who=by,
        mac=mac,
        case=case,
        case_id=CASE,
        **{**known, **more},
    )


class Given:
    """Events that stand, and what stands elsewhere."""

    def __init__(self, *events: Event, **elsewhere: Any) -> None:
        self.events = events
        self.elsewhere = elsewhere

    def and_(self, *events: Event, **elsewhere: Any) -> "Given":
        return Given(*self.events, *events, **{**self.elsewhere, **elsewhere})

    def when(
        self, command: Intention, *, by: Who = CORA, on: str | datetime = "2025-01-15"
    ) -> "When":
        return When(self, command, by, on if isinstance(on, datetime) else instant(on))

    def policy(self, change: Callable[[dict[str, Any]], None]) -> "Given":
        """The same under a pack in which `change` altered the parsed policy (a dict)."""
        altered = msgspec.to_builtins(BCM)
        change(altered)
        packs = (msgspec.structs.replace(ADOPTED, policy=msgspec.convert(altered, Policy)),)
        return self.and_(packs=packs)


def given(*events: Event, **elsewhere: Any) -> "Given":
    """`elsewhere`: packs, staff {id: StaffMember}, evidence {id: EvidenceItem}, counselors,
    resources {code of a pack: ids}, case (events of the case, when the command's own stream is
    another), access (beside it), persons {id: Person}, ended (roles of the actor that count no
    more), concerned (the staff whom the blind index knows in the case)."""
    return Given(*events, **elsewhere)


class When:
    def __init__(self, setting: Given, command: Intention, by: Who, at: datetime) -> None:
        self.command, self.by, self.at, self.setting = command, by, at, setting
        self.rule = RULES[type(command)]

    def decide(self) -> list[Event | On]:
        elsewhere: Mapping[str, Any] = self.setting.elsewhere
        calendar = Calendar(ZONE, closed=CLOSED)
        own: Any = None
        case = case_state.fold(elsewhere.get("case", ()))
        if self.rule.home == "case":
            own = case = case_state.fold(self.setting.events)
        elif self.rule.home == "evidence":
            own = evidence_state.fold(self.setting.events)
        elif "state" in elsewhere:
            own = elsewhere["state"]
        access = access_state.fold(elsewhere.get("access", ()))
        if self.rule.home == "access":
            own = access = access_state.fold(self.setting.events)
        context = Context(
            now=self.at,
            ledger=LEDGER,
            calendar=calendar,
            who=self.by,
            office=OFFICE.get(self.by.id, frozenset()) | elsewhere.get("office", frozenset()),
            packs=elsewhere.get("packs", (ADOPTED,)),
            mac=mac,
            staff=elsewhere.get("staff", {}),
            evidence=elsewhere.get("evidence", {}),
            ended=elsewhere.get("ended", frozenset()),
            persons=elsewhere.get("persons", {}),
            counselors=elsewhere.get("counselors", frozenset()),
            resources=elsewhere.get("resources", {}),
            case=case,
            case_id=CASE,
            access=access,
            concerned=elsewhere.get("concerned", frozenset()),
        )
        return list(decide(self.command, own, context))

    def then(self, *expected: Event | On) -> None:
        """Exactly these events, in order; and the same after storage and replay."""
        decided = self.decide()
        assert decided == list(expected)
        for one in decided:
            _survives_storage(one.event if isinstance(one, On) else one)
        if self.rule.home == "case":
            own = [event for event in decided if isinstance(event, Event)]
            case_state.fold([*self.setting.events, *own])

    def accepted(self) -> list[Event | On]:
        """The twin of a refusal: the same with the one thing mended is recorded."""
        decided = self.decide()
        assert decided
        return decided

    def refused(self, code: No, **facts: object) -> None:
        """With that code; `facts`: what fills the sentence, and `allowed_after`, if it matters."""
        with pytest.raises(Refused) as caught:
            self.decide()
        refused = caught.value
        assert refused.refusal is code, f"refused with {refused.code}: {refused.sentence}"
        for text in (refused.sentence, refused.remedy):
            assert "…" not in text, f"a blank is left open: {text}"
        said = {**refused.facts, "allowed_after": refused.allowed_after}
        assert {name: said.get(name) for name in facts} == facts

    def not_found(self) -> None:
        with pytest.raises(NotFound):
            self.decide()


def _survives_storage(event: Event) -> None:
    registry = Registry()
    topic = TOPICS[type(event)]
    body = msgspec.json.encode(registry.to_builtins(event))
    assert registry.decode(topic, body) == event
    registry.sealed_fields(event, CASE)


__all__ = ["EvidenceItem", "given", "trained"]
