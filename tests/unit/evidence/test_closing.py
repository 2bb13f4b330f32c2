"""The end of a run: requirements, documentation and the summary are judged, and everything is written."""

from __future__ import annotations

import re
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.errors import EvidenceError
from deploy.evidence import closing
from deploy.evidence.closing import conclude
from deploy.evidence.documentation import documentation
from deploy.evidence.model import Evidence
from deploy.evidence.publish import publish
from deploy.evidence.requirements import requirements
from deploy.evidence.store import find, folder, read
from deploy.evidence.ticks import tick
from deploy.proof import Proof
from deploy.secret import Redactor, Secret
from tests.specification import OF_CHECK, TASKS
from tests.unit.evidence.samples import DEPLOY, evidence, proofs, troubled

ROOT = Path(__file__).parents[3]
SPECIFICATION = ROOT / "specs/009-hf-backend-build"
PLAIN = Redactor()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two pages, each linked, and a task list whose boxes are as the status page says."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/use.md").write_text("[list](../specs/tasks.md#phase) and [web](https://example.com) ![](a.png)\n")
    (tmp_path / "docs/a.png").touch()
    (tmp_path / "README.md").write_text("[use](docs/use.md) [status](<docs/status.md>) [top](#top) [m](mailto:a@b.c)\n")
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/tasks.md").write_text((SPECIFICATION / "tasks.md").read_text(encoding="utf-8"), encoding="utf-8")
    tick(tmp_path, tmp_path / "specs/tasks.md", troubled())
    return tmp_path


def unfinished() -> Evidence:
    """As the checks leave it, before the run is closed."""
    own = {"requirements", "documentation", "summary"}
    return evidence(proofs=tuple(proof for proof in proofs() if proof.check not in own))


def looked(project: Path) -> Proof:
    return documentation(project, project / "specs/tasks.md", TASKS)


# Requirements --------------------------------------------------------------------------------------------


def test_requirements_are_those_of_the_specification_and_every_task_stands_for_one() -> None:
    text = (SPECIFICATION / "spec.md").read_text(encoding="utf-8")
    rows = requirements(evidence()).tables["requirements"]
    assert [row["requirement"] for row in rows] == re.findall(r"^- \*\*(FR-\d{3})\*\*", text, re.MULTILINE)
    named = [task for row in rows for task in str(row["tasks"]).split()]
    assert sorted([*named, "T029"]) == [task.id for task in TASKS]


def test_requirements_hold_when_all_other_tasks_are_proved() -> None:
    proof = requirements(evidence())
    assert (proof.verdict, proof.seen) == ("passed", "18 of 18 requirements satisfied")
    assert OF_CHECK[proof.check].id == "T029"


@pytest.mark.parametrize("task", [task for task in TASKS if task.id != "T029"], ids=lambda task: task.id)
def test_any_task_that_is_not_proved_leaves_a_requirement_open(task: object) -> None:
    check = next(iter(getattr(task, "checks")))  # noqa: B009
    for verdict in ("failed", "not run"):
        without = tuple(replace(it, verdict=verdict) if it.check == check else it for it in proofs())
        proof = requirements(evidence(proofs=without))
        assert proof.verdict == verdict
        assert len(proof.details) == 1


def test_failed_outweighs_not_run() -> None:
    assert requirements(troubled()).verdict == "failed"


# Documentation -------------------------------------------------------------------------------------------


def test_pages_that_are_in_order_pass(project: Path) -> None:
    proof = looked(project)
    assert (proof.verdict, proof.seen, proof.details) == ("passed", "3 pages, no fault", ())


def test_a_link_to_nothing_is_told(project: Path) -> None:
    (project / "docs/a.png").unlink()
    assert looked(project).details == ("docs/use.md: leads to a.png, which is not there",)


def test_a_page_without_a_link_is_told(project: Path) -> None:
    (project / "docs/lost.md").touch()
    assert looked(project).details == ("README.md: has no link to docs/lost.md",)


def test_a_box_ticked_by_hand_is_told(project: Path) -> None:
    tasks = project / "specs/tasks.md"
    tasks.write_text(tasks.read_text(encoding="utf-8").replace("- [ ] T016", "- [x] T016"), encoding="utf-8")
    proof = looked(project)
    assert (proof.verdict, proof.details) == ("failed", ("T016: is ticked and docs/status.md says otherwise",))
    (project / "docs/status.md").unlink()
    assert len(looked(project).details) == 1 + 32


def test_a_proved_row_whose_box_is_empty_is_told(project: Path) -> None:
    tasks = project / "specs/tasks.md"
    tasks.write_text(tasks.read_text(encoding="utf-8").replace("- [x] T015", "- [ ] T015"), encoding="utf-8")
    assert looked(project).details == ("T015: is not ticked, and docs/status.md says otherwise",)


def test_a_list_of_other_tasks_is_told(project: Path) -> None:
    tasks = project / "specs/tasks.md"
    tasks.write_text(tasks.read_text(encoding="utf-8").replace("- [ ] T016", "- T016"), encoding="utf-8")
    assert looked(project).details == ("tasks.md: does not hold the project's tasks, once each and in order",)


def test_a_project_without_pages_is_not_judged(tmp_path: Path) -> None:
    proof = documentation(tmp_path, None, TASKS)
    assert (proof.verdict, proof.seen) == ("not run", "the project has no README.md")


# All of it -----------------------------------------------------------------------------------------------


def test_a_run_ends_with_35_of_35_and_all_its_files(project: Path) -> None:
    whole = conclude(project, unfinished(), project / "specs/tasks.md", PLAIN)
    assert whole.tally()["passed"] == 35
    home = folder(project, "local", DEPLOY)
    assert sorted(path.name for path in home.iterdir()) == ["evidence.json", "junit.xml", "report.html", "summary.md"]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in home.iterdir())
    assert read(find(project, "local")) == whole
    assert "35 of 35 tasks proved" in (home / "report.html").read_text(encoding="utf-8")


def test_closing_twice_changes_nothing(project: Path) -> None:
    once = conclude(project, unfinished(), project / "specs/tasks.md", PLAIN)
    assert conclude(project, once, project / "specs/tasks.md", PLAIN) == once


def test_no_secret_is_in_any_file(project: Path) -> None:
    told = replace(unfinished(), who="hunter2!", url="http://hunter2!/")
    conclude(project, told, None, Redactor([Secret("hunter2!")]))
    texts = [path.read_text(encoding="utf-8") for path in folder(project, "local", DEPLOY).iterdir()]
    assert len(texts) == 4
    assert not any("hunter2" in text for text in texts)


def test_a_report_that_cannot_be_written_is_t035_failed_and_t029_with_it(project: Path) -> None:
    (folder(project, "local", DEPLOY) / "junit.xml").mkdir(parents=True)
    whole = conclude(project, unfinished(), project / "specs/tasks.md", PLAIN)
    assert [proof.check for proof in whole.failed] == ["requirements", "summary"]
    assert read(find(project, "local")) == whole
    assert "33 of 35" in (folder(project, "local", DEPLOY) / "report.html").read_text(encoding="utf-8")


def test_a_report_that_leaves_a_task_out_is_t035_failed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(whole: Evidence, home: Path, out: Path) -> dict[str, Path]:
        files = dict(publish(whole, home, out))
        files["junit"].write_text(files["junit"].read_text(encoding="utf-8").replace("T017", ""), encoding="utf-8")
        return files

    monkeypatch.setattr(closing, "publish", forgetful)
    whole = conclude(project, unfinished(), project / "specs/tasks.md", PLAIN)
    assert whole.failed[1].details == ("the junit does not name T017",)


def test_a_folder_of_its_own_gets_the_evidence_too(tmp_path: Path) -> None:
    files = publish(evidence(), tmp_path, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(path.name for path in files.values())
    assert read(files["evidence"]) == evidence()


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EvidenceError, match="cannot be written") as caught:
        publish(evidence(), tmp_path, tmp_path / "file")
    assert caught.value.next_step == "name a folder that can be written: invoke report --out <folder>"
