"""Tokens end while somebody types: nothing typed is lost, whatever has to be done about it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.integration.browser.conftest import Visit
from tests.integration.browser.visitor import Visitor
from tests.real.backend import PASSWORD, Backend
from tests.real.processes import until

UNTOLD = """
const listen = window.addEventListener;
window.addEventListener = (type, ...rest) => type === "storage" || listen.call(window, type, ...rest);
"""
"""A page that does not hear yet what other tabs keep."""
LATE = """
const read = Storage.prototype.getItem;
const listen = window.addEventListener;
const listeners = [];
let old = null;
Storage.prototype.getItem = function (key) { return old ?? read.call(this, key); };
window.addEventListener = (type, heard, options) =>
  type === "storage" ? listeners.push(heard) : listen.call(window, type, heard, options);
window.holdBack = () => { old = read.call(localStorage, localStorage.key(0)); };
window.catchUp = () => {
  const event = new StorageEvent("storage", { key: localStorage.key(0), oldValue: old });
  old = null;
  for (const heard of listeners) heard(event);
};
"""
"""A page that learns of what other tabs keep when it is told to, as storage promises no more than that."""


@pytest.fixture
def visitor(visit: Visit, service: Backend, username: str) -> Visitor:
    service.sign_up(username)
    visitor = visit()
    visitor.log_in(username)
    visitor.add("Letter")
    return visitor


def write_notes(visitor: Visitor) -> None:
    visitor.edit("Letter").get_by_label("Notes").fill("Dear Mira, a long letter")


def end_on_the_server(visitor: Visitor, service: Backend) -> None:
    body = {"refresh_token": visitor.held()["refresh"]}
    service.client().post("/api/v1/auth/logout", json=body).raise_for_status()


def renewals(page: Page) -> list[str]:
    """Requests for a new token that any page of this browser makes from now on."""
    made: list[str] = []
    page.context.on("request", lambda request: made.append(request.url) if "/auth/refresh" in request.url else None)
    return made


@pytest.mark.parametrize("known", [True, False], ids=["known to have expired", "refused by the service"])
def test_an_expired_token_is_renewed_unnoticed(visitor: Visitor, known: bool) -> None:
    visitor.refusals_are_meant = not known
    before = visitor.held()
    made = renewals(visitor.page)
    write_notes(visitor)
    visitor.tamper(lambda held: held | {"access": "of.the.past", "expires": 0 if known else held["expires"]})
    visitor.button("Save").click()
    expect(visitor.row("Letter")).to_contain_text("Dear Mira, a long letter")
    expect(visitor.place.get_by_role("dialog")).to_have_count(0)
    assert len(made) == 1
    assert visitor.held()["refresh"] != before["refresh"]


def test_two_tabs_never_present_the_same_token(visit: Visit, visitor: Visitor) -> None:
    other = visit(context=visitor.page.context)
    other.open()
    other.is_inside()
    made = renewals(visitor.page)
    visitor.tamper(lambda held: held | {"access": "of.the.past", "expires": 0})
    for tab, title in ((visitor, "Mine"), (other, "Other")):
        tab.at("#quick-title").fill(title)
    for tab in (visitor, other):  # without waiting for the first
        tab.page.evaluate("document.querySelector('#quick').requestSubmit()")
    for tab in (visitor, other):
        expect(tab.button("Mine")).to_be_visible()
        expect(tab.button("Other")).to_be_visible()
    assert len(made) == 1


def test_a_tab_that_sees_late_what_another_one_keeps(visit: Visit, service: Backend, username: str) -> None:
    service.sign_up(username)
    visitor = visit()
    visitor.own_time()
    visitor.log_in(username)
    other = visit(context=visitor.page.context)
    other.page.add_init_script(LATE)
    other.open()
    other.is_inside()
    for tab in (visitor, other):
        tab.turn_away()
    visitor.stop_time(ahead=1)  # else a tab that looks for news may renew the token before anybody does something
    made = renewals(visitor.page)
    visitor.tamper(lambda held: held | {"access": "of.the.past", "expires": 0})
    assert until(lambda: bool(other.held()["expires"] == 0))
    other.page.evaluate("holdBack()")
    visitor.page.clock.resume()
    visitor.add("Mine")
    other.at("#quick-title").fill("Other")
    other.page.evaluate("document.querySelector('#quick').requestSubmit()")
    assert until(lambda: bool(other.page.evaluate("navigator.locks.query().then(({pending}) => pending.length)")))
    other.page.evaluate("catchUp()")
    expect(other.button("Other")).to_be_visible()
    assert len(made) == 1


def test_an_ended_session_asks_over_the_page(visitor: Visitor, service: Backend) -> None:
    visitor.refusals_are_meant = True
    write_notes(visitor)
    end_on_the_server(visitor, service)
    again = visitor.place.get_by_role("dialog", name="Please log in again")
    if not again.is_visible():  # the stream may have been told before
        visitor.page.evaluate("document.querySelector('#editor-form').requestSubmit()")
    expect(again).to_be_visible()
    expect(visitor.at("#task-notes")).to_have_value("Dear Mira, a long letter")
    visitor.page.keyboard.press("Escape")
    visitor.page.keyboard.press("Escape")
    expect(again).to_be_visible()

    again.get_by_label("Password").fill("not my password")
    again.get_by_role("button", name="Log in").click()
    expect(again.get_by_role("alert")).to_have_text(re.compile("password is wrong"))
    again.get_by_label("Password").fill(PASSWORD)
    again.get_by_role("button", name="Log in").click()
    expect(again).to_be_hidden()
    if visitor.at("#editor").is_visible():
        expect(visitor.at("#task-notes")).to_have_value("Dear Mira, a long letter")
        visitor.page.evaluate("document.querySelector('#editor-form').requestSubmit()")
    expect(visitor.row("Letter")).to_contain_text("Dear Mira, a long letter")


def test_logging_in_again_in_one_tab_is_enough(visit: Visit, visitor: Visitor, service: Backend) -> None:
    other = visit(context=visitor.page.context)
    other.open()
    other.is_inside()
    other.refusals_are_meant = visitor.refusals_are_meant = True
    for tab in (visitor, other):
        tab.at("#quick-title").fill("Typed")
    end_on_the_server(visitor, service)
    for tab in (visitor, other):
        tab.page.evaluate("document.querySelector('#quick').requestSubmit()")
        expect(tab.at("#again")).to_be_visible()
    visitor.at("#again-password").fill(PASSWORD)
    visitor.page.keyboard.press("Enter")
    for tab in (visitor, other):
        expect(tab.at("#again")).to_be_hidden()
        expect(tab.titles).to_have_text(["Typed", "Typed", "Letter"])


def test_logging_out_in_one_tab_closes_the_others(visit: Visit, visitor: Visitor) -> None:
    other = visit(context=visitor.page.context)
    other.open()
    other.is_inside()
    visitor.from_menu("Log out")
    expect(other.place.get_by_role("heading", name="Log in")).to_be_visible()
    expect(other.notice).to_have_text("You were logged out in another tab.")
    expect(other.titles).to_have_count(0)


def test_what_is_typed_does_not_go_to_whoever_logs_in_next(
    visit: Visit, visitor: Visitor, service: Backend, username: str
) -> None:
    somebody = service.sign_up(f"{username}-2")
    visitor.page.add_init_script(UNTOLD)
    visitor.reload()
    visitor.is_inside()
    next_one = visit(context=visitor.page.context)
    next_one.open()
    next_one.is_inside()
    next_one.from_menu("Log out")
    next_one.enter(f"{username}-2")
    next_one.is_inside()
    visitor.at("#quick-title").fill("Only mine")
    visitor.page.evaluate("document.querySelector('#quick').requestSubmit()")
    next_one.add("Only theirs")
    assert [task["title"] for task in somebody.get("/api/v1/tasks").json()["items"]] == ["Only theirs"]


def test_another_person_in_the_other_tab_takes_over(
    visit: Visit, visitor: Visitor, service: Backend, username: str
) -> None:
    service.sign_up(f"{username}-2")
    next_one = visit(context=visitor.page.context)
    next_one.open()
    next_one.is_inside()
    next_one.from_menu("Log out")
    next_one.enter(f"{username}-2")
    expect(visitor.at("#menu-name")).to_have_text(f"{username}-2")
    expect(visitor.at("#empty")).to_be_visible()
