"""The specification's list and its page of boxes say the same: each task has a check, and each check one task."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from deploy.catalogue import COMMANDS, OPTIONAL, Task
from tests.specification import OF_CHECK, TASKS

LIST = Path(__file__).parents[3] / "specs/009-hf-backend-build/tasks.md"


def listed() -> list[tuple[Task, dict[str, str]]]:
    """Each task of the page, and the commands of its checks."""
    found, phase = [], ""
    for line in LIST.read_text(encoding="utf-8").splitlines():
        if heading := re.match(r"## Phase \d: (.+)", line):
            phase = heading[1]
        if row := re.fullmatch(r"- \[[ x]\] (T\d{3}) (.+?) → (.+?)", line):
            checks = re.findall(r"`([\w.]+)` ([a-z ]+)(\??)", row[3])
            assert {name for _, name, mark in checks if mark} == OPTIONAL & {name for _, name, _ in checks}
            commands = {name: command for command, name, _ in checks}
            found.append((Task(id=row[1], phase=phase, title=row[2], checks=tuple(commands)), commands))
    return found


def test_the_page_and_the_list_are_one() -> None:
    rows = listed()
    assert [(task.id, task.phase, task.title, task.checks) for task, _ in rows] == [
        (task.id, task.phase, task.title, task.checks) for task in TASKS
    ]
    assert all(COMMANDS[check] == command for _, commands in rows for check, command in commands.items())


def test_there_are_35_tasks_in_seven_phases() -> None:
    assert [task.id for task in TASKS] == [f"T{number:03}" for number in range(1, 36)]
    numbered = re.findall(r"^## Phase (\d): (.+)$", LIST.read_text(encoding="utf-8"), re.MULTILINE)
    phases = dict.fromkeys(task.phase for task in TASKS)
    assert numbered == [(str(number), phase) for number, phase in enumerate(phases, start=1)]
    assert len(phases) == 7


def test_every_check_proves_one_task() -> None:
    counts = Counter(check for task in TASKS for check in task.checks)
    assert {check for check, count in counts.items() if count > 1} == set()
    assert set(counts) == set(OF_CHECK) == set(COMMANDS)
