"""May these words be opened, by this person, for this purpose? On what ground (model.md, 5.3)."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from domain.context import Context
from domain.errors import NotFound, Refused, require
from domain.interest import INTERESTS, MAY_NAME_ANYBODY, OFFICE, Words
from domain.refusals import No
from domain.rules.gate import held_roles
from domain.terms import Purpose, Role
from domain.visibility import Part, see

STANDING = "coordinator_role"  # As recorded: the office role itself is the ground.


class Ground(NamedTuple):
    """As it is recorded with the reveal. `refused`: why not, in spite of knowing of the case."""

    role: Role
    basis: str
    grant_id: UUID | None = None
    refused: Refused | None = None


def ground(purpose: Purpose, words: Collection[Words], context: Context) -> Ground:
    """The ground on which these words are read. Who may know of the case is recorded either way.

    Errors: NotFound.
    """
    held = held_roles(context.case, context)
    role = next((role for role in Role if role in held & INTERESTS[purpose].roles), None)
    try:
        seeing = see(Part.IDENTITIES, context.case, context)
        require(role in seeing, No.NO_INSTITUTIONAL_INTEREST)
        assert role is not None
        found = _ground(role, purpose, words, context)
        _not_sealed(purpose, words, found, context)
        _second_person(purpose, words, context)
    except Refused as refused:
        return Ground(role or next(role for role in Role if role in held), "", None, refused)
    return found


def ground_of_person(purpose: Purpose, cleared: bool, context: Context) -> Ground:
    """That of a Person's own words: the office, for what it does by its role, and nobody else.

    `cleared`: in some case nothing was found against this person, who is named there alone then.

    Errors: NotFound, also where there is such a person.
    """
    role = next((role for role in Role if role in context.office & OFFICE), None)
    if role is None:
        raise NotFound
    if cleared:
        return Ground(role, "", None, Refused(No.RESPONDENT_SEALED))
    if INTERESTS[purpose].standing != "never":
        return Ground(role, STANDING)
    return Ground(role, "", None, Refused(No.NO_INSTITUTIONAL_INTEREST))


def _ground(role: Role, purpose: Purpose, words: Collection[Words], context: Context) -> Ground:
    """A grant, or, for the office, its role. Errors: NO_INSTITUTIONAL_INTEREST."""
    wanted = {one.scope for one in words}
    interest = INTERESTS[purpose]
    for key, grant in context.access.live(context.today, context.staff_id).items():
        if grant.purpose == purpose and wanted <= grant.fields:
            return Ground(role, grant.basis, key)
    stands = interest.standing != "never" and (
        not _process_over(context) or (interest.standing == "always" and _of_parties(words))
    )
    require(stands and wanted <= interest.fields, No.NO_INSTITUTIONAL_INTEREST)
    return Ground(role, STANDING)


def _of_parties(words: Collection[Words]) -> bool:
    """What stands under the keys of those who are supported: no text of the case, nobody else."""
    return all(one.owner_kind == "party" for one in words)


def _process_over(context: Context) -> bool:
    """The outcome is final, and the days that the policy leaves after it are over."""
    case = context.case
    length = context.policy(case).access.after_final
    if case.final_on is None or length.days is None:
        return False
    return context.today > context.last_day(length, "access.after_final", case.final_on)


def _not_sealed(
    purpose: Purpose, words: Collection[Words], ground: Ground, context: Context
) -> None:
    """Words about a respondent who was cleared stay in the process, and so do texts, which may name
    anybody. 19 TAC 3.17(a)(5) [P]. Errors: RESPONDENT_SEALED."""
    sealed = context.case.respondents_sealed
    named = any(one.owner_id in sealed or one.scope in MAY_NAME_ANYBODY for one in words)
    over = ground.basis == STANDING and _process_over(context)
    out = sealed and named and (over or not INTERESTS[purpose].in_process)
    require(not out, No.RESPONDENT_SEALED)


def _second_person(purpose: Purpose, words: Collection[Words], context: Context) -> None:
    """Where the policy asks for one. Errors: SECOND_APPROVER_REQUIRED."""
    policy = context.policy(context.case).reveal
    wanted = {one.scope for one in words}
    asked = purpose in policy.second_approver_purposes or wanted & set(
        policy.second_approver_fields
    )
    agreed = any(
        one.user == context.staff_id
        and one.purpose == purpose
        and wanted <= one.fields
        and context.now <= one.until
        for one in context.access.approvals.values()
    )
    require(agreed or not asked, No.SECOND_APPROVER_REQUIRED)
