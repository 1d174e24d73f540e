"""What is shown: views that are folded from the ledger, trusted for nothing, rebuilt at will."""

from projections import case_board, deadlines, walls
from projections.view import View

VIEWS: tuple[View, ...] = (case_board.VIEW, deadlines.VIEW, walls.VIEW)
