"""For everybody: no finding of axe in any view, everything by keyboard alone, and nothing wider than a small screen."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from httpx2 import Client
from playwright.sync_api import Locator, expect

from tests.integration.browser.conftest import Visit
from tests.integration.browser.visitor import Visitor
from tests.real.backend import PASSWORD, Backend

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
FULL = [
    {"title": "Plain"},
    {"title": "Late", "due": "2020-01-01", "priority": "high", "status": "doing", "tags": ["home", "x" * 40]},
    {"title": "W" * 200, "notes": "n" * 500, "priority": "low", "due": "2099-01-01", "tags": ["a", "b", "c"]},
    {"title": "Done", "status": "done"},
]


def views(visitor: Visitor, service: Backend, username: str) -> Iterator[str]:
    """Goes through every view of the page, and names each when it is there."""
    visitor.refusals_are_meant = True
    yield from views_at_the_door(visitor, username)
    client = service.client(headers={"Authorization": f"Bearer {visitor.held()['access']}"})
    for body in FULL:
        client.post("/api/v1/tasks", json=body).raise_for_status()
    yield from views_of_the_list(visitor)
    yield from views_over_the_list(visitor, client)
    yield from views_of_what_went_wrong(visitor, client)


def views_at_the_door(visitor: Visitor, username: str) -> Iterator[str]:
    visitor.open()
    yield "log in"
    visitor.at("#entry-switch").click()
    visitor.enter("", "short")
    yield "register, with failures"
    visitor.enter(username)
    visitor.is_inside()
    expect(visitor.at("#empty")).to_be_visible()
    yield "no tasks"


def views_of_the_list(visitor: Visitor) -> Iterator[str]:
    at = visitor.at
    expect(visitor.titles).to_have_count(len(FULL))
    yield "tasks"
    visitor.button("Show tasks tagged home").click()
    expect(visitor.titles).to_have_count(1)
    if at("#filters-toggle").is_visible():
        at("#filters-toggle").click()
    yield "filters"
    at("#filter-q").fill("nothing like it")
    expect(at("#empty")).to_be_visible()
    yield "no task fits"
    visitor.button("Clear all filters").last.click()
    expect(visitor.titles).to_have_count(len(FULL))
    at("#select").click()
    visitor.place.get_by_label("Select “Plain”").check()
    yield "selecting"
    at("#bulk-close").click()


def views_over_the_list(visitor: Visitor, client: Client) -> Iterator[str]:
    at, press = visitor.at, visitor.page.keyboard.press
    at("#account-button").click()
    yield "menu"
    visitor.button("Change password…").click()
    yield "change password"
    press("Escape")
    visitor.from_menu("Delete account…")
    yield "delete account"
    press("Escape")
    at("#quick-more").click()
    visitor.button("Save").click()
    yield "new task, with a failure"
    press("Escape")
    visitor.button("Late").click()
    at("#task-notes").fill("Mine")
    [late] = [task for task in client.get("/api/v1/tasks").json()["items"] if task["title"] == "Late"]
    client.patch(f"/api/v1/tasks/{late['id']}", json={"notes": "Theirs", "title": "Later"}).raise_for_status()
    expect(at("#conflict")).to_be_visible()
    yield "conflict"
    at("#editor-cancel").click()
    yield "question"
    at("#confirm-yes").click()


def views_of_what_went_wrong(visitor: Visitor, client: Client) -> Iterator[str]:
    at, context = visitor.at, visitor.page.context
    visitor.row("Plain").hover()
    visitor.button("Delete “Plain”").click()
    expect(visitor.notice).to_be_visible()
    yield "notice"
    context.set_offline(True)
    expect(at("#lost")).to_be_visible()
    yield "no connection"
    context.set_offline(False)
    expect(at("#lost")).to_be_hidden()
    client.post("/api/v1/auth/logout", json={"refresh_token": visitor.held()["refresh"]}).raise_for_status()
    expect(at("#again")).to_be_visible()
    yield "log in again"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 360)])
def test_axe_finds_nothing(visit: Visit, service: Backend, username: str, scheme: str, width: int) -> None:
    # The policy of the page would keep the script of axe out; every other test runs under it.
    visitor = visit(
        color_scheme=scheme,
        viewport={"width": width, "height": 900},
        reduced_motion="reduce",
        bypass_csp=True,
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for view in views(visitor, service, username):
        visitor.page.evaluate(AXE)
        violations = visitor.page.evaluate("axe.run({resultTypes: ['violations']}).then(found => found.violations)")
        found |= {f"{view}: {violation['id']}": violation["nodes"] for violation in violations}
    assert {name: [node["html"] for node in nodes] for name, nodes in found.items()} == {}


def test_nothing_is_wider_than_320_pixels(visit: Visit, service: Backend, username: str) -> None:
    visitor = visit(viewport={"width": 320, "height": 640})
    seen = views(visitor, service, username)
    assert [view for view in seen if visitor.is_too_wide()] == []


def tab_to(visitor: Visitor, target: Locator, *, back: bool = False) -> None:
    """Press Tab until the target has the focus, which then must be seen."""
    for _ in range(60):
        if target.evaluate("element => element === document.activeElement"):
            break
        visitor.page.keyboard.press("Shift+Tab" if back else "Tab")
    expect(target).to_be_focused()
    assert target.evaluate("element => getComputedStyle(element).outlineStyle") != "none"


def test_by_keyboard_alone(visit: Visit, username: str) -> None:
    visitor = visit()
    visitor.open()
    press, type_, at = visitor.page.keyboard.press, visitor.page.keyboard.type, visitor.at
    press("Tab")
    expect(at(".skip")).to_be_focused()
    press("Enter")
    tab_to(visitor, at("#entry-switch"))
    press("Enter")
    expect(at("#entry-username")).to_be_focused()
    type_(username)
    press("Tab")
    type_(PASSWORD)
    press("Enter")
    visitor.is_inside()
    expect(at("#desk-title")).to_be_focused()

    press("Tab")
    for title in ("first", "second"):
        type_(title)
        press("Enter")
        expect(visitor.button(title)).to_be_visible()
    tab_to(visitor, at("#tasks [data-tick]").first)
    press("Space")
    expect(at("#tasks [data-tick]").first).to_have_attribute("aria-pressed", "true")
    tab_to(visitor, visitor.button("second"))
    press("Enter")
    expect(at("#task-title")).to_be_focused()
    tab_to(visitor, at("#task-notes"))
    type_("by keyboard")
    press("Control+Enter")
    expect(visitor.row("second")).to_contain_text("by keyboard")
    expect(visitor.button("second")).to_be_focused()

    tab_to(visitor, visitor.button("Delete “second”"))
    press("Enter")
    expect(visitor.button("Undo")).to_be_focused()
    press("Escape")
    expect(visitor.button("first")).to_be_focused()
    expect(visitor.titles).to_have_text(["first"])

    tab_to(visitor, at("#account-button"), back=True)
    press("Enter")
    tab_to(visitor, at("#change-password"))
    press("Enter")
    expect(at("#current-password")).to_be_focused()
    press("Escape")
    tab_to(visitor, at("#account-button"), back=True)
    press("Enter")
    tab_to(visitor, at("#log-out"))
    press("Enter")
    expect(at("#entry-title")).to_be_focused()


def test_the_keyboard_gets_out_of_everything(visit: Visit, service: Backend, username: str) -> None:
    service.sign_up(username)
    visitor = visit()
    visitor.log_in(username)
    visitor.add("A task")
    visitor.at(".skip").focus()
    tab_to(visitor, visitor.at(".foot a").last)
    tab_to(visitor, visitor.at(".skip"), back=True)
