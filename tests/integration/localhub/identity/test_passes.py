"""Passes to private Spaces: who is given one, and what they are given."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from huggingface_hub import HfApi

from tests.integration.hub_fixtures import Hub


@pytest.fixture
def private(api: HfApi, space: str) -> str:
    api.update_repo_settings(space, repo_type="space", visibility="private")
    return space


def claims(token: str) -> Any:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_a_member_is_given_a_pass_for_that_space_and_a_day(hub: Hub, private: str) -> None:
    answer = hub.ask("GET", f"/api/spaces/{private}/jwt")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    told = claims(answer.json()["token"])
    assert (told["sub"], told["exp"] - told["iat"]) == (f"/spaces/{private}", 86_400)
    assert told["onBehalfOf"]["user"] == "local"


def test_a_reader_is_enough(hub: Hub, private: str) -> None:
    assert hub.ask("GET", f"/api/spaces/{private}/jwt", token=hub.new_token("local", "read")).status_code == 200


def test_nobody_else_is(hub: Hub, private: str) -> None:
    path = f"/api/spaces/{private}/jwt"
    assert hub.ask("GET", path, token="").status_code == 401
    assert hub.ask("GET", path, token=hub.new_token("eve")).status_code == 404
    assert hub.ask("GET", path, token="hf_wrong").status_code == 401
    assert hub.ask("GET", "/api/spaces/local/nothing/jwt").status_code == 404
