"""Commits by the real client: all or nothing, one at a time, what is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import BadRequestError, HfHubHTTPError, RemoteEntryNotFoundError

from deploy.secret import Secret
from deploy.space.client import HubClient
from deploy.space.operations import Write
from tests.integration.hub_fixtures import Hub, app_files, commit, running_hub


def test_a_commit_adds_changes_and_deletes_at_once(api: HfApi, space: str) -> None:
    first = commit(api, space, [*app_files(), CommitOperationAdd("old/a.txt", b"a"), CommitOperationAdd("b.txt", b"b")])
    operations: list[CommitOperationAdd | CommitOperationDelete] = [
        CommitOperationDelete("old/", is_folder=True),
        CommitOperationAdd("b.txt", b"changed"),
        CommitOperationAdd("new/deep/c.txt", b"c"),
    ]
    second = commit(api, space, operations, parent=first)
    files = api.list_repo_files(space, repo_type="space")
    assert files == [".gitattributes", "Dockerfile", "README.md", "b.txt", "new/deep/c.txt"]
    assert api.space_info(space).sha == second
    assert [one.commit_id for one in api.list_repo_commits(space, repo_type="space")][:2] == [second, first]


def test_a_file_takes_the_place_of_a_folder_and_a_folder_that_of_a_file(api: HfApi, space: str) -> None:
    commit(api, space, [CommitOperationAdd("a", b"file"), CommitOperationAdd("b/c", b"below")])
    commit(api, space, [CommitOperationAdd("a/x/y", b"below"), CommitOperationAdd("b", b"file")])
    assert api.list_repo_files(space, repo_type="space") == [".gitattributes", "a/x/y", "b"]


def test_the_same_content_again_is_no_commit(hub: Hub, api: HfApi, space: str) -> None:
    first = commit(api, space, app_files())
    hub.forget_requests()
    assert commit(api, space, app_files()) == first
    assert "POST /api/spaces/{id}/commit/{rev}" not in hub.requests()


def test_a_commit_on_another_parent_is_refused_and_changes_nothing(api: HfApi, space: str) -> None:
    first = api.space_info(space).sha
    assert first is not None
    second = commit(api, space, app_files())
    with pytest.raises(HfHubHTTPError, match="The branch was updated since you opened this page") as caught:
        commit(api, space, [CommitOperationAdd("late.txt", b"late")], parent=first)
    assert caught.value.response.status_code == 412
    assert api.space_info(space).sha == second


def test_of_many_commits_on_one_parent_one_is_taken(hub: Hub, space: str) -> None:
    parent = hub.api().space_info(space).sha
    assert parent is not None

    def attempt(number: int) -> int:
        try:
            commit(hub.api(), space, [CommitOperationAdd(f"{number}.txt", b"x")], parent=parent)
        except HfHubHTTPError as error:
            return error.response.status_code
        return 200

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(attempt, range(8))) == [200] + 7 * [412]
    assert len(hub.api().list_repo_files(space, repo_type="space")) == 2


def test_deleting_what_is_not_there_is_told(api: HfApi, space: str) -> None:
    with pytest.raises(RemoteEntryNotFoundError, match="A file with this name doesn't exist"):
        commit(api, space, [CommitOperationDelete("nothing.txt")])


def test_a_card_that_the_hub_refuses_stops_the_client_before_it_sends_anything(api: HfApi, space: str) -> None:
    card = b"---\nsdk: docker\nshort_description: " + b"x" * 61 + b"\n---\n"
    with pytest.raises(ValueError, match="short_description"):
        commit(api, space, app_files(README__md=card))


def test_a_commit_that_skips_the_checks_is_refused_by_the_hook(hub: Hub, api: HfApi, space: str) -> None:
    lines = (
        '{"key": "header", "value": {"summary": "binary"}}\n'
        '{"key": "file", "value": {"path": "x.bin", "content": "AAEC", "encoding": "base64"}}\n'
    )
    answer = hub.ask("POST", f"/api/spaces/{space}/commit/main", content=lines)
    assert answer.status_code == 400
    assert "contains binary files" in answer.json()["error"]
    assert "x.bin (ref: refs/heads/main)" in answer.json()["error"]
    assert len(api.list_repo_commits(space, repo_type="space")) == 1


@pytest.mark.parametrize("path", ["../up", "/etc/passwd", "a\\..\\b", ".git/config", "a/../b", "a//b"])
def test_a_path_that_leads_elsewhere_is_refused(hub: Hub, space: str, path: str) -> None:
    header = '{"key": "header", "value": {"summary": "x"}}\n'
    line = '{"key": "file", "value": {"path": %s, "content": ""}}\n'
    quoted = '"' + path.replace("\\", "\\\\") + '"'
    answer = hub.ask("POST", f"/api/spaces/{space}/commit/main", content=header + line % quoted)
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("paths", "reason"),
    [
        (["n" * 256], "a name has 256 bytes"),
        (["ok.txt", "a", "a/b"], "a: it would be a file and a folder"),
        (["/".join("d" * 1500)], "it lies in 1499 folders"),
    ],
)
def test_files_that_no_checkout_can_hold_are_refused_by_name(
    api: HfApi, space: str, paths: list[str], reason: str
) -> None:
    before = api.space_info(space).sha
    with pytest.raises(BadRequestError, match="can be checked out") as caught:
        commit(api, space, [CommitOperationAdd(path, b"x") for path in paths])
    assert reason in str(caught.value)
    assert api.space_info(space).sha == before
    assert commit(api, space, app_files()) == api.space_info(space).sha


def test_a_lock_that_a_killed_hub_left_does_not_stop_a_commit(tmp_path: Path) -> None:
    with running_hub(tmp_path / "hub") as hub:
        hub.api().create_repo("local/app", repo_type="space", space_sdk="docker")
        hub.process.kill()
        hub.process.wait()
    for name in ("refs/heads/main.lock", "packed-refs.lock"):
        (hub.home / "repos/spaces/local/app.git" / name).touch()
    with running_hub(tmp_path / "hub") as hub:
        assert commit(hub.api(), "local/app", app_files()) == hub.api().space_info("local/app").sha
        (hub.home / "repos/spaces/local/app.git/refs/heads/main.lock").touch()
        assert commit(hub.api(), "local/app", app_files(more__txt=b"x")) == hub.api().space_info("local/app").sha


@pytest.mark.parametrize("body", ["not json\n", '{"key": "file"}\n', '{"key": "odd", "value": {}}\n', ""])
def test_a_commit_that_is_none_is_a_bad_request(hub: Hub, space: str, body: str) -> None:
    assert hub.ask("POST", f"/api/spaces/{space}/commit/main", content=body).status_code == 400


def test_two_thousand_files_are_one_commit(hub: Hub, api: HfApi, space: str) -> None:
    operations = [CommitOperationAdd(f"d{n % 40}/f{n}.py", b"value = %d\n" % n) for n in range(2000)]
    hub.forget_requests()
    commit(api, space, operations)
    asked = hub.requests()
    assert asked["POST /api/spaces/{id}/commit/{rev}"] == 1
    assert asked["POST /api/spaces/{id}/preupload/{rev}"] == 8
    assert len(api.list_repo_files(space, repo_type="space")) == 2001


def test_a_release_arrives_whole_in_spite_of_gitignore(hub: Hub, api: HfApi, space: str) -> None:
    commit(api, space, [CommitOperationAdd(".gitignore", b"*.csv\n"), *app_files()])
    parent = api.space_info(space).sha
    client = HubClient(hub.url, space, Secret(hub.token), token_variable="HF_TOKEN")
    written = [Write(path=path, content=b"1") for path in ("tasks.csv", "app.db")]
    operations = [Write(path=".gitignore", content=b"*.db\n"), *written]
    client.commit(operations, title="Release", message="", parent=parent or "")
    assert {"tasks.csv", "app.db"} < set(api.list_repo_files(space, repo_type="space"))


def test_what_gitignore_lists_is_not_taken(api: HfApi, space: str) -> None:
    commit(api, space, [CommitOperationAdd(".gitignore", b"*.log\n/build/\n")])
    commit(api, space, [CommitOperationAdd("a.log", b"x"), CommitOperationAdd("build/x", b"x"), *app_files()])
    assert api.list_repo_files(space, repo_type="space") == [".gitattributes", ".gitignore", "Dockerfile", "README.md"]
