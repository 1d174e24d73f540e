"""Moves of the office, at intake, and for support and protection."""

from datetime import date, timedelta
from typing import Any, get_args
from uuid import UUID

from domain.commands import Intention
from domain.context import Who
from domain.events.case import (
    Act,
    Count,
    Course,
    Occasion,
    Offense,
    Relationship,
    Victim,
)
from domain.ids import Secret, natural
from domain.rules import (
    classification,
    counseling,
    intake,
    jurisdiction,
    measures,
    office,
    removal,
    type_only,
)
from domain.terms import (
    Affiliation,
    Answer,
    ContactTopic,
    Element,
    MeasureKind,
    OfficeRole,
    RightsItem,
    Role,
    Stage,
)
from tests.properties.drafting import (
    BY,
    DISCLOSED,
    ON,
    Fields,
    Move,
    category_of,
    name_of,
    pick,
    rather_not,
    text,
)
from tests.properties.scene import PACK, Scene

# The office


def _adopt(scene: Scene) -> Fields | None:
    code = scene.chance.one(("BCM-02.2.20", "HMS-7.16"))
    if scene.paper.streams.get(natural(scene.paper.id, "policy-pack", code)):
        return None
    first = scene.today - timedelta(days=scene.chance.upto(90))
    return {
        "code": code,
        "version": 1,
        "effective_from": first,
        "effective_to": None,
    }


def _mark(scene: Scene) -> Fields:
    day = scene.today + timedelta(days=scene.chance.upto(30) - 10)
    return {"day": day}


def _register(scene: Scene) -> Fields:
    return {"sign_in": Secret(f"somebody {scene.fresh()}")}


def _grant(scene: Scene) -> Fields | None:
    start = scene.today - timedelta(days=scene.chance.upto(1))
    if not scene.staff:
        return None
    somebody = scene.chance.one(list(scene.staff))
    # Who hears in confidence is nothing else: nobody who acts on cases is made that here.
    roles: list[OfficeRole] = [
        role
        for role in get_args(OfficeRole)
        if role != "confidential_employee" or not scene.staff[somebody].roles
    ]
    return pick(
        scene,
        ON,
        [somebody],
        role=scene.chance.one(roles),
        start_on=start,
        until=scene.chance.one((None, start, start + timedelta(days=400))),
    )


def _train(scene: Scene) -> Fields | None:
    valid_until = scene.today + timedelta(days=scene.chance.upto(99) * 10)
    return pick(scene, ON, list(scene.staff), on=scene.today, valid_until=valid_until)


def _designate(scene: Scene) -> Fields | None:
    if not scene.policy:
        return None
    return {"code": PACK.pack.code, "resource_id": scene.fresh()}


def _list_counselor(scene: Scene) -> Fields:
    return {"counselor_id": scene.fresh()}


# Intake


def _receive(scene: Scene) -> Fields | None:
    if scene.state.stage is not Stage.NONE:
        return None
    anonymous = scene.chance.yes(15)
    name = None if anonymous else name_of(scene)
    return {
        "report_id": scene.fresh(),
        "channel": scene.chance.one(("online", "employee_duty", "phone")),
        "received_at": scene.chance.one((None, scene.at)),
        "reporter_id": None if anonymous else scene.fresh(),
        "affiliation_class": None if anonymous else scene.chance.one(get_args(Affiliation)),
        "learned_on": scene.chance.one(("unknown", "2025", "2025-01-10")),
        "anonymous": anonymous,
        "incident_from": scene.chance.one((None, "unknown", _lately(scene))),
        "incident_to": None,
        "victim_confidentiality_wish": "not_stated",
        "narrative": text(scene),
        "reporter_name": name,
        "reporter_contact": name,
        "relation": name,
        BY: [Who("staff", str(key)) for key in scene.staff],
    }


def _type_only(scene: Scene) -> Fields | None:
    if scene.state.stage is not Stage.NONE or not scene.policy:
        return None
    people = scene.in_office(Role.CONFIDENTIAL_EMPLOYEE)
    return pick(scene, "resource_id", scene.resources if people else [], **{BY: people})


def _lately(scene: Scene) -> str:
    """A day that the pack covers."""
    return max(scene.today - timedelta(days=30), date(2020, 8, 12)).isoformat()


def _add_party(scene: Scene) -> Fields | None:
    identified = scene.chance.yes(85)
    needed = [role for role in ("complainant", "respondent") if not scene.those(role)]
    if not needed and len(scene.state.parties) > 2 and rather_not(scene):
        return None
    return {
        "party_id": scene.fresh(),
        "role": scene.chance.one(needed or ("complainant", "respondent")),
        "identified": identified,
        "affiliation_class": scene.chance.one(get_args(Affiliation)),
        "name": name_of(scene) if identified else None,
    }


def _contact(scene: Scene) -> Fields | None:
    reached = scene.chance.yes(80)
    topics = scene.chance.some(get_args(ContactTopic)) if reached else ()
    warned = [key for key, topics in scene.state.topics_told.items() if DISCLOSED in topics]
    people = [key for key in scene.those("complainant") if key not in warned]
    people = people or scene.those("complainant")
    return pick(scene, "party_id", people, reached=reached, topics=topics)


def _rights(scene: Scene) -> Fields | None:
    people = [key for key in scene.state.parties if key not in scene.state.rights_given]
    if not people and rather_not(scene):
        return None
    items = scene.chance.some(get_args(RightsItem), 1)
    return pick(scene, "party_id", people or list(scene.state.parties), items=items)


def _danger(scene: Scene) -> Fields | None:
    return pick(scene, "report_id", scene.state.report_ids)


def _assess(scene: Scene) -> Fields | None:
    stands = scene.state.jurisdiction
    if stands and not stands.failed and rather_not(scene):
        return None
    one, yes = scene.chance.one, scene.chance.yes
    day = one((_lately(scene), _lately(scene)[:7], "unknown"))
    return {
        "incident_from": day,
        "incident_to": one((day, None)) if day != "unknown" else day,
        "in_us": "yes" if yes(95) else "no",
        "control_respondent": True,
        "control_context": True,
        "in_program": yes(95),
        "definition_met_if_proved": yes(95),
    }


def _classify(scene: Scene) -> Fields:
    """One offense against up to two victims, counted once for each on one occasion."""
    one, state = scene.chance.one, scene.state
    category, subtype = category_of(scene, [party.affiliation for party in _respondents(scene)])
    elements: dict[Element, Answer] = dict.fromkeys(PACK.elements.of(category, subtype), "unknown")
    people = [*scene.those("complainant"), None]
    victims = tuple(
        Victim(victim_no=number, party_id=one(people))
        for number in range(1, 2 + scene.chance.upto(1))
    )
    place = None if state.type_only else name_of(scene)
    acts = tuple(Act(act_no=number) for number in (1, 2, 3))
    silent = {"reason": None} if state.type_only else {}
    return {
        **silent,
        "incident_id": scene.fresh(),
        "report_ids": one(((), state.report_ids)),
        "policy_category": category,
        "policy_subtype": subtype,
        "same_as_incident": one((None, *state.incidents)),
        "offenses": (
            Offense(
                offense_no=1,
                category=subtype if category == "sexual_assault" else category,
                elements=elements,
            ),
        ),
        "victims": victims,
        "relationships": (Relationship(victim_no=1, kind="acquaintance"),),
        "occasions": (Occasion(occasion_no=1, from_="2024-11", place=place),),
        "rows": tuple(one((_once, _estimated))(victim.victim_no) for victim in victims),
        "course": Course(course_key=scene.fresh(), acts=acts) if category == "stalking" else None,
    }


def _once(victim: int) -> Count:
    return Count(offense_no=1, victim_no=victim, occasion_no=1)


def _estimated(victim: int) -> Count:
    return Count(offense_no=1, victim_no=victim, estimated_occasions=3, estimate_basis="record")


def _respondents(scene: Scene) -> list[Any]:
    return list(scene.state.those("respondent").values())


# Support and protection


def _offer(scene: Scene) -> Fields | None:
    start = scene.today + timedelta(days=scene.chance.upto(3))
    return pick(
        scene,
        "for_party",
        list(scene.state.parties),
        measure_id=scene.fresh(),
        kind=scene.chance.one(get_args(MeasureKind)),
        mutual=scene.chance.yes(50),
        requires_complaint="no",
        start_on=start,
        end_on=scene.chance.one((None, start + timedelta(days=30))),
        burden_assessment=name_of(scene),
        detail=name_of(scene),
    )


def _measures(scene: Scene, status: str) -> list[UUID]:
    measures_ = scene.state.measures.items()
    return [key for key, one in measures_ if scene.hasty or one.status == status]


def _accept(scene: Scene) -> Fields | None:
    offered = _measures(scene, "offered")
    if not offered:
        return None
    measure = scene.chance.one(offered)
    return {"measure_id": measure, BY: scene.party(scene.state.measures[measure].for_party)}


def _implement_measure(scene: Scene) -> Fields | None:
    return pick(scene, "measure_id", _measures(scene, "accepted"))


def _end_measure(scene: Scene) -> Fields | None:
    return pick(scene, "measure_id", _measures(scene, "active"))


def _counselor(scene: Scene) -> Fields | None:
    people = [*scene.state.parties, *([scene.state.reporter_id] if scene.state.reporter_id else [])]
    if not people or not scene.counselors:
        return None
    person, counselor = scene.chance.one(people), scene.chance.one(scene.counselors)
    others = {key for who, key in scene.state.counselors.items() if who != person}
    reason = "language" if counselor in others and not scene.hasty else None
    return {"person": person, "counselor_id": counselor, "impracticable_reason": reason}


def _order_removal(scene: Scene) -> Fields | None:
    limbs = dict.fromkeys(("individualized", "immediate", "physical"), True)
    return pick(
        scene,
        "respondent",
        scene.those("respondent"),
        removal_id=scene.fresh(),
        analysis_id=scene.fresh(),
        arises_from_allegations=True,
        ceo_report_ref=scene.chance.one((None, scene.fresh())),
        ceo_not_reported_reason="already_reported",
        challenge_contact_office="student_affairs",
        how_to_challenge=True,
        analysis=text(scene),
        **limbs,
    )


def _removals(scene: Scene, *statuses: str) -> list[UUID]:
    removals = scene.state.removals.items()
    return [key for key, one in removals if scene.hasty or one.status in statuses]


def _serve(scene: Scene) -> Fields | None:
    return pick(scene, "removal_id", _removals(scene, "ordered"))


def _challenge(scene: Scene) -> Fields | None:
    open_ = _removals(scene, "ordered", "served")
    if not open_:
        return None
    key = scene.chance.one(open_)
    return {"removal_id": key, BY: scene.party(scene.state.removals[key].respondent)}


def _decide_challenge(scene: Scene) -> Fields | None:
    open_ = _removals(scene, "challenged")
    if not open_:
        return None
    key = scene.chance.one(open_)
    judges = [
        who
        for who in scene.in_office(Role.COORDINATOR, Role.DEPUTY)
        if scene.hasty or who.id != str(scene.state.removals[key].ordered_by)
    ]
    result = scene.chance.one(("lifted", "lifted", "upheld", "modified"))
    return {"removal_id": key, "result": result, BY: judges}


MOVES: dict[type[Intention], Move] = {
    office.AdoptPolicy: _adopt,
    office.DesignateConfidentialResource: _designate,
    office.MarkCalendarDay: _mark,
    office.RegisterStaff: _register,
    office.GrantRole: _grant,
    office.RecordTraining: _train,
    office.ListCounselor: _list_counselor,
    intake.ReceiveReport: _receive,
    type_only.ReportTypeOnly: _type_only,
    intake.AddParty: _add_party,
    intake.ContactComplainant: _contact,
    intake.ProvideRights: _rights,
    intake.ReportDanger: _danger,
    jurisdiction.AssessJurisdiction: _assess,
    classification.ClassifyIncident: _classify,
    measures.OfferMeasure: _offer,
    measures.AcceptMeasure: _accept,
    measures.ImplementMeasure: _implement_measure,
    measures.EndMeasure: _end_measure,
    counseling.AssignCounselor: _counselor,
    removal.OrderEmergencyRemoval: _order_removal,
    removal.ServeRemovalNotice: _serve,
    removal.ChallengeRemoval: _challenge,
    removal.DecideChallenge: _decide_challenge,
}
