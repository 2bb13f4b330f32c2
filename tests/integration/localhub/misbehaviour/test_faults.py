"""The local Hub told to misbehave, and counting."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx2
import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError

from tests.integration.hub_fixtures import Hub, app_files, commit, status

RUNTIME = "/api/spaces/{id}/runtime"
COMMIT = "/api/spaces/{id}/commit/{rev}"


@pytest.fixture(autouse=True)
def healed(hub: Hub) -> Iterator[None]:
    yield
    hub.heal()


@pytest.mark.parametrize("code", [401, 403, 404, 413, 422, 429, 500, 503])
def test_a_status_is_answered_once_and_then_no_more(hub: Hub, api: HfApi, space: str, code: int) -> None:
    hub.fault(method="GET", route=RUNTIME, status=code)
    assert status(lambda: api.get_space_runtime(space)) == code
    assert api.get_space_runtime(space).stage == "NO_APP_FILE"


def test_a_fault_has_headers_a_body_a_count_and_a_beginning(hub: Hub, api: HfApi, space: str) -> None:
    hub.fault(route=RUNTIME, status=429, skip=1, count=2, headers={"Retry-After": "7"}, body={"error": "slow down"})
    api.get_space_runtime(space)
    for _ in range(2):
        with pytest.raises(HfHubHTTPError, match="slow down") as caught:
            api.get_space_runtime(space)
        assert caught.value.response.headers["Retry-After"] == "7"
    api.get_space_runtime(space)


def test_a_template_is_that_route_alone_and_a_prefix_is_many(hub: Hub, api: HfApi, space: str) -> None:
    hub.fault(route="/api/spaces/{id}", status=500, count=None)
    assert status(lambda: api.space_info(space)) == 500
    assert api.get_space_runtime(space).stage
    hub.fault(route=f"/api/spaces/{space}/", status=503, count=None)
    assert status(lambda: api.get_space_runtime(space)) == 503
    assert status(lambda: api.get_space_variables(space)) == 503
    hub.heal()
    assert api.space_info(space).id == space


def test_a_cut_connection_carries_nothing_out(hub: Hub, api: HfApi, space: str) -> None:
    hub.fault(method="POST", route=COMMIT, cut=True)
    with pytest.raises(httpx2.TransportError):
        commit(api, space, app_files())
    assert len(api.list_repo_commits(space, repo_type="space")) == 1


def test_a_lost_answer_was_carried_out(hub: Hub, api: HfApi, space: str) -> None:
    hub.fault(method="POST", route=COMMIT, lost_answer=True)
    with pytest.raises(httpx2.TransportError):
        commit(api, space, app_files())
    assert len(api.list_repo_commits(space, repo_type="space")) == 2
    assert "Traceback" not in hub.log()
    assert "without" not in hub.log()


def test_html_instead_of_json(hub: Hub, space: str) -> None:
    hub.fault(route=RUNTIME, html=True, status=502)
    answer = hub.ask("GET", f"/api/spaces/{space}/runtime")
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html; charset=utf-8")
    hub.fault(route=RUNTIME, html=True)
    answer = hub.ask("GET", f"/api/spaces/{space}/runtime")
    assert (answer.status_code, answer.text[:9]) == (200, "<!DOCTYPE")


def test_a_delay_and_then_the_usual_answer(hub: Hub, api: HfApi, space: str) -> None:
    hub.fault(route=RUNTIME, delay=0.5)
    began = time.monotonic()
    assert api.get_space_runtime(space).stage == "NO_APP_FILE"
    assert time.monotonic() - began >= 0.5


def test_a_fault_that_is_none_is_refused(hub: Hub) -> None:
    for facts in ({"route": RUNTIME, "statsu": 500}, {"status": 500}, {"space": "local/none", "name": "stuck_build"}):
        assert hub.ask("POST", "/_hub/faults", json=facts).status_code in (404, 422)


def test_limits_are_told_with_each_answer_and_end_in_429(hub: Hub, space: str) -> None:
    hub.fault(limit="api", quota=2, window=60)
    path = f"/api/spaces/{space}/runtime"
    left = [hub.ask("GET", path).headers["RateLimit"] for _ in range(2)]
    assert [one.partition(";t=")[0] for one in left] == ['"api";r=1', '"api";r=0']
    answer = hub.ask("GET", path)
    assert answer.status_code == 429
    assert answer.headers["RateLimit-Policy"] == '"fixed window";"api";q=2;w=60'
    assert hub.ask("GET", path, token=hub.new_token("ann")).status_code == 200, "a limit is a caller's own"


def test_requests_are_counted_by_template(hub: Hub, api: HfApi, space: str) -> None:
    hub.forget_requests()
    api.get_space_runtime(space)
    api.get_space_runtime(space)
    hub.ask("GET", "/api/no-such-thing")
    assert hub.requests() == {"GET (unknown)": 1, f"GET {RUNTIME}": 2}


def test_only_the_owner_administers(hub: Hub) -> None:
    for token in ("", hub.new_token("eve"), hub.new_token("local", "read")):
        assert hub.ask("GET", "/_hub/requests", token=token).status_code in (401, 403)
        assert hub.ask("POST", "/_hub/tokens", token=token, json={"user": "local"}).status_code in (401, 403)


def test_an_unknown_route_is_a_404_with_a_reason(hub: Hub) -> None:
    answer = hub.ask("GET", "/api/no-such-thing")
    assert (answer.status_code, answer.json()["error"]) == (404, "This Hub has no GET /api/no-such-thing")
