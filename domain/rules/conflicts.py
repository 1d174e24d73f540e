"""Conflicts of interest on a case: 34 CFR 106.45(b)(1)(iii) [P]; 02.2.20 V.A [P].

One that is disclosed or upheld is a wall: to that person the case does not exist any more.
"""

from collections.abc import Sequence
from uuid import UUID

from domain.commands import Command, restate
from domain.context import Context
from domain.errors import require
from domain.events import Event
from domain.events.case import ConflictAlleged, ConflictDecided, ConflictDisclosed
from domain.ids import Narrative, StaffId
from domain.refusals import No
from domain.rules import access
from domain.rules.known import known, needs, new_id, not_now, said, valid
from domain.rules.rule import On
from domain.state.case import Case
from domain.terms import ConflictRole

ITS_SUBJECT = "the person it is about"


class DiscloseConflict(Command):
    conflict_id: UUID
    about_role: ConflictRole
    note: Narrative | None = None


class AllegeConflict(Command):
    conflict_id: UUID
    staff_id: StaffId
    about_role: ConflictRole
    note: Narrative


class DecideConflict(Command):
    conflict_id: UUID
    upheld: bool
    note: Narrative


def disclose(command: DiscloseConflict, state: Case, context: Context) -> Sequence[Event]:
    """By the person concerned, who sees nothing of the case from then on."""
    new_id(command.conflict_id in state.conflicts, "conflict_id")
    return [restate(ConflictDisclosed, command, staff_id=context.staff_id)]


def allege(command: AllegeConflict, state: Case, context: Context) -> Sequence[Event]:
    """Of somebody else; nobody is kept out by a word alone."""
    new_id(command.conflict_id in state.conflicts, "conflict_id")
    known(context.staff[command.staff_id].staff_id, "staff_id", "names no staff member")
    valid(str(command.staff_id) != context.actor, "staff_id", "is your own")
    said(command.note, "note")
    return [restate(ConflictAlleged, command, by=UUID(context.actor))]


def may_decide(state: Case, context: Context) -> None:
    """There is one of somebody else."""
    about = [
        str(one.staff_id)
        for one in state.conflicts.values()
        if one.status in ("disclosed", "alleged")
    ]
    needs(about, "a conflict to decide", "AllegeConflict")
    require(set(about) != {context.actor}, No.ROLE_CONFLICT, role=ITS_SUBJECT)


def decide(command: DecideConflict, state: Case, context: Context) -> Sequence[Event | On]:
    """By somebody else. Upheld, the person's grants end too."""
    conflict = known(
        state.conflicts.get(command.conflict_id), "conflict_id", "names no conflict of this case"
    )
    if conflict.status in ("upheld", "not_upheld"):
        raise not_now(command, f"with a conflict that is {conflict.status.replace('_', ' ')}")
    require(conflict.staff_id != context.staff_id, No.ROLE_CONFLICT, role=ITS_SUBJECT)
    said(command.note, "note")
    decided = restate(ConflictDecided, command, staff_id=conflict.staff_id, by=context.staff_id)
    ended = access.on_conflict(conflict.staff_id, context) if command.upheld else []
    return [decided, *ended]
