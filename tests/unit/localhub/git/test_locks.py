"""What git's lock files of the dead and of the living do to a commit."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.localhub.answers import Refusal
from deploy.localhub.git.repository import Repository
from deploy.localhub.hub import Hub
from deploy.localhub.spaces import Space
from tests.unit.localhub.recorder import Recorder

ID = "local/app"
HOLDS = "import sys; held = open(sys.argv[1]); print(flush=True); sys.stdin.read()"


def start(home: Path) -> Hub:
    hub = Hub(home, lambda _home, _on_change: Recorder())
    hub.add_space(Space(id=ID, key="0" * 24, sdk="docker", creator="local", created="2026-11-22T00:00:00.000Z"))
    return hub


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Repository]:
    hub = start(tmp_path)
    yield hub.repository(ID)
    hub.close()


@contextmanager
def running(*argv: str, cwd: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that lives until its standard input ends."""
    process = subprocess.Popen(argv, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        process.communicate()


def write(repository: Repository) -> None:
    with repository.writing():
        pass


@pytest.mark.parametrize(
    "name", ["refs/heads/main.lock", "refs/tags/v/1.lock", "packed-refs.lock", "HEAD.lock", "config.lock", "index.lock"]
)
def test_a_lock_of_the_dead_is_removed_before_a_write(held: Repository, name: str) -> None:
    lock = held.path / name
    lock.parent.mkdir(exist_ok=True)
    lock.touch()
    write(held)
    assert not lock.exists()


def test_a_lock_that_a_process_has_open_stays_until_its_end(held: Repository) -> None:
    lock = held.path / "refs/heads/main.lock"
    lock.touch()
    with running(sys.executable, "-c", HOLDS, str(lock), cwd=held.path) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(Refusal, match=rf"Process {holder.pid} .* has refs/heads/main.lock") as refusal:
            write(held)
        assert refusal.value.status == 503
        assert lock.exists()
    write(held)
    assert not lock.exists()


def test_a_lock_is_left_to_a_git_at_work_in_the_repository(held: Repository, tmp_path: Path) -> None:
    """git has closed `packed-refs.lock` while it writes what the lock is for."""
    lock = held.path / "packed-refs.lock"
    lock.touch()
    batch = ("cat-file", "--batch")
    for argv, cwd in (
        (("git", *batch), held.path),
        (("git", f"--git-dir={held.path}", *batch), tmp_path),
        (("git", f"--git-dir={held.path.relative_to(tmp_path)}", *batch), tmp_path),
    ):
        with running(*argv, cwd=cwd) as git:
            assert git.stdin is not None
            assert git.stdout is not None
            git.stdin.write(b"HEAD\n")
            git.stdin.flush()
            git.stdout.readline()
            with pytest.raises(Refusal, match=rf"Process {git.pid} \(git\)"):
                write(held)
    write(held)
    assert not lock.exists()


def test_a_git_elsewhere_holds_nothing_here(held: Repository, tmp_path: Path) -> None:
    subprocess.run(("git", "init", "-q", "other"), cwd=tmp_path, check=True)
    lock = held.path / "HEAD.lock"
    lock.touch()
    with running("git", "cat-file", "--batch", cwd=tmp_path / "other"):
        write(held)
    assert not lock.exists()


def test_a_start_removes_them_and_is_held_up_by_none(held: Repository, tmp_path: Path) -> None:
    dead, living = held.path / "refs/heads/main.lock", held.path / "HEAD.lock"
    dead.touch()
    living.touch()
    with running(sys.executable, "-c", HOLDS, str(living), cwd=tmp_path) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        start(tmp_path).close()
        assert (dead.exists(), living.exists()) == (False, True)
