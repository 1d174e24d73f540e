"""One row of RULES: who may give a command, when, and which function decides it."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias
from uuid import UUID

from domain.context import Context, Fact
from domain.errors import Refusal
from domain.events import Event
from domain.refusals import No
from domain.state.case import Case
from domain.terms import Role, Stage


class On(NamedTuple):
    """An event for a stream other than the command's own, in the same append."""

    stream: UUID
    event: Event


Decided: TypeAlias = Sequence[Event | On]

# Whose stream a command writes. All but `case` and `evidence` have natural keys; that of `access`
# is the case's id, by which its commands are addressed.
Home: TypeAlias = Literal[
    "case", "evidence", "access", "staff", "person", "pack", "calendar", "counselors"
]


class Rule(NamedTuple):
    """`ready` is what must hold before the words of the command matter: it also answers
    "what can be done next" and why not yet. `otherwise` is the refusal for other roles, `misread`
    that of what does not have the form of the command: any but the usual one says nothing of it."""

    decide: Callable[[Any, Any, Context], Decided]
    by: frozenset[Role]
    during: frozenset[Stage]
    home: Home = "case"
    reads: frozenset[Fact] = frozenset()
    ready: Callable[[Case, Context], None] | None = None
    otherwise: Refusal = No.ROLE_NOT_ALLOWED
    misread: Refusal = No.INPUT_INVALID
