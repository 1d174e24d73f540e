"""Counts and latencies for the people who run the service. No label names a case or a person."""

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

__all__ = ["CONTENT_TYPE_LATEST", "Metrics"]


class Metrics:
    """One set for each app, so that two apps in one process do not share their counts."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "muniment_requests",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self.seconds = Histogram(
            "muniment_request_seconds",
            "Time to answer.",
            ["method", "route"],
            registry=self._registry,
        )
        self.refusals = Counter(
            "muniment_refusals", "Refusals by code.", ["code"], registry=self._registry
        )
        self.events = Counter(
            "muniment_events", "Events recorded by requests.", registry=self._registry
        )

    def text(self) -> bytes:
        """In the exposition format of Prometheus."""
        return generate_latest(self._registry)
