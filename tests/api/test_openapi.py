"""The description of the API is the kept one, and holds nothing but what the code says."""

import json

import pytest

from api.commands import path_of
from domain.rules import RULES
from tests.api.conftest import Site
from tests.golden.kept import ROOT, same

pytestmark = pytest.mark.golden


def test_the_description_is_the_kept_one(demo: Site) -> None:
    text = json.dumps(demo.client.get("/openapi.json").json(), indent=1, ensure_ascii=False)
    same(ROOT / "docs" / "reference" / "openapi.json", text + "\n")


def test_every_command_and_every_reference_in_it_is_there(demo: Site) -> None:
    made = demo.client.get("/openapi.json").json()
    assert made["openapi"].startswith("3.1")
    for kind in RULES:
        body = made["paths"][path_of(kind)]["post"]["requestBody"]
        assert body["content"]["application/json"]["schema"] == {
            "$ref": f"#/components/schemas/{kind.__name__}"
        }
    schemas = made["components"]["schemas"]
    wanted = {
        word.removeprefix("#/components/schemas/")
        for word in json.dumps(made).split('"')
        if word.startswith("#/components/schemas/")
    }
    assert wanted <= schemas.keys()
