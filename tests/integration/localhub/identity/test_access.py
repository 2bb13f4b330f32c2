"""Who may do what: tokens, roles, strangers."""

from __future__ import annotations

import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import (
    HfHubHTTPError,
    RepositoryNotFoundError,
)

from tests.integration.hub_fixtures import Hub, app_files, commit, status


def test_says_who_the_token_belongs_to(hub: Hub) -> None:
    told = hub.api().whoami()
    assert (told["name"], told["auth"]["accessToken"]["role"]) == ("local", "write")
    assert hub.api(hub.new_token("ann", "read")).whoami()["auth"]["accessToken"]["role"] == "read"


def test_refuses_a_token_it_never_gave_out(hub: Hub) -> None:
    with pytest.raises(HfHubHTTPError, match="Invalid credentials in Authorization header"):
        hub.api("hf_unknown").auth_check("local/any", repo_type="space")


def test_a_missing_space_is_a_missing_repository_over_plain_http_too(hub: Hub) -> None:
    with pytest.raises(RepositoryNotFoundError):
        hub.api().space_info("local/nothing-here")
    answer = hub.ask("GET", "/api/spaces/local/nothing-here", token="")
    assert (answer.status_code, answer.headers["X-Error-Code"]) == (401, "RepoNotFound")
    assert answer.headers["X-Request-Id"]


def test_a_read_token_reads_and_does_not_write(hub: Hub, space: str) -> None:
    reader = hub.api(hub.new_token("local", "read"))
    reader.auth_check(space, repo_type="space")
    assert status(lambda: reader.auth_check(space, repo_type="space", write=True)) == 403
    assert status(lambda: reader.add_space_variable(space, "NAME", "value")) == 403
    assert status(lambda: reader.restart_space(space)) == 403
    assert hub.api().get_space_variables(space) == {}


def test_the_space_of_another_is_readable_when_public_and_hidden_when_private(hub: Hub, space: str) -> None:
    stranger = hub.api(hub.new_token("eve"))
    assert stranger.space_info(space).id == space
    assert status(lambda: commit(stranger, space, app_files())) == 403
    hub.api().update_repo_settings(space, repo_type="space", visibility="private")
    with pytest.raises(RepositoryNotFoundError):
        stranger.space_info(space)
    assert status(lambda: stranger.add_space_secret(space, "NAME", "value")) == 404


def test_the_repository_of_a_protected_space_is_its_members(hub: Hub, api: HfApi, space: str) -> None:
    api.update_repo_settings(space, repo_type="space", visibility="protected")
    assert api.space_info(space).private
    with pytest.raises(RepositoryNotFoundError):
        hub.api(hub.new_token("eve")).space_info(space)
