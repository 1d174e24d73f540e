"""What the moves share: who is addressed, words and names, a category that fits."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeAlias
from uuid import UUID

from domain.ids import Narrative, Secret
from domain.rules.dispatch import Letter
from domain.terms import (
    Affiliation,
)
from tests.properties.scene import PACK, Scene

Fields: TypeAlias = dict[str, Any]
Move: TypeAlias = Callable[[Scene], Fields | None]

BY, ON = "@by", "@on"
DISCLOSED = "identity_may_be_disclosed"


def pick(scene: Scene, name: str, options: Sequence[Any], **more: Any) -> Fields | None:
    return {name: scene.chance.one(options), **more} if options else None


def rather_not(scene: Scene) -> bool:
    """What was done already is done again now and then."""
    return not scene.hasty and scene.chance.yes(70)


def letters(scene: Scene, *, to: Sequence[UUID] | None = None, advisors: bool = False) -> Any:
    """One sending to these parties (all that are known), and with `advisors` to theirs."""
    parties = scene.known_parties() if to is None else to
    owed = [(party, False) for party in parties]
    if advisors:
        advised = [key for key in scene.known_parties() if scene.state.parties[key].has_advisor]
        owed += [(party, True) for party in advised]
    return tuple(
        Letter(
            party_id=party,
            method=scene.chance.one(("email", "secure_portal", "mail")),
            sent_at=scene.at - timedelta(minutes=scene.chance.upto(20)),
            advisor=advisor,
        )
        for party, advisor in owed
    )


def text(scene: Scene) -> Narrative:
    return Narrative(scene.words.text())


def name_of(scene: Scene) -> Secret:
    return Secret(scene.words.text())


def category_of(scene: Scene, classes: Sequence[Affiliation | None]) -> tuple[Any, Any]:
    """A category of the policy, with a subtype where it has one."""
    rules = PACK.categories
    category = scene.chance.one(rules.listed)
    if category == "sexual_assault":
        return category, scene.chance.one(rules.sexual_assault_subtypes)
    if category != "sexual_harassment":
        return category, None
    employee = all(one in rules.quid_pro_quo_respondents for one in classes)
    return category, scene.chance.one(
        ("hostile_environment", "quid_pro_quo") if employee else ("hostile_environment",)
    )
