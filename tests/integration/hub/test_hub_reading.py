"""Looking at a repository by the real client: trees, pages, downloads."""

from __future__ import annotations

from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd, HfApi
from huggingface_hub.errors import (
    RemoteEntryNotFoundError,
    RevisionNotFoundError,
)

from tests.integration.hub_fixtures import Hub, app_files, commit


def test_trees_carry_gits_own_object_ids(api: HfApi, space: str) -> None:
    commit(api, space, [CommitOperationAdd("folder/a.txt", b"hello\n")])
    entries = {one.path: one for one in api.list_repo_tree(space, repo_type="space", recursive=True)}
    # `git hash-object` of "hello\n", and `git mktree` of a folder with it as a.txt
    assert entries["folder/a.txt"].blob_id == "ce013625030ba8dba906f756967f9e9ca394464a"  # type: ignore[union-attr]
    assert entries["folder"].tree_id == "2e81171448eb9f2ee3821e3d447aa6b2fe3ddba1"  # type: ignore[union-attr]


def test_a_tree_of_many_files_comes_in_pages(hub: Hub, api: HfApi, space: str) -> None:
    commit(api, space, [CommitOperationAdd(f"f{n:04}.txt", b"x") for n in range(1500)])
    hub.forget_requests()
    listed = [one.path for one in api.list_repo_tree(space, repo_type="space")]
    assert len(set(listed)) == len(listed) == 1501
    assert hub.requests() == {"GET /api/spaces/{id}/tree/{rev}": 2}


def test_a_path_that_is_not_there_is_told(api: HfApi, space: str) -> None:
    with pytest.raises(RemoteEntryNotFoundError):
        list(api.list_repo_tree(space, "no/such/folder", repo_type="space"))
    with pytest.raises(RevisionNotFoundError):
        api.space_info(space, revision="no-such-revision")
    assert api.get_paths_info(space, ["no", "such"], repo_type="space") == []


def test_an_expanded_listing_names_the_commit_of_each_file(api: HfApi, space: str) -> None:
    first = commit(api, space, [CommitOperationAdd("a.txt", b"a"), CommitOperationAdd("b.txt", b"b")], message="both")
    second = commit(api, space, [CommitOperationAdd("b.txt", b"B")], message="only b")
    entries = {one.path: one for one in api.get_paths_info(space, ["a.txt", "b.txt"], repo_type="space", expand=True)}
    assert {path: one.last_commit.oid for path, one in entries.items() if one.last_commit} == {
        "a.txt": first,
        "b.txt": second,
    }


def test_files_are_downloaded_at_any_revision(api: HfApi, space: str, tmp_path: Path) -> None:
    first = commit(api, space, app_files(note__txt=b"one"))
    commit(api, space, app_files(note__txt=b"two"))
    old = api.hf_hub_download(space, "note.txt", repo_type="space", revision=first, cache_dir=tmp_path)
    new = api.hf_hub_download(space, "note.txt", repo_type="space", cache_dir=tmp_path)
    assert (Path(old).read_bytes(), Path(new).read_bytes()) == (b"one", b"two")
    assert not api.file_exists(space, "nothing.txt", repo_type="space")
    whole = Path(api.snapshot_download(space, repo_type="space", cache_dir=tmp_path))
    assert sorted(path.name for path in whole.iterdir()) == [".gitattributes", "Dockerfile", "README.md", "note.txt"]
