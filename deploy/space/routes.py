"""Routes of the Hub that its client has no method for, asked through the client's own session."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

import httpx2

from deploy.secret import Secret
from deploy.space.model import Memory

METRICS_TIMEOUT = httpx2.Timeout(10.0)
"""Seconds: metrics come each second, and a sign of life every thirty."""
_EVENT = "data: {"


@dataclass(frozen=True, kw_only=True)
class Routes:
    """Those of one Space. `session` gives the client; `check` raises for an answer that is an error."""

    endpoint: str
    space: str
    token: Secret
    session: Callable[[], httpx2.Client]
    check: Callable[[httpx2.Response], None]

    def content(self, path: str, revision: str) -> bytes:
        """Of one file at a revision."""
        url = f"{self.endpoint}/spaces/{self.space}/resolve/{revision}/{quote(path)}"
        return self._get(url).content

    def sign(self) -> Secret:
        """A pass to the app of the Space, good for about a day."""
        token = self._get(self._of_space("jwt")).json()["token"]
        if not isinstance(token, str):
            raise TypeError("the pass is no text")
        return Secret(token)

    def memory(self, *, clock: Callable[[], float] = time.monotonic) -> Memory:
        """The first metric that comes. Raises httpx2.ReadTimeout when none does in time."""
        assert METRICS_TIMEOUT.read is not None
        deadline = clock() + METRICS_TIMEOUT.read
        url = self._of_space("metrics")
        with self.session().stream("GET", url, headers=self._headers, timeout=METRICS_TIMEOUT) as response:
            if response.is_error:
                response.read()
            self.check(response)
            for line in response.iter_lines():
                if line.startswith(_EVENT):
                    return _memory(line.removeprefix("data: "))
                if clock() > deadline:
                    break
        raise httpx2.ReadTimeout("no metric came in time", request=response.request)

    def _get(self, url: str) -> httpx2.Response:
        response = self.session().get(url, headers=self._headers)
        self.check(response)
        return response

    def _of_space(self, name: str) -> str:
        return f"{self.endpoint}/api/spaces/{self.space}/{name}"

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token.reveal()}"}


def _memory(metric: str) -> Memory:
    facts = json.loads(metric)
    return Memory(used=int(facts["memory_used_bytes"]), total=int(facts["memory_total_bytes"]))
