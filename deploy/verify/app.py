"""A running application as a visitor sees it: requests with a deadline, and the revision it tells."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2

from deploy.secret import Secret

TIMEOUT = httpx2.Timeout(10.0)
"""Seconds for one request to the app."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`status` is 0 when no answer came; `body` then says why."""

    status: int
    body: str

    @property
    def revision(self) -> str | None:
        """What a JSON answer says under "revision"."""
        try:
            document = json.loads(self.body)
        except ValueError:
            return None
        found = document.get("revision") if isinstance(document, dict) else None
        return found if isinstance(found, str) else None


class App:
    """Asks one deployment. Connections are not kept: the platform may switch the app behind the address."""

    def __init__(self, url: str, client: httpx2.Client) -> None:
        self.url = url
        self._client = client

    def ask(self, path: str, method: str = "GET") -> Answer:
        try:
            response = self._client.request(method, self.url + path, headers={"Connection": "close"})
        except httpx2.HTTPError as error:
            return Answer(status=0, body=str(error) or type(error).__name__)
        return Answer(status=response.status_code, body=response.text)


@contextmanager
def visiting(url: str, viewer: Secret | None = None) -> Iterator[App]:
    """`viewer` is the Hub token that a private Space asks its visitors for."""
    headers = {"Authorization": f"Bearer {viewer.reveal()}"} if viewer else {}
    with httpx2.Client(timeout=TIMEOUT, headers=headers) as client:
        yield App(url.rstrip("/"), client)
