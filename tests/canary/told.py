"""What the whole is told: the shipped stories, years later, with a word in every sealed field."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from api import stories
from tests.canary.planting import Planted, later, lines_of, plant, told_too_much, write

# Years after the shipped stories: what is loaded first, and what is given over HTTP then.
LOADED, GIVEN = {"office": 6, "15": 5, "17": 1}, {"office": 8, "01": 4, "12": 4}
WEEKS_A_YEAR = 52
_OF_THE_OFFICE = ("RegisterStaff", "ListCounselor", "DesignateConfidentialResource")

# What else seals words, in a shipped story; and behind its end, a party asks for the own record.
MORE = {
    "01": [
        {
            "at": "2025-02-10T13:00:00-06:00",
            "by": "coordinator-1",
            "do": "RegisterPerson",
            "on": "@another",
            "with": {"person_id": "@another", "identity": ""},
        },
        {
            "at": "2025-02-10T14:00:00-06:00",
            "by": "coordinator-1",
            "do": "AddWitness",
            "on": "@A",
            "with": {
                "witness_id": "@witness",
                "called_by": "@complainant",
                "affiliation_class": "student",
                "name": "",
                "person_id": "@another",
                "basis": "document",
            },
        },
        {
            "at": "2026-05-22T09:00:00-05:00",
            "by": "@respondent",
            "do": "ReceiveAccessRequest",
            "on": "@A",
            "with": {
                "request_id": "@asked",
                "party_id": "@respondent",
                "received_on": "2026-05-22",
            },
        },
    ]
}

# Who declared to be close to a party of history 12.
CLOSE = "staff:appeal-officer-1"


def told(folder: Path, years: Mapping[str, int]) -> tuple[list[Path], list[Planted]]:
    """Story files in a new folder, each story so many years after it shipped, and the words."""
    folder.mkdir()
    shipped = {file.name.split("-")[0]: lines_of(file) for file in stories.shipped()}
    shipped["office"] = [
        line for line in lines_of(stories.setup_story()) if line["do"] in _OF_THE_OFFICE
    ]
    files, words = [], list[Planted]()
    for number, after in years.items():
        told = sorted([*shipped[number], *MORE.get(number, [])], key=_at)
        told = [line for line in told if not _told_by_a_name(line)]
        lines, planted = plant(later(told, after * WEEKS_A_YEAR))
        words += planted
        if number == "17":
            lines, more = told_too_much(lines)
            words += more
        files.append(write(folder / f"{number}.jsonl", lines))
    return files, words


def _told_by_a_name(line: Mapping[str, Any]) -> bool:
    """Who is close to a party is known by the name: under other words nobody is."""
    return (
        line["by"] == "coordinator-1"
        and line["with"].get("staff_id") == CLOSE
        and (line.get("refused") == "ROLE_CONFLICT")
    )


def _at(line: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(line["at"])
