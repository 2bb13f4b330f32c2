"""`smoke` as a person runs it, stopped by Ctrl-C or by a CI system: nothing stays behind."""

from __future__ import annotations

import platform
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.image.build import repository
from deploy.image.engine import Engine
from deploy.image.leftovers import OWNER
from tests.integration.image.conftest import COMMAND, environment

PATIENCE = 60.0
SLOW_BUILD = "FROM python:3.13-slim\nRUN : {mark} && sleep 300\n"


@contextmanager
def smoke(project: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [*COMMAND, "smoke"],
        cwd=project,
        env=environment(project, MISBEHAVE="idle"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            pytest.fail(f"it never came to that; code {process.poll()}\n{process.communicate()[0]}")
        time.sleep(0.1)


def runs_with(mark: str) -> bool:
    """Whether some process on this machine, in a container or not, has `mark` in its command line."""
    return mark in subprocess.run(["ps", "-eo", "args"], capture_output=True, check=True, text=True).stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_a_boot_that_is_stopped_leaves_no_container(docker: Engine, project: Path, number: signal.Signals) -> None:
    with smoke(project) as process:
        owner = f"{OWNER}={platform.node()}:{process.pid}"
        until(lambda: bool(docker.labelled(owner)), process)
        process.send_signal(number)
        output, _ = process.communicate(timeout=PATIENCE)
    assert docker.labelled(owner) == ()
    assert process.returncode == 130
    assert "Stopped" in output
    assert "Traceback" not in output


def test_a_build_that_is_stopped_stops_in_the_engine_too(docker: Engine, project: Path) -> None:
    mark = secrets.token_hex(8)
    (project / "backend" / "Dockerfile").write_text(SLOW_BUILD.replace("{mark}", mark))
    with smoke(project) as process:
        until(lambda: runs_with(mark), process)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 130
    deadline = time.monotonic() + PATIENCE
    while runs_with(mark) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not runs_with(mark)
    assert docker.tags(repository(project.name)) == ()


def test_one_that_is_killed_is_cleaned_up_after_by_the_next(docker: Engine, project: Path) -> None:
    with smoke(project) as process:
        dead = f"{OWNER}={platform.node()}:{process.pid}"
        until(lambda: bool(docker.labelled(dead)), process)
    with smoke(project) as process:
        until(lambda: not docker.labelled(dead), process)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)
