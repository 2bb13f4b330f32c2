"""Asks a running container over HTTP."""

from __future__ import annotations

from dataclasses import replace

import httpx2

from deploy.config import AppConfig
from deploy.http import Answer, ask

REQUEST_TIMEOUT = 5.0
"""Seconds for one request; a health path that takes longer would also fail behind a proxy."""


def probe(client: httpx2.Client, app: AppConfig) -> Answer:
    """The answer of the health path; when that is 200, with the document of the version path, if there is one."""
    answer = ask(client, app.health)
    if answer.status != httpx2.codes.OK or not app.version:
        return answer
    version = ask(client, app.version)
    return version if version.silence else replace(answer, body=version.body)
