"""What is built, what serves, and what a person does to it."""

from __future__ import annotations

import time

import pytest
from huggingface_hub import CommitOperationAdd, HfApi, SpaceHardware, Volume
from huggingface_hub.errors import (
    BadRequestError,
)

from tests.integration.hub_fixtures import Hub, app_files, commit, settled


def test_a_commit_on_main_is_built_and_served(api: HfApi, space: str) -> None:
    made = commit(api, space, app_files())
    runtime = settled(api, space, made)
    assert (runtime.stage, runtime.hardware) == ("RUNNING", "cpu-basic")
    log = "".join(api.fetch_space_logs(space, build=True))
    assert f"commit {made}" in log
    assert "files .gitattributes Dockerfile README.md" in log
    for name in ("SPACE_ID", "SPACE_HOST", "SPACE_AUTHOR_NAME", "SPACE_REPO_NAME", "CPU_CORES"):
        assert name in log


def test_the_old_commit_serves_until_the_new_one_is_up(hub: Hub, api: HfApi, space: str) -> None:
    first = commit(api, space, app_files())
    settled(api, space, first)
    hub.fault(space=space, name="stuck_build", value=True)
    second = commit(api, space, app_files(new__txt=b"x"))
    runtime = api.get_space_runtime(space)
    assert (runtime.stage, runtime.raw["sha"]) == ("RUNNING_BUILDING", first)
    assert api.space_info(space).sha == second


def test_other_branches_and_tags_build_nothing(api: HfApi, space: str) -> None:
    made = commit(api, space, app_files())
    settled(api, space, made)
    api.create_branch(space, branch="work", repo_type="space")
    commit(api, space, app_files(new__txt=b"x"), revision="work")
    api.create_tag(space, tag="t", revision="work", repo_type="space")
    runtime = api.get_space_runtime(space)
    assert (runtime.stage, runtime.raw["sha"]) == ("RUNNING", made)


def test_without_a_dockerfile_there_is_no_app(api: HfApi, space: str) -> None:
    made = commit(api, space, [CommitOperationAdd("README.md", b"---\nsdk: docker\n---\n")])
    runtime = api.get_space_runtime(space)
    assert (runtime.stage, runtime.raw["sha"]) == ("NO_APP_FILE", made)
    assert "Dockerfile" in runtime.raw["errorMessage"]


def test_without_a_card_the_space_is_not_configured(api: HfApi, space: str) -> None:
    commit(api, space, [CommitOperationAdd("Dockerfile", b"FROM scratch\n")])
    runtime = api.get_space_runtime(space)
    assert (runtime.stage, runtime.raw["errorMessage"]) == ("CONFIG_ERROR", "Missing configuration in README")


def test_a_name_that_is_a_variable_and_a_secret_starts_nothing_until_it_is_one(api: HfApi, space: str) -> None:
    api.add_space_variable(space, "MODE", "fast")
    api.add_space_secret(space, "MODE", "fast")
    made = commit(api, space, app_files())
    runtime = api.get_space_runtime(space)
    told = (runtime.stage, runtime.raw["errorMessage"])
    assert told == ("CONFIG_ERROR", "Collision on variables and secrets names: MODE")
    api.delete_space_variable(space, "MODE")
    assert settled(api, space, made).stage == "RUNNING"
    api.add_space_variable(space, "MODE", "slow")
    assert settled(api, space, made).stage == "CONFIG_ERROR"


def test_a_changed_setting_restarts_and_an_unchanged_one_does_not(hub: Hub, api: HfApi, space: str) -> None:
    made = commit(api, space, app_files())
    settled(api, space, made)
    hub.fault(space=space, name="stuck_build")
    api.add_space_variable(space, "NAME", "one")
    assert api.get_space_runtime(space).stage == "RUNNING_BUILDING"
    hub.heal()
    assert settled(api, space, made).stage == "RUNNING"
    hub.fault(space=space, name="stuck_build")
    api.add_space_variable(space, "NAME", "one")
    assert api.get_space_runtime(space).stage == "RUNNING"


def test_changes_during_a_restart_end_in_one_more(hub: Hub, api: HfApi, space: str) -> None:
    settled(api, space, commit(api, space, app_files()))
    hub.fault(space=space, name="stuck_build")
    for number in range(6):
        api.add_space_secret(space, f"KEY_{number}", "value")
    hub.heal()
    log = _build_log(api, space, holding="KEY_5")
    # The commit was the first turn; the first secret began the second, and the other five share the third.
    assert "turn 3\n" in log


def _build_log(api: HfApi, space: str, *, holding: str) -> str:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        log = "".join(api.fetch_space_logs(space, build=True, follow=True))
        if holding in log:
            return log
    raise AssertionError(f"{holding} is not in {log}")


def test_a_paused_space_stays_so_until_it_is_restarted(api: HfApi, space: str) -> None:
    settled(api, space, commit(api, space, app_files()))
    assert api.pause_space(space).stage == "PAUSED"
    made = commit(api, space, app_files(new__txt=b"x"))
    assert api.get_space_runtime(space).stage == "PAUSED"
    api.restart_space(space)
    assert settled(api, space, made).stage == "RUNNING"


def test_hardware_and_sleep_are_remembered(api: HfApi, space: str) -> None:
    api.request_space_hardware(space, SpaceHardware.T4_SMALL, sleep_time=600)
    runtime = api.get_space_runtime(space)
    assert (runtime.requested_hardware, runtime.sleep_time) == ("t4-small", 600)
    api.set_space_sleep_time(space, 1200)
    assert api.get_space_runtime(space).sleep_time == 1200
    assert "cpu-basic" in {one.name for one in api.list_spaces_hardware()}


def test_a_static_space_has_nothing_to_pause(api: HfApi) -> None:
    api.create_repo("local/pages", repo_type="space", space_sdk="static")
    with pytest.raises(BadRequestError):
        api.pause_space("local/pages")


def test_volumes_are_remembered(api: HfApi, space: str) -> None:
    api.set_space_volumes(space, [Volume(type="bucket", source="local/data", mount_path="/data")])
    assert [one.mount_path for one in api.get_space_runtime(space).volumes or ()] == ["/data"]
    api.delete_space_volumes(space)
    assert not api.get_space_runtime(space).volumes
