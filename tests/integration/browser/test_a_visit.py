"""What a person does with the page, at the widths of a telephone, a tablet and a desk."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, expect

from tests.integration.browser.conftest import Visit
from tests.integration.browser.visitor import Visitor
from tests.real.backend import PASSWORD, Backend

NEW_PASSWORD = "another horse, another battery"


@pytest.fixture
def visitor(visit: Visit, service: Backend, username: str, size: dict[str, int]) -> Visitor:
    """Registered and logged in."""
    service.sign_up(username)
    visitor = visit(viewport=size)
    visitor.log_in(username)
    return visitor


def fill(editor: Locator, **values: str) -> None:
    for label, value in values.items():
        control = editor.get_by_label(label.capitalize(), exact=True)
        if label in {"status", "priority"}:
            control.select_option(label=value)
        else:
            control.fill(value)


def show_filters(visitor: Visitor) -> None:
    if visitor.at("#filters-toggle").is_visible():
        visitor.at("#filters-toggle").click()


def test_register_log_out_and_log_in(visit: Visit, username: str, size: dict[str, int]) -> None:
    visitor = visit(viewport=size)
    visitor.open()
    visitor.button("Create one").click()
    visitor.enter(username.upper())
    visitor.is_inside()
    expect(visitor.at("#empty")).to_contain_text("Nothing to do")

    visitor.from_menu("Log out")
    expect(visitor.place.get_by_role("heading", name="Log in")).to_be_focused()
    assert visitor.page.evaluate("localStorage.length") == 0

    visitor.enter(username)
    visitor.is_inside()
    visitor.reload()
    visitor.is_inside()


def test_add_edit_complete_and_delete(visitor: Visitor) -> None:
    visitor.add("Water the plants")
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    fill(
        visitor.edit("Water the plants"),
        title="Water all plants",
        notes="Not the cactus",
        status="Doing",
        priority="High",
        due=tomorrow.isoformat(),
        tags="home, green",
    )
    visitor.button("Save").click()
    row = visitor.row("Water all plants")
    for words in ("Not the cactus", "Doing", "High priority", "home", "green"):
        expect(row).to_contain_text(words)
    expect(row.locator("time")).to_have_attribute("datetime", tomorrow.isoformat())

    done = row.get_by_role("button", name="Done: Water all plants")
    done.click()
    expect(done).to_have_attribute("aria-pressed", "true")
    done.click()
    expect(done).to_have_attribute("aria-pressed", "false")

    row.hover()
    row.get_by_role("button", name="Delete “Water all plants”").click()
    expect(visitor.titles).to_have_count(0)
    visitor.button("Undo").click()
    expect(visitor.row("Water all plants")).to_contain_text("Not the cactus")


def test_a_task_with_all_its_details_at_once(visitor: Visitor) -> None:
    visitor.at("#quick-title").fill("Call Grandmother")
    visitor.button("Add with details…").click()
    editor = visitor.place.get_by_role("dialog", name="New task")
    expect(editor.get_by_label("Title")).to_have_value("Call Grandmother")
    fill(editor, notes="On Sunday", tags="family")
    visitor.button("Save").click()
    expect(visitor.row("Call Grandmother")).to_contain_text("On Sunday")
    expect(visitor.at("#quick-title")).to_have_value("")


def test_search_filter_and_sort(visitor: Visitor, service: Backend) -> None:
    client = service.client(headers={"Authorization": f"Bearer {visitor.held()['access']}"})
    for body in (
        {"title": "Beans", "status": "done", "tags": ["garden"]},
        {"title": "Apples", "priority": "high", "tags": ["garden", "tree"]},
        {"title": "Carrots", "notes": "with apples", "due": "2020-01-01"},
    ):
        client.post("/api/v1/tasks", json=body).raise_for_status()
    expect(visitor.titles).to_have_text(["Carrots", "Apples", "Beans"])

    visitor.at("#sort").select_option(label="Title A–Z")
    expect(visitor.titles).to_have_text(["Apples", "Beans", "Carrots"])
    visitor.place.get_by_role("searchbox", name="Search").fill("apples")
    expect(visitor.titles).to_have_text(["Apples", "Carrots"])
    visitor.place.get_by_role("searchbox", name="Search").fill("")

    show_filters(visitor)
    visitor.place.get_by_label("To do", exact=True).check()
    expect(visitor.titles).to_have_text(["Apples", "Carrots"])
    visitor.place.get_by_label("High", exact=True).check()
    expect(visitor.titles).to_have_text(["Apples"])
    visitor.button("Clear all filters").click()
    visitor.at("#filter-due").select_option(label="Before today")
    expect(visitor.titles).to_have_text(["Carrots"])
    visitor.button("Clear all filters").click()
    visitor.row("Beans").get_by_role("button", name="Show tasks tagged garden").click()
    expect(visitor.titles).to_have_text(["Apples", "Beans"])

    visitor.reload()
    expect(visitor.titles).to_have_text(["Apples", "Beans"])
    show_filters(visitor)
    visitor.button("Remove garden from the filter").click()
    expect(visitor.titles).to_have_count(3)


def test_more_tasks_than_are_shown_at_first(visitor: Visitor, service: Backend) -> None:
    client = service.client(headers={"Authorization": f"Bearer {visitor.held()['access']}"})
    tasks = [{"title": f"Task {number:03}"} for number in range(120)]
    client.post("/api/v1/tasks/import", json={"format": "task-service/1", "tasks": tasks}).raise_for_status()
    visitor.at("#sort").select_option(label="Title A–Z")
    expect(visitor.titles).to_have_count(50)
    visitor.button("Load more").click()
    expect(visitor.titles).to_have_count(100)
    visitor.button("Load more").click()
    expect(visitor.titles).to_have_count(120)
    expect(visitor.at("#more")).to_be_hidden()
    expect(visitor.button("Task 100")).to_be_focused()
    assert visitor.titles.all_inner_texts() == [task["title"] for task in tasks]


def test_several_at_once(visitor: Visitor) -> None:
    for title in ("one", "two", "three"):
        visitor.add(title)
    visitor.button("Select").click()
    visitor.place.get_by_label("Select “one”").check()
    visitor.place.get_by_label("Select “two”").check()
    expect(visitor.at("#bulk")).to_contain_text("2 selected")
    visitor.button("Complete").click()
    expect(visitor.notice).to_have_text("2 tasks completed.")
    for title, pressed in (("one", "true"), ("two", "true"), ("three", "false")):
        tick = visitor.place.get_by_role("button", name=f"Done: {title}")
        expect(tick).to_have_attribute("aria-pressed", pressed)

    visitor.button("Select").click()
    visitor.button("Select all").click()
    visitor.button("Delete…").click()
    expect(visitor.place.get_by_role("dialog", name="Delete 3 tasks?")).to_be_visible()
    visitor.button("Delete").click()
    expect(visitor.titles).to_have_count(0)
    expect(visitor.notice).to_have_text("3 tasks deleted.")


def test_change_the_password(visitor: Visitor, username: str) -> None:
    visitor.refusals_are_meant = True
    visitor.from_menu("Change password…")
    dialog = visitor.place.get_by_role("dialog", name="Change password")
    dialog.get_by_label("Current password").fill("not my password")
    dialog.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    dialog.get_by_role("button", name="Change password").click()
    expect(dialog.get_by_role("alert")).to_have_text("This is not your password.")
    dialog.get_by_label("Current password").fill(PASSWORD)
    dialog.get_by_role("button", name="Change password").click()
    expect(visitor.notice).to_contain_text("Your password is changed.")

    visitor.from_menu("Log out")
    visitor.enter(username)
    expect(visitor.place.get_by_role("alert")).to_have_text("The username or the password is wrong.")
    visitor.enter(username, NEW_PASSWORD)
    visitor.is_inside()


def test_delete_the_account(visitor: Visitor, username: str) -> None:
    visitor.refusals_are_meant = True
    visitor.add("To be forgotten")
    visitor.from_menu("Delete account…")
    dialog = visitor.place.get_by_role("dialog", name="Delete your account")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Delete everything").click()
    expect(visitor.notice).to_have_text("Your account and all your tasks are deleted.")
    visitor.enter(username)
    expect(visitor.place.get_by_role("alert")).to_have_text("The username or the password is wrong.")


def test_what_is_wrong_is_said_beside_its_field(visitor: Visitor) -> None:
    visitor.refusals_are_meant = True
    visitor.button("Add").click()
    field = visitor.place.get_by_label("New task")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description("Write what needs doing first.")

    visitor.add("Tagged")
    editor = visitor.edit("Tagged")
    fill(editor, title="Tagged well", tags=f"short, {'long' * 11}")
    visitor.button("Save").click()
    tags = editor.get_by_label("Tags")
    expect(tags).to_be_focused()
    expect(tags).to_have_accessible_description(re.compile("at most 40 characters"))
    expect(editor.get_by_label("Title")).to_have_value("Tagged well")
    fill(editor, tags="short")
    visitor.button("Save").click()
    expect(visitor.row("Tagged well")).to_contain_text("short")


def test_leaving_the_editor_loses_nothing_unasked(visitor: Visitor) -> None:
    visitor.add("Half written")
    editor = visitor.edit("Half written")
    fill(editor, notes="A thought")
    visitor.page.keyboard.press("Escape")
    visitor.button("Keep writing").click()
    expect(editor.get_by_label("Notes")).to_have_value("A thought")
    visitor.button("Cancel").click()
    visitor.button("Leave").click()
    expect(editor).to_be_hidden()
    expect(visitor.button("Half written")).to_be_focused()
