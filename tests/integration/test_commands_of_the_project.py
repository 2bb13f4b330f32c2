"""`test` and `bench` for real, in a small project: exit codes, arguments, and who gets Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TASKS = (ROOT / "tasks.py").read_text(encoding="utf-8")
CONFIG = '[source]\npath = "."\n[targets.local]\nhub = "local"\nspace = "local/app"\n'
DATABASE = """
import pytest

def pytest_addoption(parser):
    parser.addoption("--database", default="sqlite")

@pytest.fixture
def database(request):
    return request.config.getoption("database")
"""
DATA = "def test_kept(database): assert database in {'sqlite', 'postgres'}\n"
SLOW = """
import time

def test_slow(tmp_path_factory):
    try:
        print("started", flush=True)
        time.sleep(60)
    finally:
        open("cleaned", "w").close()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tasks.py").write_text(TASKS)
    (tmp_path / "deploy.toml").write_text(CONFIG)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_it.py").write_text("def test_good(): pass\ndef test_bad(): assert False\n")
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks" / "fast.py").write_text("print('ratio 1.0')\n")
    (tmp_path / "benchmarks" / "slow.py").write_text("print('ratio 9.9')\nraise SystemExit(1)\n")
    return tmp_path


def start(project: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "invoke", *arguments],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def run(project: Path, *arguments: str) -> tuple[int, str]:
    process = start(project, *arguments)
    out, _ = process.communicate(timeout=120)
    return process.returncode, out


def test_the_exit_code_is_pytests_and_its_last_line_is_seen(project: Path) -> None:
    code, out = run(project, "test", "--only", "tests/test_it.py")

    assert code == 1
    assert "1 failed, 1 passed" in out.splitlines()[-1]


def test_each_part_of_all_tests_is_run_and_told(project: Path) -> None:
    (project / "tests" / "conftest.py").write_text(DATABASE)
    (project / "tests" / "unit" / "backend").mkdir(parents=True)
    (project / "tests" / "unit" / "backend" / "test_data.py").write_text(DATA)
    (project / "tests" / "integration").mkdir()
    (project / "tests" / "integration" / "test_docs.py").write_text("def test_shown(): assert False\n")

    code, out = run(project, "test")

    assert code == 1
    assert "1 failed, 2 passed" in out
    assert "1 passed" in out.splitlines()[-4]
    assert [re.sub(r"\d+ s$", "N s", line) for line in out.splitlines()[-3:]] == [
        "== all tests but those of the documents: failed with 1 in N s",
        "== the documents: failed with 1 in N s",
        "== the backend's unit tests on PostgreSQL: passed in N s",
    ]


def test_arguments_go_to_pytest_as_they_are(project: Path) -> None:
    code, out = run(project, "test", "--", "-n0", "-k", "good and not bad", "tests/test_it.py")

    assert code == 0
    assert "1 passed, 1 deselected" in out


def test_one_test_can_be_named(project: Path) -> None:
    assert run(project, "test", "--only", "tests/test_it.py::test_good")[0] == 0


def test_ctrl_c_lets_the_tests_clean_up(project: Path) -> None:
    (project / "tests" / "test_it.py").write_text(SLOW)
    process = start(project, "test", "--", "-n0", "-s")
    assert process.stdout is not None
    while "started" not in process.stdout.readline():
        assert process.poll() is None

    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=30)

    assert process.returncode == 2, "pytest's own code for an interrupted run"
    assert (project / "cleaned").exists()


def test_a_request_to_terminate_lets_them_clean_up_too(project: Path) -> None:
    (project / "tests" / "test_it.py").write_text(SLOW)
    process = start(project, "test", "--", "-n0", "-s")
    assert process.stdout is not None
    while "started" not in process.stdout.readline():
        assert process.poll() is None

    process.terminate()
    process.communicate(timeout=30)

    assert process.returncode == 2
    assert (project / "cleaned").exists()


def test_a_benchmark_over_its_budget_fails_and_the_others_run(project: Path) -> None:
    code, out = run(project, "bench")

    assert code == 1
    assert "ratio 1.0" in out
    assert "ratio 9.9" in out
    assert run(project, "bench", "--only", "fast") == (0, "ratio 1.0\n")


def test_a_benchmark_that_is_not_there_is_told_with_those_that_are(project: Path) -> None:
    code, out = run(project, "bench", "--only", "fats")

    assert code == 10
    assert "There is no benchmark 'fats'" in out
    assert "fast, slow" in out


def test_json_is_one_document(project: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "invoke", "test", "--json", "--", "-n0", "-k", "good"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(process.stdout)["code"] == 0
    assert "1 passed" in process.stderr
