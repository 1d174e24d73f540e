"""For each command, what it takes to be accepted: worked out backwards from what the state allows.

A function looks at the scene and gives the fields that matter, or None where no words would help.
BY: who has to give it, where the row of RULES does not say it all. ON: the stream, where that is
not the case. All other fields are drawn by their types.
"""

from domain.commands import Intention
from tests.properties import (
    moves_about_access,
    moves_at_hearing,
    moves_at_intake,
    moves_in_process,
    moves_of_people,
)
from tests.properties.drafting import Move

MOVES: dict[type[Intention], Move] = {
    **moves_at_intake.MOVES,
    **moves_in_process.MOVES,
    **moves_at_hearing.MOVES,
    **moves_about_access.MOVES,
    **moves_of_people.MOVES,
}
