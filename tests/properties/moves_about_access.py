"""Moves about who may read a case: roles that end, conflicts, grants, disclosures, requests."""

from datetime import timedelta
from typing import get_args
from uuid import UUID

from domain.commands import Command
from domain.context import Who
from domain.interest import INTERESTS
from domain.rules import access, conflicts, disclosure, requests, roles
from domain.rules.outcome import allegations_against
from domain.state.access import Grant
from domain.terms import DisclosedItem, FieldScope, Purpose, Role, Stage
from tests.properties.drafting import BY, Fields, Move, name_of, pick, rather_not, text
from tests.properties.scene import PACK, Scene

_OFFICE = (Role.COORDINATOR, Role.DEPUTY)
_REACH = frozenset({Role.COORDINATOR, Role.DEPUTY, Role.AUDITOR})
_NAMES = frozenset[FieldScope]({"parties", "advisors", "statements", "measures"})
_ITEMS: tuple[DisclosedItem, ...] = get_args(DisclosedItem)


def _office_but(scene: Scene, *staff: UUID) -> list[Who]:
    """Those of the office that are left when these may not."""
    return [who for who in scene.in_office(*_OFFICE) if UUID(who.id) not in staff]


# Roles that end, and conflicts


def _unassign(scene: Scene) -> Fields | None:
    """Those behind a wall first: somebody has to take their place."""
    held = [(role, staff) for role, those in scene.state.roles.items() for staff in sorted(those)]
    kept_out = [one for one in held if str(one[1]) in scene.walled]
    if not held or not (kept_out or scene.hasty or scene.chance.yes(15)):
        return None
    role, staff = scene.chance.one(kept_out or held)
    return {"role": role, "staff_id": staff}


def _disclose(scene: Scene) -> Fields | None:
    """Whoever acts on the case; of the office only where somebody of it is left."""
    office = scene.in_office(*_OFFICE)
    able = office if len(office) > 1 else []
    for role in PACK.roles.training:
        able += [Who("staff", str(key)) for key in scene.acting(role)]
    if scene.walled and rather_not(scene):
        return None
    return {"conflict_id": scene.fresh(), BY: [scene.chance.one(able)]} if able else None


def _allege(scene: Scene) -> Fields | None:
    if scene.state.conflicts and rather_not(scene):
        return None
    staff = [key for key in scene.staff if str(key) not in scene.walled]
    if not staff or not scene.state.parties:
        return None
    about = scene.chance.one(staff)
    able = [Who("party", str(key), scene.case) for key in scene.state.parties]
    return {
        "conflict_id": scene.fresh(),
        "staff_id": about,
        "note": text(scene),
        BY: [*able, *_office_but(scene, about)],
    }


def _decide(scene: Scene) -> Fields | None:
    asked = scene.state.conflicts.items()
    open_ = [(key, one.staff_id) for key, one in asked if one.status in ("disclosed", "alleged")]
    if not open_:
        return None
    key, staff = scene.chance.one(open_)
    by = _office_but(scene, staff)
    last = scene.staff[staff].roles_on(scene.today) & set(_OFFICE) and len(by) < 2
    upheld = scene.chance.yes(20 if last else 50)
    return {"conflict_id": key, "upheld": upheld, "note": text(scene), BY: by} if by else None


# Grants


def _readers(scene: Scene, purpose: Purpose) -> list[UUID]:
    """Who has a role that this purpose belongs to, and finds the case."""
    wanted, found = INTERESTS[purpose].roles, []
    for key, member in scene.staff.items():
        held = scene.state.roles_of(str(key)) | (member.roles_on(scene.today) & _REACH)
        if held & wanted and (scene.hasty or str(key) not in scene.walled):
            found.append(key)
    return found


def _fields(scene: Scene, purpose: Purpose) -> tuple[FieldScope, ...]:
    """Some of what the purpose needs; without names where those are sealed."""
    interest = INTERESTS[purpose]
    kept = scene.state.respondents_sealed and not interest.in_process and not scene.hasty
    return scene.chance.some(sorted(interest.fields - (_NAMES if kept else set())), 1)


def _counsel(scene: Scene) -> list[UUID]:
    return [key for key, one in scene.staff.items() if one.office == "general_counsel"]


def _grant(scene: Scene) -> Fields | None:
    audit = scene.chance.yes(40)
    purpose: Purpose = "audit" if audit else scene.chance.one(get_args(Purpose))
    readers = _readers(scene, purpose)
    if not readers:
        return None
    user = scene.chance.one(readers)
    by = _office_but(scene, user)
    if not by:
        return None
    giver = scene.chance.one(by)
    fields: Fields = {
        "grant_id": scene.fresh(),
        "user": user,
        "purpose": purpose,
        "field_scope": _fields(scene, purpose),
        "expires_on": scene.today + timedelta(days=scene.chance.upto(60)),
        "approved_by": None,
        BY: [giver],
    }
    if purpose == "audit":
        counsel = [
            key for key in _counsel(scene) if scene.hasty or key not in (user, UUID(giver.id))
        ]
        if not counsel:
            return None
        fields |= {"approved_by": scene.chance.one(counsel), "approval_ref": scene.fresh()}
    elif scene.hasty:
        fields["approved_by"] = scene.chance.one([user, UUID(giver.id), scene.fresh()])
    return fields


def _live(scene: Scene) -> dict[UUID, Grant]:
    return scene.access.live(scene.today)


def _revoke(scene: Scene) -> Fields | None:
    """One that was given by hand before one that came with a role."""
    live = _live(scene)
    given = [key for key, one in live.items() if one.basis == "granted"]
    if not given and rather_not(scene):
        return None
    return pick(scene, "grant_id", given or list(live))


def _approve(scene: Scene) -> Fields | None:
    purpose: Purpose = scene.chance.one(("legal", "legal", "audit", "registrar"))
    readers = _readers(scene, purpose)
    user = scene.chance.one(readers) if readers else None
    by = _office_but(scene, user) if user else []
    if not by:
        return None
    interest = sorted(INTERESTS[purpose].fields)
    return {
        "approval_id": scene.fresh(),
        "user": user,
        "purpose": purpose,
        "field_scope": scene.chance.some(interest, 1),
        BY: by,
    }


def _replay(scene: Scene) -> Fields | None:
    auditors = {UUID(who.id): who for who in scene.in_office(Role.AUDITOR)}
    mine = [
        (key, auditors[one.user])
        for key, one in _live(scene).items()
        if one.purpose == "audit" and one.user in auditors
    ]
    if not mine:
        return None
    key, who = scene.chance.one(mine)
    return {"grant_id": key, "as_of": 1 + scene.chance.upto(99), BY: [who]}


# Who was told


def _record(scene: Scene) -> Fields | None:
    """On a ground that reaches those it is about, with what that ground asks for."""
    state = scene.state
    if not state.parties:
        return None
    about = scene.chance.some(list(state.parties), 1)
    if state.respondents_sealed and scene.chance.yes(50):
        about = tuple(state.respondents_sealed)
    items = scene.chance.some(_ITEMS, 1)
    reaching = not state.respondents_sealed.isdisjoint(about) and not scene.hasty
    waiver = None
    if scene.access.waivers and scene.chance.yes(40):
        waiver = scene.chance.one(sorted(scene.access.waivers))
        about = (scene.access.waivers[waiver].party_id,)
        items = scene.chance.some(sorted(scene.access.waivers[waiver].items), 1)
        name = "written_waiver"
    else:
        name = scene.chance.one(
            [
                key
                for key, one in disclosure.BASES.items()
                if key != "written_waiver" and (one.when_sealed or not reaching)
            ]
        )
    order = scene.chance.yes(50)
    return {
        "disclosure_id": scene.fresh(),
        "about": about,
        "recipient_class": scene.chance.one(sorted(disclosure.BASES[name].recipients)),
        "basis": name,
        "items": items,
        "minimum_necessary": True,
        "advance_notice_on": None if order else scene.today - timedelta(days=1),
        "sealed_order": order,
        "waiver_id": waiver,
        "recipient": name_of(scene),
        "necessity": text(scene),
        "threat": text(scene),
    }


def _final_results(scene: Scene) -> Fields | None:
    """Of those who were alleged to have done what may be told."""
    state, told = scene.state, set(PACK.disclosure.final_results)
    if state.stage not in (Stage.FINAL, Stage.CLOSED) and not scene.hasty:
        return None
    options = []
    for key in scene.those("respondent"):
        against = allegations_against(state, key)
        alleged = {one: state.allegations[one].category for one in against}
        found = {c for one, c in alleged.items() if state.results.get(one) == "responsible"}
        options += [(key, "alleged_victim")] * bool(told & set(alleged.values()))
        options += [(key, "anyone")] * bool(told & found)
    if not options:
        return None
    party, to = scene.chance.one(options)
    return {
        "disclosure_id": scene.fresh(),
        "party_id": party,
        "to_class": "anyone" if scene.hasty else to,
        "items": ("name", "violation", "sanction"),
    }


def _waive(scene: Scene) -> Fields | None:
    if not scene.state.parties:
        return None
    party = scene.chance.one(list(scene.state.parties))
    return {
        "waiver_id": scene.fresh(),
        "party_id": party,
        "scope": scene.chance.some(_ITEMS, 1),
        "in_writing": True,
        BY: scene.party(party),
    }


# The own record


def _ask(scene: Scene) -> Fields | None:
    if not scene.state.parties:
        return None
    party = scene.chance.one(list(scene.state.parties))
    return {
        "request_id": scene.fresh(),
        "party_id": party,
        "received_on": scene.today - timedelta(days=scene.chance.upto(9)),
        BY: scene.party(party),
    }


def _fulfill(scene: Scene) -> Fields | None:
    asked = scene.access.requests.items()
    open_ = [key for key, one in asked if not one.fulfilled or scene.hasty]
    return pick(scene, "request_id", open_, on=scene.today)


MOVES: dict[type[Command], Move] = {
    roles.UnassignRole: _unassign,
    conflicts.DiscloseConflict: _disclose,
    conflicts.AllegeConflict: _allege,
    conflicts.DecideConflict: _decide,
    access.GrantAccess: _grant,
    access.RevokeAccess: _revoke,
    access.ApproveReveal: _approve,
    access.ReplayCase: _replay,
    disclosure.RecordDisclosure: _record,
    disclosure.DiscloseFinalResults: _final_results,
    disclosure.RecordWaiver: _waive,
    requests.ReceiveAccessRequest: _ask,
    requests.FulfillAccessRequest: _fulfill,
}
