from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

from deploy.config import Config, load
from deploy.errors import LockError
from deploy.lock.files import Place, project_locks, source_lock

TARGET = '[targets.local]\nhub = "local"\nspace = "local/app"\n'


def config(root: Path, source: str = "backend") -> Config:
    (root / source).mkdir(exist_ok=True)
    (root / source / "requirements.in").write_text("fastapi\n")
    (root / "deploy.toml").write_text(f'[source]\npath = "{source}"\npython = "3.13"\n{TARGET}')
    return load(root)


def test_only_what_is_there_is_locked(tmp_path: Path) -> None:
    project = config(tmp_path)
    assert [lock_file.name for lock_file in project_locks(project)] == ["backend/requirements.txt"]

    (tmp_path / "requirements-dev.in").write_text("ruff\n")
    assert [lock_file.name for lock_file in project_locks(project)] == [
        "backend/requirements.txt",
        "requirements-dev.txt",
    ]


def test_a_source_that_is_the_project_itself_is_locked_once_and_for_its_image(tmp_path: Path) -> None:
    (lock_file,) = project_locks(config(tmp_path, "."))

    assert lock_file.name == "requirements.txt"
    assert lock_file.made_for == "Python 3.13 on linux x86_64"


def test_a_source_without_an_input_is_told_what_to_do(tmp_path: Path) -> None:
    project = config(tmp_path)
    (tmp_path / "backend" / "requirements.in").unlink()

    with pytest.raises(LockError, match=r"backend/requirements\.in is not there") as told:
        source_lock(project)

    assert "invoke lock" in str(told.value.next_step)


def test_the_image_is_the_one_that_the_dockerfile_builds_on(tmp_path: Path) -> None:
    project = config(tmp_path)
    assert source_lock(project).place == Place(python="3.13", image="python:3.13-slim")

    dockerfile = tmp_path / "backend" / "Dockerfile"
    dockerfile.write_text("FROM example/python:3.13 AS base\nFROM base\nCMD run\n")
    assert source_lock(project).place == Place(python="3.13", image="example/python:3.13")


def test_here_is_the_same_python_on_the_same_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    here = Place(python=f"{sys.version_info.major}.{sys.version_info.minor}", image="any")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    assert here.is_here
    assert not Place(python="3.99", image="any").is_here

    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    assert not here.is_here
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not here.is_here
