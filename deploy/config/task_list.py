"""The project's own list of tasks: a TOML file that deploy.toml names, each task with the checks that prove it."""

from __future__ import annotations

import re

from deploy.catalogue import COMMANDS, REQUIREMENTS, Task
from deploy.config.reader import Section, did_you_mean
from deploy.config.validators import matches

_ID = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)


def read_tasks(top: Section) -> tuple[Task, ...]:
    """In the order of the file; whatever is wrong goes to the section's problems."""
    tasks: dict[str, Task] = {}
    for row in top.rows("tasks", missing="is missing: [[tasks]] with id, title and checks"):
        task = _task(row)
        if task.id and task.id in tasks:
            row.problem("id", f"{task.id!r} stands twice")
        tasks[task.id] = task
    top.finish()
    return tuple(tasks.values())


def _task(row: Section) -> Task:
    task = Task(
        id=row.text("id", check=matches(_ID, "an id such as API-2"), missing="is missing"),
        phase=row.text("phase", "Tasks", check=_line),
        title=row.text("title", check=_line, missing="is missing"),
        checks=row.texts("checks", check=_check, missing='is missing: names of checks, such as ["ports", "boot"]'),
        requirements=row.texts("requirements", check=matches(_ID, "an id such as REQ-3")),
    )
    if REQUIREMENTS in task.checks and task.requirements:
        row.problem("requirements", f"the check {REQUIREMENTS!r} asks for all others, and can stand for none")
    row.finish()
    return task


def _check(name: str) -> str | None:
    return None if name in COMMANDS else f"{name!r} is not a check{did_you_mean(name, COMMANDS)}"


def _line(text: str) -> str | None:
    return None if text.strip() and text.isprintable() else "should be one line of text"
