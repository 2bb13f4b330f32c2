"""The local Hub and the real `git`."""

from __future__ import annotations

import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from huggingface_hub import HfApi

from tests.integration.hub_fixtures import DOCKERFILE, README, Hub, app_files, commit, settled

IDENTITY = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "init.defaultBranch=main")


class Checkout:
    """A clone of a Space. What `git` says is in `said`."""

    def __init__(self, hub: Hub, folder: Path) -> None:
        self._env = hub.environment()
        self.folder = folder
        self.said = ""

    def git(self, *arguments: str) -> int:
        ran = subprocess.run(
            ("git", *IDENTITY, *arguments), cwd=self.folder, env=self._env, capture_output=True, text=True, check=False
        )
        self.said = ran.stdout + ran.stderr
        return ran.returncode

    def write(self, *arguments: str, content: bytes = b"") -> str:
        """The id of the object that `git` makes of this."""
        argv = ("git", *IDENTITY, *arguments)
        return subprocess.check_output(argv, cwd=self.folder, input=content).decode().strip()

    def commit(self, **files: bytes) -> None:
        for name, data in files.items():
            (self.folder / name.replace("__", ".")).write_bytes(data)
        assert self.git("add", "-A") == 0
        assert self.git("commit", "-q", "-m", "by git") == 0, self.said


@pytest.fixture
def checkout(hub: Hub, space: str, tmp_path: Path) -> Checkout:
    folder = tmp_path / "clone"
    folder.mkdir()
    checkout = Checkout(hub, folder)
    address = f"http://local:{hub.token}@{hub.url.removeprefix('http://')}/spaces/{space}"
    assert checkout.git("clone", "-q", address, ".") == 0, checkout.said
    return checkout


def test_a_push_to_main_is_built(api: HfApi, space: str, checkout: Checkout) -> None:
    checkout.commit(README__md=README, Dockerfile=DOCKERFILE)
    assert checkout.git("push", "-q", "origin", "main") == 0, checkout.said
    pushed = subprocess.check_output(("git", "rev-parse", "HEAD"), cwd=checkout.folder, text=True).strip()
    assert api.space_info(space).sha == pushed
    assert settled(api, space, pushed).stage == "RUNNING"


def test_what_the_client_commits_is_fetched(api: HfApi, space: str, checkout: Checkout) -> None:
    made = commit(api, space, app_files(many__txt=b"x\n" * 1000))
    assert checkout.git("pull", "-q") == 0, checkout.said
    assert (checkout.folder / "many.txt").read_bytes() == b"x\n" * 1000
    checkout.git("rev-parse", "HEAD")
    assert checkout.said.strip() == made
    assert checkout.git("fsck", "--strict") == 0, checkout.said


def test_branches_and_tags_are_pushed_and_deleted(api: HfApi, space: str, checkout: Checkout) -> None:
    checkout.commit(README__md=README)
    assert checkout.git("push", "-q", "origin", "HEAD:refs/heads/work", "HEAD:refs/tags/v1") == 0, checkout.said
    refs = api.list_repo_refs(space, repo_type="space")
    assert ([ref.name for ref in refs.branches], [ref.name for ref in refs.tags]) == (["main", "work"], ["v1"])
    assert checkout.git("push", "-q", "origin", "--delete", "work") == 0, checkout.said
    assert [ref.name for ref in api.list_repo_refs(space, repo_type="space").branches] == ["main"]


def test_going_back_by_force_is_built_too(api: HfApi, space: str, checkout: Checkout) -> None:
    first = commit(api, space, app_files())
    settled(api, space, commit(api, space, app_files(new__txt=b"x")))
    checkout.git("fetch", "-q")
    assert checkout.git("push", "-q", "--force", "origin", f"{first}:main") == 0, checkout.said
    assert settled(api, space, first).stage == "RUNNING"


def test_main_is_not_deleted(api: HfApi, space: str, checkout: Checkout) -> None:
    assert checkout.git("push", "-q", "origin", "--delete", "main") != 0
    assert api.space_info(space).sha


def test_a_push_over_what_another_did_meanwhile_is_refused(api: HfApi, space: str, checkout: Checkout) -> None:
    checkout.commit(a__txt=b"mine")
    made = commit(api, space, app_files())
    assert checkout.git("push", "origin", "main") != 0
    # With a lease on what was fetched, git sends the push, and it is the server that must see that main moved.
    assert checkout.git("push", "--force-with-lease", "origin", "main") != 0
    assert api.space_info(space).sha == made


def test_of_a_push_and_a_commit_at_once_the_first_is_kept(hub: Hub, api: HfApi, space: str, checkout: Checkout) -> None:
    """git looks where main is, then sends; a commit comes between the two."""
    checkout.commit(a__txt=b"mine")
    hub.forget_requests()
    hub.fault(method="POST", route="/spaces/{id}/git-receive-pack", delay=2)
    with ThreadPoolExecutor(1) as threads:
        push = threads.submit(checkout.git, "push", "--force", "origin", "main")
        while "POST /spaces/{id}/git-receive-pack" not in hub.requests():
            time.sleep(0.02)
        made = commit(api, space, app_files())
        assert push.result() != 0
    assert "stale info" in checkout.said
    assert api.space_info(space).sha == made


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"photo__jpg": b"\xff\xd8\xff\x00binary"}, "contains binary files"),
        ({"long__txt": b"x" * (10 * 1024 * 1024 + 1)}, "contains files larger than 10 MiB"),
        ({"README__md": b"---\nsdk: dokker\n---\n"}, "invalid metadata"),
        (
            {"big__txt": b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 5\n"},
            "pointed to a file that does not exist",
        ),
    ],
)
def test_what_the_hub_does_not_take_is_refused_by_name(
    api: HfApi, space: str, checkout: Checkout, files: dict[str, bytes], reason: str
) -> None:
    before = api.space_info(space).sha
    checkout.commit(**files)
    assert checkout.git("push", "origin", "main") != 0
    assert reason in checkout.said
    assert "pre-receive hook declined" in checkout.said
    assert api.space_info(space).sha == before


def test_a_binary_deleted_again_before_the_push_is_still_refused(checkout: Checkout) -> None:
    checkout.commit(photo__jpg=b"\xff\xd8\xff\x00")
    (checkout.folder / "photo.jpg").unlink()
    checkout.commit(README__md=README)
    assert checkout.git("push", "origin", "main") != 0
    assert "photo.jpg" in checkout.said


@pytest.mark.parametrize("role", ["read", "none", "wrong"])
def test_only_a_write_token_pushes(hub: Hub, space: str, checkout: Checkout, role: str) -> None:
    password = {"read": hub.new_token("local", "read"), "none": "", "wrong": "hf_wrong"}[role]
    user = f"local:{password}@" if password else ""
    checkout.commit(README__md=README)
    address = f"http://{user}{hub.url.removeprefix('http://')}/spaces/{space}"
    assert checkout.git("push", address, "main") != 0
    assert hub.api().space_info(space).sha is not None
    assert len(hub.api().list_repo_commits(space, repo_type="space")) == 1


def test_a_private_space_is_cloned_with_a_token_only(hub: Hub, api: HfApi, space: str, checkout: Checkout) -> None:
    api.update_repo_settings(space, repo_type="space", visibility="private")
    bare = hub.url.removeprefix("http://")
    assert checkout.git("ls-remote", f"http://{bare}/spaces/{space}") != 0
    assert checkout.git("ls-remote", f"http://eve:{hub.new_token('eve')}@{bare}/spaces/{space}") != 0
    assert checkout.git("ls-remote", f"http://local:{hub.token}@{bare}/spaces/{space}.git") == 0, checkout.said


def test_a_branch_where_no_file_can_be_is_refused(checkout: Checkout) -> None:
    checkout.commit(a__txt=b"x")
    for name, reason in (("main/below", "refs/heads/main stands in its way"), ("b" * 251, "a name this long")):
        assert checkout.git("push", "origin", f"HEAD:refs/heads/{name}") != 0
        assert reason in checkout.said


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ("100644 ..", "/: invalid name .."),
        ("100644 .git", "/: invalid name .git"),
        ("100644 " + "n" * 256, "a name has 256 bytes"),
        ("120000 link", "link: it is a symbolic link whose target is no path"),
        ("100644 a", "a file and a folder of one name"),
    ],
    ids=["outside", "git", "long", "empty link", "twice"],
)
def test_files_that_no_checkout_can_hold_are_refused_by_name(
    api: HfApi, space: str, checkout: Checkout, item: str, reason: str
) -> None:
    """As other tools than `git add` make them; with `a.b` and the folder `a` beside."""
    blob = bytes.fromhex(checkout.write("hash-object", "-w", "--stdin", content=b""))
    below = bytes.fromhex(checkout.write("mktree", content=b"100644 blob %b\tx\n" % blob.hex().encode()))
    items = {item: blob, "100644 a.b": blob, "40000 a/": below}
    in_order = sorted(items, key=lambda item: item.partition(" ")[2])
    entries = b"".join(item.rstrip("/").encode() + b"\0" + items[item] for item in in_order)
    tree = checkout.write("hash-object", "-t", "tree", "-w", "--stdin", "--literally", content=entries)
    made = checkout.write("commit-tree", tree, "-p", "HEAD", "-m", "odd")
    assert checkout.git("push", "origin", f"{made}:main") != 0
    assert "can be checked out" in checkout.said
    assert reason in checkout.said
    assert len(api.list_repo_commits(space, repo_type="space")) == 1
