"""Real locks of one small package: here, and inside the base image. They need the package index."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.errors import LockError
from deploy.image.engine import Engine
from deploy.lock import LockFile, Update, check, update
from deploy.lock.files import Place
from deploy.lock.worker import KEPT
from deploy.requirements.pins import read_pins
from tests.integration.conftest import BASE_IMAGE
from tests.needs import missing


@pytest.fixture
def misled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, on a machine whose pip is told of folders and indexes of its own."""
    config = tmp_path / "pip.conf"
    config.write_text(f"[global]\nextra-index-url = file://{tmp_path}/simple\nfind-links = {tmp_path}/wheels\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    monkeypatch.setenv("PIP_FIND_LINKS", f"{tmp_path}/links")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    project = tmp_path / "project"
    project.mkdir()
    (project / "requirements.in").write_text("iniconfig==2.3.*\n")
    return project


def locked(lock_file: LockFile) -> Update:
    try:
        return update(lock_file)
    except LockError as error:
        if "does not answer" in error.what:
            missing("index", error.what)
        raise


def lock_of(project: Path, place: Place | None = None) -> LockFile:
    return LockFile(root=project, input=project / "requirements.in", output=project / "requirements.txt", place=place)


def assert_right(lock_file: LockFile, misleading: Path) -> None:
    text = lock_file.output.read_text()
    pins = read_pins(text)
    assert list(pins.by_name) == ["iniconfig"]
    assert pins.by_name["iniconfig"].hashes
    assert not pins.strange
    assert str(misleading) not in text
    assert "127.0.0.1" not in text
    assert check(lock_file).offline
    assert [path.name for path in sorted(lock_file.root.iterdir())] == ["requirements.in", "requirements.txt"]


def test_a_lock_made_here_installs_and_knows_nothing_of_this_machine(misled: Path, tmp_path: Path) -> None:
    lock_file = lock_of(misled)

    assert locked(lock_file).written
    assert_right(lock_file, tmp_path)

    install = [sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "--no-deps"]
    clean = {name: value for name, value in os.environ.items() if name in KEPT} | {"PIP_CONFIG_FILE": os.devnull}
    subprocess.run([*install, "-r", lock_file.output, "-d", tmp_path / "got"], check=True, env=clean)


def test_what_the_index_does_not_have_is_told_in_one_error(misled: Path) -> None:
    (misled / "requirements.in").write_text("iniconfig==99.9\n")

    with pytest.raises(LockError, match=r"requirements\.in cannot be locked") as failed:
        locked(lock_of(misled))

    assert not any("Traceback" in line for line in failed.value.details)
    assert any("iniconfig==99.9" in line for line in failed.value.details)
    assert not (misled / "requirements.txt").exists()


def test_a_lock_for_the_image_is_made_inside_it(misled: Path, tmp_path: Path, docker: Engine) -> None:
    class Elsewhere(Place):
        is_here = False  # also where this Python is the image's

    lock_file = lock_of(misled, Elsewhere(python="3.13", image=BASE_IMAGE))

    assert locked(lock_file).written
    assert_right(lock_file, tmp_path)


def test_an_image_with_another_python_is_refused(misled: Path, docker: Engine) -> None:
    with pytest.raises(LockError, match=r"has Python 3\.13, and deploy\.toml says 3\.10"):
        locked(lock_of(misled, Place(python="3.10", image=BASE_IMAGE)))
