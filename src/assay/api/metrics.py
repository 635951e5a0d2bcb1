"""What the service counts of itself, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds."""
MEDIA_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """Counters of one service, in a registry of its own, so that several can be in a process."""

    def __init__(self) -> None:
        own = self.registry = CollectorRegistry()
        self.requests = Counter(
            "assay_requests", "Answered requests.", ("method", "route", "status"), registry=own
        )
        self.seconds = Histogram(
            "assay_request_seconds",
            "Seconds until an answer was sent.",
            ("route",),
            buckets=BUCKETS,
            registry=own,
        )
        self.answers = Counter(
            "assay_cached_answers", "Signals asked for, by where they came from.", ("found",),
            registry=own,
        )  # fmt: skip
        self.clients = Gauge("assay_push_clients", "Open WebSockets.", registry=own)
        self.pushed = Counter("assay_pushed", "Messages pushed.", ("topic",), registry=own)
        self.dropped = Counter(
            "assay_push_dropped", "WebSockets closed because they were slow.", registry=own
        )

    def page(self) -> bytes:
        """Return what Prometheus reads."""
        return generate_latest(self.registry)
