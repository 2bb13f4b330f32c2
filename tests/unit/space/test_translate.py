"""Whatever a Hub answers, or does not, becomes one error that names the cause and the next step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, repeat

import httpx2
import pytest

from deploy.errors import (
    Conflict,
    DeployError,
    HubBroken,
    HubRefused,
    HubUnreachable,
    NotAllowed,
    PaymentRequired,
    RateLimited,
    SpaceNotFound,
    TokenRejected,
)
from deploy.space.client import HubClient
from deploy.space.operations import Delete
from tests.unit.space.hub_client import Answer, Answered, answered

RUNTIME = {"stage": "RUNNING", "sha": "a" * 40, "hardware": {"current": "cpu-basic", "requested": "cpu-basic"}}

STATUSES: dict[int, tuple[type[DeployError], str, str]] = {
    400: (HubRefused, "refused the request (400)", "the Hub's words"),
    401: (TokenRejected, "did not accept the token", "STAGING_TOKEN"),
    402: (PaymentRequired, "paid plan (402)", "subscribe"),
    403: (NotAllowed, "may not do this", "owner/tasks belongs to someone else"),
    404: (SpaceNotFound, "no owner/tasks", "invoke doctor"),
    409: (Conflict, "another change is under way", "run the command again"),
    412: (Conflict, "owner/tasks moved on", "plans anew"),
    413: (HubRefused, "too large", "over 10 MB"),
    422: (HubRefused, "refused the request (422)", "the Hub's words"),
    429: (RateLimited, "fewer requests", "wait and run"),
    500: (HubBroken, "failed (500)", "status page"),
    503: (HubBroken, "failed (503)", "status page"),
}


def says(status: int, **headers: str) -> Answer:
    return lambda _: httpx2.Response(status, json={"error": "the Hub's words"}, headers=headers)


def failure(answer: Answer, call: Callable[[HubClient], object] = HubClient.runtime) -> tuple[DeployError, Answered]:
    with answered(answer) as test, pytest.raises(DeployError) as caught:
        call(test.hub)
    return caught.value, test


def dropped(client: HubClient) -> str:
    return client.commit([Delete(path="old.py")], title="t", message="m", parent="a" * 40)


@pytest.mark.parametrize("status", STATUSES)
def test_each_status_is_one_error_with_cause_and_next_step(status: int) -> None:
    kind, what, more = STATUSES[status]
    error, _ = failure(says(status))
    assert type(error) is kind
    assert what in error.what
    assert more in f"{error.cause} {error.next_step}"
    assert error.next_step
    assert "the Hub says: the Hub's words" in error.details


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize(
    "write",
    [
        dropped,
        lambda hub: hub.create(hardware="cpu-basic", visibility="public", variables={}, secrets={}),
        lambda hub: hub.set_variable("A", "1", ""),
        lambda hub: hub.create_branch("lease"),
    ],
    ids=["commit", "create", "variable", "branch"],
)
def test_writing_fails_with_the_same_errors(write: Callable[[HubClient], object], status: int) -> None:
    error, _ = failure(says(status), write)
    assert type(error) is STATUSES[status][0]


def test_the_request_id_is_told_for_the_hubs_support() -> None:
    error, _ = failure(says(503, **{"x-request-id": "Root=1-23"}))
    assert "request id: Root=1-23" in error.details


def test_words_in_the_header_come_before_those_in_the_body() -> None:
    error, _ = failure(says(403, **{"x-error-message": "from  the\theader"}))
    assert "the Hub says: from the header" in error.details


@pytest.mark.parametrize(
    ("response", "words"),
    [
        (httpx2.Response(403, json={"error_description": "described"}), "described"),
        (httpx2.Response(403, html="<h1>Forbidden</h1>"), "Forbidden"),
        (httpx2.Response(403, content=b"\xff\xfe"), "Forbidden"),
        (httpx2.Response(403, json={"error": "x" * 9999}), "x" * 300),
        (httpx2.Response(403, json={"error": "with {braces} and\nlines"}), "with {braces} and lines"),
    ],
    ids=["description", "HTML", "bytes", "long", "braces"],
)
def test_the_hubs_words_are_one_short_line(response: httpx2.Response, words: str) -> None:
    error, _ = failure(lambda _: response)
    assert f"the Hub says: {words}" in error.details


def test_a_space_that_is_hidden_reads_like_a_rejected_token() -> None:
    """The Hub says 401 for what this token may not see."""
    error, _ = failure(says(401, **{"x-error-code": "RepoNotFound"}))
    assert isinstance(error, TokenRejected)
    assert "hidden" in str(error.cause)


# No answer, or no Hub ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (httpx2.ReadTimeout, "did not answer in time"),
        (httpx2.ConnectTimeout, "did not answer in time"),
        (httpx2.ConnectError, "cannot be reached"),
        (httpx2.ReadError, "cut the connection"),
        (httpx2.RemoteProtocolError, "cut the connection"),
    ],
)
def test_no_answer_is_unreachable(kind: type[httpx2.TransportError], what: str) -> None:
    def silent(request: httpx2.Request) -> httpx2.Response:
        raise kind("", request=request)

    error, test = failure(silent)
    assert isinstance(error, HubUnreachable)
    assert what in error.what
    assert error.cause == kind.__name__
    assert len(test.requests) == 5


def test_offline_mode_is_named_as_the_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    error, test = failure(says(200))
    assert isinstance(error, HubUnreachable)
    assert "HF_HUB_OFFLINE" in str(error.cause)
    assert test.requests == []


READS: dict[str, Callable[[HubClient], object]] = {
    "info": HubClient.info,
    "runtime": HubClient.runtime,
    "tree": HubClient.tree,
    "variables": HubClient.variables,
    "secrets": HubClient.secrets,
    "commits": HubClient.commits,
    "refs": HubClient.refs,
    "commit": dropped,
    "create": lambda hub: hub.create(hardware="cpu-basic", visibility="public", variables={}, secrets={}),
}


@pytest.mark.parametrize("call", READS.values(), ids=READS.keys())
def test_html_in_place_of_json_is_not_a_hub(call: Callable[[HubClient], object]) -> None:
    error, _ = failure(lambda _: httpx2.Response(200, html="<h1>Log in to the network</h1>"), call)
    assert isinstance(error, HubBroken)
    assert "`hub` in deploy.toml" in str(error.cause)


@pytest.mark.parametrize("document", [[1], "text", None], ids=["list", "text", "null"])
@pytest.mark.parametrize("call", READS.values(), ids=READS.keys())
def test_json_of_another_shape_is_not_a_hub(call: Callable[[HubClient], object], document: object) -> None:
    error, _ = failure(lambda _: httpx2.Response(200, json=document), call)
    assert isinstance(error, HubBroken)


def test_a_next_page_without_an_address_is_not_a_hub() -> None:
    page = httpx2.Response(200, json=[], headers={"link": '<https://host:port/>; rel="next"'})
    error, _ = failure(lambda _: page, HubClient.commits)
    assert isinstance(error, HubBroken)


def test_what_the_client_refuses_by_itself_is_told_as_such() -> None:
    def write(hub: HubClient) -> str:
        return hub.commit([Delete(path="../up")], title="t", message="m", parent="a" * 40)

    error, test = failure(says(200), write)
    assert isinstance(error, HubRefused)
    assert "'../up'" in str(error.cause)
    assert test.requests == []


# Asking again --------------------------------------------------------------------------------------------


def then_running(*first: httpx2.Response) -> Answer:
    answers: Iterator[httpx2.Response] = chain(first, repeat(httpx2.Response(200, json=RUNTIME)))
    return lambda _: next(answers)


def test_a_look_that_failed_in_passing_is_repeated() -> None:
    with answered(then_running(httpx2.Response(503, headers={"retry-after": "3"}), httpx2.Response(502))) as test:
        assert test.hub.runtime().stage == "RUNNING"
    assert test.pauses == [3.0, 2.0]
    assert test.hub.traffic.counts == {"GET /api/spaces/{id}/runtime": 3}


once = pytest.mark.parametrize(
    "write",
    [
        dropped,
        lambda hub: hub.create(hardware="cpu-basic", visibility="public", variables={}, secrets={}),
        lambda hub: hub.create_branch("lease"),
        lambda hub: hub.delete_tag("lease"),
    ],
    ids=["commit", "create", "branch", "tag"],
)


@once
def test_what_must_happen_once_is_sent_once(write: Callable[[HubClient], object]) -> None:
    error, test = failure(says(503), write)
    assert isinstance(error, HubBroken)
    assert len([request for request in test.requests if request.method in {"POST", "DELETE"}]) == 1
    assert test.pauses == []


@once
def test_what_must_happen_once_is_sent_again_when_the_hub_did_nothing(write: Callable[[HubClient], object]) -> None:
    turned_away = chain([httpx2.Response(429, headers={"retry-after": "7"})], repeat(httpx2.Response(503)))
    error, test = failure(lambda _: next(turned_away), write)
    assert isinstance(error, HubBroken)
    assert len([request for request in test.requests if request.method in {"POST", "DELETE"}]) == 2
    assert test.pauses == [7.0]


def test_the_token_is_in_no_error() -> None:
    for status in STATUSES:
        error, _ = failure(says(status))
        assert "hf_token_of_test" not in str(error)
