"""Tools are found or brought in; where they cannot be, it says why, and they see nothing of our environment."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from deploy.command import Command
from deploy.errors import CommandFailed
from deploy.lock.files import VERIFY_OUTPUT
from deploy.pipeline import tooling
from deploy.pipeline.tooling import find_tools
from deploy.verify.tools import Tools
from tests.unit.ground.builders import Recorded


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One whose .venv, made by `./dev`, is the Python that runs, without the tools."""
    (tmp_path / VERIFY_OUTPUT).write_text("locust==1\n")
    (tmp_path / ".venv" / "ready").mkdir(parents=True)
    (tmp_path / ".venv" / "ready" / "root").write_text(f"{tmp_path}\n")
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    monkeypatch.setattr(tooling, "_MODULES", ("no_such_module",))
    return tmp_path


def found(root: Path, recorded: Recorded | None = None, **environ: str) -> Tools:
    return find_tools(root, (recorded or Recorded()).console, environ, root / "home")


def test_tools_that_are_there_are_taken(tmp_path: Path) -> None:
    tools = found(tmp_path)
    assert (tools.python, tools.missing) == (Path(sys.executable), "")


def test_they_see_what_programs_need_and_nothing_else(tmp_path: Path) -> None:
    tools = found(tmp_path, PATH="/usr/bin", HF_TOKEN="hf_secret", HOME="/home/ann", LANG="C")
    assert tools.environment["HOME"] == str(tmp_path / "home")
    assert tools.environment["PATH"] == "/usr/bin"
    assert "hf_secret" not in tools.environment.values()


@pytest.mark.parametrize("there", [("chromium",), ("google-chrome",), ()])
def test_a_browser_of_any_name_will_do(there: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}" if name in there else None)
    assert found(tmp_path).chromium == (Path("/usr/bin", *there) if there else None)


def test_tools_that_are_missing_are_installed_from_their_lock(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Command] = []

    def install(command: Command, **_: object) -> None:
        asked.append(command)
        monkeypatch.setattr(tooling, "_MODULES", ("json",))

    monkeypatch.setattr(tooling, "run", install)
    recorded = Recorded()
    assert found(project, recorded).python == Path(sys.executable)
    assert asked[0].argv[-1] == VERIFY_OUTPUT
    assert "were added to .venv" in recorded.said


def test_an_installation_that_fails_is_a_reason_and_no_end(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_command: Command, **_: object) -> None:
        raise CommandFailed("pip ended with code 1.", details=("no address", "no route to the index"))

    monkeypatch.setattr(tooling, "run", fail)
    tools = found(project)
    assert tools.python is None
    assert tools.missing == "no_such_module could not be installed: no route to the index"


def test_a_lock_without_the_tools_is_a_reason_too(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tooling, "run", lambda *_, **__: None)
    assert "does not bring no_such_module" in found(project).missing


@pytest.mark.parametrize("whose", ["the system's", "somebody's in the project"])
def test_a_python_that_is_not_the_projects_is_left_as_it_is(
    project: Path, whose: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if whose == "the system's":
        monkeypatch.setattr(sys, "prefix", "/usr")
    else:
        (project / ".venv" / "ready" / "root").unlink()
    monkeypatch.setattr(tooling, "run", lambda *_, **__: pytest.fail("it was changed"))
    tools = found(project)
    assert tools.python is None
    assert f"pip install --requirement {VERIFY_OUTPUT}" in tools.missing
