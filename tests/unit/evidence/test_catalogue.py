"""The catalogue and the task list of the specification say the same: each task has a check, each check one task."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from deploy.evidence.catalogue import OF_CHECK, PHASES, TASKS, Task, of_phase

LIST = Path(__file__).parents[3] / "specs/009-hf-backend-build/tasks.md"


def listed() -> list[Task]:
    found, phase = [], 0
    for line in LIST.read_text(encoding="utf-8").splitlines():
        if heading := re.match(r"## Phase (\d): ", line):
            phase = int(heading[1])
        if row := re.fullmatch(r"- \[[ x]\] (T\d{3}) (.+?) → (.+?)", line):
            checks = re.findall(r"`([\w.]+)` ([a-z ]+)(\??)", row[3])
            commands = {name: command for command, name, _ in checks}
            optional = frozenset(name for _, name, mark in checks if mark)
            found.append(Task(id=row[1], phase=phase, title=row[2], commands=commands, optional=optional))
    return found


def test_the_task_list_and_the_catalogue_are_one() -> None:
    assert listed() == list(TASKS)


def test_there_are_35_tasks_in_seven_phases() -> None:
    assert [task.id for task in TASKS] == [f"T{number:03}" for number in range(1, 36)]
    assert [task.id for phase in PHASES for task in of_phase(phase)] == [task.id for task in TASKS]


def test_phases_are_named_as_in_the_task_list() -> None:
    headings = re.findall(r"^## Phase (\d): (.+)$", LIST.read_text(encoding="utf-8"), re.MULTILINE)
    assert {int(number): name for number, name in headings} == PHASES


def test_every_task_has_a_check_and_no_check_proves_two() -> None:
    assert [task.id for task in TASKS if not all(task.checks) or not task.checks] == []
    counts = Counter(check for task in TASKS for check in task.checks)
    assert {check for check, count in counts.items() if count > 1} == set()
    assert set(OF_CHECK) == set(counts)


def test_an_optional_check_decides_only_when_it_fails() -> None:
    task = Task(id="T025", phase=6, title="", commands={"a": "x", "b": "y"}, optional=frozenset({"b"}))
    assert task.verdict({"a": "passed", "b": "not run"}) == "passed"
    assert task.verdict({"a": "passed", "b": "passed"}) == "passed"
    assert task.verdict({"a": "passed", "b": "failed"}) == "failed"
    assert task.verdict({"a": "not run", "b": "passed"}) == "not run"
    assert task.verdict({"a": "not run", "b": "not run"}) == "not run"
    assert task.verdict({"a": "failed", "b": "not run"}) == "failed"


def test_one_check_is_optional() -> None:
    assert {(task.id, check) for task in TASKS for check in task.optional} == {("T025", "audit")}
