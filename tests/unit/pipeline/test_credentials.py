"""Which login a command would use, and that what is empty counts as not set."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.config import Target
from deploy.pipeline.commands.credentials import find_login
from deploy.settings import given_token

KEYLESS = {"HF_OIDC_RESOURCE": "spaces/someone/service"}


def target(**facts: str) -> Target:
    return Target(
        name="staging",
        hub=facts.get("hub", "https://hub.invalid"),
        space="someone/service",
        protected=False,
        hardware="cpu-basic",
        visibility="public",
        durable=False,
        build_timeout=1.0,
        poll=1.0,
        lease_wait=0.0,
        retry_pause=1.0,
        token_variable="HF_TOKEN",
        variables={},
        secrets={},
    )


@pytest.mark.parametrize(
    ("env", "source"),
    [
        ({**KEYLESS, "HF_TOKEN": ""}, "keyless, for spaces/someone/service"),
        ({**KEYLESS, "HF_TOKEN": "hf_something"}, "keyless, for spaces/someone/service"),
        ({"HF_OIDC_RESOURCE": "", "HF_TOKEN": "hf_something"}, "the token in HF_TOKEN"),
        ({"HF_OIDC_RESOURCE": "", "HF_TOKEN": ""}, None),
        ({"HF_OIDC_RESOURCE": "", "HF_TOKEN": " \n"}, None),
        ({}, None),
    ],
)
def test_each_login_is_told_by_its_presence(tmp_path: Path, env: dict[str, str], source: str | None) -> None:
    login = find_login(target(), tmp_path, env)

    assert login.source == source
    assert login.document()["found"] is (source is not None)
    assert "hf_something" not in login.text()


def test_a_local_hub_has_its_own(tmp_path: Path) -> None:
    assert find_login(target(hub="local"), tmp_path, {}).source == "the local Hub's own token"


def test_an_empty_token_of_the_environment_does_not_hide_that_of_a_file(tmp_path: Path) -> None:
    (tmp_path / ".env.staging").write_text("HF_TOKEN=hf_of_the_file\n")

    token = given_token(target(), tmp_path, {"HF_TOKEN": ""})

    assert token is not None
    assert token.reveal() == "hf_of_the_file"


def test_without_any_it_says_what_to_set(tmp_path: Path) -> None:
    assert find_login(target(), tmp_path, {}).text() == (
        "There is no login for staging: neither HF_OIDC_RESOURCE nor HF_TOKEN is set."
    )
