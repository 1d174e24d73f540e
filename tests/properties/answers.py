"""What an answer may be: nothing for strangers, and no word that was said in confidence."""

from collections.abc import Sequence
from uuid import UUID

from domain.commands import Command
from domain.context import Who
from domain.errors import Refused
from domain.events.case import PartyAdded, PartyIdentified, ReportReceived, RoleAssigned
from domain.rules import RULES
from domain.rules.evidence import AddEvidence
from domain.rules.intake import ReceiveReport
from domain.terms import Role
from tests.properties.paper import Row
from tests.properties.scene import Scene
from tests.properties.words import PLANTED


def nobody_here(scene: Scene, command: Command, stream: UUID, who: Who) -> bool:
    """Is this somebody for whom there is nothing here? Told from the rows, not by the gate."""
    paper, home = scene.paper, RULES[type(command)].home
    member = scene.staff.get(UUID(who.id)) if who.kind == "staff" else None
    office = member.roles_on(scene.today) if member else frozenset[Role]()
    if who.kind in ("system", "operator"):
        return False
    if home == "person":
        return not office & {Role.COORDINATOR, Role.DEPUTY}
    if home not in ("case", "evidence", "access"):
        return not office
    rows = paper.streams.get(stream, ())
    # A new item names its case; an item that is there has said which.
    told_by: object = command if isinstance(command, AddEvidence) or not rows else rows[0].event
    case = getattr(told_by, "case_id", stream) if home == "evidence" else stream
    if not paper.streams.get(case):
        return not isinstance(command, ReceiveReport) or who.kind == "party"
    if who.id in _people_of(paper.streams[case]):
        return who.kind == "party" and who.case != case
    return not office & {Role.COORDINATOR, Role.DEPUTY, Role.AUDITOR}


def _people_of(rows: Sequence[Row]) -> set[str]:
    """The parties, the reporter, and the staff that have a role."""
    found: set[object] = set()
    for row in rows:
        match row.event:
            case PartyAdded(party_id=one) | ReportReceived(reporter_id=one):
                found.add(one)
            case PartyIdentified(subject=one):
                found.add(one)
            case RoleAssigned(staff_id=one):
                found.add(one)
    return {str(one) for one in found}


def says_nothing_it_should_not(refused: Refused) -> None:
    for text in (refused.sentence, refused.remedy, str(refused), repr(refused)):
        assert "…" not in text, f"{refused.code} leaves a blank open: {text}"
        assert PLANTED not in text, f"{refused.code} repeats what was said in confidence"
        assert "munimentenc" not in text
    assert PLANTED not in repr(refused.facts)
