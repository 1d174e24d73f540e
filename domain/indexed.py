"""Which sealed fields lead to a person in the blind index: one table, read as they are written."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

from domain.events import Event, case, office, person
from domain.identifiers import Standing, Term, identifiers
from domain.ids import Secret

Form: TypeAlias = Literal["name", "contact", "institutional_id", "anybody"]


class Leads(NamedTuple):
    """As what the person stands there, and how the identifiers are taken from the text.

    `subject`: as the event says of whom it tells.
    """

    as_what: Standing | Literal["subject"]
    form: Form

    def standing(self, event: Event) -> Standing:
        """As what somebody stands in this event."""
        if self.as_what == "subject":
            assert isinstance(event, case.PartyIdentified)
            return event.subject_kind
        return self.as_what


INDEXED: Mapping[type[Event], Mapping[str, Leads]] = {
    case.ReportReceived: {
        "reporter_name": Leads("reporter", "name"),
        "reporter_contact": Leads("reporter", "contact"),
    },
    case.PartyAdded: {
        "name": Leads("party", "name"),
        "contact": Leads("party", "contact"),
    },
    case.PartyIdentified: {
        "name": Leads("subject", "name"),
        "contact": Leads("subject", "contact"),
    },
    case.WitnessAdded: {
        "name": Leads("witness", "name"),
        "contact": Leads("witness", "contact"),
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
    office.RelationDeclared: {"person": Leads("relation", "anybody")},
    person.PersonRegistered: {
        "identity": Leads("person", "name"),
        "contact": Leads("person", "contact"),
        "institutional_id": Leads("person", "institutional_id"),
    },
}

# Fields that name somebody and are left out, each with its reason.
EXEMPT: Mapping[tuple[type[Event], str], str] = {
    (office.CounselorListed, "name"): "a service that the office lists, and nobody's case",
    (case.ReportReceived, "relation"): "says how somebody knows of it, and names nobody",
    (case.PartyIdentified, "person"): "the id of a Person, who is found by the own stream",
    (case.WitnessAdded, "person"): "the id of a Person, who is found by the own stream",
}


def terms(event: Event, field: str, text: Secret) -> tuple[Term, ...]:
    """What the index is to know of a value that is about to be sealed. Of a sealed one: nothing."""
    leads = INDEXED.get(type(event), {}).get(field)
    if leads is None or text.sealed:
        return ()
    return tuple(
        Term(leads.standing(event), kind, normalized)
        for kind, normalized in identifiers(leads.form, text.raw())
    )
