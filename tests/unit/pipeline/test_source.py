"""Which commit is shipped is asked of git itself, and a protected target takes committed work only."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.command import Command, run
from deploy.config import Target
from deploy.errors import DirtyTree
from deploy.pipeline.steps.source import require_committed, source_sha, uncommitted
from tests.unit.ground.builders import target


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder below one that holds no repository."""
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.invalid")
    return run(Command(argv=("git", *identity, *words), cwd=folder)).output


@pytest.fixture
def checkout(project: Path) -> Path:
    git(project, "init", "--quiet")
    (project / ".gitignore").write_text("*.db\n")
    git(project, "add", ".")
    git(project, "commit", "--quiet", "--message", "first")
    return project


def staging(tmp_path: Path, *, protected: bool) -> Target:
    return target(tmp_path, f"protected = {str(protected).lower()}")


def test_a_clean_checkout_is_its_commit(checkout: Path) -> None:
    assert source_sha(checkout) == git(checkout, "rev-parse", "HEAD").strip()
    assert uncommitted(checkout) == ()


def test_files_that_differ_or_are_new_make_it_dirty(checkout: Path) -> None:
    clean = source_sha(checkout)
    (checkout / "new file.py").touch()
    assert source_sha(checkout) == f"{clean}-dirty"
    (checkout / ".gitignore").write_text("")
    assert uncommitted(checkout) == (" M .gitignore", '?? "new file.py"')


def test_ignored_files_do_not_make_it_dirty(checkout: Path) -> None:
    (checkout / "app.db").touch()
    assert not source_sha(checkout).endswith("-dirty")


def test_a_folder_without_git_has_no_commit(project: Path) -> None:
    assert source_sha(project) == "none"


def test_a_checkout_without_commits_has_none(project: Path) -> None:
    git(project, "init", "--quiet")
    assert source_sha(project) == "none"


def test_without_git_there_is_no_commit(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(checkout))
    assert source_sha(checkout) == "none"


def test_a_protected_target_takes_a_clean_checkout(checkout: Path, tmp_path: Path) -> None:
    require_committed(staging(tmp_path, protected=True), checkout, source_sha(checkout))


def test_a_protected_target_refuses_a_dirty_one_and_names_the_files(checkout: Path, tmp_path: Path) -> None:
    for number in range(12):
        (checkout / f"{number:02}.py").touch()
    with pytest.raises(DirtyTree) as caught:
        require_committed(staging(tmp_path, protected=True), checkout, source_sha(checkout))
    assert "Target 'staging' is protected" in caught.value.what
    assert caught.value.cause == "12 files differ from the last commit"
    assert caught.value.details == tuple(f"?? {number:02}.py" for number in range(10))


def test_a_protected_target_refuses_what_is_no_checkout(project: Path, tmp_path: Path) -> None:
    with pytest.raises(DirtyTree) as caught:
        require_committed(staging(tmp_path, protected=True), project, source_sha(project))
    assert caught.value.cause == "this is not a git checkout"


@pytest.mark.parametrize("sha", ["none", "1" * 40 + "-dirty"])
def test_any_other_target_takes_anything(project: Path, tmp_path: Path, sha: str) -> None:
    require_committed(staging(tmp_path, protected=False), project, sha)
