"""Two pages of one person: what happens in one appears in the other, and they do not overwrite each other."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.integration.browser.conftest import Visit
from tests.integration.browser.visitor import Visitor
from tests.real.backend import Backend


@pytest.fixture
def visitor(visit: Visit, service: Backend, username: str) -> Visitor:
    service.sign_up(username)
    visitor = visit()
    visitor.log_in(username)
    return visitor


@pytest.fixture
def other(visit: Visit, visitor: Visitor, username: str) -> Visitor:
    """The same person in another browser."""
    other = visit()
    other.log_in(username)
    return other


def deaf(visitor: Visitor) -> None:
    """Let no change arrive from now on."""
    visitor.refusals_are_meant = True
    visitor.page.route("**/api/v1/events", lambda route: route.abort())
    visitor.reload()
    expect(visitor.at("#connection")).to_have_text("No connection")
    expect(visitor.titles).not_to_have_count(0)


def save(visitor: Visitor) -> None:
    visitor.button("Save").click()
    expect(visitor.at("#editor")).to_be_hidden()


def test_changes_appear_in_the_other_page(visitor: Visitor, other: Visitor) -> None:
    visitor.add("Shared")
    expect(other.titles).to_have_text(["Shared"])
    other.edit("Shared").get_by_label("Title").fill("Shared with all")
    save(other)
    expect(visitor.titles).to_have_text(["Shared with all"])
    visitor.at("[data-tick]").click()
    expect(other.at("[data-tick]")).to_have_attribute("aria-pressed", "true")
    other.row("Shared with all").hover()
    other.button("Delete “Shared with all”").click()
    expect(visitor.titles).to_have_count(0)


def test_a_page_that_was_hidden_catches_up(visit: Visit, visitor: Visitor) -> None:
    page = visitor.page
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/events")):
        visitor.turn_away()
    other = visit(context=page.context)
    other.open()
    other.is_inside()
    other.add("Made behind its back")
    expect(visitor.titles).to_have_count(0)
    visitor.turn_away(hidden=False)
    expect(visitor.titles).to_have_text(["Made behind its back"])


def test_a_change_elsewhere_is_met_before_saving(visitor: Visitor, other: Visitor) -> None:
    visitor.add("Plan")
    editor = visitor.edit("Plan")
    editor.get_by_label("Notes").fill("Mine")
    other.edit("Plan").get_by_label("Title").fill("Better plan")
    other.at("#task-notes").fill("Theirs")
    save(other)

    conflict = visitor.at("#conflict")
    expect(conflict).to_contain_text("changed elsewhere")
    expect(conflict.locator("dd")).to_have_text(["Theirs"])
    expect(editor.get_by_label("Title")).to_have_value("Better plan")
    expect(editor.get_by_label("Notes")).to_have_value("Mine")
    visitor.button("Save mine over it").click()
    for page in (visitor, other):
        expect(page.row("Better plan")).to_contain_text("Mine")


def test_a_stale_save_is_explained_and_nothing_is_lost(visitor: Visitor, other: Visitor) -> None:
    visitor.add("Plan")
    deaf(visitor)
    editor = visitor.edit("Plan")
    editor.get_by_label("Notes").fill("Mine")
    other.edit("Plan").get_by_label("Notes").fill("Theirs")
    save(other)

    visitor.button("Save").click()
    expect(visitor.at("#conflict dd")).to_have_text(["Theirs"])
    expect(editor.get_by_label("Notes")).to_have_value("Mine")
    expect(other.row("Plan")).to_contain_text("Theirs")
    visitor.button("Take the newer version").click()
    expect(editor.get_by_label("Notes")).to_have_value("Theirs")


def test_a_task_deleted_elsewhere_can_be_saved_anew(visitor: Visitor, other: Visitor) -> None:
    visitor.add("Plan")
    visitor.edit("Plan").get_by_label("Notes").fill("Mine")
    other.row("Plan").hover()
    other.button("Delete “Plan”").click()
    expect(visitor.at("#conflict")).to_contain_text("deleted elsewhere")
    visitor.button("Save as a new task").click()
    expect(other.row("Plan")).to_contain_text("Mine")


def test_a_stale_tick_changes_nothing_and_says_so(visitor: Visitor, other: Visitor) -> None:
    visitor.add("Plan")
    expect(other.titles).to_have_text(["Plan"])
    deaf(visitor)
    other.at("[data-tick]").click()
    expect(other.at("[data-tick]")).to_have_attribute("aria-pressed", "true")
    visitor.at("[data-tick]").click()
    expect(visitor.notice).to_contain_text("was changed elsewhere, so nothing was done")
    expect(visitor.at("[data-tick]")).to_have_attribute("aria-pressed", "true")


def test_markup_stays_text(visitor: Visitor, other: Visitor) -> None:
    hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    visitor.add(hostile)
    editor = visitor.edit(hostile)
    editor.get_by_label("Notes").fill(hostile)
    editor.get_by_label("Tags").fill("<b>tag</b>")
    save(visitor)
    for page in (visitor, other):
        expect(page.titles).to_have_text([hostile])
        expect(page.row(hostile)).to_contain_text("<b>tag</b>")
        expect(page.at("main img, main script, #tasks b")).to_have_count(0)
