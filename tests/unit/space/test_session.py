"""Requests are counted by route, have a deadline, and tell the Hub's time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import httpx2
import pytest

from deploy.space.session import TIMEOUT, Traffic, route

ROUTES = {
    "/api/spaces/owner/tasks": "/api/spaces/{id}",
    "/api/spaces/owner/tasks/runtime": "/api/spaces/{id}/runtime",
    "/api/spaces/owner/tasks/logs/build": "/api/spaces/{id}/logs/build",
    "/api/spaces/owner/tasks/tree/main": "/api/spaces/{id}/tree/{rev}",
    "/api/spaces/owner/tasks/tree/0123abc/app/routes": "/api/spaces/{id}/tree/{rev}",
    "/api/spaces/owner/tasks/commit/main": "/api/spaces/{id}/commit/{rev}",
    "/api/spaces/owner/tasks/preupload/main": "/api/spaces/{id}/preupload/{rev}",
    "/api/spaces/owner/tasks/revision/refs%2Fpr%2F1": "/api/spaces/{id}/revision/{rev}",
    "/api/spaces/owner/tasks/commits/main": "/api/spaces/{id}/commits/{rev}",
    "/api/spaces/owner/tasks/branch/spacewright-lease": "/api/spaces/{id}/branch/{name}",
    "/api/spaces/owner/tasks/tag/good-0123": "/api/spaces/{id}/tag/{name}",
    "/api/spaces/owner/tasks/auth-check/write": "/api/spaces/{id}/auth-check/write",
    "/spaces/owner/tasks/resolve/main/app/main.py": "/spaces/{id}/resolve/{rev}/{path}",
    "/spaces/owner/tasks.git/info/lfs/objects/batch": "/spaces/{id}/info/lfs/objects/batch",
    "/api/repos/create": "/api/repos/create",
    "/api/whoami-v2": "/api/whoami-v2",
}


@pytest.mark.parametrize(("path", "expected"), ROUTES.items())
def test_a_route_leaves_ids_revisions_and_names_out(path: str, expected: str) -> None:
    assert route(path) == expected


def asked(traffic: Traffic, answer: Callable[[httpx2.Request], httpx2.Response], *paths: str) -> httpx2.Client:
    """The traffic's own client, with answers in place of a network; the paths are asked for."""
    client = traffic.client(transport=httpx2.MockTransport(answer))
    for path in paths:
        client.get(f"https://hub.example{path}")
    return client


def test_requests_are_counted_by_method_and_route() -> None:
    traffic = Traffic()
    asked(traffic, lambda _: httpx2.Response(200), "/api/spaces/a/b", "/api/spaces/c/d", "/api/spaces/a/b/runtime")
    assert traffic.counts == {"GET /api/spaces/{id}": 2, "GET /api/spaces/{id}/runtime": 1}
    assert traffic.counts.total() == 3


def test_a_request_without_answer_counts() -> None:
    def cut(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadError("cut", request=request)

    traffic = Traffic()
    with pytest.raises(httpx2.TransportError):
        asked(traffic, cut, "/api/whoami-v2")
    assert traffic.counts.total() == 1


def test_every_request_has_a_deadline() -> None:
    assert asked(Traffic(), lambda _: httpx2.Response(200)).timeout == TIMEOUT
    assert TIMEOUT.read is not None
    assert TIMEOUT.connect is not None


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Sun, 22 Nov 2026 20:00:00 GMT", datetime(2026, 11, 22, 20, 0, 30, tzinfo=UTC)),
        ("Sun, 22 Nov 2026 21:00:00 +0200", datetime(2026, 11, 22, 19, 0, 30, tzinfo=UTC)),
        ("", datetime(2026, 1, 1, 0, 0, 30, tzinfo=UTC)),
        ("yesterday", datetime(2026, 1, 1, 0, 0, 30, tzinfo=UTC)),
        ("Sun, 22 Nov 2026 20:00:00 -0000", datetime(2026, 1, 1, 0, 0, 30, tzinfo=UTC)),
    ],
    ids=["ahead", "another zone", "none", "no date", "no zone"],
)
def test_time_is_the_hubs_whatever_this_machines_clock_says(date: str, expected: datetime) -> None:
    here = [datetime(2026, 1, 1, tzinfo=UTC).timestamp()]
    traffic = Traffic(clock=lambda: here[-1])
    asked(traffic, lambda _: httpx2.Response(200, headers={"date": date} if date else {}), "/api/whoami-v2")
    here.append(here[0] + 30)
    assert traffic.hub_time() == expected
