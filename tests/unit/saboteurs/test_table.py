"""No task without a saboteur, no saboteur without a line of its own, and the page lists them all."""

from __future__ import annotations

import pytest

from tests.saboteurs.table import ALL, PAGE, with_table
from tests.specification import TASKS

PROVED_BY_THEMSELVES = {"T035"}
"""The report is written or it is not: tests of the evidence see to that."""


@pytest.mark.parametrize("task", [task.id for task in TASKS if task.id not in PROVED_BY_THEMSELVES])
def test_every_task_has_a_saboteur(task: str) -> None:
    assert any(task in saboteur.tasks for saboteur in ALL)


def test_every_saboteur_can_be_told_from_the_others() -> None:
    assert len({saboteur.name for saboteur in ALL}) == len(ALL)
    assert len({saboteur.breaks for saboteur in ALL}) == len(ALL)
    assert all(saboteur.tasks and saboteur.breaks and "|" not in saboteur.breaks for saboteur in ALL)


def test_the_page_lists_the_saboteurs_there_are() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_table(page) == page, "run: python -m tests.saboteurs.table"


def test_a_page_without_a_place_for_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="saboteurs"):
        with_table("# A page\n")
