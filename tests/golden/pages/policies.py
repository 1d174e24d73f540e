"""docs/reference/policies.md: every parameter of every pack, with where it is written."""

from collections.abc import Iterator
from typing import Any

import msgspec

from domain.deadlines import Length
from domain.policy import load, shipped
from tests.golden.pages.markdown import code, marks, page, table

_OF_SECTION = {"cite", "mark"}


def text() -> str:
    packs = [load(pack.code, pack.version) for pack in shipped()]
    rows = {pack.pack.code: list(_rows(pack)) for pack in packs}
    return page(
        "Policies",
        "The packs in `domain/policies/`. A case is decided under the version that its own events "
        "name, for good; a change is a new file. A **placeholder** is a number that the policy "
        "leaves to its procedures, which could not be read: the institution must confirm it before "
        "use.",
        [
            marks("".join({row[3].strip("[]") for found in rows.values() for row in found})),
            *(
                part
                for pack in packs
                for part in (
                    f"## {pack.pack.code}, version {pack.pack.version}",
                    pack.pack.title + ".",
                    table(
                        ("parameter", "value", "citation", "mark", ""),
                        rows[pack.pack.code],
                    ),
                )
            ),
        ],
    )


def _rows(pack: msgspec.Struct) -> Iterator[tuple[str, str, str, str, str]]:
    for name in pack.__struct_fields__:
        section = getattr(pack, name)
        for field in section.__struct_fields__:
            if field not in _OF_SECTION:
                yield _row(f"{name}.{field}", getattr(section, field), section)


def _row(name: str, value: Any, section: Any) -> tuple[str, str, str, str, str]:
    if isinstance(value, Length):
        said = f"{value.days} {value.unit} days" if value.days is not None else "**not set**"
        flag = "**placeholder**" if value.placeholder else ""
        return f"`{name}`", said, value.cite, f"[{value.mark}]", flag
    return f"`{name}`", _said(value), section.cite, f"[{section.mark}]", ""


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_said(one)}" for key, one in value.items())
    if isinstance(value, tuple):
        return "; ".join(_said(one) for one in value) if _nested(value) else code(value)
    if value is None or isinstance(value, bool):
        return {True: "yes", False: "no", None: "none"}[value]
    return str(value)


def _nested(value: tuple[Any, ...]) -> bool:
    return any(isinstance(one, tuple) for one in value)
