"""What an answer may be: nothing for strangers, and no word that was said in confidence."""

from collections.abc import Sequence
from uuid import UUID

from domain.commands import Intention
from domain.context import Who
from domain.errors import Refused
from domain.events.case import (
    PartyAdded,
    PartyIdentified,
    ReportReceived,
    RoleAssigned,
    RoleUnassigned,
)
from domain.rules import RULES
from domain.rules.evidence import AddEvidence
from domain.rules.intake import ReceiveReport
from domain.rules.type_only import ReportTypeOnly
from domain.terms import Role
from tests.properties.law_about_access import walls
from tests.properties.paper import Row
from tests.properties.scene import Scene
from tests.properties.words import PLANTED

_OF_CASE = ("case", "evidence", "access")


def nobody_here(scene: Scene, command: Intention, stream: UUID, who: Who) -> bool:
    """Is this somebody for whom there is nothing here? Told from the rows, not by the gate."""
    paper, home = scene.paper, RULES[type(command)].home
    member = scene.staff.get(UUID(who.id)) if who.kind == "staff" else None
    office = member.roles_on(scene.today) if member else frozenset[Role]()
    if who.kind in ("system", "operator"):
        return False
    if home not in _OF_CASE:
        return not (office & {Role.COORDINATOR, Role.DEPUTY} if home == "person" else office)
    rows = paper.streams.get(stream, ())
    # A new item names its case; an item that is there has said which.
    told_by: object = command if isinstance(command, AddEvidence) or not rows else rows[0].event
    case = getattr(told_by, "case_id", stream) if home == "evidence" else stream
    if not paper.streams.get(case):
        opens = isinstance(command, (ReceiveReport, ReportTypeOnly))
        return not opens or who.kind == "party"
    if who.kind == "staff" and who.id in walls(paper.streams[case]):
        return True
    if who.id in _people_of(paper.streams[case], member.ended if member else frozenset()):
        return who.kind == "party" and who.case != case
    return not office & {Role.COORDINATOR, Role.DEPUTY, Role.AUDITOR}


def somebody_here(scene: Scene, command: Intention, stream: UUID, who: Who) -> bool:
    """Is this somebody who finds this case, and gets an answer of another kind?"""
    found = RULES[type(command)].home in ("case", "access") and stream in scene.cases
    return found and not nobody_here(scene, command, stream, who)


def _people_of(rows: Sequence[Row], ended: frozenset[Role]) -> set[str]:
    """The parties, the reporter, and the staff that have a role and did not lose it.

    `ended`: roles that count no more for whoever is looked for.
    """
    found: set[object] = set()
    roles: set[tuple[str, object]] = set()
    for row in rows:
        match row.event:
            case PartyAdded(party_id=one) | ReportReceived(reporter_id=one):
                found.add(one)
            case PartyIdentified(subject=one):
                found.add(one)
            case RoleAssigned(role=role, staff_id=one):
                roles.add((role, one))
            case RoleUnassigned(role=role, staff_id=one):
                roles.discard((role, one))
    return {str(one) for one in found | {staff for role, staff in roles if role not in ended}}


def says_nothing_it_should_not(refused: Refused) -> None:
    for text in (refused.sentence, refused.remedy, str(refused), repr(refused)):
        assert "…" not in text, f"{refused.code} leaves a blank open: {text}"
        assert PLANTED not in text, f"{refused.code} repeats what was said in confidence"
        assert "munimentenc" not in text
    assert PLANTED not in repr(refused.facts)
