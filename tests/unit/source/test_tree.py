"""What ships, and the revision that names it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy.errors import SourceError
from deploy.revision import REVISION_FILE
from deploy.source.objects import blob_oid, root_entries, tree_oid
from deploy.source.tree import Tree, read_tree, stage


def git(folder: Path, *words: str) -> str:
    settings = (
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b",
        "-c",
        "init.defaultBranch=main",
        "-c",
        "commit.gpgsign=false",
    )
    done = subprocess.run(("git", *settings, *words), cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return folder


def paths(tree: Tree) -> list[str]:
    return [file.path for file in tree.files]


SOME = {
    "main.py": "a", "a.b": "1", "a-b": "2", "a/b.py": "3", "a/c/d.txt": "4", "é/ü.txt": "5", 'q"uo\nte.txt': "6",
    "empty": "", "back\\slash": "7",
}  # fmt: skip


def test_revision_is_the_tree_git_would_write(tmp_path: Path) -> None:
    source, copy = write(tmp_path / "source", SOME), tmp_path / "copy"
    tree = read_tree(source)
    stage(tree, copy)
    (copy / REVISION_FILE).unlink()
    git(copy, "init")
    git(copy, "add", "--all")
    assert tree.revision == git(copy, "write-tree")
    rows = (row.split("\t")[0].split() for row in git(copy, "ls-tree", "-z", tree.revision).split("\0") if row)
    kinds = {"blob": "file", "tree": "directory"}
    assert sorted(tree.entries.values()) == sorted((kinds[kind], oid) for _, kind, oid in rows)


def test_modes_and_the_revision_file_do_not_count(tmp_path: Path) -> None:
    source = write(tmp_path, {"main.py": "a"})
    before = read_tree(source).revision
    (source / "main.py").chmod(0o755)
    write(source, {REVISION_FILE: "stale"})
    after = read_tree(source)
    assert after.revision == before
    assert (paths(after), after.files[0].executable) == (["main.py"], True)
    write(source, {"app/REVISION": "counts"})
    assert read_tree(source).revision != before


def test_ids_are_those_of_git(tmp_path: Path) -> None:
    write(tmp_path, {"x": "hello\n"})
    assert git(tmp_path, "hash-object", "x") == blob_oid(b"hello\n") == read_tree(tmp_path).files[0].oid
    assert tree_oid(root_entries({})) == "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def test_outside_git_everything_ships_but_caches_and_secrets(tmp_path: Path) -> None:
    kept = ("main.py", "data/x.csv", ".env.example", ".dockerignore", ".gitignore")
    left = (".env", ".env.local", "app/.env", "app/__pycache__/x.pyc", "x.pyc", ".venv/bin/python", ".envrc")
    tree = read_tree(write(tmp_path, dict.fromkeys((*kept, *left), "x") | {".gitignore": "*.csv\n"}))
    assert paths(tree) == sorted(kept)
    assert tree.withheld == (".env", ".env.local", "app/.env")


def test_in_git_what_git_would_take_ships(tmp_path: Path) -> None:
    source = write(tmp_path / "backend", {"main.py": "a", "gone.py": "b", "build/x": "c", ".env": "d", "new.py": "e"})
    write(tmp_path, {".gitignore": "build/\n.env\n", "other.txt": "not below", "backend/.env.gone": "f"})
    git(tmp_path, "init")
    git(tmp_path, "add", "backend/main.py", "backend/gone.py", "backend/.env.gone")
    (source / "gone.py").unlink()
    (source / ".env.gone").unlink()
    tree = read_tree(source)
    assert paths(tree) == ["main.py", "new.py"]
    assert tree.withheld == ()


def test_a_committed_env_file_stays_here_and_is_told(tmp_path: Path) -> None:
    source = write(tmp_path, {"main.py": "a", ".env": "b", "app/.env.production": "c", ".env.sample": "d"})
    git(tmp_path, "init")
    git(tmp_path, "add", "--all", "--force")
    tree = read_tree(source)
    assert (paths(tree), tree.withheld) == (["main.py"], (".env", "app/.env.production"))


def test_names_that_git_quotes(tmp_path: Path) -> None:
    git(write(tmp_path, SOME), "init")
    assert paths(read_tree(tmp_path)) == sorted(SOME)


def test_a_hook_that_points_git_elsewhere_changes_nothing(tmp_path: Path) -> None:
    git(write(tmp_path / "source", SOME), "init")
    other = write(tmp_path / "other", {"x": "y"})
    git(other, "init")
    env = {**os.environ, "GIT_DIR": str(other / ".git"), "GIT_WORK_TREE": str(other), "GIT_INDEX_FILE": "none"}
    assert paths(read_tree(tmp_path / "source", env=env)) == sorted(SOME)


def test_a_submodule_ships_its_files(tmp_path: Path) -> None:
    inner = write(tmp_path / "inner", {"lib.py": "x", "skip.log": "y", ".gitignore": "*.log\n"})
    git(inner, "init")
    git(inner, "add", "--all")
    git(inner, "commit", "-m", "x")
    outer = write(tmp_path / "outer", {"main.py": "a"})
    git(outer, "init")
    git(outer, "-c", "protocol.file.allow=always", "submodule", "add", str(inner), "lib")
    write(outer, {"lib/skip.log": "y"})
    assert paths(read_tree(outer)) == [".gitmodules", "lib/.gitignore", "lib/lib.py", "main.py"]
    git(outer, "submodule", "deinit", "--force", "lib")
    with pytest.raises(SourceError, match="submodule lib is empty"):
        read_tree(outer)


PROJECT = {"backend/main.py": "a", "backend/app/models/m.py": "b", "backend/app/x.py": "c", "docs/d.md": "d"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository whose folder `backend` is the source."""
    root = write(tmp_path / "pro ject", PROJECT | {"backend/__pycache__/old.pyc": "e"})
    git(root, "init")
    git(root, "add", "--all", "--force")
    git(root, "commit", "-m", "x")
    return root


def refused(folder: Path) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read_tree(folder)
    return caught.value


CONE = ("set", "--cone")
PATTERNS = ("set", "--no-cone", "/*")


@pytest.mark.parametrize("words", [(*CONE, "docs"), (*CONE, "--sparse-index", "docs"), (*PATTERNS, "!/backend/")])
def test_a_source_that_a_sparse_checkout_leaves_out_is_no_missing_folder(project: Path, words: tuple[str, ...]) -> None:
    git(project, "sparse-checkout", *words)
    error = refused(project / "backend")
    assert error.what == "4 files of the source are not checked out."
    assert "add backend" in (error.next_step or "")


@pytest.mark.parametrize(
    "words",
    [
        (*CONE, "backend/app/other"),
        (*CONE, "--sparse-index", "backend/app/other"),
        (*PATTERNS, "!/backend/app/models/"),
    ],
)
@pytest.mark.parametrize("cure", [0, 1])
def test_a_file_that_a_sparse_checkout_leaves_out_is_missed(project: Path, words: tuple[str, ...], cure: int) -> None:
    whole = read_tree(project / "backend").revision
    git(project, "sparse-checkout", *words)

    error = refused(project / "backend")

    assert (error.what, error.details) == ("1 file of the source is not checked out.", ("app/models/m.py",))
    assert "sparse checkout" in (error.cause or "")
    command = (error.next_step or "").split(", or for what is missing alone: ")[cure]
    subprocess.run(command, shell=True, check=True, capture_output=True)
    assert read_tree(project / "backend").revision == whole


def test_a_sparse_checkout_of_all_that_ships_is_whole(project: Path) -> None:
    git(project, "sparse-checkout", *CONE, "backend/app")
    assert paths(read_tree(project / "backend")) == ["app/models/m.py", "app/x.py", "main.py"]


def test_a_file_that_is_there_ships_whatever_git_was_told_of_it(project: Path) -> None:
    git(project, "update-index", "--skip-worktree", "backend/main.py", "backend/app/x.py")
    assert len(read_tree(project / "backend").files) == 3
    (project / "backend/main.py").unlink()
    error = refused(project / "backend")
    assert error.details == ("main.py",)
    subprocess.run((error.next_step or "").split(", or ")[0], shell=True, check=True, capture_output=True)
    assert len(read_tree(project / "backend").files) == 3


@pytest.mark.parametrize("below", ["", "backend"])
def test_a_partial_clone_without_its_remote_has_nothing_to_ship(project: Path, below: str, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(project, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "--filter=blob:none", "--no-checkout", project.as_uri(), str(clone))
    moved = project.rename(tmp_path / "moved")
    with pytest.raises(subprocess.CalledProcessError):
        git(clone, "checkout")

    error = refused(clone / below)

    assert error.what == f"git has not checked out {below or 'clone'}."
    moved.rename(project)
    subprocess.run(error.next_step or "", shell=True, check=True, capture_output=True)
    assert len(read_tree(clone / "backend").files) == 3


def test_a_folder_that_git_never_had_is_missing(project: Path) -> None:
    assert refused(project / "frontend").what == f"There is no folder {project / 'frontend'}."
    new = project / "new"
    new.mkdir()
    assert "nothing to ship" in refused(new).what
    git(new, "init")
    assert "nothing to ship" in refused(new).what


def test_links_ship_as_what_they_point_to(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": "a", "shared/x.py": "b", "shared/deep/y.py": "c"})
    (tmp_path / "alias.py").symlink_to("main.py")
    (tmp_path / "lib").symlink_to("shared")
    (tmp_path / "shared/deep/up.py").symlink_to(tmp_path / "main.py")
    tree = read_tree(tmp_path)
    expected = ["alias.py", "lib/deep/up.py", "lib/deep/y.py", "lib/x.py", "main.py"]
    assert paths(tree) == [*expected, "shared/deep/up.py", "shared/deep/y.py", "shared/x.py"]
    stage(tree, tmp_path.parent / f"{tmp_path.name}-copy")
    copy = tmp_path.parent / f"{tmp_path.name}-copy" / "lib/deep/up.py"
    assert (copy.read_text(encoding="utf-8"), copy.is_symlink()) == ("a", False)


@pytest.mark.parametrize(
    ("link", "target", "message"),
    [
        ("out", "../secret.txt", "leads out of the source"),
        ("out", "/etc/passwd", "leads out of the source"),
        ("nothing", "missing.txt", "link to nothing"),
        ("circle", "circle", "link to nothing"),
        ("up", ".", "folder it lies in"),
        ("a/up", "../a", "folder it lies in"),
        ("open", ".env", "never leaves this machine"),
    ],
)
def test_links_that_cannot_ship(link: str, target: str, message: str, tmp_path: Path) -> None:
    source = write(tmp_path / "source", {"main.py": "a", "a/x.py": "b", ".env": "SECRET=1"})
    write(tmp_path, {"secret.txt": "x"})
    (source / link).symlink_to(target)
    with pytest.raises(SourceError, match=message):
        read_tree(source)


def test_links_that_go_round_each_other(tmp_path: Path) -> None:
    write(tmp_path, {"a/x": "1", "b/y": "2"})
    (tmp_path / "A-first").symlink_to("a")
    (tmp_path / "a/to_b").symlink_to("../b")
    (tmp_path / "b/to_a").symlink_to("../a")
    with pytest.raises(SourceError, match="folder it lies in"):
        read_tree(tmp_path)


def test_stage_writes_what_the_hub_would_check_out(tmp_path: Path) -> None:
    source = write(tmp_path / "source", {"main.py": "a", "app/run.sh": "#!/bin/sh"})
    (source / "app/run.sh").chmod(0o755)
    tree, into = read_tree(source), tmp_path / "into"
    before = os.umask(0o077)
    try:
        stage(tree, into)
    finally:
        os.umask(before)
    assert (into / REVISION_FILE).read_text(encoding="utf-8") == f"{tree.revision}\n"
    assert (into / "app/run.sh").stat().st_mode & 0o777 == 0o644
    assert read_tree(into).revision == tree.revision
    with pytest.raises(SourceError, match="is not empty"):
        stage(tree, into)


def test_a_file_that_changed_meanwhile_is_not_shipped(tmp_path: Path) -> None:
    source = write(tmp_path / "source", {"main.py": "a"})
    tree = read_tree(source)
    write(source, {"main.py": "b"})
    with pytest.raises(SourceError, match=r"main\.py changed"):
        stage(tree, tmp_path / "into")


def test_nothing_to_ship(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no folder"):
        read_tree(tmp_path / "missing")
    with pytest.raises(SourceError, match="nothing to ship"):
        read_tree(write(tmp_path / "empty", {".env": "x"}))


def test_a_checkout_that_git_refuses_to_read(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": "a", ".git": "gitdir: nowhere\n"})
    with pytest.raises(SourceError, match="git does not list"):
        read_tree(tmp_path)


def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).write_bytes(b"x")
    with pytest.raises(SourceError, match="not UTF-8"):
        read_tree(tmp_path)
    git(tmp_path, "init")
    with pytest.raises(SourceError, match="not UTF-8"):
        read_tree(tmp_path)
