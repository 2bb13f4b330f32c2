"""Keyless login: the real client in what looks like a GitHub workflow."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.integration.hub_fixtures import Hub

CLAIMS = {
    "repository": "acme/app",
    "ref": "refs/heads/main",
    "workflow": "deploy",
    "workflow_ref": "acme/app/.github/workflows/deploy.yml@refs/heads/main",
}
PUSH = """
import sys
from huggingface_hub import CommitOperationAdd, HfApi
api = HfApi()
api.create_commit(sys.argv[1], [CommitOperationAdd("a.txt", b"a")], commit_message="keyless", repo_type="space")
print(api.whoami()["auth"]["accessToken"]["displayName"])
"""


def in_workflow(hub: Hub, resource: str, space: str) -> subprocess.CompletedProcess[str]:
    env = {
        **hub.environment(),
        "GITHUB_ACTIONS": "true",
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{hub.url}/gh-oidc?x=1",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "anything",
        "HF_OIDC_RESOURCE": f"spaces/{resource}",
    }
    del env["HF_TOKEN"]
    return subprocess.run(
        [sys.executable, "-c", PUSH, space], env=env, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("workflow", ["deploy", "deploy.yml", None])
def test_a_trusted_workflow_commits(hub: Hub, space: str, workflow: str | None) -> None:
    hub.trust(claims=CLAIMS)
    hub.trust(space=space, publishers=[{"repository": "acme/app", "branch": "main", "workflow": workflow}])
    ran = in_workflow(hub, space, space)
    assert ran.returncode == 0, ran.stderr
    newest = hub.api().list_repo_commits(space, repo_type="space")[0]
    assert (newest.title, newest.authors) == ("keyless", ["[OIDC]"])


@pytest.mark.parametrize(
    "publisher",
    [
        {"repository": "acme/other"},
        {"repository": "acme/app", "branch": "release"},
        {"repository": "acme/app", "workflow": "other"},
    ],
)
def test_another_workflow_does_not(hub: Hub, space: str, publisher: dict[str, str]) -> None:
    hub.trust(claims=CLAIMS)
    hub.trust(space=space, publishers=[publisher])
    ran = in_workflow(hub, space, space)
    assert ran.returncode != 0
    assert "No trusted publisher" in ran.stderr
    assert len(hub.api().list_repo_commits(space, repo_type="space")) == 1


def test_its_token_is_for_one_space(hub: Hub, space: str) -> None:
    hub.api().create_repo("local/neighbour", repo_type="space", space_sdk="docker")
    hub.trust(claims=CLAIMS)
    hub.trust(space=space, publishers=[{"repository": "acme/app"}])
    ran = in_workflow(hub, space, "local/neighbour")
    assert ran.returncode != 0
    assert f"This token gives access to {space} only" in ran.stderr


def test_a_token_of_someone_else_is_not_taken(hub: Hub, space: str) -> None:
    hub.trust(claims=CLAIMS)
    hub.trust(space=space, publishers=[{"repository": "acme/app"}])
    asked = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
        "resource": f"spaces/{space}",
    }
    made = hub.ask("GET", "/gh-oidc?audience=http://elsewhere", token="x").json()["value"]
    good = hub.ask("GET", f"/gh-oidc?audience={hub.url}", token="x").json()["value"]
    header, payload, signature = good.split(".")
    for token in (made, f"{header}.{payload}.{signature[::-1]}", "", "a.b.c"):
        answer = hub.ask("POST", "/oauth/token", token="", json={**asked, "subject_token": token})
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert hub.ask("POST", "/oauth/token", token="", json={**asked, "subject_token": good}).status_code == 200
