"""Moves from the formal complaint to the investigative report."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import get_args
from uuid import UUID

from domain.commands import Command
from domain.rules import (
    complaint,
    evidence,
    informal,
    investigation,
    notice,
    package,
    report,
    roles,
)
from domain.rules.complaint import Alleged
from domain.terms import (
    CaseRole,
    Role,
)
from tests.properties.drafting import (
    BY,
    DISCLOSED,
    ON,
    Fields,
    Move,
    category_of,
    letters,
    name_of,
    pick,
    rather_not,
    text,
)
from tests.properties.scene import PACK, Scene

# Complaint and notice


def _sign(scene: Scene) -> Fields | None:
    state = scene.state
    signers = [key for key, one in state.those("complainant").items() if one.identified]
    against = scene.those("respondent")
    warned = all(DISCLOSED in state.topics_told.get(key, ()) for key in signers)
    if not signers or not against or not (warned or scene.hasty):
        return None
    signer = scene.chance.one(signers)
    return {
        "complaint_id": scene.fresh(),
        "capacity": "complainant",
        "signed_by": signer,
        "signature_kind": "digital",
        "signature": name_of(scene),
        "requests_investigation": True,
        "allegations": tuple(
            _alleged(scene, signer, against) for _ in range(1 + scene.chance.upto(1))
        ),
        "participation_at_filing": scene.chance.one(("yes", "no")),
        BY: scene.party(signer),
    }


def _alleged(scene: Scene, signer: UUID, against: Sequence[UUID]) -> Alleged:
    respondent = scene.chance.one(against)
    category, subtype = category_of(scene, [scene.state.parties[respondent].affiliation])
    return Alleged(
        allegation_id=scene.fresh(),
        complainant_id=signer,
        respondent_id=respondent,
        category=category,
        subtype=subtype,
        incident_id=scene.chance.one((None, *scene.state.incidents)),
    )


def _notice(scene: Scene) -> Fields | None:
    return pick(
        scene,
        "contact",
        [UUID(who.id) for who in scene.in_office(Role.COORDINATOR, Role.DEPUTY)],
        parts=PACK.notice.parts,
        deliveries=letters(scene),
        text=text(scene),
    )


def _offer_informal(scene: Scene) -> Fields | None:
    state, classes = scene.state, PACK.informal
    open_to_it = [
        key
        for key, one in state.allegations.items()
        if scene.hasty
        or state.parties[one.respondent_id].affiliation not in classes.employees
        or state.parties[one.complainant_id].affiliation not in classes.students
    ]
    if not open_to_it:
        return None
    chosen = scene.chance.some(open_to_it, 1)
    return pick(scene, "facilitator", list(scene.staff), allegation_ids=chosen)


# Roles and investigation


def _assign(scene: Scene) -> Fields | None:
    """A role that nobody has yet before one that somebody has."""
    state, needed = scene.state, PACK.roles
    free = [role for role in get_args(CaseRole) if not scene.acting(role)]
    if not free and rather_not(scene):
        return None
    role = scene.chance.one(free or get_args(CaseRole))
    excluded = {other for pair in needed.exclusive if role in pair for other in pair} - {role}
    careless = scene.hasty and scene.chance.yes(30)
    fit = []
    for key, member in scene.staff.items():
        trained = all(
            member.training.get(topic, date.min) >= scene.today
            for topic in needed.training.get(role, ())
        )
        office = member.roles_on(scene.today) & {Role.COORDINATOR, Role.DEPUTY}
        held = {str(one) for one in state.roles_of(str(key)) | state.left_by(str(key)) | office}
        there = role not in state.roles_of(str(key)) and str(key) not in scene.walled
        able = member.here and trained and there
        if (careless and trained) or (able and not held & excluded):
            fit.append(key)
    return pick(scene, "staff_id", fit, role=role)


def _unadvised(scene: Scene) -> list[UUID]:
    """Those without an advisor first."""
    parties = scene.state.parties
    return [key for key, one in parties.items() if not one.has_advisor] or list(parties)


def _select(scene: Scene) -> Fields | None:
    parties = _unadvised(scene)
    if not parties or (scene.state.parties[parties[0]].has_advisor and rather_not(scene)):
        return None
    party = scene.chance.one(parties)
    return {"for_party": party, BY: scene.party(party)}


def _provide(scene: Scene) -> Fields | None:
    parties = _unadvised(scene)
    if not parties:
        return None
    party = scene.chance.one(parties)
    has = scene.state.parties[party].has_advisor
    removed = scene.state.parties[party].advisor_removed
    reason = "did_not_appear" if has else "removed" if removed else "none_chosen"
    return {"for_party": party, "reason_code": reason}


def _open_investigation(scene: Scene) -> Fields | None:
    stands = scene.state.jurisdiction
    chosen = scene.chance.some(scene.acting("investigator"), 1)
    ready = scene.hasty or (stands and not stands.failed)
    return {"investigators": chosen} if chosen and ready else None


def _witnesses(scene: Scene) -> list[UUID]:
    those = scene.state.witnesses
    return [key for key, one in those.items() if scene.hasty or not one.withdrawn]


def _notify(scene: Scene) -> Fields | None:
    return pick(
        scene,
        "subject",
        [*scene.state.parties, *_witnesses(scene)],
        meeting_id=scene.fresh(),
        sent_on=scene.today,
        on=scene.today + timedelta(days=scene.chance.upto(14)),
    )


def _interview(scene: Scene) -> Fields | None:
    meetings = scene.state.meetings
    first = scene.state.first_interview_not_before
    if not first or (scene.today < first and not scene.hasty):
        return None
    there = {*scene.state.parties, *_witnesses(scene)}
    fit = [
        key for key, one in meetings.items() if one.kind != "informational" and one.subject in there
    ]
    if not fit:
        return None
    key = scene.chance.one(fit)
    return {
        "meeting_id": key,
        "subject": meetings[key].subject,
        "held_on": min(max(first, meetings[key].sent_on), scene.today),
    }


def _add_evidence(scene: Scene) -> Fields | None:
    item = scene.fresh()
    from_ = [*scene.state.parties, *scene.acting("investigator")]
    return pick(scene, "submitted_by", from_, evidence_id=item, case_id=scene.case, **{ON: item})


def _classify_evidence(scene: Scene) -> Fields | None:
    related = scene.chance.yes(80)
    return pick(
        scene,
        ON,
        list(scene.items),
        directly_related=related,
        relevant="yes",
        relied_on=related and scene.chance.yes(50),
        sexual_history="none",
    )


def _send_evidence(scene: Scene) -> Fields | None:
    related = [key for key, item in scene.items.items() if scene.hasty or item.directly_related]
    if not related:
        return None
    return {
        "package_id": scene.fresh(),
        "items": scene.chance.some(related, 1),
        "deliveries": letters(scene, advisors=True),
    }


def _respond(scene: Scene) -> Fields | None:
    state = scene.state
    parties = list(state.parties)
    to = [state.review.package_id] if state.review else []
    to += [state.report.report_id] if state.report else []
    if not parties or not to:
        return None
    party = scene.chance.one(parties)
    return {"response_to": scene.chance.one(to), "party_id": party, BY: scene.party(party)}


def _close_review(scene: Scene) -> Fields | None:
    review = scene.state.review
    over = review and (scene.hasty or scene.today > review.respond_by)
    return {"package_id": review.package_id} if review and over else None


def _issue_report(scene: Scene) -> Fields:
    return {
        "report_id": scene.fresh(),
        "deliveries": letters(scene, advisors=True),
        "responses_considered": tuple(
            frozenset[UUID]().union(*scene.state.responses.values()),
        ),
    }


MOVES: dict[type[Command], Move] = {
    complaint.SignFormalComplaint: _sign,
    notice.IssueNotice: _notice,
    informal.OfferInformal: _offer_informal,
    roles.AssignRole: _assign,
    roles.SelectAdvisor: _select,
    roles.ProvideAdvisor: _provide,
    investigation.OpenInvestigation: _open_investigation,
    investigation.NotifyMeeting: _notify,
    investigation.RecordInterview: _interview,
    evidence.AddEvidence: _add_evidence,
    evidence.ClassifyEvidence: _classify_evidence,
    package.SendEvidence: _send_evidence,
    package.RecordResponse: _respond,
    package.CloseReview: _close_review,
    report.IssueReport: _issue_report,
}
