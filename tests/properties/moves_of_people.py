"""Moves of people: persons, identities, witnesses, advisors who go, the staff register."""

from datetime import timedelta
from uuid import UUID

from domain.commands import Command
from domain.context import Who
from domain.rules import identities, persons, roles, staff, witnesses
from domain.terms import Role
from tests.properties.drafting import BY, ON, Fields, Move, name_of, pick, rather_not
from tests.properties.scene import Scene


def _register(scene: Scene) -> Fields | None:
    if len(scene.persons) > 2 and rather_not(scene):
        return None
    person = scene.fresh()
    return {"person_id": person, "identity": name_of(scene), ON: person}


def _standing(scene: Scene) -> list[UUID]:
    return [key for key, one in scene.persons.items() if scene.hasty or not one.merged_into]


def _unlink(scene: Scene) -> Fields | None:
    links = [
        (key, link)
        for key, person in scene.persons.items()
        for link, one in person.links.items()
        if scene.hasty or not one.ended
    ]
    if not links:
        return None
    person, link = scene.chance.one(links)
    return {"link_id": link, ON: person}


def _merge(scene: Scene) -> Fields | None:
    standing = _standing(scene)
    if len(standing) < 2:
        return None
    one = scene.chance.one(standing)
    other = scene.chance.one([key for key in standing if key != one])
    return {"into_person_id": other, ON: one}


def _person(scene: Scene) -> UUID | None:
    standing = _standing(scene)
    return scene.chance.one([*standing, None]) if standing else None


def _identify(scene: Scene) -> Fields | None:
    state = scene.state
    unknown = [(key, "party") for key, one in state.parties.items() if not one.identified]
    unknown += [(key, "witness") for key, one in state.witnesses.items() if not one.identified]
    if state.anonymous and not state.reporter_identified:
        unknown.append((state.reporter_id or scene.fresh(), "reporter"))
    known = [(key, "party") for key in state.parties]
    if not (unknown or known) or (not unknown and rather_not(scene)):
        return None
    subject, kind = scene.chance.one(unknown or known)
    return {
        "subject": subject,
        "subject_kind": kind,
        "affiliation_class": scene.chance.one(("student", "faculty")),
        "name": name_of(scene),
        "person_id": _person(scene),
    }


def _call(scene: Scene) -> Fields | None:
    """By a party, or by who acts on the case for it."""
    if len(scene.state.witnesses) > 2 and rather_not(scene):
        return None
    parties = list(scene.state.parties)
    if not parties:
        return None
    party = scene.chance.one(parties)
    person = _person(scene)
    office = scene.in_office(Role.COORDINATOR, Role.DEPUTY)
    return {
        "witness_id": scene.fresh(),
        "called_by": party,
        "affiliation_class": "student",
        "name": scene.chance.one((None, name_of(scene))),
        "person_id": person,
        "basis": "document" if person else None,
        BY: office if person else scene.party(party),
    }


def _withdraw(scene: Scene) -> Fields | None:
    those = scene.state.witnesses
    standing = [key for key, one in those.items() if scene.hasty or not one.withdrawn]
    if not standing or rather_not(scene):
        return None
    witness = scene.chance.one(standing)
    own = Who("party", str(those[witness].called_by), scene.case)
    return {"witness_id": witness, BY: [own, *scene.in_office(Role.COORDINATOR, Role.DEPUTY)]}


def _remove_advisor(scene: Scene) -> Fields | None:
    if rather_not(scene):
        return None
    parties = scene.state.parties
    return pick(scene, "for_party", [key for key, one in parties.items() if one.has_advisor])


def _revoke(scene: Scene) -> Fields | None:
    """Of what the office cannot do without, one is left."""
    standing = [
        (key, role)
        for key, member in scene.staff.items()
        for role, term in member.roles.items()
        if scene.hasty or (member.here and not term.revoked and role not in _NEEDED)
    ]
    if not standing or rather_not(scene):
        return None
    member, role = scene.chance.one(standing)
    return {"role": role, ON: member}


_NEEDED = frozenset({"coordinator", "deputy"})


def _end(scene: Scene) -> Fields | None:
    if rather_not(scene):
        return None
    here = [
        key
        for key, member in scene.staff.items()
        if scene.hasty or (member.here and not _NEEDED & member.roles.keys())
    ]
    return pick(scene, ON, here, left_on=scene.today - timedelta(days=scene.chance.upto(1)))


def _declare(scene: Scene) -> Fields | None:
    here = [
        key
        for key, member in scene.staff.items()
        if scene.hasty or (member.here and member.roles_on(scene.today))
    ]
    if not here:
        return None
    member = scene.chance.one(here)
    own = Who("staff", str(member))
    return {
        "relation_id": scene.fresh(),
        "until": scene.chance.one((None, scene.today + timedelta(days=90))),
        "person": name_of(scene),
        ON: member,
        BY: [own, *scene.in_office(Role.COORDINATOR, Role.DEPUTY)],
    }


MOVES: dict[type[Command], Move] = {
    persons.RegisterPerson: _register,
    persons.UnlinkPerson: _unlink,
    persons.MergePersons: _merge,
    identities.IdentifyParty: _identify,
    witnesses.AddWitness: _call,
    witnesses.WithdrawWitness: _withdraw,
    roles.RemoveAdvisor: _remove_advisor,
    staff.RevokeRole: _revoke,
    staff.EndStaff: _end,
    staff.DeclareRelation: _declare,
}
