"""This repository's own list of tasks: what `source.tasks` of its deploy.toml names."""

from __future__ import annotations

from pathlib import Path

from deploy.catalogue import Task
from deploy.config import load

TASKS = load(Path(__file__).parents[1]).tasks
OF_CHECK: dict[str, Task] = {check: task for task in TASKS for check in task.checks}
"""The task that a check proves; here no check proves two."""
