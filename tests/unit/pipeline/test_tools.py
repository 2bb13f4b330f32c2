"""Tools are found or brought in; where they cannot be, it says why, and they see nothing of our environment."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from deploy.command import Command
from deploy.errors import CommandFailed
from deploy.lock.files import VERIFY_OUTPUT
from deploy.pipeline.steps.tools import find_tools
from deploy.verify.tools import Tools
from tests.unit.ground.builders import Recorded

ABSENT = "no_such_module"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """One that locks the tools, with a .venv that `./dev` made."""
    (tmp_path / VERIFY_OUTPUT).write_text("locust==1\n")
    (tmp_path / ".venv" / "ready").mkdir(parents=True)
    (tmp_path / ".venv" / "ready" / "root").write_text(f"{tmp_path}\n")
    return tmp_path


def found(root: Path, recorded: Recorded | None = None, environ: Mapping[str, str] | None = None, **how: Any) -> Tools:
    """In a Python that is the project's .venv, unless told otherwise."""
    venv = {"venv": root / ".venv"}
    return find_tools(root, (recorded or Recorded()).console, environ or {}, root / "home", **{**venv, **how})


def test_tools_that_are_there_are_taken(tmp_path: Path) -> None:
    tools = found(tmp_path)
    assert (tools.python, tools.missing) == (Path(sys.executable), "")


def test_they_see_what_programs_need_and_nothing_else(tmp_path: Path) -> None:
    tools = found(tmp_path, environ={"PATH": "/usr/bin", "HF_TOKEN": "hf_secret", "HOME": "/home/ann", "LANG": "C"})
    assert tools.environment["HOME"] == str(tmp_path / "home")
    assert tools.environment["PATH"] == "/usr/bin"
    assert "hf_secret" not in tools.environment.values()


@pytest.mark.parametrize("there", [("chromium",), ("google-chrome",), ()])
def test_a_browser_of_any_name_will_do(there: tuple[str, ...], tmp_path: Path) -> None:
    tools = found(tmp_path, which=lambda name: f"/usr/bin/{name}" if name in there else None)
    assert tools.chromium == (Path("/usr/bin", *there) if there else None)


def test_tools_that_are_missing_are_installed_from_their_lock(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Command] = []
    monkeypatch.syspath_prepend(str(project))

    def install(command: Command, **_: object) -> None:
        asked.append(command)
        (project / f"{ABSENT}.py").touch()

    recorded = Recorded()
    assert found(project, recorded, modules=[ABSENT], install=install).python == Path(sys.executable)
    assert asked[0].argv[-1] == VERIFY_OUTPUT
    assert "were added to .venv" in recorded.said


def test_an_installation_that_fails_is_a_reason_and_no_end(project: Path) -> None:
    def fail(_command: Command, **_: object) -> None:
        raise CommandFailed("pip ended with code 1.", details=("no address", "no route to the index"))

    tools = found(project, modules=[ABSENT], install=fail)
    assert tools.python is None
    assert tools.missing == f"those of {VERIFY_OUTPUT} could not be installed: no route to the index"


def test_a_lock_without_the_tools_is_a_reason_too(project: Path) -> None:
    assert f"does not bring {ABSENT}" in found(project, modules=[ABSENT], install=lambda *_, **__: None).missing


@pytest.mark.parametrize("whose", ["the system's", "somebody's in the project"])
def test_a_python_that_is_not_the_projects_is_left_as_it_is(project: Path, whose: str) -> None:
    venv = Path("/usr")
    if whose != "the system's":
        venv = project / ".venv"
        (venv / "ready" / "root").unlink()
    tools = found(project, venv=venv, modules=[ABSENT], install=lambda *_, **__: pytest.fail("it was changed"))
    assert tools.python is None
    assert f"pip install --requirement {VERIFY_OUTPUT}" in tools.missing
