"""A running application as a visitor sees it: requests with a deadline, and the revision it tells."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2

from deploy.verify.admission import TIMEOUT, Admission, Viewer, admit

__all__ = ["Answer", "App", "Asked", "Viewer", "visiting"]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`status` is 0 when no answer came; `body` then says why. Names of `headers` are in lower case."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)

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
        return str(self.status) if self.status else f"no answer ({self.body[:120]})"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request that was put to the app, and the status of its answer."""

    method: str
    path: str
    status: int


class App:
    """Asks one deployment. Connections are not kept: the platform may switch the app behind the address."""

    def __init__(self, url: str, client: httpx2.Client, admission: Admission | None = None) -> None:
        self.url = url
        self.admission = admission or Admission()
        self._client = client
        self._asked: list[Asked] = []

    def asked(self) -> tuple[Asked, ...]:
        """All that was asked so far."""
        return tuple(self._asked)

    def ask(
        self,
        path: str,
        method: str = "GET",
        *,
        json: object = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request, with at most one kind of body. Redirects are not followed."""
        given = {"Connection": "close", **(headers or {})}
        try:
            response = self._client.request(
                method, self.url + path, json=json, data=form, content=content, headers=given
            )
        except httpx2.HTTPError as error:
            return Answer(status=0, body=str(error) or type(error).__name__)
        self._asked.append(Asked(method=method, path=path, status=response.status_code))
        return Answer(status=response.status_code, body=response.text, headers=dict(response.headers))


@contextmanager
def visiting(url: str, viewer: Viewer | None = None) -> Iterator[App]:
    """As somebody who may see it, where that is asked for: in a private Space."""
    admission = admit(url, viewer)
    with httpx2.Client(timeout=TIMEOUT, event_hooks={"request": [admission.show]}) as client:
        yield App(url.rstrip("/"), client, admission)
