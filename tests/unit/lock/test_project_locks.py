"""The locks of this very project."""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path
from typing import NoReturn

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.config import load
from deploy.lock.check import check
from deploy.lock.files import LockFile, project_locks
from deploy.requirements.pins import read_pins

ROOT = Path(__file__).parents[3]
LOCKS = {lock_file.name: lock_file for lock_file in project_locks(load(ROOT))}
SUPPORTED = [(python, platform) for python in ("3.11", "3.12", "3.13") for platform in ("linux", "darwin")]


def no_network(*_: object, **__: object) -> NoReturn:
    raise AssertionError("this lock can only be judged by compiling it; run: invoke lock")


def test_they_are_those_of_the_backend_and_of_the_pipeline() -> None:
    assert list(LOCKS) == [
        "backend/requirements.txt",
        "requirements.txt",
        "requirements-verify.txt",
        "requirements-dev.txt",
    ]


@pytest.mark.parametrize("lock_file", LOCKS.values(), ids=LOCKS.keys())
def test_they_are_up_to_date_and_say_so_without_the_network(lock_file: LockFile) -> None:
    assert [str(finding) for finding in check(lock_file, run=no_network).stale] == []


@pytest.mark.parametrize(("python", "platform"), SUPPORTED)
def test_the_pipelines_lock_is_whole_for_every_python_it_runs_on(python: str, platform: str) -> None:
    """pip-compile looks at one Python; what another needs beside must then be asked for in requirements.in."""
    pins = read_pins(LOCKS["requirements.txt"].output.read_text()).by_name
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": platform,
        "extra": "",
    }
    environment |= {"os_name": "posix", "platform_system": platform.title(), "implementation_name": "cpython"}
    needed = {
        (pin, canonicalize_name(requirement.name))
        for pin in pins
        for requirement in map(Requirement, distribution(pin).requires or ())
        if requirement.marker is None or requirement.marker.evaluate(environment)
    }

    assert {pair for pair in needed if pair[1] not in pins} == set()
