"""How requests to a Hub travel: with timeouts, counted by route, and by the Hub's own clock."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2

from deploy.http import PROXY, make_client

TIMEOUT = httpx2.Timeout(60.0, connect=10.0)
"""Seconds. The Hub's own client has none: a silent Hub would hold a deploy for ever."""

TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})
"""Answers that another may follow."""

_TEMPLATES: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"^/api/spaces/[^/]+/[^/]+(/(?:tree|commit|preupload|revision|paths-info|commits))/.+$"),
        r"/api/spaces/{id}\1/{rev}",
    ),
    (re.compile(r"^/api/spaces/[^/]+/[^/]+(/(?:tag|branch))/.+$"), r"/api/spaces/{id}\1/{name}"),
    (re.compile(r"^/api/spaces/[^/]+/[^/]+(/.+)?$"), r"/api/spaces/{id}\1"),
    (re.compile(r"^/spaces/[^/]+/[^/]+/resolve/.+$"), "/spaces/{id}/resolve/{rev}/{path}"),
    (re.compile(r"^/spaces/[^/]+/[^/]+(/.+)?$"), r"/spaces/{id}\1"),
)


class Unanswered(httpx2.TransportError):
    """No answer came; its cause says why."""


class _Once(httpx2.Client):
    """Sends a request once and gives up what failed in passing by raising: of its own, huggingface_hub repeats some
    requests and not others, and waits as long as the Hub asks, be it for hours."""

    def send(self, request: httpx2.Request, *, stream: bool = False, **options: Any) -> httpx2.Response:
        if stream:
            return super().send(request, stream=stream, **options)
        try:
            response = super().send(request, **options)
        except httpx2.TransportError as error:
            raise Unanswered(str(error) or type(error).__name__, request=request) from error
        if response.status_code in TRANSIENT:
            response.raise_for_status()
        if response.is_success and is_page(response):
            raise Page(response)
        return response


class Page(json.JSONDecodeError):
    """A page came where the Hub's API answers; `proxy` is the one that it came through, "" for none."""

    def __init__(self, response: httpx2.Response) -> None:
        super().__init__("a page instead of an answer", response.text, 0)
        self.proxy: str = response.extensions.get(PROXY, "")


def is_page(response: httpx2.Response) -> bool:
    """Whether something else than the Hub's API answers: not every call of huggingface_hub reads what it gets."""
    page = response.headers.get("content-type", "").startswith("text/html")
    return page and response.request.url.path.startswith("/api/")


class Traffic:
    """Counts what was asked and learns the Hub's time from its `Date` headers."""

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._ahead = timedelta(0)
        self.counts: Counter[str] = Counter()

    def client(
        self, *hooks: Callable[[httpx2.Request], object], transport: httpx2.BaseTransport | None = None
    ) -> httpx2.Client:
        return make_client(
            kind=_Once,
            transport=transport,
            follow_redirects=True,
            timeout=TIMEOUT,
            event_hooks={"request": [*hooks, self._count], "response": [self._tell_time]},
        )

    def hub_time(self) -> datetime:
        """Now by the Hub's clock: dates that the Hub writes are compared with nothing else."""
        return datetime.fromtimestamp(self._clock(), UTC) + self._ahead

    def _count(self, request: httpx2.Request) -> None:
        self.counts[f"{request.method} {route(request.url.path)}"] += 1

    def _tell_time(self, response: httpx2.Response) -> None:
        date = response.headers.get("date")
        if date:
            # Something between here and the Hub may have its own idea of a date.
            with suppress(ValueError, TypeError):
                self._ahead = parsedate_to_datetime(date) - datetime.fromtimestamp(self._clock(), UTC)


def route(path: str) -> str:
    """The route a path belongs to: ids, revisions and names left out."""
    for pattern, template in _TEMPLATES:
        if pattern.match(path):
            return pattern.sub(template, path)
    return path
