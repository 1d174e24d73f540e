"""Policy packs: law and institutional choices as dated, cited data, checked hard when parsed."""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Literal, TypeAlias

import msgspec

from domain.deadlines import Length
from domain.records import Record
from domain.terms import (
    Affiliation,
    AppealBasis,
    CaseRole,
    ConductType,
    ContactTopic,
    Element,
    FieldScope,
    MeasureKind,
    NoticePart,
    Office,
    Purpose,
    SanctionKind,
)

Mark: TypeAlias = Literal["P", "S", "K", "M", "D"]


class _Section(Record):
    cite: str
    mark: Mark


class Pack(_Section):
    code: str
    version: int
    kind: Literal["title_ix", "mistreatment"]
    title: str
    federal_rule: str | None = None


class Intake(_Section):
    channels: tuple[str, ...]
    not_notice: tuple[str, ...]


class Contact(_Section):
    topics: tuple[ContactTopic, ...]
    failed_attempts: int
    days: Length


class Program(_Section):
    pass


class Categories(_Section):
    listed: tuple[ConductType, ...]
    sexual_assault_subtypes: tuple[str, ...]
    minimum_stalking_acts: int
    quid_pro_quo_respondents: tuple[Affiliation, ...]


class Elements(_Section):
    """The elements of each definition, by category or by subtype of sexual harassment."""

    sexual_assault: tuple[Element, ...]
    quid_pro_quo: tuple[Element, ...]
    hostile_environment: tuple[Element, ...]
    dating_violence: tuple[Element, ...]
    domestic_violence: tuple[Element, ...]
    stalking: tuple[Element, ...]

    def of(self, category: str, subtype: str | None) -> tuple[Element, ...]:
        """What must be answered: sexual harassment has its elements by prong (A-24)."""
        name = subtype if category == "sexual_harassment" else category
        elements: tuple[Element, ...] = getattr(self, name or "", ())
        return elements


class Measures(_Section):
    mutual_kinds: tuple[MeasureKind, ...]


class EmergencyRemoval(_Section):
    limbs: tuple[str, ...]
    notice: Length
    decision: Length


class Notice(_Section):
    parts: tuple[NoticePart, ...]
    to_interview: Length


class Informal(_Section):
    employees: tuple[Affiliation, ...]
    students: tuple[Affiliation, ...]


class Dispatch(_Section):
    tolerance_minutes: int


class EvidenceReview(_Section):
    response: Length
    early_close: tuple[Literal["all_responded", "all_waived"], ...]


class Report(_Section):
    before_hearing: Length


class Roles(_Section):
    exclusive: tuple[tuple[str, str], ...]
    training: Mapping[CaseRole, tuple[str, ...]]


class Determination(_Section):
    standard: str


class Sanctions(_Section):
    wait_for_finality: bool
    listed: tuple[SanctionKind, ...]
    employees_only: tuple[SanctionKind, ...]
    employees: tuple[Affiliation, ...]
    assault_removal: Mapping[Affiliation, SanctionKind]


class Appeal(_Section):
    bases: tuple[AppealBasis, ...]
    window: Length
    statements: Length
    routes: Mapping[Affiliation, Office]


class Clocks(_Section):
    whole_process: Length


class Access(_Section):
    after_final: Length
    request: Length


class Reveal(_Section):
    second_approver_purposes: tuple[Purpose, ...]
    second_approver_fields: tuple[FieldScope, ...]
    approval_hours: int
    shown_minutes: int


class Search(_Section):
    per_hour: int


class Disclosure(_Section):
    final_results: tuple[ConductType, ...]


class Policy(Record):
    """One version of a Title IX pack."""

    pack: Pack
    intake: Intake
    contact: Contact
    program: Program
    categories: Categories
    elements: Elements
    measures: Measures
    emergency_removal: EmergencyRemoval
    notice: Notice
    informal: Informal
    dispatch: Dispatch
    evidence_review: EvidenceReview
    report: Report
    roles: Roles
    determination: Determination
    sanctions: Sanctions
    appeal: Appeal
    clocks: Clocks
    access: Access
    reveal: Reveal
    search: Search
    disclosure: Disclosure


class ConcernPolicy(Record):
    """One version of a mistreatment pack. Its parameters come with the concern process."""

    pack: Pack


@cache
def load(code: str, version: int) -> Policy | ConcernPolicy:
    """The pack of that code and version. Errors: LookupError where no such file is shipped."""
    for text in _files():
        pack = msgspec.convert(tomllib.loads(text)["pack"], Pack)
        if (pack.code, pack.version) == (code, version):
            if pack.kind == "title_ix":
                return msgspec.convert(tomllib.loads(text), Policy)
            return msgspec.convert(tomllib.loads(text), ConcernPolicy)
    raise LookupError(f"no policy pack {code} version {version}")


@cache
def shipped() -> tuple[Pack, ...]:
    """Every pack that this version of the product knows, by code and version."""
    packs = [msgspec.convert(tomllib.loads(text)["pack"], Pack) for text in _files()]
    return tuple(sorted(packs, key=lambda pack: (pack.code, pack.version)))


@cache
def _files() -> tuple[str, ...]:
    folder = resources.files("domain") / "policies"
    return tuple(
        entry.read_text("utf-8") for entry in folder.iterdir() if entry.name.endswith(".toml")
    )


class Adopted(Record):
    """A Title IX pack as the institution adopted it: in force from one day to another."""

    effective_from: date
    effective_to: date | None
    policy: Policy

    @property
    def ref(self) -> str:
        """As events name it: `BCM-02.2.20/1`."""
        return f"{self.policy.pack.code}/{self.policy.pack.version}"

    def covers(self, day: date) -> bool:
        until = self.effective_to
        return self.effective_from <= day and (until is None or day <= until)


def in_force(packs: tuple[Adopted, ...], day: date) -> Adopted | None:
    """The Title IX pack in force on that day; None: no policy covers it."""
    return next((pack for pack in packs if pack.covers(day)), None)


def at_intake(packs: tuple[Adopted, ...], day: date) -> Adopted | None:
    """The pack in force on the day of receipt; none that day: the first adopted after it."""
    later = sorted((p for p in packs if p.effective_from > day), key=lambda p: p.effective_from)
    return in_force(packs, day) or (later[0] if later else None)
