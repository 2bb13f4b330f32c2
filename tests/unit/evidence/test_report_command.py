"""`report` as a person types it: what it prints, what it writes, and one clear error for each thing that is wrong."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from invoke.context import Context
from invoke.exceptions import Exit

from deploy.evidence.store import folder, keep
from deploy.secret import Redactor
from deploy.tasks.report import report
from tests.unit.evidence.samples import DEPLOY, evidence, troubled

LISTS = Path(__file__).parents[3] / "specs/009-hf-backend-build"
LATER = "20261123T080000Z-aaaa1111"
TOML = '[source]\npath = "."\n{named}[targets.local]\nhub = "local"\nspace = "local/tasks"\n'
NAMED = 'tasks = "specs/tasks.toml"\n'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Two deploys with evidence, the newer of them in trouble."""
    (tmp_path / "deploy.toml").write_text(TOML.format(named=NAMED))
    (tmp_path / "specs").mkdir()
    for name in ("tasks.md", "tasks.toml"):
        (tmp_path / "specs" / name).write_text((LISTS / name).read_text(encoding="utf-8"), encoding="utf-8")
    keep(tmp_path, evidence(), Redactor())
    keep(tmp_path, replace(troubled(), deploy=LATER), Redactor())
    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(signal.SIGTERM)
    yield tmp_path
    signal.signal(signal.SIGTERM, before)


def run(**flags: Any) -> int:
    try:
        report(Context(), **flags)
    except Exit as end:
        return end.code
    return 0


def test_without_a_word_it_is_the_newest(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    out = capsys.readouterr().out
    assert "31 of 35 tasks proved, 2 failed, 2 not run" in out
    home = f".spacewright/evidence/local/{LATER}"
    assert out.splitlines()[-3:] == [
        f"  report   {home}/report.html",
        f"  summary  {home}/summary.md",
        f"  junit    {home}/junit.xml",
    ]
    assert (project / home / "report.html").stat().st_size > 10_000


def test_a_deploy_by_its_beginning_to_a_folder_of_ones_own(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(deploy="20261122", out="out") == 0
    assert "35 of 35 tasks proved" in capsys.readouterr().out
    assert sorted(path.name for path in (project / "out").iterdir()) == [
        *("evidence.json", "junit.xml", "report.html", "summary.md"),
    ]
    assert not (folder(project, "local", DEPLOY) / "report.html").exists()


def test_boxes_are_ticked_only_when_that_is_asked(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tasks = project / "specs/tasks.md"
    before = tasks.read_text(encoding="utf-8")
    run(deploy=DEPLOY)
    assert tasks.read_text(encoding="utf-8") == before
    assert run(deploy=DEPLOY, tick=True) == 0
    assert tasks.read_text(encoding="utf-8").count("- [x]") == 35
    assert "  status   docs/status.md" in capsys.readouterr().out


def test_json_is_the_evidence(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(json=True) == 0
    document = json.loads(capsys.readouterr().out)
    assert document == json.loads((folder(project, "local", LATER) / "evidence.json").read_text(encoding="utf-8"))


def test_two_are_compared_and_nothing_is_written(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(compare=DEPLOY) == 0
    assert "T016  ✓ passed → ✗ failed" in capsys.readouterr().out
    assert run(compare=LATER, deploy=DEPLOY, json=True) == 0
    assert json.loads(capsys.readouterr().out)["tasks"][0] == {
        "id": "T016",
        "title": "Every endpoint is reachable and works",
        "before": "failed",
        "after": "passed",
    }
    assert list(project.rglob("report.html")) == []


def test_a_job_gets_the_summary(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(project / "summary"))
    run()
    run(compare=DEPLOY)
    text = (project / "summary").read_text(encoding="utf-8")
    assert text.startswith("## ❌ 31 of 35")
    assert "### What changed" in text


@pytest.mark.parametrize(
    ("flags", "code", "said"),
    [
        ({"to": "nowhere"}, 10, ("no target 'nowhere'", "--to")),
        ({"deploy": "2027"}, 17, ("No deploy to 'local' with evidence", "invoke report --to local --deploy")),
        ({"compare": "2026112"}, 17, ("More than one deploy to 'local'", "invoke report --to local --deploy")),
        ({"out": "deploy.toml"}, 17, ("cannot be written to deploy.toml", "invoke report --out")),
    ],
)
def test_what_is_wrong_is_one_error_with_the_next_command(
    project: Path, capsys: pytest.CaptureFixture[str], flags: dict[str, str], code: int, said: tuple[str, str]
) -> None:
    assert run(**flags) == code
    out = capsys.readouterr().out
    assert out.count("error: ") == 1
    assert said[0] in out
    assert said[1] in out.partition("next:")[2]
    assert "Traceback" not in out


def test_no_evidence_yet(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for deploy in (DEPLOY, LATER):
        (folder(project, "local", deploy) / "evidence.json").unlink()
    assert run() == 17
    assert "next:  invoke verify --to local" in capsys.readouterr().out


def test_damaged_evidence(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder(project, "local", LATER) / "evidence.json"
    path.write_text(path.read_text(encoding="utf-8")[:-300], encoding="utf-8")
    assert run() == 17
    assert "is damaged" in capsys.readouterr().out


def test_boxes_of_a_project_without_tasks(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "deploy.toml").write_text(TOML.format(named=""))
    assert run(tick=True) == 10
    assert "deploy.toml names no list of tasks" in capsys.readouterr().out
