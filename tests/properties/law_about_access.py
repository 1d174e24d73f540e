"""What must hold of who may read a case, and of who was told: from the rows alone, as in law.py."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from uuid import UUID

from domain.events import access, case, evidence, office
from domain.events.access import AccessGranted, AccessRevoked
from tests.properties.law import Told, day
from tests.properties.paper import Row

# Model, sections 5.1 and 5.3: what each role of a case reads for.
READS_FOR = {
    "investigator": "investigate",
    "hearing_officer": "hear",
    "decision_maker": "decide",
    "appeal_officer": "appeal",
}
OUTSIDE = {"implement_sanction", "implement_measure", "registrar", "ceo_report", "legal", "audit"}
NAMES = {"parties", "advisors", "statements", "measures"}
OFFICE = ("coordinator", "deputy")
# Grounds that reach a respondent who was cleared, and to whom: 19 TAC 3.17(a)(5) [P]; P-04, P-09.
OF_CLEARED = {
    "subpoena": {"court", "police"},
    "accused_as_required": {"accused"},
    "grievance_process": {"party", "accused"},
    "written_waiver": {"person_named_in_consent", "other_institution", "party"},
}
# Crimes of violence and nonforcible sex offenses: 34 CFR 99.39.
OFFENSES = {"sexual_assault", "dating_violence", "domestic_violence"}
_SATURDAY = 5


def walls(rows: Sequence[Row]) -> set[str]:
    """Who has a conflict of interest after these rows: disclosed, or upheld."""
    stands: dict[UUID, str] = {}
    for row in rows:
        match row.event:
            case case.ConflictDisclosed(conflict_id=key, staff_id=staff):
                stands[key] = str(staff)
            case case.ConflictDecided(conflict_id=key, staff_id=staff, upheld=True):
                stands[key] = str(staff)
            case case.ConflictDecided(conflict_id=key):
                stands.pop(key, None)
    return set(stands.values())


def _before(told: Told, row: Row) -> list[Row]:
    return [one for one in told.rows if one.position < row.position]


def a_wall_hides_the_case_from_its_person(told: Told) -> None:
    """Nobody behind one has written anything: on the case, beside it, or on an item of it."""
    starts = [row.position for row, _ in told.all(case.ConflictDisclosed)]
    starts += [row.position for row, one in told.all(case.ConflictDecided) if one.upheld]
    if not starts:
        return
    items = {
        row.stream
        for row in told.everything
        if isinstance(row.event, evidence.EvidenceAdded) and row.event.case_id == told.stream
    }
    here = {told.stream, *items, *(row.stream for row in told.beside)}
    for row in told.everything[min(starts) :]:
        if row.stream in here and row.actor not in ("system", "operator"):
            assert row.actor not in walls(_before(told, row)), "somebody behind a wall wrote"


def conflicts_are_decided_once_and_by_another(told: Told) -> None:
    about: dict[UUID, UUID] = {}
    decided: set[UUID] = set()
    for row in told.rows:
        match row.event:
            case case.ConflictDisclosed() as one:
                assert row.actor == str(one.staff_id), "disclosed by another"
                assert one.conflict_id not in about
                about[one.conflict_id] = one.staff_id
            case case.ConflictAlleged() as one:
                assert row.actor == str(one.by) != str(one.staff_id)
                assert one.conflict_id not in about
                about[one.conflict_id] = one.staff_id
            case case.ConflictDecided() as one:
                assert about[one.conflict_id] == one.staff_id
                assert row.actor == str(one.by) != str(one.staff_id)
                assert one.conflict_id not in decided, "decided twice"
                assert told.held(OFFICE, one.by, row)
                decided.add(one.conflict_id)


def with_a_role_comes_its_grant(told: Told) -> None:
    """Written together, by the same hand, for the purpose of the role; and never without one."""
    roles = {row.position: (row, one) for row, one in told.all(case.RoleAssigned)}
    came = {}
    for row, grant in told.all(AccessGranted):
        assert grant.case == told.stream
        if grant.basis == "role_assigned":
            came[row.position - 1] = (row.actor, str(grant.user), grant.purpose)
    assert came == {
        place: (row.actor, str(one.staff_id), READS_FOR[one.role])
        for place, (row, one) in roles.items()
    }


def _standing(told: Told) -> dict[UUID, AccessGranted]:
    """The grants that nobody took back, whatever their last day."""
    stands: dict[UUID, AccessGranted] = {}
    minted: set[UUID] = set()
    for row in told.beside:
        match row.event:
            case AccessGranted() as one:
                assert one.grant_id not in minted, "a grant was minted twice"
                minted.add(one.grant_id)
                stands[one.grant_id] = one
            case AccessRevoked() as one:
                assert one.grant_id in stands, "a grant was taken back twice"
                del stands[one.grant_id]
    return stands


def grants_end_with_what_they_came_with(told: Told) -> None:
    """With the role, with an upheld conflict, when it is final, when the name is sealed."""
    today = day(max(row.recorded_at for row in (*told.rows, *told.beside)))
    holds: set[tuple[str, str]] = set()
    for row in told.rows:
        match row.event:
            case case.RoleAssigned(role=role, staff_id=staff):
                holds.add((READS_FOR[role], str(staff)))
            case case.RoleUnassigned(role=role, staff_id=staff):
                assert (READS_FOR[role], str(staff)) in holds, "a role that nobody had"
                holds.discard((READS_FOR[role], str(staff)))
    kept_out = {str(one.staff_id) for _, one in told.all(case.ConflictDecided) if one.upheld}
    final = told.all(case.OutcomeBecameFinal)
    sealed = told.all(case.RespondentIdentitySealed)
    for grant in _standing(told).values():
        if grant.expires_on and grant.expires_on < today:
            continue
        user = str(grant.user)
        assert user not in kept_out, "a conflict was upheld, and the grant stands"
        assert grant.purpose not in READS_FOR.values() or (grant.purpose, user) in holds
        assert grant.basis != "role_assigned" or not final, "it is final, and the grant stands"
        outside = grant.purpose in OUTSIDE and NAMES & set(grant.field_scope)
        assert not sealed or not outside, "the name is sealed, and the grant stands"


def what_came_with_a_role_has_a_last_day_once_it_is_final(told: Told) -> None:
    ended = Counter[tuple[UUID, str, tuple[str, ...]]]()
    went_on = Counter[tuple[UUID, str, tuple[str, ...]]]()
    granted = {one.grant_id: one for _, one in told.all(AccessGranted)}
    for row, one in told.all(AccessGranted):
        if one.basis == "outcome_final":
            ((at, _),) = told.all(case.OutcomeBecameFinal)
            assert row.recorded_at == at.recorded_at
            assert row.actor == "system"
            assert one.expires_on == open_from(told, row, day(at.recorded_at) + timedelta(days=30))
            went_on[one.user, one.purpose, one.field_scope] += 1
    for _, one in told.all(AccessRevoked):
        if one.reason_code == "outcome_final":
            before = granted[one.grant_id]
            assert before.basis == "role_assigned"
            ended[before.user, before.purpose, before.field_scope] += 1
    assert went_on == ended


def open_from(told: Told, row: Row, on: date) -> date:
    """That day, or the next on which the institution was open as the calendar stood then."""
    marked: dict[date, bool] = {}
    for one in told.everything[: row.position - 1]:
        if isinstance(one.event, office.CalendarDayMarked):
            marked[one.event.day] = one.event.closed
    while marked.get(on, on.weekday() >= _SATURDAY):
        on += timedelta(days=1)
    return on


def nobody_gives_himself_anything(told: Told) -> None:
    """Grants by hand and second signatures: by another, of the office, to somebody who may."""
    for row, one in _given(told):
        assert row.actor != str(one.user), "given to oneself"
        assert told.held(OFFICE, row.actor, row), "given by somebody outside the office"
        assert one.field_scope
        assert str(one.user) not in walls(_before(told, row)), "given to somebody behind a wall"
    for row, grant in told.all(AccessGranted):
        if grant.basis != "granted":
            continue
        assert grant.expires_on is not None
        assert grant.expires_on >= day(row.recorded_at)
        assert str(grant.approved_by) not in (str(grant.user), row.actor), "approved by oneself"
        registered = [
            one.event
            for one in told.everything[: row.position - 1]
            if isinstance(one.event, office.StaffRegistered)
            and one.event.staff_id == grant.approved_by
        ]
        assert grant.approved_by is None or registered, "approved by somebody nobody knows"
        if grant.purpose == "audit":
            assert told.held(("auditor",), grant.user, row)
            assert registered[0].office == "general_counsel"
            assert grant.approval_ref is not None
        cleared = told.before(row, case.RespondentIdentitySealed)
        names = grant.purpose in OUTSIDE and NAMES & set(grant.field_scope)
        assert not cleared or not names, "a name that is sealed"


def _given(told: Told) -> Iterator[tuple[Row, AccessGranted | access.RevealApproved]]:
    for row, one in told.all(AccessGranted):
        if one.basis == "granted":
            yield row, one
    yield from told.all(access.RevealApproved)


def a_replay_has_its_grant(told: Told) -> None:
    for row, replay in told.all(access.AuditReplayPerformed):
        (grant,) = (o for o in told.before(row, AccessGranted) if o.grant_id == replay.grant_id)
        assert grant.purpose == "audit"
        assert str(grant.user) == row.actor
        assert told.held(("auditor",), grant.user, row)
        assert grant.expires_on is not None
        assert day(row.recorded_at) <= grant.expires_on
        ended = {one.grant_id for one in told.before(row, AccessRevoked)}
        assert replay.grant_id not in ended


def nothing_is_told_without_a_ground(told: Told) -> None:
    minted = [one.disclosure_id for _, one in told.all(access.DisclosureRecorded)]
    minted += [one.disclosure_id for _, one in told.all(access.FinalResultsDisclosed)]
    assert len(set(minted)) == len(minted)
    for row, one in told.all(access.DisclosureRecorded):
        assert told.held(OFFICE, row.actor, row)
        assert {*one.about} <= {party.party_id for party in told.before(row, case.PartyAdded)}
        assert one.about
        assert one.items
        assert one.minimum_necessary
        assert one.threat or one.basis != "health_or_safety", "no threat"
        warned = one.advance_notice_on and one.advance_notice_on < day(row.recorded_at)
        assert warned or one.sealed_order or one.basis != "subpoena", "nobody was warned"
        sealed = {who.respondent for who in told.before(row, case.RespondentIdentitySealed)}
        if sealed & {*one.about}:
            assert one.recipient_class in OF_CLEARED.get(one.basis, ()), "of one who was cleared"
        if one.basis == "written_waiver":
            (waiver,) = (
                w for w in told.before(row, access.WaiverRecorded) if w.waiver_id == one.waiver_id
            )
            assert {*one.about} == {waiver.party_id}
            assert {*one.items} <= {*waiver.scope}
            assert waiver.in_writing


def _results(told: Told, row: Row) -> dict[UUID, str]:
    """What stood of each allegation."""
    results: dict[UUID, str] = {}
    for one in _before(told, row):
        match one.event:
            case case.DeterminationIssued(results=decided):
                results = {each.allegation_id: each.result for each in decided}
            case case.AppealDecided(changes=changed):
                results |= {each.allegation_id: each.result for each in changed}
    return results


def final_results_name_what_was_found(told: Told) -> None:
    """Of an offense that may be told, when it is final; to anyone only where that was found."""
    for row, one in told.all(access.FinalResultsDisclosed):
        assert told.before(row, case.OutcomeBecameFinal), "nothing is final"
        (complaint,) = told.before(row, case.FormalComplaintSigned)
        against = [a for a in complaint.allegations if a.respondent_id == one.party_id]
        assert OFFENSES & {allegation.category for allegation in against}
        results = _results(told, row)
        found = {a.category for a in against if results[a.allegation_id] == "responsible"}
        assert {*one.violations} <= found & OFFENSES, "more than was found, or may be told"
        assert one.violations or one.to_class == "alleged_victim"
        assert one.violations or not one.sanctions, "of something else"


def only_the_person_waives_or_asks(told: Told) -> None:
    """Or the office, which takes it down."""
    for kind in (access.WaiverRecorded, access.AccessRequestReceived):
        for row, one in told.all(kind):
            mine = row.actor == str(one.party_id)
            assert mine or told.held(OFFICE, row.actor, row)
            parties = {party.party_id for party in told.before(row, case.PartyAdded)}
            assert one.party_id in parties


def a_request_is_answered_once_and_has_its_days(told: Told) -> None:
    asked: dict[UUID, access.AccessRequestReceived] = {}
    for row in told.beside:
        match row.event:
            case access.AccessRequestReceived() as one:
                assert one.request_id not in asked
                assert one.received_on <= day(row.recorded_at)
                last = open_from(told, row, one.received_on + timedelta(days=45))
                assert one.due_on == last
                asked[one.request_id] = one
            case access.AccessRequestFulfilled() as one:
                of = asked[one.request_id]
                assert of.party_id == one.party_id
                assert of.received_on <= one.on <= day(row.recorded_at), "before it was asked"
    answered = [one.request_id for _, one in told.all(access.AccessRequestFulfilled)]
    assert len(set(answered)) == len(answered), "answered twice"


LAWS: tuple[Callable[[Told], None], ...] = (
    a_wall_hides_the_case_from_its_person,
    conflicts_are_decided_once_and_by_another,
    with_a_role_comes_its_grant,
    grants_end_with_what_they_came_with,
    what_came_with_a_role_has_a_last_day_once_it_is_final,
    nobody_gives_himself_anything,
    a_replay_has_its_grant,
    nothing_is_told_without_a_ground,
    final_results_name_what_was_found,
    only_the_person_waives_or_asks,
    a_request_is_answered_once_and_has_its_days,
)
