"""Which sealed fields lead to a person in the blind index: one table, read as they are written."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

from domain.events import Event, case, office
from domain.identifiers import Standing, Term, identifiers
from domain.ids import Secret

Form: TypeAlias = Literal["name", "contact", "institutional_id"]


class Leads(NamedTuple):
    """As what the person stands there, and how the identifiers are taken from the text."""

    standing: Standing
    form: Form


INDEXED: Mapping[type[Event], Mapping[str, Leads]] = {
    case.ReportReceived: {
        "reporter_name": Leads("reporter", "name"),
        "reporter_contact": Leads("reporter", "contact"),
    },
    case.PartyAdded: {
        "name": Leads("party", "name"),
        "contact": Leads("party", "contact"),
    },
    case.AdvisorSelected: {
        "name": Leads("advisor", "name"),
        "contact": Leads("advisor", "contact"),
    },
    case.AdvisorProvided: {
        "name": Leads("advisor", "name"),
        "contact": Leads("advisor", "contact"),
    },
    office.StaffRegistered: {
        "name": Leads("staff", "name"),
        "institutional_id": Leads("staff", "institutional_id"),
    },
}

# Fields that name somebody and are left out, each with its reason.
EXEMPT: Mapping[tuple[type[Event], str], str] = {
    (office.CounselorListed, "name"): "a service that the office lists, and nobody's case",
    (case.ReportReceived, "relation"): "says how somebody knows of it, and names nobody",
}


def terms(event: type[Event], field: str, text: Secret) -> tuple[Term, ...]:
    """What the index is to know of a value that is about to be sealed. Of a sealed one: nothing."""
    leads = INDEXED.get(event, {}).get(field)
    if leads is None or text.sealed:
        return ()
    return tuple(
        Term(leads.standing, kind, normalized)
        for kind, normalized in identifiers(leads.form, text.raw())
    )
