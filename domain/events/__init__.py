"""Every event that can be recorded, one module per kind of stream. Names and fields are permanent."""

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fact. Its topic is its name, a slash and its schema version: `ReportReceived/1`."""
