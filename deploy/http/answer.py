"""What comes back when something is asked over HTTP, also when nothing does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx2

from deploy.http.errors import PROXY

Silence = Literal["closed", "timeout"]
_LONGEST = 240
"""Characters of a reason: enough for the name of a proxy and what it said."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back. `status` is 0 when nothing did: `silence` then says how, and `body` why, in words.

    Names of `headers` are in lower case. `proxy` is the one that it came through, "" for none.
    """

    status: int = 0
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    silence: Silence | None = None
    proxy: str = ""

    @property
    def revision(self) -> str | None:
        """What a JSON answer says under "revision"."""
        found = self.document.get("revision")
        return found if isinstance(found, str) else None

    @property
    def document(self) -> Mapping[str, Any]:
        """A JSON object; empty when the answer is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def outcome(self) -> str:
        """The status, or why there is none."""
        if not self.status:
            return f"no answer ({self.body[:_LONGEST]})"
        return f"{self.status} through {self.proxy}" if self.proxy and self.status >= 400 else str(self.status)


def ask(client: httpx2.Client, url: str, method: str = "GET", **options: Any) -> Answer:
    """One request; `options` are those of httpx2. Raises ConfigError for a proxy that cannot be used."""
    try:
        response = client.request(method, url, **options)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        slow = isinstance(error, httpx2.TimeoutException)
        return Answer(silence="timeout" if slow else "closed", body=str(error) or type(error).__name__)
    return Answer(
        status=response.status_code,
        body=response.text,
        headers=dict(response.headers),
        proxy=response.extensions.get(PROXY, ""),
    )
