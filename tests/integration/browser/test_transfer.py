"""Tasks go out as a file and come back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.integration.browser.conftest import Visit
from tests.integration.browser.visitor import Visitor
from tests.real.backend import Backend

FORMAT = "task-service/1"


@pytest.fixture
def visitor(visit: Visit, service: Backend, username: str) -> Visitor:
    service.sign_up(username)
    visitor = visit()
    visitor.log_in(username)
    return visitor


def export(visitor: Visitor, path: Path) -> list[dict[str, Any]]:
    with visitor.page.expect_download() as download:
        visitor.from_menu("Export my tasks")
    download.value.save_as(path)
    tasks: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["tasks"]
    return tasks


def choose(visitor: Visitor, path: Path) -> None:
    with visitor.page.expect_file_chooser() as chooser:
        visitor.from_menu("Import tasks…")
    chooser.value.set_files(path)


def kept(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a task is, without what a new one has of its own."""
    return [{name: task[name] for name in task if name not in {"id", "version", "updated_at"}} for task in tasks]


def test_out_and_in_again(visitor: Visitor, service: Backend, tmp_path: Path) -> None:
    client = service.client(headers={"Authorization": f"Bearer {visitor.held()['access']}"})
    for body in (
        {"title": "Füße & <b>Häuser</b>", "notes": "two\nlines", "tags": ["ä", "b"], "due": "2030-02-28"},
        {"title": "Done", "status": "done", "priority": "high"},
    ):
        client.post("/api/v1/tasks", json=body).raise_for_status()
    expect(visitor.titles).to_have_count(2)
    file = tmp_path / "tasks.json"
    before = export(visitor, file)

    choose(visitor, file)
    expect(visitor.notice).to_have_text("0 tasks imported. 2 were there already.")
    visitor.button("Select").click()
    visitor.button("Select all").click()
    visitor.button("Delete…").click()
    visitor.button("Delete").click()
    expect(visitor.titles).to_have_count(0)
    choose(visitor, file)
    expect(visitor.notice).to_have_text("2 tasks imported.")
    expect(visitor.titles).to_have_count(2)
    assert kept(export(visitor, tmp_path / "again.json")) == kept(before)


@pytest.mark.parametrize(("count", "size", "parts"), [(1_100, 0, 2), (900, 5_000, 3)], ids=["many", "large"])
def test_more_than_the_service_takes_at_once_goes_in_parts(
    visitor: Visitor, tmp_path: Path, count: int, size: int, parts: int
) -> None:
    tasks = [{"title": f"Task {number}", "notes": "n" * size} for number in range(count)]
    file = tmp_path / "tasks.json"
    file.write_text(json.dumps({"format": FORMAT, "tasks": tasks}), encoding="utf-8")
    sent: list[str] = []
    visitor.page.on("request", lambda request: sent.append(request.url) if "/import" in request.url else None)
    choose(visitor, file)
    expect(visitor.notice).to_have_text(f"{count} tasks imported.")
    expect(visitor.titles).to_have_count(50)
    assert len(sent) == parts


@pytest.mark.parametrize("text", ["", "[]", '{"format": "of another service", "tasks": []}', '{"format": "task-serv'])
def test_a_file_of_another_kind_is_refused(visitor: Visitor, tmp_path: Path, text: str) -> None:
    file = tmp_path / "holiday.json"
    file.write_text(text, encoding="utf-8")
    choose(visitor, file)
    expect(visitor.notice).to_have_text("holiday.json is not an export of this service.")


def test_the_task_that_is_wrong_is_named(visitor: Visitor, tmp_path: Path) -> None:
    visitor.refusals_are_meant = True
    file = tmp_path / "tasks.json"
    tasks = [{"title": "Good"}, {"title": "Bad", "status": "perhaps"}]
    file.write_text(json.dumps({"format": FORMAT, "tasks": tasks}), encoding="utf-8")
    choose(visitor, file)
    expect(visitor.notice).to_contain_text("The import stopped. Task 2 of the file is not valid: status")
    expect(visitor.notice).to_contain_text("Nothing was imported.")
    expect(visitor.titles).to_have_count(0)
