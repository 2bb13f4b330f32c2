"""A deployment serves when it is ready, of the right revision, and answers every declared check."""

from __future__ import annotations

from dataclasses import replace

import httpx2
import pytest

from deploy.proof import Proof, failures
from tests.unit.verify.builders import WANTED, StandIn, healthy, probe, verdicts

NOT_YET = httpx2.Response(503)
REFUSED = httpx2.ConnectError("refused")


def seen(results: tuple[Proof, ...], name: str) -> str:
    return next(result.seen for result in results if result.check == name)


# All well ------------------------------------------------------------------------------------------------


def test_a_healthy_app_passes_every_check_with_what_was_asked_and_seen() -> None:
    app = healthy("1" * 40)
    app.says("GET /", httpx2.Response(200))
    app.says("HEAD /me", httpx2.Response(401))
    results = app.verify(probe("/"), probe("/me", method="HEAD", status=401), revision="1" * 40)
    assert [(result.check, result.verdict, result.asked, result.seen) for result in results] == [
        ("health", "passed", "GET /health is 200 within 10 s", "200"),
        ("revision", "passed", "GET /version tells revision 111111111111", "revision 111111111111"),
        ("GET /", "passed", "GET / is 200", "200"),
        ("HEAD /me", "passed", "HEAD /me is 401", "401"),
    ]
    assert failures(results) == ()


def test_no_connection_is_kept_as_the_app_may_be_switched_behind_it() -> None:
    app = healthy()
    app.verify()
    assert {request.headers["connection"] for request in app.asked} == {"close"}


def test_a_query_is_asked_as_it_stands() -> None:
    app = healthy()
    app.says("GET /tasks?limit=1&q=a%20b", httpx2.Response(200))
    assert failures(app.verify(probe("/tasks?limit=1&q=a%20b"))) == ()


# Getting ready -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [NOT_YET, REFUSED, httpx2.ReadTimeout("slow"), httpx2.Response(404)])
def test_an_app_may_take_its_time_to_get_ready(first: httpx2.Response | Exception) -> None:
    app = healthy()
    app.says("GET /health", first, first, httpx2.Response(200))
    (health, *_) = app.verify()
    assert (health.verdict, health.seconds) == ("passed", 1.0)
    assert app.pauses == [0.5, 0.5]


def test_an_app_that_does_not_get_ready_in_time_is_asked_nothing_more() -> None:
    app = healthy()
    app.says("GET /health", NOT_YET)
    results = app.verify(probe("/"))
    assert verdicts(results) == {"health": "failed"}
    assert (results[0].seen, results[0].seconds) == ("503", 10.0)
    assert {request.url.path for request in app.asked} == {"/health"}


def test_an_app_that_does_not_answer_says_why() -> None:
    app = StandIn()
    app.says("GET /health", REFUSED)
    (health,) = app.verify()
    assert health.seen == "no answer (refused)"
    assert health.line == "health: GET /health is 200 within 10 s; seen: no answer (refused)"


def test_an_answer_without_words_is_told_by_its_kind() -> None:
    app = StandIn()
    app.says("GET /health", httpx2.ReadTimeout(""))
    assert app.verify()[0].seen == "no answer (ReadTimeout)"


# The revision --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (httpx2.Response(200, json={"revision": "0ld"}), "revision 0ld"),
        (httpx2.Response(200, json={"revision": 1}), "200"),
        (httpx2.Response(200, json=["r1"]), "200"),
        (httpx2.Response(200, html="<h1>r1</h1>"), "200"),
        (httpx2.Response(404), "404"),
        (REFUSED, "no answer (refused)"),
    ],
    ids=["another", "number", "list", "HTML", "missing", "no answer"],
)
def test_any_other_revision_is_a_failure(answer: httpx2.Response | Exception, told: str) -> None:
    app = healthy()
    app.says("GET /version", answer)
    results = app.verify(revision="r1")
    assert verdicts(results) == {"health": "passed", "revision": "failed"}
    assert seen(results, "revision") == told


def test_an_app_that_does_not_tell_its_revision_is_not_asked_and_not_passed() -> None:
    app = healthy()
    results = app.verify(wanted=replace(WANTED, version=None))
    assert verdicts(results) == {"health": "passed", "revision": "not run"}
    assert [request.url.path for request in app.asked] == ["/health"]


def test_without_a_revision_to_compare_with_the_check_is_not_run() -> None:
    results = healthy().verify(revision="")
    assert verdicts(results) == {"health": "passed", "revision": "not run"}
    assert seen(results, "revision") == "no revision is known to compare with"


# The declared checks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 302, 403, 500])
def test_another_status_is_a_failure(status: int) -> None:
    app = healthy()
    app.says("GET /me", httpx2.Response(status, headers={"location": "/login"}))
    results = app.verify(probe("/me", status=401))
    assert [failure.line for failure in failures(results)] == [f"GET /me: GET /me is 401; seen: {status}"]


def test_one_failure_does_not_hide_the_next() -> None:
    app = healthy("other")
    results = app.verify(probe("/a"), probe("/b"))
    assert [failure.check for failure in failures(results)] == ["revision", "GET /a", "GET /b"]
