"""A running application as a visitor sees it: requests with a deadline, and the revision it tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2

from deploy.http import Answer, ask, make_client
from deploy.verify.admission import TIMEOUT, Admission, Viewer, admit

__all__ = ["App", "Asked", "Viewer", "visiting"]


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
        answer = ask(self._client, self.url + path, method, json=json, data=form, content=content, headers=given)
        if answer.status:
            self._asked.append(Asked(method=method, path=path, status=answer.status))
        return answer


@contextmanager
def visiting(url: str, viewer: Viewer | None = None) -> Iterator[App]:
    """As somebody who may see it, where that is asked for: in a private Space."""
    admission = admit(url, viewer)
    with make_client(timeout=TIMEOUT, event_hooks={"request": [admission.show]}) as client:
        yield App(url.rstrip("/"), client, admission)
