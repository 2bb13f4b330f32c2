"""What the load client is told to send, and what it tells afterwards: both cross a pipe as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Stream:
    """Requests of one kind over `connections` kept-alive connections, which take turns through `requests`.

    With `rate` they leave at that many a second whatever comes back. Without it each connection sends its next
    when its last is answered, `each` times when that is given. A stream lasts `seconds`; None: as long as the
    streams of the same run that have `each`.
    """

    name: str
    requests: Sequence[str]
    connections: int
    seconds: float | None = None
    rate: float | None = None
    each: int | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came back of one stream: answers a second, latencies in milliseconds, how often which status.

    Status 0 is a connection that was lost. `client_share` is how much of one core the client itself took.
    """

    name: str
    answers: int
    rate: float
    p50: float
    p95: float
    worst: float
    statuses: Mapping[str, int]
    client_share: float

    @property
    def failures(self) -> int:
        """Answers that are none: errors of the server, and connections that were lost."""
        return sum(count for status, count in self.statuses.items() if not 200 <= int(status) < 500)

    def require(self, status: int) -> Outcome:
        """Itself. Raises SystemExit when anything else was answered: that would measure errors."""
        if set(self.statuses) != {str(status)}:
            raise SystemExit(f"{self.name}: every answer should be {status}, and they were {dict(self.statuses)}")
        return self


def request(method: str, path: str, *, headers: Mapping[str, str], body: str = "") -> str:
    """One HTTP/1.1 request, whole."""
    length = {"Content-Length": str(len(body.encode()))} if body else {}
    lines = [f"{name}: {value}" for name, value in {"Host": "127.0.0.1", **headers, **length}.items()]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", body])
