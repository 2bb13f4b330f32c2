"""Branches and tags: they come, go, and are claimed by one."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import (
    BadRequestError,
    HfHubHTTPError,
    RevisionNotFoundError,
)

from tests.integration.hub_fixtures import Hub, app_files, commit, settled, status


def test_of_many_who_claim_a_tag_one_gets_it(hub: Hub, space: str) -> None:
    gate = threading.Barrier(12)

    def claim(number: int) -> int:
        api = hub.api()
        gate.wait()
        try:
            api.create_tag(space, tag="claim", tag_message=f"by {number}", repo_type="space")
        except HfHubHTTPError as error:
            return error.response.status_code
        return 200

    with ThreadPoolExecutor(12) as threads:
        assert sorted(threads.map(claim, range(12))) == [200] + 11 * [409]


def test_tags_and_branches_come_and_go(api: HfApi, space: str) -> None:
    first = api.space_info(space).sha
    second = commit(api, space, app_files())
    api.create_tag(space, tag="release/1", repo_type="space")
    api.create_tag(space, tag="start", revision=first, tag_message="annotated", repo_type="space")
    api.create_branch(space, branch="work", revision=first, repo_type="space")
    refs = api.list_repo_refs(space, repo_type="space")
    assert {ref.name: ref.target_commit for ref in refs.tags} == {"release/1": second, "start": first}
    assert {ref.name: ref.target_commit for ref in refs.branches} == {"main": second, "work": first}
    assert api.space_info(space, revision="start").sha == first
    assert api.space_info(space, revision="release/1").sha == second
    api.delete_tag(space, tag="release/1", repo_type="space")
    api.delete_branch(space, branch="work", repo_type="space")
    with pytest.raises(RevisionNotFoundError):
        api.delete_tag(space, tag="release/1", repo_type="space")
    assert status(lambda: api.create_tag(space, tag="start", repo_type="space")) == 409
    assert status(lambda: api.delete_branch(space, branch="main", repo_type="space")) == 403


@pytest.mark.parametrize("name", ["a..b", "a b", "refs/heads/x", "end.lock", "b" * 251, "main/below"])
def test_a_name_that_git_does_not_take_is_a_bad_request(api: HfApi, space: str, name: str) -> None:
    with pytest.raises(BadRequestError):
        api.create_branch(space, branch=name, repo_type="space")


def test_a_squashed_branch_has_one_commit_and_the_same_files(api: HfApi, space: str) -> None:
    commit(api, space, app_files())
    made = commit(api, space, app_files(new__txt=b"x"))
    settled(api, space, made)
    files = api.list_repo_files(space, repo_type="space")
    api.super_squash_history(space, commit_message="all in one", repo_type="space")
    assert [one.title for one in api.list_repo_commits(space, repo_type="space")] == ["all in one"]
    assert api.list_repo_files(space, repo_type="space") == files
