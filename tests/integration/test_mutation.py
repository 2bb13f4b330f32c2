"""A project that Cosmic Ray really mutates: what its tests do not notice is shown, and no file of it is touched."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from deploy.command import Command, run
from deploy.console import Console
from deploy.errors import ConfigError
from development.mutation import mutate
from tests.needs import missing

WAITING = "def late(elapsed: float, timeout: float) -> bool:\n    return elapsed >= timeout\n"
TEST = """
from deploy.space.waiting import late

def test_late() -> None:
    assert late(2, 1)
    assert not late(1, 2)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with one room and its test, committed, and a line more in the room since then."""
    root = tmp_path / "project"
    for name, text in {"deploy/space/waiting.py": "", "tests/unit/space/test_waiting.py": TEST}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    (root / "pyproject.toml").write_text('[tool.pytest]\npythonpath = ["."]\n', encoding="utf-8")
    identity = ("-c", "user.name=someone", "-c", "user.email=someone@example.org")
    for words in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "--message", "first")):
        run(Command(argv=("git", *identity, *words), cwd=root))
    (root / "deploy/space/waiting.py").write_text(WAITING, encoding="utf-8")
    return root


def told(project: Path, since: str) -> tuple[int, str]:
    out = io.StringIO()
    return mutate(Console("json", out=out, err=io.StringIO(), env={}), project, since), out.getvalue()


def test_a_mutant_that_no_test_notices_is_shown(project: Path) -> None:
    if not Path(sys.executable).with_name("cosmic-ray").exists():
        missing("mutation", "Cosmic Ray is not installed (./dev mutate does so)")
    code, document = told(project, "HEAD")
    found = json.loads(document)
    changed = {line for survivor in found["survivors"] for line in survivor["diff"].splitlines()}
    assert code == 1
    assert "+    return elapsed > timeout" in changed
    assert "+    return elapsed < timeout" not in changed
    assert found["killed"] > 0
    assert (project / "deploy/space/waiting.py").read_text(encoding="utf-8") == WAITING
    assert len(run(Command(argv=("git", "worktree", "list"), cwd=project)).output.splitlines()) == 1


def test_a_commit_that_is_not_there_is_named(project: Path) -> None:
    with pytest.raises(ConfigError, match="There is no commit 'yesterday' here"):
        told(project, "yesterday")
