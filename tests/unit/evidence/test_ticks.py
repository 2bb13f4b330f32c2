"""Boxes and the status page say what the evidence says, no more, and from which deploy."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from deploy.errors import EvidenceError
from deploy.evidence.ticks import status, tick, ticked
from deploy.proof import Proof
from tests.specification import TASKS
from tests.unit.evidence.samples import DEPLOY, evidence, proofs, troubled

LIST = (Path(__file__).parents[3] / "specs/009-hf-backend-build/tasks.md").read_text(encoding="utf-8")
BOX = re.compile(r"^- \[([ x])\] (T\d{3}) ", re.MULTILINE)
SAID = f"Evidence: deploy `{DEPLOY}` to `local/tasks`, 22 November 2026, 20:15 UTC, revision `3b18e512dba7`."


def test_only_what_is_proved_is_ticked() -> None:
    whole = troubled()
    marks = {task: mark for mark, task in BOX.findall(ticked(LIST, whole))}
    assert marks == {task.id: "x" if whole.verdict_of(task) == "passed" else " " for task in TASKS}
    assert list(marks.values()).count("x") == 31


def test_what_is_no_longer_proved_loses_its_tick() -> None:
    assert ticked(ticked(LIST, evidence()), evidence(proofs=())).count("- [x]") == 0


def test_it_says_from_which_deploy_once_and_changes_nothing_else() -> None:
    text = ticked(LIST, evidence())
    assert text.count("Evidence: ") == 1
    assert f"\n\n{SAID}\n\n## Phase 1: Setup\n- [x] T001" in text
    assert ticked(text, evidence()) == text
    plain = re.sub(r"^Evidence: .*\n\n", "", text, flags=re.MULTILINE).replace("- [x]", "- [ ]")
    assert plain == re.sub(r"^Evidence: .*\n\n", "", LIST, flags=re.MULTILINE).replace("- [x]", "- [ ]")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("# nothing\n", "it holds 0 boxes; the first that differs is T001"),
        (LIST.replace("T007 ", "T070 ", 1), "it holds 35 boxes; the first that differs is T007"),
        (f"{LIST}- [ ] T035 again\n", "it holds 36 boxes; the first that differs is T035"),
    ],
)
def test_a_list_of_other_tasks_is_refused(text: str, cause: str) -> None:
    with pytest.raises(EvidenceError, match="does not hold the tasks of the evidence") as caught:
        ticked(text, evidence())
    assert caught.value.cause == cause


def test_the_status_page_has_a_row_a_task_with_verdict_date_and_revision() -> None:
    text = status(troubled())
    assert (
        "| T015 | The app answers over HTTP with the deployed revision | ✓ proved | 2026-11-22 | `3b18e512dba7` |"
        in text
    )
    assert "| T016 | Every endpoint is reachable and works | ✗ failed | 2026-11-22 | `3b18e512dba7` |" in text
    assert "| T019 | The frontend reaches the backend | – not run | 2026-11-22 | `3b18e512dba7` |" in text
    assert re.findall(r"^\| (T\d{3}) ", text, re.MULTILINE) == [task.id for task in TASKS]
    assert f"deploy `{DEPLOY}`" in text


def test_values_mean_nothing_to_markdown() -> None:
    text = status(evidence(space="a`b\n## x\n| [y](z)", revision=""))
    assert "`a'b ## x | [y](z)`" in text
    assert "revision `none`" in text
    assert len(re.findall(r"^## ", text, re.MULTILINE)) == 7


def test_both_are_written_and_readable_by_all(tmp_path: Path) -> None:
    tasks = tmp_path / "specs/tasks.md"
    tasks.parent.mkdir()
    tasks.write_text(LIST, encoding="utf-8")
    assert tick(tmp_path, tasks, evidence()) == (tasks, tmp_path / "docs/status.md")
    assert tasks.read_text(encoding="utf-8").count("- [x]") == 35
    assert [stat.S_IMODE(path.stat().st_mode) for path in (tasks, tmp_path / "docs/status.md")] == [0o644, 0o644]


def test_a_list_that_is_not_there_is_one_clear_error_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="cannot be ticked") as caught:
        tick(tmp_path, tmp_path / "tasks.md", evidence())
    assert caught.value.next_step is not None
    assert list(tmp_path.iterdir()) == []


def test_a_failed_check_never_ticks() -> None:
    """For each task: its own check failed, all others passed."""
    for task in TASKS:
        name = task.checks[-1]
        wrong = Proof(check=name, verdict="failed", asked="", seen="")
        text = ticked(LIST, evidence(proofs=proofs(**{name.replace(" ", "_"): wrong})))
        assert [it for mark, it in BOX.findall(text) if mark == " "] == [task.id]
