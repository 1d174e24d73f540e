"""Persons over HTTP: to the office by ids; to everybody else not there."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.ids import access_stream
from ledger.events import IdentityRevealed, RevealDenied
from tests.api.conftest import Site
from tests.api.grants import CaseAtHand

OFFICE = ("coordinator-1", "deputy-1")
OTHERS = ("investigator-1", "auditor-1", "admin-1", "security-1", "operator", "nobody-of-us")


def a_person(site: Site) -> UUID:
    person = uuid4()
    body = {"person_id": str(person), "identity": "The whole name", "contact": "An address"}
    answer = site.post(f"/people/{person}/commands/register-person", body)
    assert answer.status_code == 201, answer.text
    return person


def ask(site: Site, person: UUID, command: str, **fields: Any) -> Any:
    path = f"/people/{person}/commands/{command}"
    body = {key: str(one) for key, one in fields.items()}
    return site.post(path, body, version=site.record.version(person))


def identified(case: CaseAtHand, person: UUID) -> None:
    case.give(
        "identify-party",
        subject=case.respondent,
        subject_kind="party",
        basis="document",
        affiliation_class="student",
        name="The whole name",
        person_id=person,
    )


def open_(site: Site, person: UUID, who: str, purpose: str, *places: dict[str, Any]) -> Any:
    body = {"purpose": purpose, "reason": "to be sure who it is", "fields": list(places)}
    return site.post(f"/people/{person}/reveal", body, who, version=None)


def place(site: Site, person: UUID, event: str, path: str) -> dict[str, Any]:
    rows = site.record.ledger.history(person)
    version = next(row.version for row in rows if row.topic == f"{event}/1")
    return {"version": version, "path": path}


# Reading


@pytest.mark.parametrize("who", OFFICE)
def test_the_office_sees_links_by_id_and_capacity_and_no_word(demo: Site, who: str) -> None:
    case, person = CaseAtHand(demo), a_person(demo)
    identified(case, person)
    answer = demo.get(f"/people/{person}", who)
    assert answer.status_code == 200
    shown = answer.json()
    (link,) = shown["state"]["links"].values()
    assert link == {"capacity": "respondent", "basis": "document", "ended": None}
    assert answer.headers["ETag"] == f'"{demo.record.version(person)}"'
    by_name = {line["name"]: line["fields"] for line in shown["events"]}
    assert by_name["PersonRegistered"]["identity"] == "[sealed]"
    assert by_name["PersonLinked"]["case"] == by_name["PersonLinked"]["subject"] == "[sealed]"
    assert str(case.id) not in answer.text
    assert str(case.respondent) not in answer.text


def test_it_says_when_the_key_of_a_person_is_gone(demo: Site) -> None:
    person = a_person(demo)
    demo.destroy_key(person)
    (registered,) = (
        line
        for line in demo.get(f"/people/{person}").json()["events"]
        if line["name"] == "PersonRegistered"
    )
    assert registered["fields"]["identity"] == "[destroyed]"


@pytest.mark.parametrize("who", OTHERS)
def test_to_everybody_else_a_person_is_like_one_that_never_was(demo: Site, who: str) -> None:
    person = a_person(demo)
    version = demo.record.version(person)
    answers = []
    for one in (person, uuid4()):
        wish = {"version": 2, "path": "identity"}
        merge = {"into_person_id": str(uuid4()), "reason_code": "same_person"}
        at = f"/people/{one}/commands/merge-persons"
        asked = [
            *([] if who == "auditor-1" else [demo.get(f"/people/{one}", who)]),
            open_(demo, one, who, "intake", wish),
            *(demo.post(at, merge, who, version=known) for known in (version, version + 7)),
        ]
        answers.append([(answer.status_code, answer.json()["code"]) for answer in asked])
    assert answers[0] == answers[1] == [(404, "NOT_FOUND")] * len(asked)
    assert demo.record.ledger.history(access_stream(demo.record.id, person)) == []


def test_an_auditor_reads_of_a_person_who_opened_it(demo: Site) -> None:
    person = a_person(demo)
    assert open_(demo, person, "deputy-1", "intake", {"version": 2, "path": "identity"}) is not None
    (opened,) = [
        line
        for line in demo.get(f"/people/{person}", "auditor-1").json()["access"]
        if line["name"] == "IdentityRevealed"
    ]
    assert (opened["actor"], opened["role"]) == (str(demo.staff("deputy-1")), "deputy")
    assert opened["about"] == [str(person)]


def linked(demo: Site) -> tuple[CaseAtHand, UUID]:
    """A case whose respondent is a Person that has the same name."""
    case, person = CaseAtHand(demo), uuid4()
    said = {"person_id": str(person), "identity": f"Zephyrine Quillon {person}"}
    path = f"/people/{person}/commands/register-person"
    assert demo.post(path, said).status_code == 201
    case.give(
        "identify-party",
        subject=case.respondent,
        subject_kind="party",
        basis="directory",
        affiliation_class="student",
        name=said["identity"],
        person_id=person,
    )
    return case, person


def test_a_conflict_hides_the_person_that_leads_to_the_case(demo: Site) -> None:
    case, person = linked(demo)
    sought = {
        "purpose": "intake",
        "terms": [{"kind": "name", "text": f"Zephyrine Quillon {person}"}],
    }

    def found() -> list[str]:
        places = demo.post("/search", sought, "deputy-1", version=None).json()["places"]
        return sorted(place["role"] for place in places)

    assert found() == ["person", "respondent"]
    assert demo.get(f"/people/{person}", "deputy-1").status_code == 200
    case.wall("deputy-1")
    assert found() == []
    assert demo.get(f"/people/{person}", "deputy-1").status_code == 404
    wish = {"version": 2, "path": "identity"}
    assert open_(demo, person, "deputy-1", "intake", wish).status_code == 404
    assert demo.get(f"/people/{person}").status_code == 200  # Nobody else is behind it.


def test_a_party_learns_of_no_person(demo: Site) -> None:
    case, person = CaseAtHand(demo), a_person(demo)
    party = str(case.respondent)
    assert demo.get(f"/people/{person}", party, party_of=case.id).status_code == 404


def test_what_is_no_person_is_not_shown_as_one(demo: Site) -> None:
    case = CaseAtHand(demo)
    for stream in (case.id, uuid4(), demo.staff("investigator-1")):
        assert demo.get(f"/people/{stream}").status_code == 404
    for stream in (case.id, uuid4(), a_person(demo)):
        assert demo.get(f"/office/staff/{stream}").status_code == 404


# Commands


def test_a_person_is_registered_where_it_says(demo: Site) -> None:
    body = {"person_id": str(uuid4()), "identity": "A name"}
    answer = demo.post(f"/people/{uuid4()}/commands/register-person", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_INVALID")


def test_a_command_on_a_person_names_the_version_that_was_read(demo: Site) -> None:
    person, other = a_person(demo), a_person(demo)
    body = {"into_person_id": str(other), "reason_code": "same_person"}
    path = f"/people/{person}/commands/merge-persons"
    assert demo.post(path, body, version=None).status_code == 428
    assert demo.post(path, body, version=9).status_code == 412
    assert ask(demo, person, "merge-persons", **body).status_code == 201
    assert demo.get(f"/people/{person}").json()["state"]["merged_into"] == str(other)


def test_a_link_and_what_it_is_for_are_one_append(demo: Site) -> None:
    case, person = CaseAtHand(demo), a_person(demo)
    before = demo.record.read([]).head
    identified(case, person)
    rows = demo.record.between(before + 1, demo.record.read([]).head)
    assert [row.topic for row in rows if row.topic != "KeyCreated/1"] == [
        "PartyIdentified/1",
        "PersonLinked/1",
    ]
    assert len({row.envelope.command_id for row in rows}) == 1


def test_a_wrong_link_is_taken_back(demo: Site) -> None:
    case, person = CaseAtHand(demo), a_person(demo)
    identified(case, person)
    (link,) = demo.get(f"/people/{person}").json()["state"]["links"]
    answer = ask(demo, person, "unlink-person", link_id=link, reason_code="wrong_person")
    assert answer.status_code == 201
    state = demo.get(f"/people/{person}").json()["state"]
    assert state["links"][link]["ended"] == "wrong_person"


# Opening


@pytest.mark.parametrize("who", OFFICE)
def test_the_office_opens_what_a_person_is_and_it_is_recorded(demo: Site, who: str) -> None:
    person = a_person(demo)
    wanted = place(demo, person, "PersonRegistered", "identity")
    answer = open_(demo, person, who, "intake", wanted)
    assert answer.status_code == 200, answer.text
    assert [one["text"] for one in answer.json()["fields"]] == ["The whole name"]
    beside = demo.record.ledger.history(access_stream(demo.record.id, person))
    recorded = beside[-1]
    assert isinstance(recorded.event, IdentityRevealed)
    assert (recorded.event.purpose, recorded.event.basis) == ("intake", "coordinator_role")
    assert recorded.envelope.actor == str(demo.staff(who))
    (line,) = demo.get(f"/people/{person}").json()["access"]
    assert line["name"] == "IdentityRevealed"
    assert line["fields"]["reason"] == "[sealed]"


def test_a_link_says_which_case_it_is_of_when_it_is_opened(demo: Site) -> None:
    case, person = CaseAtHand(demo), a_person(demo)
    identified(case, person)
    wanted = [place(demo, person, "PersonLinked", path) for path in ("case", "subject")]
    answer = open_(demo, person, "coordinator-1", "support", *wanted)
    texts = [one["text"] for one in answer.json()["fields"]]
    assert texts == [str(case.id), str(case.respondent)]


def test_from_a_case_the_office_comes_to_the_person_and_an_investigator_does_not(
    demo: Site,
) -> None:
    case, person = CaseAtHand(demo), a_person(demo)
    identified(case, person)
    found = case.reveal("coordinator-1", "support", event="PartyIdentified", path="person")
    assert [one["text"] for one in found.json()["fields"]] == [str(person)]
    for who, purpose in (("investigator-1", "investigate"), ("coordinator-1", "intake")):
        answer = case.reveal(who, purpose, event="PartyIdentified", path="person")
        assert answer.json()["code"] == "NO_INSTITUTIONAL_INTEREST"
    name = case.reveal("investigator-1", "investigate", event="PartyIdentified")
    assert name.status_code == 200


def test_a_copy_for_a_party_holds_nothing_that_leads_to_other_cases(demo: Site) -> None:
    case, person = CaseAtHand(demo), a_person(demo)
    identified(case, person)
    party = str(case.respondent)
    case.give(
        "receive-access-request",
        request_id=uuid4(),
        party_id=case.respondent,
        received_on=case.after(0),
    )
    copy = case.get(f"/copy?party={party}", party)
    assert copy.status_code == 200
    (line,) = [one for one in copy.json()["events"] if one["name"] == "PartyIdentified"]
    assert (line["fields"]["name"], line["fields"]["person"]) == ("The whole name", "[sealed]")
    assert str(person) not in copy.text


def test_a_purpose_that_is_not_the_offices_own_opens_no_person_and_is_recorded(
    demo: Site,
) -> None:
    person = a_person(demo)
    wanted = place(demo, person, "PersonRegistered", "identity")
    answer = open_(demo, person, "coordinator-1", "registrar", wanted)
    assert (answer.status_code, answer.json()["code"]) == (403, "NO_INSTITUTIONAL_INTEREST")
    (denied,) = demo.record.ledger.history(access_stream(demo.record.id, person))
    assert isinstance(denied.event, RevealDenied)


def test_a_person_is_opened_by_its_own_address_alone(demo: Site) -> None:
    person, other, case = a_person(demo), a_person(demo), CaseAtHand(demo)
    wanted = place(demo, person, "PersonRegistered", "identity")
    for bad in (
        {**wanted, "stream": str(other)},
        {**wanted, "stream": str(case.id)},
        {**wanted, "path": "contact", "version": 99},
        {**wanted, "path": "case"},
    ):
        answer = open_(demo, person, "coordinator-1", "intake", bad)
        assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_INVALID")
    body = {
        "purpose": "intake",
        "reason": "x",
        "fields": [{**wanted, "stream": str(person)}],
    }
    through = demo.post(f"/cases/{case.id}/reveal", body, version=None)
    assert (through.status_code, through.json()["code"]) == (422, "INPUT_INVALID")
    assert demo.post(f"/cases/{person}/reveal", body, version=None).status_code == 404


# What people are called


def test_a_case_says_what_its_people_are_called(demo: Site) -> None:
    case = CaseAtHand(demo)
    witnesses = {str(uuid4()): case.complainant, str(uuid4()): case.respondent}
    for witness, caller in witnesses.items():
        case.give(
            "add-witness",
            str(caller),
            witness_id=witness,
            called_by=caller,
            affiliation_class="student",
            name="Somebody",
        )
    hers, his = witnesses
    called = case.get("").json()["pseudonyms"]
    assert called == {
        str(case.complainant): "C-1",
        str(case.respondent): "R-1",
        hers: "W-1",
        his: "W-2",
    }
    own = case.get("", str(case.respondent)).json()
    assert own["pseudonyms"] == {key: one for key, one in called.items() if key != hers}
    assert own["state"]["witnesses"].keys() == {his}
