"""Frozen records whose fields are given by name and which refuse fields that they do not know."""

from typing import Any, dataclass_transform

import msgspec


class _ByName(msgspec.StructMeta):
    """msgspec's `kw_only` holds for one class only; a record's fields stand in the law's order."""

    def __new__(
        mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **config: Any
    ) -> "_ByName":
        return super().__new__(mcls, name, bases, namespace, **{"kw_only": True, **config})


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Record(msgspec.Struct, metaclass=_ByName, frozen=True, forbid_unknown_fields=True):
    """Commands, events and policies are records."""
