"""Looking at a repository by the real client: trees, pages, downloads."""

from __future__ import annotations

from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd, HfApi, HfFileSystem
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


TEXT, BINARY = b"".join(b"%06d\n" % number for number in range(3000)), bytes(range(256)) * 82
CONTENTS = {"a.txt": TEXT, "b.bin": BINARY}


@pytest.fixture
def filled(api: HfApi, space: str) -> str:
    commit(api, space, [CommitOperationAdd(name, content) for name, content in CONTENTS.items()])
    return f"/spaces/{space}/resolve/main"


@pytest.mark.parametrize("name", CONTENTS)
@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("0-9", slice(10)),
        ("6990-7009", slice(6990, 7010)),
        ("20000-", slice(20000, None)),
        ("-5", slice(-5, None)),
        ("20990-99999", slice(20990, None)),
    ],
)
def test_a_range_is_that_part_of_any_file(hub: Hub, filled: str, name: str, asked: str, part: slice) -> None:
    content = CONTENTS[name]
    answer = hub.ask("GET", f"{filled}/{name}", headers={"Range": f"bytes={asked}"})
    assert (answer.status_code, answer.content) == (206, content[part])
    start, end, _ = part.indices(len(content))
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(content)}"
    assert answer.headers["content-length"] == str(end - start)


@pytest.mark.parametrize("name", CONTENTS)
def test_what_is_no_part_of_a_file_is_refused_or_not_heard(hub: Hub, filled: str, name: str) -> None:
    url, size = f"{filled}/{name}", len(CONTENTS[name])
    for beyond in (f"{size}-", f"{size + 5}-{size + 9}", "-0"):
        answer = hub.ask("GET", url, headers={"Range": f"bytes={beyond}"})
        assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{size}")
    assert hub.ask("GET", url, headers={"Range": "lines=1-2"}).content == CONTENTS[name]
    head = hub.ask("HEAD", url, headers={"Range": "bytes=0-9"})
    assert (head.status_code, head.headers["content-length"], head.headers["accept-ranges"]) == (
        200,
        str(size),
        "bytes",
    )


@pytest.mark.parametrize("name", CONTENTS)
def test_a_part_is_given_of_the_content_that_was_seen_before(
    hub: Hub, api: HfApi, space: str, filled: str, name: str
) -> None:
    part = {"Range": "bytes=5-9", "If-Range": hub.ask("HEAD", f"{filled}/{name}").headers["etag"]}
    assert hub.ask("GET", f"{filled}/{name}", headers=part).content == CONTENTS[name][5:10]
    commit(api, space, [CommitOperationAdd(name, CONTENTS[name] + b"more")])
    assert hub.ask("GET", f"{filled}/{name}", headers=part).content == CONTENTS[name] + b"more"


@pytest.mark.parametrize("name", CONTENTS)
def test_the_clients_file_system_reads_what_stands_there(hub: Hub, filled: str, space: str, name: str) -> None:
    files = HfFileSystem(endpoint=hub.url, token=hub.token, skip_instance_cache=True)
    with files.open(f"spaces/{space}/{name}", "rb", block_size=100) as file:
        file.seek(700)
        assert file.read(14) == CONTENTS[name][700:714]
