"""The backend keeps what its own OpenAPI document promises, whatever it is sent."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.backend.conftest import Prepare
from tests.real.backend import PASSWORD, Backend

CONTRACT = Path(__file__).with_name("contract")
PATIENCE = 600.0


def go_through(backend: Backend, folder: Path) -> tuple[int, str, Any]:
    """Run Schemathesis: its exit code, what it said (with a command that repeats each failure), and its report."""
    shutil.copytree(CONTRACT, folder)
    program = Path(sys.executable).with_name("schemathesis")
    argv = [str(program), "--no-color", "run", f"{backend.url}/openapi.json", "--report-json-path=report.json"]
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "COLUMNS": "120"}
    ended = subprocess.run(argv, cwd=folder, env=environ, capture_output=True, text=True, timeout=PATIENCE, check=False)
    report = folder / "report.json"
    return ended.returncode, ended.stdout + ended.stderr, json.loads(report.read_text()) if report.exists() else {}


@pytest.mark.parametrize("kept_in", ["sqlite", "postgres"], indirect=True)
def test_nothing_is_found(prepare: Prepare, kept_in: dict[str, str], tmp_path: Path) -> None:
    backend = prepare(**kept_in)
    backend.start()
    ann, _ben = backend.sign_up("ann"), backend.sign_up("ben")

    code, said, report = go_through(backend, tmp_path / "contract")

    assert code == 0, said
    assert report["complete"]
    assert [record for record in backend.records() if record["level"] == "error"] == []

    # Schemathesis does not know the password that these ask for; if it did, it could not log in again.
    renewed = f"{PASSWORD} anew"
    change = {"current_password": PASSWORD, "new_password": renewed}
    assert ann.post("/api/v1/auth/me/password", json=change).status_code == 204
    assert ann.post("/api/v1/auth/me/delete", json={"password": renewed}).status_code == 204
    assert operations(backend) - succeeded(backend) == set()


def operations(backend: Backend) -> set[tuple[str, str]]:
    """Method and path of each that the document names."""
    paths = backend.client().get("/openapi.json").json()["paths"]
    return {(method.upper(), path) for path, described in paths.items() for method in described}


def succeeded(backend: Backend) -> set[tuple[str, str]]:
    """Method and route of what was answered well at least once."""
    answered = [record for record in backend.records() if "route" in record]
    return {(record["method"], record["route"]) for record in answered if record["status"] < 400}
