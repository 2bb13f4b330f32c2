"""One question to an application, and what each kind of answer means."""

from __future__ import annotations

from collections.abc import Callable

import httpx2
import pytest

from deploy.config import AppConfig
from deploy.http import Answer, make_client
from deploy.image.probe import probe

Handler = Callable[[httpx2.Request], httpx2.Response]


def ask(handler: Handler, *, version: str | None = "/version") -> Answer:
    wanted = AppConfig(health="/health", version=version, ready_timeout=1.0, read_only=False)
    with make_client(base_url="http://127.0.0.1:1", transport=httpx2.MockTransport(handler)) as client:
        return probe(client, wanted)


def app(paths: dict[str, httpx2.Response]) -> Handler:
    return lambda request: paths.get(request.url.path, httpx2.Response(404))


def raising(error: Exception) -> Handler:
    def handle(request: httpx2.Request) -> httpx2.Response:
        raise error

    return handle


def test_the_version_path_tells_the_revision() -> None:
    paths = {"/health": httpx2.Response(200), "/version": httpx2.Response(200, json={"revision": "abc"})}
    answer = ask(app(paths))
    assert (answer.status, answer.revision) == (200, "abc")


def test_without_a_version_path_no_revision_is_asked_for() -> None:
    answer = ask(app({"/health": httpx2.Response(200)}), version=None)
    assert (answer.status, answer.revision) == (200, None)


@pytest.mark.parametrize(
    "told",
    [httpx2.Response(200, text="abc"), httpx2.Response(200, json=["abc"]), httpx2.Response(200, json={"revision": 7})],
    ids=["text", "list", "number"],
)
def test_anything_but_a_revision_in_an_object_is_none(told: httpx2.Response) -> None:
    answer = ask(app({"/health": httpx2.Response(200), "/version": told}))
    assert (answer.status, answer.revision) == (200, None)


def test_an_unhealthy_answer_is_not_asked_further() -> None:
    asked: list[str] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        return httpx2.Response(500)

    assert ask(handle).status == 500
    assert asked == ["/health"]


def test_silence_is_told_from_a_closed_door() -> None:
    assert ask(raising(httpx2.ReadTimeout("slow"))) == Answer(silence="timeout", body="slow")
    assert ask(raising(httpx2.ConnectError("refused"))) == Answer(silence="closed", body="refused")
    assert ask(raising(httpx2.RemoteProtocolError(""))) == Answer(silence="closed", body="RemoteProtocolError")


def test_who_hangs_before_telling_the_revision_is_silent() -> None:
    def handle(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/version":
            raise httpx2.ReadTimeout("slow")
        return httpx2.Response(200)

    assert ask(handle).silence == "timeout"
