"""Files that do not fit into a commit: through hf_xet, and through git-lfs's protocol without it."""

from __future__ import annotations

import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationCopy, HfApi

from tests.integration.hub_fixtures import Hub, app_files, commit

LARGE = random.Random(1).randbytes(11_000_000) + bytes(2_000_000)
WITHOUT_XET = """
import sys
from huggingface_hub import CommitOperationAdd, HfApi
from pathlib import Path
operations = [CommitOperationAdd(name, Path(name).read_bytes()) for name in sys.argv[2:]]
print(HfApi().create_commit(sys.argv[1], operations, commit_message="lfs", repo_type="space").oid)
"""


def test_hf_xet_uploads_and_the_content_comes_back(hub: Hub, api: HfApi, space: str, tmp_path: Path) -> None:
    hub.forget_requests()
    operations = [CommitOperationAdd("large.bin", LARGE), CommitOperationAdd("small.bin", b"\0\1" * 50)]
    commit(api, space, operations)
    asked = hub.requests()
    assert "GET /api/spaces/{id}/xet-write-token/{rev}" in asked
    assert "POST /spaces/{id}/info/lfs/objects/batch" not in asked
    got = api.hf_hub_download(space, "large.bin", repo_type="space", cache_dir=tmp_path)
    assert Path(got).read_bytes() == LARGE
    files = {one.rfilename: one for one in api.space_info(space, files_metadata=True).siblings or ()}
    assert (files["large.bin"].size, files["small.bin"].size) == (len(LARGE), 100)
    assert files["large.bin"].lfs is not None


def test_the_same_large_file_again_is_no_commit_and_no_upload(hub: Hub, api: HfApi, space: str) -> None:
    made = commit(api, space, [CommitOperationAdd("large.bin", LARGE)])
    hub.forget_requests()
    assert commit(api, space, [CommitOperationAdd("large.bin", LARGE)]) == made
    assert "POST /api/spaces/{id}/commit/{rev}" not in hub.requests()


def test_uploads_of_one_client_follow_each_other(api: HfApi, space: str, tmp_path: Path) -> None:
    for number in range(3):
        commit(api, space, [CommitOperationAdd("data.bin", bytes([0, number]) * 1000)])
    got = api.hf_hub_download(space, "data.bin", repo_type="space", cache_dir=tmp_path)
    assert Path(got).read_bytes() == bytes([0, 2]) * 1000


def binaries(folder: Path, seed: int, *, count: int = 3) -> dict[str, bytes]:
    """A folder of binary files, and one of text."""
    folder.mkdir(exist_ok=True)
    numbers = random.Random(seed)
    files = {f"{number}.bin": b"\0" + numbers.randbytes(200_000) for number in range(count)}
    for name, data in {**files, "text.txt": b"%d\n" % seed}.items():
        (folder / name).write_bytes(data)
    return files


def stored(api: HfApi, space: str, cache: Path) -> dict[str, bytes]:
    whole = Path(api.snapshot_download(space, repo_type="space", cache_dir=cache))
    return {path.name: path.read_bytes() for path in whole.glob("*.bin")}


def test_a_folder_is_committed_while_the_session_that_uploads_it_is_open(
    hub: Hub, api: HfApi, space: str, tmp_path: Path
) -> None:
    """Twice by one client, whose session lives as long as its process."""
    for seed in (1, 2):
        files = binaries(tmp_path / "folder", seed)
        api.upload_folder(repo_id=space, folder_path=tmp_path / "folder", repo_type="space")
        assert stored(api, space, tmp_path / f"cache-{seed}") == files


def test_a_folder_of_more_files_than_a_commit_takes_is_several(
    hub: Hub, api: HfApi, space: str, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    files = {f"{number}.bin": b"\0%d" % number for number in range(300)}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    hub.forget_requests()
    api.upload_folder(repo_id=space, folder_path=folder, repo_type="space")
    assert hub.requests()["POST /api/spaces/{id}/commit/{rev}"] == 2
    assert stored(api, space, tmp_path / "cache") == files


def test_clients_upload_the_same_and_other_contents_at_once(hub: Hub, api: HfApi, tmp_path: Path) -> None:
    names = [f"local/at-once-{number}" for number in range(4)]
    for name in names:
        api.create_repo(name, repo_type="space", space_sdk="docker")
    seeds = dict(zip(names, (7, 7, 8, 9), strict=True))
    files = {name: binaries(tmp_path / name.partition("/")[2], seed) for name, seed in seeds.items()}

    def upload(name: str) -> int:
        argv = ("hf", "upload", name, name.partition("/")[2], ".", "--repo-type", "space")
        return subprocess.run(argv, cwd=tmp_path, env=hub.environment(), check=False).returncode

    for _again in range(2):
        with ThreadPoolExecutor(len(names)) as threads:
            assert list(threads.map(upload, names)) == [0] * len(names)
    for name in names:
        assert stored(api, name, tmp_path / "cache") == files[name]


def test_without_hf_xet_it_goes_by_git_lfs(hub: Hub, api: HfApi, space: str, tmp_path: Path) -> None:
    (tmp_path / "large.bin").write_bytes(LARGE[1:])
    (tmp_path / "plain.txt").write_bytes(b"text\n")
    hub.forget_requests()
    subprocess.run(
        [sys.executable, "-c", WITHOUT_XET, space, "large.bin", "plain.txt"],
        cwd=tmp_path,
        env={**hub.environment(), "HF_HUB_DISABLE_XET": "1"},
        check=True,
    )
    asked = hub.requests()
    assert asked["POST /spaces/{id}/info/lfs/objects/batch"] == 1
    assert asked["PUT /lfs/{oid}"] == asked["POST /spaces/{id}/info/lfs/verify"] == 1
    got = api.hf_hub_download(space, "large.bin", repo_type="space", cache_dir=tmp_path / "cache")
    assert Path(got).read_bytes() == LARGE[1:]


def test_a_large_file_is_part_of_what_is_built(api: HfApi, space: str, tmp_path: Path) -> None:
    commit(api, space, [*app_files(), CommitOperationAdd("data.bin", b"\0" * 5000)])
    log = "".join(api.fetch_space_logs(space, build=True, follow=True))
    assert "data.bin" in log


def test_a_copy_of_a_large_file_is_made_without_its_content(api: HfApi, space: str, tmp_path: Path) -> None:
    first = commit(api, space, [CommitOperationAdd("data.bin", b"\0" * 5000), CommitOperationAdd("a.txt", b"one\n")])
    commit(api, space, [CommitOperationAdd("data.bin", b"\0" * 6000), CommitOperationAdd("a.txt", b"two\n")])
    back = [CommitOperationCopy(name, name, src_revision=first) for name in ("data.bin", "a.txt")]
    api.create_commit(space, back, commit_message="back", repo_type="space")
    whole = Path(api.snapshot_download(space, repo_type="space", cache_dir=tmp_path))
    assert ((whole / "data.bin").read_bytes(), (whole / "a.txt").read_bytes()) == (b"\0" * 5000, b"one\n")


def test_a_link_to_upload_is_good_for_its_file_only(hub: Hub, space: str) -> None:
    oid = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"  # sha256 of "foo"
    asked = {"operation": "upload", "objects": [{"oid": oid, "size": 3}], "hash_algo": "sha256"}
    offered = hub.ask("POST", f"/spaces/{space}.git/info/lfs/objects/batch", json=asked).json()["objects"][0]
    link = offered["actions"]["upload"]["href"].removeprefix(hub.url)
    assert hub.ask("PUT", link.replace(oid, "0" * 64), token="", content=b"foo").status_code == 403
    assert hub.ask("PUT", link, token="", content=b"bar").status_code == 422
    assert hub.ask("PUT", link, token="", content=b"foo").status_code == 200
    again = hub.ask("POST", f"/spaces/{space}.git/info/lfs/objects/batch", json=asked).json()["objects"][0]
    assert "actions" not in again


@pytest.mark.parametrize("oid", ["../../../etc/passwd", "0" * 63, "A" * 64])
def test_an_id_that_is_no_digest_is_refused(hub: Hub, space: str, oid: str) -> None:
    asked = {"operation": "download", "objects": [{"oid": oid, "size": 3}]}
    assert hub.ask("POST", f"/spaces/{space}.git/info/lfs/objects/batch", json=asked).status_code == 422
