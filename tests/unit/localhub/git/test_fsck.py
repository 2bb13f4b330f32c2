"""Which files of a commit no checkout can hold, by path and by tree."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from dulwich.objects import Blob, ObjectID, Tree, hex_to_sha
from dulwich.repo import Repo

from deploy.localhub.git import fsck

FILE, LINK, FOLDER, SUBMODULE = 0o100644, stat.S_IFLNK, stat.S_IFDIR, 0o160000
Item = tuple[bytes, int, bytes | ObjectID]


class Store:
    """A repository to which trees are written as they are told, sorted or not."""

    def __init__(self, repo: Repo) -> None:
        self.repo = repo

    def tree(self, *items: Item) -> ObjectID:
        raw = b"".join(b"%o %s\0" % (mode, name) + hex_to_sha(self._oid(what)) for name, mode, what in items)
        tree = Tree.from_string(raw)
        self.repo.object_store.add_object(tree)
        return tree.id

    def problems(self, *items: Item) -> Sequence[str]:
        return list(fsck.of_tree(self.repo, self.tree(*items)))

    def _oid(self, what: bytes | ObjectID) -> ObjectID:
        if len(what) == 40:
            return ObjectID(what)
        blob = Blob.from_string(what)
        self.repo.object_store.add_object(blob)
        return blob.id


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Repo.init_bare(str(tmp_path))) as repo:
        yield Store(repo)


def test_what_git_makes_every_day_is_fine(store: Store) -> None:
    below = store.tree((b"deep.py", FILE, b"x"), (b"run", 0o100755, b"#!/bin/sh\n"))
    longest = (b"n" * fsck.LONGEST_NAME, FILE, b"")
    broken = (b"link", LINK, b"../not/there")
    assert store.problems((b"a", FOLDER, below), broken, longest, (b"sub", SUBMODULE, b"f" * 40)) == []
    assert store.problems() == []


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ((b"n" * 256, FILE, b"x"), "a name has 256 bytes"),
        (("ü".encode() * 128, FILE, b"x"), "a name has 256 bytes"),
        ((b"link", LINK, b""), "link: it is a symbolic link whose target is no path"),
        ((b"link", LINK, b"a\0b"), "whose target is no path"),
        ((b"link", LINK, b"t" * 4096), "whose target is no path"),
        ((b"gone", FILE, b"f" * 40), "gone: its content is missing"),
        ((b"gone", FOLDER, b"f" * 40), "gone/: its list of files is missing"),
        ((b"odd", FOLDER, b"a file"), "odd/: its list of files is missing"),
        ((b".git", FOLDER, b"f" * 40), "/: invalid name .git"),
        ((b"..", FILE, b"x"), "/: invalid name .."),
        ((b"a/b", FILE, b"x"), "/: invalid name a/b"),
    ],
)
def test_one_that_no_checkout_has_is_named_with_the_reason(store: Store, item: Item, reason: str) -> None:
    (problem,) = store.problems((b".keep", FILE, b""), item)
    assert reason in problem


def test_a_folder_in_the_place_of_a_file_is_a_missing_content(store: Store) -> None:
    folder = store.tree((b"x", FILE, b"x"))
    assert store.problems((b"odd", FILE, folder)) == ["odd: its content is missing"]


def test_a_file_and_a_folder_of_one_name_are_found_apart(store: Store) -> None:
    """git sorts a folder as if its name ended with a slash: `a.b` lies between the two."""
    folder = store.tree((b"x", FILE, b"x"))
    (problem,) = store.problems((b"a", FILE, b"1"), (b"a.b", FILE, b"2"), (b"a", FOLDER, folder))
    assert "a file and a folder of one name" in problem


def test_a_path_is_measured_in_whole(store: Store) -> None:
    tree = store.tree((b"f", FILE, b"x"))
    for _ in range(17):
        tree = store.tree((b"d" * 250, FOLDER, tree))
    (problem,) = fsck.of_tree(store.repo, tree)
    assert "the path has" in problem
    assert len(problem) < 250, "it is told by its beginning"


def test_a_tower_of_folders_is_refused_before_it_is_climbed(store: Store) -> None:
    tree = store.tree((b"f", FILE, b"x"))
    for _ in range(1500):
        tree = store.tree((b"d", FOLDER, tree))
    (problem,) = fsck.of_tree(store.repo, tree)
    assert f"in {fsck.DEEPEST} at most" in problem


# Files that are new in a commit, by their paths alone ----------------------------------------------------


def test_new_files_are_judged_by_their_paths() -> None:
    long, deep = "n" * 256, "/".join("d" * 202)
    assert list(fsck.of_paths(["a/b", "a/c", "a.b", "d"])) == []
    problems = list(fsck.of_paths(["a", "a/b", f"x/{long}", deep]))
    assert [problem.partition(": ")[2].partition(" ")[0] for problem in problems] == ["it", "a", "it"]
    assert problems[0] == "a: it would be a file and a folder"
    assert f"in {fsck.DEEPEST + 1} folders" in problems[2]
