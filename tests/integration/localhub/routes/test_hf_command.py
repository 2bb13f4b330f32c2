"""The local Hub and the real `hf` command."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import HfApi

from tests.integration.hub_fixtures import DOCKERFILE, README, Hub, app_files, commit


@pytest.fixture
def hf(hub: Hub, tmp_path: Path) -> Any:
    def run(*arguments: str, code: int = 0) -> str:
        ran = subprocess.run(
            ["hf", *arguments], cwd=tmp_path, env=hub.environment(), capture_output=True, text=True, check=False
        )
        assert ran.returncode == code, ran.stdout + ran.stderr
        return ran.stdout

    return run


def test_who_am_i(hf: Any) -> None:
    assert "local" in hf("auth", "whoami")


def test_a_space_is_made_filled_watched_and_removed(hf: Any, hub: Hub, tmp_path: Path) -> None:
    hf("repos", "create", "local/by-hf", "--type", "space", "--sdk", "docker", "-s", "KEY=hidden", "-e", "NAME=shown")
    assert json.loads(hf("spaces", "info", "local/by-hf", "--format", "json"))["sdk"] == "docker"
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "README.md").write_bytes(README)
    (folder / "Dockerfile").write_bytes(DOCKERFILE)
    hf("upload", "local/by-hf", "app", ".", "--repo-type", "space")
    hf("spaces", "wait", "local/by-hf", "--timeout", "20s")
    assert "commit" in hf("spaces", "logs", "local/by-hf", "--build")
    hf("repos", "delete", "local/by-hf", "--type", "space", "--yes")
    assert not hub.api().repo_exists("local/by-hf", repo_type="space")


def test_secrets_and_variables(hf: Any, api: HfApi, space: str, tmp_path: Path) -> None:
    (tmp_path / "secrets.env").write_text("ONE=1\nTWO=2\n")
    hf("spaces", "secrets", "add", space, "--secrets-file", "secrets.env")
    hf("spaces", "variables", "add", space, "-e", "NAME=value")
    assert {row["key"] for row in json.loads(hf("spaces", "secrets", "list", space, "--format", "json"))} == {
        "ONE",
        "TWO",
    }
    hf("spaces", "secrets", "delete", space, "ONE", "-y")
    assert set(api.get_space_secrets(space)) == {"TWO"}
    assert api.get_space_variables(space)["NAME"].value == "value"


def test_pause_restart_and_tags(hf: Any, api: HfApi, space: str) -> None:
    commit(api, space, app_files())
    hf("spaces", "wait", space, "--timeout", "20s")
    hf("spaces", "pause", space)
    assert api.get_space_runtime(space).stage == "PAUSED"
    hf("spaces", "restart", space)
    hf("repos", "tag", "create", space, "v1", "--type", "space", "-m", "first")
    assert "v1" in hf("repos", "tag", "list", space, "--type", "space")


def test_a_wrong_token_is_told(hub: Hub) -> None:
    env = hub.environment("hf_wrong")
    ran = subprocess.run(["hf", "spaces", "info", "local/any"], env=env, capture_output=True, text=True, check=False)
    assert ran.returncode != 0
    assert "Traceback" not in ran.stderr
