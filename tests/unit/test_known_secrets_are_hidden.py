"""Whatever a command tells from the moment it knows its target, the values of that target's secrets are not in it.

Every command of the namespace is run as it is: the first thing that it does with its session tells the secrets in
each way that there is to tell anything, and fails with them. A command that never gets there ends with another code.
"""

from __future__ import annotations

import base64
import inspect
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import Task

from deploy.console import Console
from deploy.errors import SmokeFailed
from deploy.secret import MASK
from deploy.tasks import base, namespace
from tests.unit.ground.builders import Mode

GIVEN, KEPT, TOKEN = "swordfish from outside", "marlin-of-the-file", "hf_tokenOfNobodyAtAll"
FIRST_TOKEN = "hf_tokenOfTheOtherTarget"
FORMS = (GIVEN, KEPT, TOKEN, base64.b64encode(GIVEN.encode()).decode())
PROJECT = """
default = "second"
[secrets]
PAYMENT_KEY = {}
MAIL_KEY = { required = false }
[targets.first]
space = "owner/first"
token_variable = "FIRST_TOKEN"
[targets.second]
space = "owner/second"
"""
WITHOUT_TARGET = {"hub.up", "hub.down", "hub.status", "hub.open"}
"""They concern the local Hub itself, and no Space on it."""
TASKS: dict[str, Task[Any]] = {name: namespace()[name] for name in namespace().task_names}
COMMANDS = sorted(TASKS.keys() - WITHOUT_TARGET)


class Talkative:
    """In the place of a session: what a command first does with it tells all."""

    def __init__(self, *, console: Console, **_: object) -> None:
        self._console = console

    def __getattr__(self, name: str) -> Any:
        with self._console.step("build") as step:
            step.line(f"ENV PAYMENT_KEY={GIVEN}")
            step.fail(f"{KEPT} in a step")
        self._console.say(f"{TOKEN} in a line, and {FIRST_TOKEN}")
        self._console.warn(f"{GIVEN} in a warning")
        self._console.annotate("error", f"{KEPT} in an annotation", file=f"{GIVEN}.py", title=f"{KEPT} is wrong")
        self._console.data(f"{TOKEN} in a log")
        self._console.summary(f"| {GIVEN} | {base64.b64encode(GIVEN.encode()).decode()} |")
        self._console.output("url", f"https://u:{KEPT}@host")
        with self._console.step("smoke"):
            raise SmokeFailed(
                f"It does not serve: {GIVEN}", cause=f"no such key {KEPT}", next_step=TOKEN, details=FORMS
            )


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "deploy.toml").write_text(PROJECT)
    (tmp_path / ".env").write_text(f"MAIL_KEY={KEPT}\nPAYMENT_KEY=another value\nNOT A LINE\n")
    (tmp_path / ".env.second").write_text(f"HF_TOKEN={TOKEN}\n")
    (tmp_path / ".env.first").write_text(f"FIRST_TOKEN={FIRST_TOKEN}\n")
    monkeypatch.setenv("PAYMENT_KEY", GIVEN)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    monkeypatch.setattr(base, "Session", Talkative)
    monkeypatch.setattr("sys.argv", ["invoke"])
    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(signal.SIGTERM)
    yield tmp_path
    signal.signal(signal.SIGTERM, before)


def run(name: str, mode: Mode, monkeypatch: pytest.MonkeyPatch, **flags: Any) -> int:
    monkeypatch.setenv("GITHUB_ACTIONS", str(mode == "github").lower())
    needed = {"name": "PAYMENT_KEY"} if name == "secrets.rotate" else {}
    with pytest.raises(Exit) as ended:
        TASKS[name](Context(), json=mode == "json", **needed, **flags)
    return int(ended.value.code)


@pytest.mark.parametrize("mode", ["human", "json", "github"])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_prints_no_secret_of_its_target(
    name: str, mode: Mode, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(name, mode, monkeypatch) == SmokeFailed.exit_code
    out, err = capsys.readouterr()
    told = "\n".join([out, err, *((project / file).read_text() for file in ("summary", "output"))])
    assert [form for form in FORMS if form in told] == []
    assert told.count(MASK) > 10
    if mode == "json":
        assert json.loads(out.split("\n", 1)[1])["what"] == f"It does not serve: {MASK}"


@pytest.mark.parametrize("name", [name for name in COMMANDS if "to" in inspect.signature(TASKS[name].body).parameters])
def test_the_secrets_are_those_of_the_target_that_was_named(
    name: str, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(name, "human", monkeypatch, to="first") == SmokeFailed.exit_code
    told = "".join(capsys.readouterr())
    assert FIRST_TOKEN not in told
    assert TOKEN in told


@pytest.mark.parametrize("name", sorted(WITHOUT_TARGET))
def test_what_has_no_target_cannot_be_given_one(name: str) -> None:
    assert "to" not in inspect.signature(TASKS[name].body).parameters
