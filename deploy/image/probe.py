"""One question to a container that may not serve yet: does it answer, and with which revision?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import httpx2

from deploy.config import AppConfig

REQUEST_TIMEOUT = 5.0
"""Seconds for one request; a health path that takes longer would also fail behind a proxy."""

Silence = Literal["closed", "timeout"]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back. `silence` says why there is no `status`; `revision` is None when the app tells none."""

    status: int | None = None
    revision: str | None = None
    silence: Silence | None = None


class Prober:
    """Asks one base URL, such as http://127.0.0.1:32768. Proxies of the environment are not used."""

    def __init__(self, url: str, app: AppConfig, *, transport: httpx2.BaseTransport | None = None) -> None:
        self._client = httpx2.Client(base_url=url, timeout=REQUEST_TIMEOUT, trust_env=False, transport=transport)
        self._app = app

    def close(self) -> None:
        self._client.close()

    def ask(self) -> Answer:
        """Asks the health path and, when that answers 200, for the revision."""
        try:
            response = self._client.get(self._app.health)
            revision = None
            if response.status_code == httpx2.codes.OK and self._app.version:
                revision = _revision(self._client.get(self._app.version))
        except httpx2.TimeoutException:
            return Answer(silence="timeout")
        except httpx2.RequestError:
            return Answer(silence="closed")
        return Answer(status=response.status_code, revision=revision)


def _revision(response: httpx2.Response) -> str | None:
    """`revision` of a JSON object; None for anything else."""
    try:
        document = response.json()
    except ValueError:
        return None
    revision = document.get("revision") if isinstance(document, dict) else None
    return revision if isinstance(revision, str) else None
