"""A Hub that refuses, fails, limits, cuts the line or is something else: one clear error, and nothing changed."""

from __future__ import annotations

import time
import uuid
from typing import Any, NamedTuple

import pytest

from tests.integration.hub_fixtures import Hub
from tests.integration.pipeline.project import Project
from tests.integration.pipeline.running import Outcome, until

API = "/api/spaces/{id}"


class Answer(NamedTuple):
    """What the Hub is told to do, the exit code that follows, and what must be said."""

    fault: dict[str, Any]
    code: int
    words: str


ANSWERS = {
    "401": Answer({"status": 401}, 31, "did not accept the token (401)"),
    "402": Answer({"status": 402}, 33, "asks for a paid plan (402)"),
    "403": Answer({"status": 403}, 32, "The token may not do this (403)"),
    "404": Answer({"status": 404}, 34, "(404)"),
    "409": Answer({"status": 409}, 36, "(409)"),
    "412": Answer({"status": 412}, 36, "moved on while this change was prepared (412)"),
    "413": Answer({"status": 413}, 38, "too large (413)"),
    "422": Answer({"status": 422, "body": {"error": "such a name is not taken"}}, 38, "such a name is not taken"),
    "429": Answer({"status": 429, "headers": {"Retry-After": "300"}}, 37, "asks for fewer requests (429)"),
    "500": Answer({"status": 500}, 39, "The Hub failed (500), also when asked again"),
    "503": Answer({"status": 503}, 39, "The Hub failed (503), also when asked again"),
    "cut": Answer({"cut": True}, 30, "cut the connection"),
    "html": Answer({"html": True}, 39, "not what a Hub gives"),
}


def only(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("answer", [ANSWERS[name] for name in names], ids=names)


def something_to_write(project: Project) -> None:
    """A file and a variable."""
    project.touch_up(f"refused by the Hub {uuid.uuid4()}")
    project.variables["GREETING"] = f"never said {uuid.uuid4()}"
    project.declare()


def told_plainly(outcome: Outcome) -> None:
    """Cause and next step, and no word of what the code is made of."""
    assert outcome.document["cause"]
    assert not {"httpx", "huggingface_hub.errors", "JSONDecodeError"} & set(outcome.err.split())


LASTING = pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)


@LASTING
def test_a_failing_read_stops_before_anything_is_written(standing: Project, answer: Answer) -> None:
    something_to_write(standing)
    fault = {"route": f"{API}/variables", "method": "GET", "count": None, **answer.fault}
    told_plainly(standing.refused(answer.code, answer.words, fault=fault))


@only("404", "429", "500", "cut", "html")
def test_a_failing_listing_stops_before_anything_is_written(standing: Project, answer: Answer) -> None:
    """huggingface_hub repeats listings of its own: together with our repetitions that would be thirty."""
    something_to_write(standing)
    fault = {"route": f"{API}/tree/{{rev}}", "method": "GET", "count": None, **answer.fault}
    outcome = standing.refused(answer.code, answer.words, fault=fault)
    told_plainly(outcome)
    assert outcome.requests[f"GET {API}/tree/{{rev}}"] <= 5


@only("401", "403", "500", "cut", "html")
def test_a_hub_that_fails_at_the_first_question_is_told(standing: Project, answer: Answer) -> None:
    something_to_write(standing)
    fault = {"route": API, "method": "GET", "count": None, **answer.fault}
    told_plainly(standing.refused(answer.code, answer.words, fault=fault))


@LASTING
def test_a_refused_commit_leaves_the_space_as_it_was(standing: Project, answer: Answer) -> None:
    something_to_write(standing)
    fault = {"route": f"{API}/commit/{{rev}}", "method": "POST", "count": None, **answer.fault}
    outcome = standing.failed(answer.code, answer.words, "settings written before it failed were put back", fault=fault)
    told_plainly(outcome)


@only("403", "422", "429", "500", "cut", "html")
def test_a_refused_setting_leaves_the_space_as_it_was(standing: Project, answer: Answer) -> None:
    something_to_write(standing)
    fault = {"route": f"{API}/variables", "method": "POST", "count": None, **answer.fault}
    told_plainly(standing.failed(answer.code, answer.words, fault=fault))


@only("401", "403", "422", "429", "500", "cut", "html")
def test_a_refused_lease_leaves_the_space_as_it_was(standing: Project, answer: Answer) -> None:
    something_to_write(standing)
    fault = {"route": f"{API}/branch/{{name}}", "method": "POST", "count": None, **answer.fault}
    told_plainly(standing.failed(answer.code, answer.words, fault=fault))


@only("401", "402", "403", "409", "422", "429", "500", "cut")
def test_a_space_that_the_hub_does_not_make_is_not_there(project: Project, answer: Answer) -> None:
    fault = {"route": "/api/repos/create", "method": "POST", "count": None, **answer.fault}
    told_plainly(project.failed(answer.code, answer.words, fault=fault))
    assert project.snapshot() is None


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 503}, {"status": 429}, {"cut": True}, {"delay": 0.5}])
def test_what_fails_in_passing_is_asked_again(served: Project, hub: Hub, fault: dict[str, Any]) -> None:
    something_to_write(served)
    served.variables["GREETING"] = "said after all"
    served.declare()
    for route, method in ((API, "GET"), (f"{API}/variables", "POST"), (f"{API}/runtime", "GET")):
        hub.fault(route=route, method=method, count=2, **fault)
    served.deploy().ended(0)
    assert served.greeting() == "said after all"


def test_the_hubs_own_retry_after_is_waited_for(standing: Project, hub: Hub) -> None:
    hub.fault(route=API, method="GET", status=429, headers={"Retry-After": "2"})
    started = time.monotonic()
    outcome = standing.deploy().ended(0)
    assert time.monotonic() - started > 2
    assert outcome.document["verdict"] == "unchanged"


def test_a_used_up_quota_is_waited_for_until_its_window_ends(standing: Project, hub: Hub) -> None:
    hub.fault(limit="api", quota=2, window=2)
    assert standing.deploy().ended(0).document["verdict"] == "unchanged"


def test_a_quota_whose_window_ends_too_late_is_told(standing: Project) -> None:
    standing.touch_up("too many requests")
    fault = {"limit": "api", "quota": 2, "window": 3600}
    standing.refused(37, "account's rate limit is used up", "wait and run the command again", fault=fault)


def test_a_commit_by_someone_else_in_between_is_not_overwritten(served: Project, hub: Hub) -> None:
    """The other's commit lands between the plan and the lease."""
    served.touch_up("prepared on an old head")
    hub.fault(route=f"{API}/branch/{{name}}", method="POST", delay=2.0)
    running = served.start("deploy", "--without-rehearsal", "--json")
    hub.forget_requests()
    until(lambda: "POST /api/spaces/{id}/branch/{name}" in hub.requests(), "the lease was asked for")
    other = hub.api().upload_file(
        path_or_fileobj=b"by someone else", path_in_repo="notes.txt", repo_id=served.space, repo_type="space"
    )
    outcome = running.finish().ended(36)
    assert "changed while this deploy was rehearsed. Nothing was written." in outcome.err
    assert served.seen().head == other.oid
    assert not served.held()
