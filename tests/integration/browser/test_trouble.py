"""A service that is away, busy or broken: the page says so in words, keeps what was typed, and recovers by itself."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.integration.browser.conftest import Visit
from tests.integration.browser.visitor import Visitor
from tests.real.backend import Backend

TASKS = re.compile(r"/api/v1/tasks($|\?)")


@pytest.fixture
def visitor(visit: Visit, service: Backend, username: str) -> Visitor:
    service.sign_up(username)
    visitor = visit()
    visitor.log_in(username)
    visitor.refusals_are_meant = True
    return visitor


def test_the_service_goes_and_comes_back(visit: Visit, own_service: Backend, username: str) -> None:
    client = own_service.sign_up(username)
    visitor = visit(f"{own_service.url}/")
    visitor.own_time()
    visitor.log_in(username)
    visitor.refusals_are_meant = True
    own_service.stop()
    expect(visitor.at("#lost")).to_contain_text("There is no connection to the server.")
    expect(visitor.at("#connection")).to_have_text("No connection")
    visitor.place.get_by_label("New task").fill("Typed meanwhile")
    visitor.button("Add").click()
    expect(visitor.at("#quick [role=alert]")).to_contain_text("What you typed is still here")
    expect(visitor.place.get_by_label("New task")).to_have_value("Typed meanwhile")

    with visitor.page.expect_event("requestfailed"):
        visitor.stop_time(ahead=60)  # else it may be back before it is told to try
    own_service.start()
    client.post("/api/v1/tasks", json={"title": "Made by another"}).raise_for_status()
    expect(visitor.at("#lost")).to_be_visible()
    visitor.button("Try now").click()
    visitor.page.clock.resume()
    expect(visitor.at("#lost")).to_be_hidden()
    expect(visitor.titles).to_have_text(["Made by another"])
    visitor.button("Add").click()
    expect(visitor.titles).to_have_text(["Typed meanwhile", "Made by another"])


def test_it_recovers_without_being_told(visit: Visit, own_service: Backend, username: str) -> None:
    own_service.sign_up(username)
    visitor = visit(f"{own_service.url}/")
    visitor.log_in(username)
    visitor.refusals_are_meant = True
    own_service.kill()
    expect(visitor.at("#lost")).to_be_visible()
    own_service.start()
    expect(visitor.at("#lost")).to_be_hidden()
    visitor.add("After all")


def test_too_many_attempts(visit: Visit, own_service: Backend, username: str) -> None:
    visitor = visit(f"{own_service.url}/")
    visitor.refusals_are_meant = True
    visitor.open()
    alert = visitor.place.get_by_role("alert")
    for words in ("The username or the password is wrong.",) * 2:
        visitor.enter(username)
        expect(alert).to_have_text(words)
    visitor.enter(username)
    expect(alert).to_have_text(re.compile(r"^Too many attempts\. Try again in \d+ seconds?\.$"))
    expect(visitor.at("#entry-username")).to_have_value(username)


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (500, {"X-Request-ID": "7f3a"}, "The server failed; the fault is not in what you typed. "),
        (500, {"X-Request-ID": "7f3a"}, "report request 7f3a."),
        (503, {"Retry-After": "5"}, "The service is not available now. Try again in 5 seconds."),
        (429, {"Retry-After": "300"}, "Too many attempts. Try again in 5 minutes."),
        (502, {}, "The server failed"),
        (409, {}, "the limit is reached."),
    ],
)
def test_a_refusal_is_put_into_words(visitor: Visitor, status: int, headers: dict[str, str], words: str) -> None:
    body = "<h1>Bad gateway</h1>" if status == 502 else '{"detail": "You keep 10000 tasks: the limit is reached"}'
    visitor.page.route(TASKS, lambda route: route.fulfill(status=status, headers=headers, body=body))
    visitor.place.get_by_label("New task").fill("Kept")
    visitor.button("Add").click()
    expect(visitor.at("#quick [role=alert]")).to_contain_text(words)
    expect(visitor.place.get_by_label("New task")).to_have_value("Kept")


def test_a_list_that_does_not_come_says_why_and_comes_later(visitor: Visitor) -> None:
    visitor.add("There all the time")
    visitor.page.route(TASKS, lambda route: route.fulfill(status=503, headers={"Retry-After": "5"}))
    visitor.reload()
    failure = visitor.at("#list-failure")
    expect(failure).to_have_text(
        "The list could not be loaded. The service is not available now. Try again in 5 seconds."
    )
    visitor.page.unroute(TASKS)
    visitor.at("#sort").select_option(label="Oldest first")
    expect(failure).to_be_hidden()
    expect(visitor.titles).to_have_text(["There all the time"])


def test_offline(visitor: Visitor) -> None:
    visitor.page.context.set_offline(True)
    expect(visitor.at("#lost")).to_contain_text("You are offline.")
    visitor.place.get_by_label("New task").fill("Typed on a train")
    visitor.button("Add").click()
    expect(visitor.at("#quick [role=alert]")).to_have_text("You are offline. What you typed is still here.")
    visitor.page.context.set_offline(False)
    expect(visitor.at("#lost")).to_be_hidden()
    visitor.button("Add").click()
    expect(visitor.titles).to_have_text(["Typed on a train"])
