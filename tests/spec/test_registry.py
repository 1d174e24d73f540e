"""Events and their stored form: what is sealed goes by hooks, what is older is read as today's."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from domain import registry
from domain.ids import Narrative, Secret
from domain.registry import UPCASTERS, Registry, dec_hook, enc_hook
from tests.spec.cases import complainant


def test_only_words_about_people_go_by_a_hook() -> None:
    assert enc_hook(Narrative("an account")) == "an account"
    assert dec_hook(Narrative, "an account") == Narrative("an account")
    with pytest.raises(NotImplementedError, match="complex"):
        enc_hook(1j)
    with pytest.raises(NotImplementedError, match="complex"):
        dec_hook(complex, "1j")
    with pytest.raises(TypeError):
        dec_hook(Secret, 1)


def test_the_same_words_are_one_secret() -> None:
    assert {Secret("a name"), Secret("a name"), Secret("another")} == {
        Secret("another"),
        Secret("a name"),
    }
    assert Secret("a name") != "a name"


def test_an_older_form_is_read_as_today_s(monkeypatch: pytest.MonkeyPatch) -> None:
    today = replace(complainant, name=Secret("munimentenc:1:AQE"))
    body: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(Registry().to_builtins(today)))
    older = msgspec.json.encode({"called": body.pop("name"), **body})

    def renamed(stored: dict[str, Any]) -> dict[str, Any]:
        return {"name": stored.pop("called"), **stored}

    topic = registry.TOPICS[type(today)]
    monkeypatch.setitem(UPCASTERS, "PartyCalled/1", (renamed, topic))  # type: ignore[arg-type]
    assert Registry().decode("PartyCalled/1", older) == today
    assert Registry().decode("PartyCalled/2", older) is None
