"""What is counted, for Prometheus to collect: requests, logins, streams, connections, and the process itself."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

LOGIN = "/api/v1/auth/login"
_OUTCOMES = {200: "ok", 401: "failed", 429: "throttled"}
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

Count = Callable[[float], None]


class Metrics:
    """The numbers of one app, in a registry of its own.

    The labels of requests come from our routes, never from what was asked for, so their number is bounded.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ["method", "route", "status"]
        self._requests = Counter("http_requests", "Requests that were answered", labels, registry=self.registry)
        self._seconds = Histogram(
            "http_request_duration_seconds",
            "From a request's headers to the end of its answer",
            labels[:2],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._logins = Counter("logins", "Attempts to log in", ["outcome"], registry=self.registry)
        self._counts: dict[tuple[str, str, int], tuple[Count, ...]] = {}
        self.at_once = 0
        self._streams: Callable[[], int] = lambda: 0
        in_progress = Gauge("http_requests_in_progress", "Requests being answered", registry=self.registry)
        in_progress.set_function(lambda: self.at_once)
        self._open = Gauge("event_streams", "Open streams of events", registry=self.registry)
        self._connections = Gauge("database_connections", "Connections in use", registry=self.registry)
        ProcessCollector(registry=self.registry)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request that was answered. The counters of its kind are looked up once, then kept."""
        key = (method, route, status)
        if (counts := self._counts.get(key)) is None:
            counts = self._counts[key] = self._counts_of(*key)
        for count in counts:
            count(seconds)

    def watch(self, *, streams: Callable[[], int], connections: Callable[[], int]) -> None:
        """Asks these for their numbers whenever the metrics are read."""
        self._streams = streams
        self._open.set_function(streams)
        self._connections.set_function(connections)

    @property
    def working(self) -> int:
        """Requests being answered, without streams: those wait for something to happen."""
        return self.at_once - self._streams()

    def text(self) -> bytes:
        """All of it in the text format that every Prometheus reads."""
        return generate_latest(self.registry)

    def _counts_of(self, method: str, route: str, status: int) -> tuple[Count, ...]:
        requests = self._requests.labels(method, route, str(status))
        counts: list[Count] = [lambda _: requests.inc(), self._seconds.labels(method, route).observe]
        if route == LOGIN and status in _OUTCOMES:
            logins = self._logins.labels(_OUTCOMES[status])
            counts.append(lambda _: logins.inc())
        return tuple(counts)
