"""`hub.up`, `hub.status`, `hub.down` as a user types them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.localhub import down
from tests.integration.hub_fixtures import ROOT

COMMAND = "from deploy.cli import main; main()"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A folder that is a project as far as these commands look."""
    (tmp_path / "deploy.toml").write_text('default = "local"\n')
    yield tmp_path
    down(tmp_path / ".spacewright" / "hub")


def typed(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *words],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def told(project: Path, *words: str) -> dict[str, Any]:
    ran = typed(project, *words, "--json")
    assert ran.returncode == 0, ran.stderr
    document: dict[str, Any] = json.loads(ran.stdout)
    return document


def test_up_status_and_down(project: Path) -> None:
    assert told(project, "hub.status") == {"running": False}
    started = told(project, "hub.up", "--runtime", "process")
    assert (started["running"], started["runtime"], started["spaces"]) == (True, "process", 0)
    assert Path(started["token_file"]).read_text(encoding="utf-8").strip().startswith("hf_")
    assert told(project, "hub.status") == started
    assert told(project, "hub.up") == started
    below = project / "below"
    below.mkdir()
    assert told(below, "hub.down") == {"stopped": True}
    assert told(project, "hub.down") == {"stopped": False}


def test_the_token_is_not_printed(project: Path) -> None:
    said = [typed(project, "hub.up", "--runtime", "process"), typed(project, "hub.status"), typed(project, "hub.down")]
    token = (project / ".spacewright" / "hub" / "token").read_text(encoding="utf-8").strip()
    assert all(ran.returncode == 0 and token not in ran.stdout + ran.stderr for ran in said)
    assert "http://127.0.0.1:" in said[1].stdout


def test_a_wrong_runtime_is_one_clear_error(project: Path) -> None:
    ran = typed(project, "hub.up", "--runtime", "podman")
    assert ran.returncode == 10
    assert "'podman' is no runtime" in ran.stdout + ran.stderr
    assert "Traceback" not in ran.stdout + ran.stderr
