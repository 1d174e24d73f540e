"""Closing a case: what must be on record first. A-33, A-82, F-01."""

from collections.abc import Iterator, Sequence
from typing import Literal

from domain.commands import Command
from domain.context import Context
from domain.errors import Refused
from domain.events import Event
from domain.events.case import CaseClosed
from domain.refusals import No
from domain.rules.known import valid
from domain.state.case import Case


class CloseCase(Command):
    reason_code: Literal["completed", "type_only"] = "completed"


def missing(state: Case, context: Context) -> list[Refused]:
    """What keeps this case from being closed: each with its code and sentence; empty: nothing."""
    return list(_missing(state, context))


def may_close(state: Case, context: Context) -> None:
    """With nothing missing. Errors: the first of what is."""
    for refused in missing(state, context):
        raise refused


def close(command: CloseCase, state: Case, context: Context) -> Sequence[Event]:
    """With the checklist as it stood; a type-only report has nobody to inform and nothing to do."""
    fits = (command.reason_code == "type_only") == state.type_only
    valid(fits, "reason_code", "must be type_only for a type-only report, and only then")
    if state.type_only:
        return [CaseClosed(reason_code="type_only", checklist={}, resume_state=None)]
    return [
        CaseClosed(
            reason_code=command.reason_code,
            checklist={
                "rights_information": _rights_given(state),
                "contact_topics": not _topics_untold(state, context),
                "contact_attempts": _attempts_made(state, context),
                **_response(state),
            },
            resume_state=None,
        )
    ]


def _missing(state: Case, context: Context) -> Iterator[Refused]:
    if state.type_only:
        return
    if not _rights_given(state):
        yield Refused(No.RIGHTS_NOTICE_MISSING)
    untold = _topics_untold(state, context)
    if untold and not _attempts_made(state, context):
        yield Refused(No.CONTACT_TOPICS_MISSING, topics=_words(untold))
    lacking = [name for name, there in _response(state).items() if not there]
    if lacking:
        yield Refused(No.RESPONSE_RECORD_INCOMPLETE, list=_words(lacking))


def _rights_given(state: Case) -> bool:
    """To every complainant who can be reached; an unknown one cannot."""
    reachable = state.those("complainant").keys() & state.known_parties
    return reachable <= state.rights_given


def _topics_untold(state: Case, context: Context) -> list[str]:
    """What no complainant was told yet, of the topics that the policy lists."""
    told = frozenset[str]().union(*state.topics_told.values())
    return [topic for topic in context.policy(state).contact.topics if topic not in told]


def _attempts_made(state: Case, context: Context) -> bool:
    """As many tries as the policy asks for, none of which reached anybody."""
    return state.failed_attempts >= context.policy(state).contact.failed_attempts


def _response(state: Case) -> dict[str, bool]:
    """The record of the response, and what of it must not be left standing."""
    return {
        "response_basis": state.response_documented,
        "removals_ended": all(one.status == "lifted" for one in state.removals.values()),
        "sanctions_implemented": all(one.status != "decided" for one in state.sanctions.values()),
    }


def _words(names: Sequence[str]) -> str:
    return ", ".join(name.replace("_", " ") for name in names)
