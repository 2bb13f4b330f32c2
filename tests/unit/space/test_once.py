"""Requests are sent once: whether and when again is for `repeat` to decide, and not for huggingface_hub."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx2
import huggingface_hub as hf
import pytest
from huggingface_hub.utils._http import default_client_factory, http_backoff

from deploy.space.session import TRANSIENT, Traffic, Unanswered


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """The requests that were sent."""
    yield []
    hf.set_client_factory(default_client_factory)


def use(asked: list[str], answer: httpx2.Response | Exception) -> None:
    def respond(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        if isinstance(answer, Exception):
            raise answer
        return answer

    hf.set_client_factory(lambda: Traffic().client(transport=httpx2.MockTransport(respond)))


@pytest.mark.parametrize("status", sorted(TRANSIENT))
def test_a_passing_failure_is_given_up_at_once(asked: list[str], status: int) -> None:
    use(asked, httpx2.Response(status, headers={"Retry-After": "3600"}))
    with pytest.raises(httpx2.HTTPStatusError) as caught:
        http_backoff("GET", "http://127.0.0.1/api/list")
    assert caught.value.response.status_code == status
    assert asked == ["/api/list"]


def test_a_line_that_is_cut_is_given_up_at_once(asked: list[str]) -> None:
    use(asked, httpx2.RemoteProtocolError("cut"))
    with pytest.raises(Unanswered, match="cut"):
        http_backoff("GET", "http://127.0.0.1/api/list")
    assert asked == ["/api/list"]


def test_a_page_where_the_api_should_be_is_no_answer(asked: list[str]) -> None:
    use(asked, httpx2.Response(200, html="<p>Please log in</p>"))
    with pytest.raises(json.JSONDecodeError):
        hf.HfApi(endpoint="http://127.0.0.1").create_branch("me/app", branch="other", repo_type="space")
