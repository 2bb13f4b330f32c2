"""`.ci/engine` and `.ci/base-image`, with programs of the test's own in place of Docker's."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[3] / ".ci"
# An engine answers exactly as long as its file `up` is there.
DOCKER = """\
case "$1" in
    version) test -e "$HERE/up" && echo 1.2.3 ;;
    image) test -e "$HERE/image" ;;
    pull) test -e "$HERE/registry" && touch "$HERE/image" ;;
esac
"""
DOCKERD = """\
echo "$$" > "$2"
trap 'rm -f "$HERE/up"; exit 0' TERM
touch "$HERE/up"
while :; do sleep 0.05; done
"""


class Machine:
    """A folder with the scripts, and programs that stand in front of the real ones on PATH."""

    def __init__(self, home: Path) -> None:
        self.home = home
        (home / "bin").mkdir()
        (home / ".ci").mkdir()
        for script in ("engine", "base-image"):
            shutil.copy(SCRIPTS / script, home / ".ci" / script)
        self.program("docker", DOCKER)
        self.program("dockerd", DOCKERD)
        self.program("id", "echo 0")

    def program(self, name: str, body: str) -> None:
        place = self.home / "bin" / name
        place.write_text(f"#!/bin/sh\n{body}\n")
        place.chmod(0o755)

    def run(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "PATH": f"{self.home / 'bin'}:{os.environ['PATH']}", "HERE": str(self.home)}
        argv = ["sh", str(self.home / ".ci" / script), *arguments]
        return subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path)
    yield made
    made.run("engine", "stop")


def test_an_engine_that_answers_is_left_alone(machine: Machine) -> None:
    (machine.home / "up").touch()
    assert machine.run("engine", "start").returncode == 0
    assert machine.run("engine", "stop").returncode == 0
    assert (machine.home / "up").exists()


def test_a_missing_engine_is_started_awaited_and_stopped(machine: Machine) -> None:
    started = machine.run("engine", "start")
    assert started.returncode == 0, started.stderr
    assert "answers (1.2.3)" in started.stderr
    stopped = machine.run("engine", "stop")
    assert stopped.returncode == 0, stopped.stderr
    assert not (machine.home / "up").exists()


def test_starting_twice_starts_one(machine: Machine) -> None:
    machine.run("engine", "start")
    number = (machine.home / ".spacewright/engine/dockerd.pid").read_text()
    assert "answers already" in machine.run("engine", "start").stderr
    assert (machine.home / ".spacewright/engine/dockerd.pid").read_text() == number


def test_an_engine_that_dies_is_told_with_its_last_words(machine: Machine) -> None:
    machine.program("dockerd", "echo no space for cgroups; exit 1")
    ended = machine.run("engine", "start")
    assert ended.returncode == 1
    assert "no space for cgroups" in ended.stderr


def test_only_root_starts_one(machine: Machine) -> None:
    machine.program("id", "echo 1000")
    ended = machine.run("engine", "start")
    assert ended.returncode == 1
    assert "only root" in ended.stderr
    assert not (machine.home / "up").exists()


def test_a_base_image_that_is_there_is_left_alone(machine: Machine) -> None:
    (machine.home / "image").touch()
    assert "is there" in machine.run("base-image").stderr


def test_a_base_image_is_pulled_where_a_registry_answers(machine: Machine) -> None:
    (machine.home / "registry").touch()
    assert "pulled" in machine.run("base-image").stderr


def test_without_registry_and_root_there_is_a_reason(machine: Machine) -> None:
    machine.program("id", "echo 1000")
    ended = machine.run("base-image", "python:3.13-slim")
    assert ended.returncode == 1
    assert "only root can make a stand-in" in ended.stderr


def test_without_registry_and_mirror_there_is_a_reason(machine: Machine) -> None:
    machine.program("apt-get", "true")
    machine.program("debootstrap", "true")
    ended = machine.run("base-image")
    assert ended.returncode == 1
    assert "knows no Debian mirror" in ended.stderr
