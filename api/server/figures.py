"""Figures for Prometheus: requests, how long they take, and what waits."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client import generate_latest as written

#: Around 20 ms for a resource and 120 ms for a question, up to the deadline of queries.
_SECONDS: Final = (0.005, 0.01, 0.02, 0.05, 0.12, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_UNKNOWN: Final = "(none)"
#: Others are what somebody sends, and a figure for each would fill the memory.
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """The figures of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter(
            "fitgraph_requests", "Requests by route and status.", labels, registry=self.registry
        )
        self._seconds = Histogram(
            "fitgraph_request_seconds",
            "How long requests take.",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._waiting = self._gauge("fitgraph_queries_waiting", "Questions that wait for a worker.")
        self._streams = self._gauge("fitgraph_event_streams", "Streams of events that are open.")
        self._jobs = self._gauge("fitgraph_jobs_waiting", "Jobs that wait for a worker.")
        self._revision = self._gauge("fitgraph_store_revision", "Changes since the server began.")

    def note(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """Counts a request.

        Args:
            route: as the OpenAPI document writes it; None if no route was meant.
        """
        shown = route or _UNKNOWN
        known = method if method in _METHODS else _UNKNOWN
        self._requests.labels(known, shown, str(status)).inc()
        self._seconds.labels(shown).observe(seconds)

    def text(self, *, waiting: int, streams: int, jobs: int, revision: int) -> bytes:
        """All figures as Prometheus reads them."""
        self._waiting.set(waiting)
        self._streams.set(streams)
        self._jobs.set(jobs)
        self._revision.set(revision)
        return written(self.registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self.registry)
