"""Every event that can be recorded, one module per kind of stream.

Names and fields are permanent.
"""

from typing import dataclass_transform

import msgspec


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fact. Its topic is its name, a slash and its schema version: `ReportReceived/1`."""
