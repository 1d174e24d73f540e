"""Every event that can be recorded, one module per kind of stream.

Names and fields are permanent.
"""

from domain.records import Record


class Event(Record):
    """A fact. Its topic is its name, a slash and its schema version: `ReportReceived/1`."""
