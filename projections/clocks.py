"""Which event starts a clock of a case, which one stops it, and where the length is written.

What an event wrote down is taken as it stands. Promptness, which no event
writes down, is counted here, on the pack of the case and the calendar of that moment. Clocks
only flag: what must not happen too early or too late is refused by the rules.
"""

from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from typing import Any, Literal, NamedTuple, TypeAlias

import msgspec

from domain.deadlines import Length
from domain.policy import Policy, load
from domain.state.stages import TYPE_ONLY
from projections import facts as on
from projections.days import Days
from projections.facts import Fact, Place

Kind: TypeAlias = Literal[
    "complainant_contact",
    "removal_notice",
    "removal_decision",
    "first_interview",
    "evidence_response",
    "hearing",
    "appeal",
    "appeal_statements",
    "whole_process",
    "access_request",
]

# Kind → the parameter of the pack that says how long.
PARAMETERS: dict[Kind, str] = {
    "complainant_contact": "contact.days",
    "removal_notice": "emergency_removal.notice",
    "removal_decision": "emergency_removal.decision",
    "first_interview": "notice.to_interview",
    "evidence_response": "evidence_review.response",
    "hearing": "report.before_hearing",
    "appeal": "appeal.window",
    "appeal_statements": "appeal.statements",
    "whole_process": "clocks.whole_process",
    "access_request": "access.request",
}

# Their date is the first day on which something may happen; the others' the last.
NOT_BEFORE: frozenset[Kind] = frozenset({"first_interview", "hearing"})


class Running(msgspec.Struct, frozen=True):
    """A clock that runs. `rule`: pack and parameter, `BCM-02.2.20/1#appeal.window`."""

    kind: Kind
    due_on: date
    rule: str
    from_position: int
    party_id: str | None = None
    subject: str | None = None  # The removal, package or request it is about.
    case_id: str | None = None  # Where the stream is not the case's own.


class Stopped(NamedTuple):
    """A clock that ran. `met`: what it waited for came; if not, it ended or was replaced."""

    clock: Running
    at: int
    met: bool


class Clocks(msgspec.Struct):
    """What must be kept of a case to run its clocks."""

    pack: str = ""
    bound: bool = False
    failed_attempts: int = 0
    running: tuple[Running, ...] = ()

    def start(
        self,
        kind: Kind,
        due_on: date | None,
        at: Place,
        party: str | None = None,
        subject: str | None = None,
    ) -> list[Stopped]:
        """Start one, in place of one of the same kind and party. Without a date nothing runs."""
        if due_on is None:
            return []
        replaced = self.stop(kind, at, met=False, party=party)
        rule = f"{self.pack}#{PARAMETERS[kind]}"
        started = Running(kind, due_on, rule, at.position, party, subject)
        self.running = (*self.running, started)
        return replaced

    def stop(
        self,
        kind: Kind | None,
        at: Place,
        *,
        met: bool,
        party: str | None = None,
        subject: str | None = None,
    ) -> list[Stopped]:
        """Stop those of this kind, party and subject; None: of any."""
        stopped, going = [], []
        for clock in self.running:
            if (
                (kind is None or kind == clock.kind)
                and (party is None or party == clock.party_id)
                and (subject is None or subject == clock.subject)
            ):
                stopped.append(Stopped(clock, at.position, met))
            else:
                going.append(clock)
        if stopped:
            self.running = tuple(going)
        return stopped

    def bind(self, pack: str) -> None:
        """The first binding stands."""
        if not self.bound:
            self.pack, self.bound = pack, True


@cache
def policy(pack: str) -> Policy:
    """The pack `BCM-02.2.20/1`. Errors: LookupError where it is not shipped or binds no case."""
    code, _, version = pack.rpartition("/")
    found = load(code, int(version))
    if isinstance(found, Policy):
        return found
    raise LookupError(f"{pack} binds no case")


@cache
def length(rule: str) -> Length:
    """How long the clock of this rule runs, and its citation."""
    pack, _, parameter = rule.partition("#")
    found: Any = policy(pack)
    for name in parameter.split("."):
        found = getattr(found, name)
    assert isinstance(found, Length)
    return found


def apply(clocks: Clocks, fact: Fact, at: Place, days: Days) -> Sequence[Stopped]:
    """Start and stop what this event starts and stops; return what stopped."""
    arm = ARMS.get(type(fact)) or BESIDE.get(type(fact))
    return arm(clocks, fact, at, days) if arm else ()


def _promptly(clocks: Clocks, kind: Kind, at: Place, days: Days) -> date | None:
    return days.last_day(at.recorded_at, length(f"{clocks.pack}#{PARAMETERS[kind]}"))


def _reported(clocks: Clocks, fact: on.ReportReceived, at: Place, days: Days) -> Sequence[Stopped]:
    if clocks.pack:
        return ()  # A further report of a case that is open.
    clocks.pack = fact.intake_pack
    if fact.channel == TYPE_ONLY:
        return ()  # There is nobody to contact.
    due_on = _promptly(clocks, "complainant_contact", at, days)
    return clocks.start("complainant_contact", due_on, at)


def _contacted(
    clocks: Clocks, fact: on.ComplainantContacted, at: Place, _: Days
) -> Sequence[Stopped]:
    if not fact.reached:
        clocks.failed_attempts += 1
        if clocks.failed_attempts < policy(clocks.pack).contact.failed_attempts:
            return ()
    return clocks.stop("complainant_contact", at, met=True)


def _assessed(
    clocks: Clocks, fact: on.JurisdictionAssessed, _at: Place, _days: Days
) -> Sequence[Stopped]:
    clocks.bind(fact.bound_pack)
    return ()


def _removed(
    clocks: Clocks, fact: on.EmergencyRemovalOrdered, at: Place, days: Days
) -> Sequence[Stopped]:
    due_on = _promptly(clocks, "removal_notice", at, days)
    return clocks.start("removal_notice", due_on, at, fact.respondent, fact.removal_id)


def _served(
    clocks: Clocks, fact: on.EmergencyRemovalNoticeServed, at: Place, _: Days
) -> Sequence[Stopped]:
    return clocks.stop("removal_notice", at, met=True, subject=fact.removal_id)


def _challenged(
    clocks: Clocks, fact: on.EmergencyRemovalChallenged, at: Place, days: Days
) -> Sequence[Stopped]:
    due_on = _promptly(clocks, "removal_decision", at, days)
    return clocks.start("removal_decision", due_on, at, fact.respondent, fact.removal_id)


def _challenge_decided(
    clocks: Clocks, fact: on.EmergencyRemovalChallengeDecided, at: Place, _: Days
) -> Sequence[Stopped]:
    return clocks.stop("removal_decision", at, met=True, subject=fact.removal_id)


def _lifted(
    clocks: Clocks, fact: on.EmergencyRemovalLifted, at: Place, _: Days
) -> Sequence[Stopped]:
    return clocks.stop(None, at, met=False, subject=fact.removal_id)


def _filed(
    clocks: Clocks, fact: on.FormalComplaintSigned, at: Place, days: Days
) -> Sequence[Stopped]:
    clocks.bind(fact.bound_pack)
    return clocks.start("whole_process", _promptly(clocks, "whole_process", at, days), at)


def _noticed(
    clocks: Clocks, fact: on.NoticeOfAllegationsIssued, at: Place, _: Days
) -> Sequence[Stopped]:
    return clocks.start("first_interview", fact.first_interview_not_before, at)


def _interviewed(clocks: Clocks, _: on.InterviewHeld, at: Place, _days: Days) -> Sequence[Stopped]:
    return clocks.stop("first_interview", at, met=True)


def _package_sent(
    clocks: Clocks, fact: on.EvidencePackageSent, at: Place, _: Days
) -> Sequence[Stopped]:
    replaced: list[Stopped] = []
    for letter in fact.deliveries:
        if not letter.advisor:
            replaced += clocks.start(
                "evidence_response", fact.respond_by, at, letter.party_id, fact.package_id
            )
    return replaced


def _responded(
    clocks: Clocks, fact: on.PartyResponseReceived, at: Place, _: Days
) -> Sequence[Stopped]:
    return clocks.stop(
        "evidence_response", at, met=True, party=fact.party_id, subject=fact.response_to
    )


def _review_closed(
    clocks: Clocks, _: on.EvidenceReviewClosed, at: Place, _days: Days
) -> Sequence[Stopped]:
    return clocks.stop("evidence_response", at, met=False)


def _report_issued(
    clocks: Clocks, fact: on.InvestigativeReportIssued, at: Place, _: Days
) -> Sequence[Stopped]:
    return clocks.start("hearing", fact.earliest_hearing_on, at)


def _convened(clocks: Clocks, _: on.HearingConvened, at: Place, _days: Days) -> Sequence[Stopped]:
    return clocks.stop("hearing", at, met=True)


def _determined(
    clocks: Clocks, fact: on.DeterminationIssued, at: Place, _: Days
) -> Sequence[Stopped]:
    replaced: list[Stopped] = []
    for letter in fact.deliveries:
        if not letter.advisor:
            replaced += clocks.start("appeal", letter.appeal_until, at, letter.party_id)
    return replaced


def _appealed(clocks: Clocks, fact: on.AppealFiled, at: Place, _: Days) -> Sequence[Stopped]:
    return clocks.stop("appeal", at, met=True, party=fact.by)


def _window_closed(
    clocks: Clocks, fact: on.AppealWindowClosed, at: Place, _: Days
) -> Sequence[Stopped]:
    return clocks.stop("appeal", at, met=False, party=fact.party_id)


def _appeal_noticed(
    clocks: Clocks, fact: on.AppealNoticeSent, at: Place, _: Days
) -> Sequence[Stopped]:
    return clocks.start("appeal_statements", fact.statements_until, at)


def _appeal_decided(
    clocks: Clocks, _: on.AppealDecided, at: Place, _days: Days
) -> Sequence[Stopped]:
    return clocks.stop("appeal_statements", at, met=False)


def _final(clocks: Clocks, _: on.OutcomeBecameFinal, at: Place, _days: Days) -> Sequence[Stopped]:
    return clocks.stop("whole_process", at, met=True)


def _closed(clocks: Clocks, _: on.CaseClosed, at: Place, _days: Days) -> Sequence[Stopped]:
    return clocks.stop(None, at, met=False)


ARMS: dict[type[Fact], Callable[[Clocks, Any, Place, Days], Sequence[Stopped]]] = {
    on.ReportReceived: _reported,
    on.ComplainantContacted: _contacted,
    on.JurisdictionAssessed: _assessed,
    on.EmergencyRemovalOrdered: _removed,
    on.EmergencyRemovalNoticeServed: _served,
    on.EmergencyRemovalChallenged: _challenged,
    on.EmergencyRemovalChallengeDecided: _challenge_decided,
    on.EmergencyRemovalLifted: _lifted,
    on.FormalComplaintSigned: _filed,
    on.NoticeOfAllegationsIssued: _noticed,
    on.InterviewHeld: _interviewed,
    on.EvidencePackageSent: _package_sent,
    on.PartyResponseReceived: _responded,
    on.EvidenceReviewClosed: _review_closed,
    on.InvestigativeReportIssued: _report_issued,
    on.HearingConvened: _convened,
    on.DeterminationIssued: _determined,
    on.AppealFiled: _appealed,
    on.AppealWindowClosed: _window_closed,
    on.AppealNoticeSent: _appeal_noticed,
    on.AppealDecided: _appeal_decided,
    on.OutcomeBecameFinal: _final,
    on.CaseClosed: _closed,
}


def _requested(
    clocks: Clocks, fact: on.AccessRequestReceived, at: Place, _: Days
) -> Sequence[Stopped]:
    # Beside another of the same party, not in its place: each has days of its own.
    rule = f"{fact.pack}#{PARAMETERS['access_request']}"
    clock = Running(
        "access_request",
        fact.due_on,
        rule,
        at.position,
        fact.party_id,
        fact.request_id,
        fact.case,
    )
    clocks.running = (*clocks.running, clock)
    return ()


def _answered(
    clocks: Clocks, fact: on.AccessRequestFulfilled, at: Place, _: Days
) -> Sequence[Stopped]:
    return clocks.stop("access_request", at, met=True, subject=fact.request_id)


# Events of the stream beside a case.
BESIDE: dict[type[Fact], Callable[[Clocks, Any, Place, Days], Sequence[Stopped]]] = {
    on.AccessRequestReceived: _requested,
    on.AccessRequestFulfilled: _answered,
}
