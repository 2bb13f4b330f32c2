"""Who may change a Space: the token, its owner, and what kind of Space it is."""

from __future__ import annotations

import uuid

import pytest

from tests.integration.hub_fixtures import Hub
from tests.integration.pipeline.project import TOKEN_VARIABLE, Project


def space_of_another(hub: Hub, *, private: bool) -> str:
    space = f"somebody/app-{uuid.uuid4().hex[:12]}"
    hub.api(hub.new_token("somebody")).create_repo(space, repo_type="space", space_sdk="docker", private=private)
    return space


def test_a_missing_token_is_told_with_its_variable(standing: Project) -> None:
    standing.touch_up("no token")
    outcome = standing.refused(31, f"{TOKEN_VARIABLE} is not set", "write access", env={TOKEN_VARIABLE: ""})
    assert outcome.document["error"] == "TokenRejected"
    assert outcome.requests == {}


def test_a_token_that_the_hub_never_gave_out_is_told(standing: Project) -> None:
    standing.touch_up("wrong token")
    standing.refused(31, "did not accept the token (401)", TOKEN_VARIABLE, env={TOKEN_VARIABLE: "hf_nobodysToken"})


def test_a_token_that_has_expired_is_told(standing: Project, hub: Hub) -> None:
    standing.touch_up("old token")
    old = hub.new_token("local", expires="2020-01-01T00:00:00+00:00")
    standing.refused(31, "expired or revoked", env={TOKEN_VARIABLE: old})


def test_a_token_that_may_only_read_is_told_before_anything_is_written(standing: Project, hub: Hub) -> None:
    standing.touch_up("read-only token")
    outcome = standing.refused(32, "read-only", standing.space, env={TOKEN_VARIABLE: hub.new_token("local", "read")})
    assert outcome.document["error"] == "NotAllowed"


def test_a_token_that_may_only_read_makes_no_space(project: Project, hub: Hub) -> None:
    project.failed(32, "read-only", env={TOKEN_VARIABLE: hub.new_token("local", "read")})
    assert project.snapshot() is None


@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
def test_a_space_of_someone_else_is_not_changed(standing: Project, hub: Hub, private: bool) -> None:
    other = hub.api(hub.new_token("somebody"))
    standing.space = space_of_another(hub, private=private)
    standing.declare()
    before = other.space_info(standing.space).sha
    outcome = standing.deploy().ended(32)
    assert standing.space in outcome.err
    assert "someone else" in outcome.err or "somebody else" in outcome.err
    assert outcome.writes == {}
    assert other.space_info(standing.space).sha == before


def test_a_space_that_would_be_made_for_someone_else_is_refused(standing: Project) -> None:
    standing.space = f"somebody/none-{uuid.uuid4().hex[:12]}"
    standing.declare()
    standing.refused(32, "does not exist, or is hidden", "somebody else", "correct `space` of target 'test'")


def test_a_member_makes_a_space_for_the_organisation(project: Project, hub: Hub) -> None:
    hub.put_user("member", organizations=["guild"])
    project.space = f"guild/app-{uuid.uuid4().hex[:12]}"
    project.declare()
    token = {TOKEN_VARIABLE: hub.new_token("member")}
    document = project.deploy("--plan", env=token).ended(0).document
    assert document["verdict"] == "planned"


@pytest.mark.parametrize("sdk", ["static", "gradio"])
def test_a_space_of_another_sdk_is_left_alone(project: Project, hub: Hub, sdk: str) -> None:
    hub.api().create_repo(project.space, repo_type="space", space_sdk=sdk)
    outcome = project.refused(35, f"is a {sdk} Space, not a Docker Space", "deploy.toml")
    assert outcome.document["error"] == "WrongSdk"


def test_an_account_without_a_paid_plan_is_told_of_it(project: Project, hub: Hub) -> None:
    hub.put_user("thrifty", plan="free")
    project.space = f"thrifty/app-{uuid.uuid4().hex[:12]}"
    project.declare()
    words = "asks for a paid plan (402)", "PRO", "Team or Enterprise", "subscribe, or deploy to a Space that exists"
    outcome = project.failed(33, *words, env={TOKEN_VARIABLE: hub.new_token("thrifty")})
    assert outcome.document["error"] == "PaymentRequired"
    assert project.snapshot() is None


def test_a_hub_that_does_not_answer_is_told(standing: Project) -> None:
    standing.target["hub"] = "http://127.0.0.1:9"
    standing.declare()
    outcome = standing.refused(30, "The Hub cannot be reached", "`hub` in deploy.toml")
    assert outcome.document["error"] == "HubUnreachable"


def test_an_address_that_is_no_hub_is_told(standing: Project) -> None:
    standing.target["hub"] = standing.url
    standing.touch_up("sent to an app")
    standing.declare()
    outcome = standing.deploy()
    assert outcome.code != 0
    assert outcome.writes == {}
