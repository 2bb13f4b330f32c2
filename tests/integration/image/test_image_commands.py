"""`build` and `smoke` as commands: what they print, their documents and their exit codes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.integration.image.conftest import COMMAND, environment

BUILD_FAILED, SMOKE_FAILED, ENGINE_UNAVAILABLE = 21, 22, 20


def run(project: Path, *arguments: str, code: int = 0, **changes: str) -> str:
    """What it prints on stdout."""
    argv, env = [*COMMAND, *arguments], environment(project, **changes)
    ended = subprocess.run(argv, cwd=project, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == code, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
    return ended.stdout


def document(project: Path, *arguments: str, code: int = 0, **changes: str) -> dict[str, Any]:
    answer = json.loads(run(project, *arguments, "--json", code=code, **changes))
    assert isinstance(answer, dict)
    return answer


def test_what_smoke_passed_is_not_built_again(project: Path) -> None:
    smoked = document(project, "smoke")
    assert [boot["port_given"] for boot in smoked["boots"]] == [True, False]
    built = document(project, "build")
    assert built["reused"] is True
    assert built["digest"] == smoked["digest"]
    assert built["digest"].startswith("sha256:")
    assert built["size"] > 0
    assert built["layers"] >= 2


def test_a_changed_file_is_built(project: Path) -> None:
    first = document(project, "smoke")
    (project / "backend" / "more.py").write_text("MORE = 1\n")
    second = document(project, "build")
    assert second["reused"] is False
    assert second["revision"] != first["revision"]


def test_a_person_reads_one_line_a_step(project: Path) -> None:
    printed = run(project, "smoke")
    assert "✓ build" in printed
    assert "layers" in printed
    assert "✓ smoke" in printed
    assert "port 7860 after" in printed


def test_a_failing_step_is_an_error_with_its_own_code(project: Path) -> None:
    (project / "backend" / "Dockerfile").write_text("FROM python:3.13-slim\nRUN exit 5\n")
    error = document(project, "build", code=BUILD_FAILED)
    assert "(Dockerfile:2)" in json.dumps(error)


def test_a_server_that_does_not_serve_is_an_error_with_its_own_code(project: Path) -> None:
    error = document(project, "smoke", code=SMOKE_FAILED, MISBEHAVE="exit")
    assert "ended with code 3" in json.dumps(error)


def test_without_an_engine_the_next_command_is_told(project: Path) -> None:
    printed = run(project, "build", code=ENGINE_UNAVAILABLE, DOCKER_HOST="unix:///nowhere.sock")
    assert "No Docker engine answers" in printed
    assert "start Docker" in printed
