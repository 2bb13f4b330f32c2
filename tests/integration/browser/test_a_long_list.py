"""More of a list is asked for while the list changes: nothing is mixed up, and the keyboard stays where it was."""

from __future__ import annotations

import httpx2
import pytest
from playwright.sync_api import expect

from tests.integration.browser.conftest import Visit
from tests.integration.browser.visitor import Visitor
from tests.real.backend import Backend

TITLES = [f"Task {number:02}" for number in range(60)]


@pytest.fixture
def client(service: Backend, username: str) -> httpx2.Client:
    """Speaks for the visitor, who has more tasks than are shown at first."""
    client = service.sign_up(username)
    body = {"format": "task-service/1", "tasks": [{"title": title} for title in TITLES]}
    client.post("/api/v1/tasks/import", json=body).raise_for_status()
    return client


@pytest.fixture
def visitor(visit: Visit, client: httpx2.Client, username: str) -> Visitor:
    visitor = visit()
    visitor.log_in(username)
    expect(visitor.titles).to_have_count(50)
    return visitor


def sort_by_title(visitor: Visitor) -> None:
    visitor.at("#sort").select_option(label="Title A–Z")


def test_a_change_elsewhere_does_not_take_the_focus_away(visitor: Visitor, client: httpx2.Client) -> None:
    sort_by_title(visitor)
    expect(visitor.titles.first).to_have_text("Task 00")
    visitor.page.route("**/api/v1/tasks?*cursor=*", lambda _: None)  # still on its way when the change is told
    visitor.button("Load more").click()
    [last] = client.get("/api/v1/tasks", params={"sort": "-title", "limit": 1}).json()["items"]
    client.patch(f"/api/v1/tasks/{last['id']}", json={"title": "Task 99"}).raise_for_status()
    expect(visitor.titles).to_have_text([*TITLES[:-1], "Task 99"])
    expect(visitor.button("Task 50")).to_be_focused()
    expect(visitor.at("#said")).to_have_text("10 more tasks loaded.")


def test_a_list_that_is_about_to_change_is_not_added_to(visitor: Visitor) -> None:
    visitor.page.route("**/api/v1/tasks?sort=title*", lambda _: None, times=1)  # the first part of the new list
    sort_by_title(visitor)
    visitor.button("Load more").click()
    expect(visitor.titles).to_have_text(TITLES)
    expect(visitor.at("#list-failure")).to_be_hidden()
