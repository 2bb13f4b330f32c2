"""Making and removing Spaces."""

from __future__ import annotations

import pytest
from huggingface_hub import HfApi, SpaceHardware
from huggingface_hub.errors import (
    HfHubHTTPError,
)

from tests.integration.hub_fixtures import Hub, app_files, commit, settled, status


def test_a_new_space_has_one_commit_and_what_it_was_created_with(api: HfApi) -> None:
    url = api.create_repo(
        "local/complete",
        repo_type="space",
        space_sdk="docker",
        space_hardware=SpaceHardware.CPU_UPGRADE,
        visibility="private",
        space_secrets=[{"key": "KEY", "value": "hidden", "description": "why"}],
        space_variables=[{"key": "NAME", "value": "shown"}],
    )
    info = api.space_info("local/complete")
    assert url.repo_id == "local/complete"
    assert (info.sdk, info.private, info.subdomain) == ("docker", True, "local-complete")
    assert info.runtime is not None
    assert (info.runtime.stage, info.runtime.requested_hardware) == ("NO_APP_FILE", "cpu-upgrade")
    assert [one.title for one in api.list_repo_commits("local/complete", repo_type="space")] == ["initial commit"]
    assert api.get_space_variables("local/complete")["NAME"].value == "shown"
    assert api.get_space_secrets("local/complete")["KEY"].description == "why"


def test_creating_what_exists_is_a_conflict_that_names_it(hub: Hub, api: HfApi, space: str) -> None:
    with pytest.raises(HfHubHTTPError, match="You already created this space repo") as caught:
        api.create_repo(space, repo_type="space", space_sdk="docker")
    assert caught.value.response.json()["url"] == f"{hub.url}/spaces/{space}"
    again = api.create_repo(space, repo_type="space", space_sdk="docker", exist_ok=True)
    assert again.repo_id == space


def test_a_free_account_may_not_create_a_docker_space(hub: Hub) -> None:
    hub.put_user("poor", plan="free")
    poor = hub.api(hub.new_token("poor"))
    with pytest.raises(HfHubHTTPError, match="requires a PRO subscription") as caught:
        poor.create_repo("poor/app", repo_type="space", space_sdk="docker")
    assert caught.value.response.status_code == 402
    poor.create_repo("poor/pages", repo_type="space", space_sdk="static")


def test_only_members_create_in_an_organisation(hub: Hub) -> None:
    hub.put_user("member", organizations=["acme"])
    hub.api(hub.new_token("member")).create_repo("acme/app", repo_type="space", space_sdk="docker")
    stranger = hub.api(hub.new_token("stranger"))
    assert status(lambda: stranger.create_repo("acme/other", repo_type="space", space_sdk="docker")) == 403


@pytest.mark.parametrize("name", ["local/..", "local/a--b", "local/a.git", "local/-a"])
def test_a_name_that_is_none_is_refused(hub: Hub, name: str) -> None:
    namespace, _, bare = name.partition("/")
    asked = {"name": bare, "organization": namespace, "type": "space", "sdk": "docker"}
    assert hub.ask("POST", "/api/repos/create", json=asked).status_code == 400


def test_a_deleted_space_is_gone_and_its_name_is_free(api: HfApi, space: str) -> None:
    commit(api, space, app_files())
    api.delete_repo(space, repo_type="space")
    assert not api.repo_exists(space, repo_type="space")
    api.create_repo(space, repo_type="space", space_sdk="docker")
    assert len(api.list_repo_commits(space, repo_type="space")) == 1


def test_a_duplicate_has_the_files_and_variables_and_no_secrets(api: HfApi, space: str) -> None:
    made = commit(api, space, app_files())
    api.add_space_variable(space, "NAME", "value")
    api.add_space_secret(space, "KEY", "hidden")
    copy = api.duplicate_repo(space, f"{space}-copy", repo_type="space", space_secrets=[{"key": "OWN", "value": "x"}])
    assert copy.repo_id == f"{space}-copy"
    assert settled(api, copy.repo_id, made).stage == "RUNNING"
    assert set(api.get_space_variables(copy.repo_id)) == {"NAME"}
    assert set(api.get_space_secrets(copy.repo_id)) == {"OWN"}
    commit(api, copy.repo_id, app_files(only__txt=b"here"))
    assert "only.txt" not in api.list_repo_files(space, repo_type="space")


def test_a_moved_space_keeps_everything_but_its_name(api: HfApi, space: str) -> None:
    made = commit(api, space, app_files())
    api.add_space_secret(space, "KEY", "hidden")
    api.move_repo(space, f"{space}-new", repo_type="space")
    assert not api.repo_exists(space, repo_type="space")
    assert settled(api, f"{space}-new", made).stage == "RUNNING"
    assert set(api.get_space_secrets(f"{space}-new")) == {"KEY"}
    assert status(lambda: api.move_repo(f"{space}-new", "acme/app-new", repo_type="space")) == 403


def test_listed_is_what_the_caller_may_see(hub: Hub, api: HfApi, space: str) -> None:
    api.create_repo(f"{space}-hidden", repo_type="space", space_sdk="docker", private=True)
    own = {one.id for one in api.list_spaces(author="local", search=space.partition("/")[2])}
    assert own >= {space, f"{space}-hidden"}
    assert f"{space}-hidden" not in {one.id for one in hub.api(hub.new_token("eve")).list_spaces(author="local")}
