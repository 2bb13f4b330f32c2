"""Values come from the environment, `.env.<target>`, then `.env`; what is required has one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deploy.config import Target
from deploy.errors import ConfigError, MissingSecret
from deploy.secret import Secret
from deploy.settings import Settings, given_token, known_secrets, resolve
from tests.unit.ground.builders import target

DECLARED = """
[variables]
LEVEL = "info"
REGION = { required = true }
EXTRA = { required = false }
[secrets]
KEY = {}
URL = { required = false }
MADE = { generate = "hex:32" }
"""


@pytest.fixture
def staging(tmp_path: Path) -> Target:
    return target(tmp_path, settings=DECLARED)


def resolved(target: Target, root: Path, **env: str) -> Settings:
    return resolve(target, root, {"REGION": "eu", **env})


def refusal(target: Target, root: Path, **env: str) -> MissingSecret:
    with pytest.raises(MissingSecret) as caught:
        resolved(target, root, **env)
    return caught.value


def key(settings: Settings) -> str:
    return settings.secrets["KEY"].reveal()


# Where from ----------------------------------------------------------------------------------------------


def test_the_environment_wins_over_the_targets_file_and_that_over_the_common_one(
    staging: Target, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("KEY=common\nURL=common\nREGION=common\n")
    assert key(resolved(staging, tmp_path)) == "common"
    (tmp_path / ".env.staging").write_text("KEY=staging\n")
    (tmp_path / ".env.production").write_text("KEY=production\n")
    found = resolved(staging, tmp_path)
    assert (key(found), found.secrets["URL"].reveal(), found.variables["REGION"]) == ("staging", "common", "eu")
    assert key(resolved(staging, tmp_path, KEY="environment")) == "environment"


def test_of_each_secret_it_is_known_where_it_stands(staging: Target, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# common\nKEY=common\n")
    assert resolved(staging, tmp_path).places == {"KEY": ".env:2"}
    (tmp_path / ".env.staging").write_text("KEY=own\n")
    assert resolved(staging, tmp_path).places == {"KEY": ".env.staging:1"}
    assert resolved(staging, tmp_path, KEY="exported").places == {"KEY": "the environment"}


def test_a_value_in_deploy_toml_is_what_it_says(staging: Target, tmp_path: Path) -> None:
    assert resolved(staging, tmp_path, LEVEL="debug").variables["LEVEL"] == "info"


def test_only_declared_names_are_taken(staging: Target, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OTHER=1\nPATH=/x\n")
    found = resolved(staging, tmp_path, STRANGER="x", HOME="/root", URL="u")
    assert set(found.variables) == {"LEVEL", "REGION"}
    assert set(found.secrets) == {"URL"}


def test_the_token_is_found_like_a_secret_and_is_none(staging: Target, tmp_path: Path) -> None:
    assert resolved(staging, tmp_path).token is None
    (tmp_path / ".env.staging").write_text("HF_TOKEN=from-file\n")
    from_file, from_env = resolved(staging, tmp_path), resolved(staging, tmp_path, HF_TOKEN="from-env")
    assert from_file.token is not None
    assert from_file.token.reveal() == "from-file"
    assert from_env.token is not None
    assert from_env.token.reveal() == "from-env"
    assert "HF_TOKEN" not in from_env.secrets


@pytest.mark.parametrize("empty", ["", " \n"])
def test_an_empty_token_counts_as_none(staging: Target, tmp_path: Path, empty: str) -> None:
    assert resolved(staging, tmp_path, HF_TOKEN=empty).token is None
    (tmp_path / ".env").write_text("HF_TOKEN=from-file\n")
    assert resolved(staging, tmp_path, HF_TOKEN=empty).token == Secret("from-file")


def test_the_token_alone_can_be_asked_for(staging: Target, tmp_path: Path) -> None:
    assert given_token(staging, tmp_path, {}) is None
    assert given_token(staging, tmp_path, {"HF_TOKEN": "from-env"}) == Secret("from-env")


@pytest.mark.parametrize("name", ["KEY", "REGION", "HF_TOKEN"])
def test_bytes_that_are_no_text_are_refused(staging: Target, tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} in the environment is not UTF-8 text") as caught:
        resolved(staging, tmp_path, **{name: os.fsdecode(b"sword\xfffish")})
    assert "sword" not in str(caught.value)


# What is missing -----------------------------------------------------------------------------------------


def test_a_secret_without_value_here_may_be_on_the_space(staging: Target, tmp_path: Path) -> None:
    assert resolved(staging, tmp_path).secrets == {}


def test_a_required_variable_without_value_is_named(staging: Target, tmp_path: Path) -> None:
    with pytest.raises(MissingSecret) as caught:
        resolve(staging, tmp_path, {})
    assert caught.value.what == "1 required setting has no value for target 'staging'. Nothing was written."
    assert caught.value.details == ("variable REGION is not set",)
    assert ".env.staging" in str(caught.value.next_step)


@pytest.mark.parametrize("name", ["KEY", "MADE"])
def test_an_empty_required_secret_is_named_with_its_place(staging: Target, tmp_path: Path, name: str) -> None:
    (tmp_path / ".env").write_text(f"# a comment\n{name}=\n")
    assert refusal(staging, tmp_path).details == (f"secret {name} is empty in .env:2",)


def test_an_empty_value_hides_a_good_one_of_lower_rank(staging: Target, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("KEY=good\n")
    (tmp_path / ".env.staging").write_text("KEY=''\n")
    assert refusal(staging, tmp_path).details == ("secret KEY is empty in .env.staging:1",)
    assert refusal(staging, tmp_path, KEY="").details == ("secret KEY is empty in the environment",)


def test_empty_settings_that_are_not_required_have_no_value(staging: Target, tmp_path: Path) -> None:
    found = resolved(staging, tmp_path, URL="", EXTRA="")
    assert (found.secrets, set(found.variables)) == ({}, {"LEVEL", "REGION"})


def test_all_that_is_missing_is_named_at_once(staging: Target, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("KEY=\nMADE=\n")
    error = refusal(staging, tmp_path, REGION="")
    assert error.what.startswith("3 required settings have no value")
    assert error.details == (
        "variable REGION is empty in the environment",
        "secret KEY is empty in .env:1",
        "secret MADE is empty in .env:2",
    )


def test_a_bad_line_of_either_file_stops_it(staging: Target, tmp_path: Path) -> None:
    (tmp_path / ".env.staging").write_text("KEY\n")
    with pytest.raises(ConfigError, match=r"\.env\.staging has 1 bad line"):
        resolved(staging, tmp_path, KEY="x")


def test_values_of_secrets_do_not_show_themselves(staging: Target, tmp_path: Path) -> None:
    assert "swordfish" not in repr(resolved(staging, tmp_path, KEY="swordfish", HF_TOKEN="swordfish"))


# What must not be shown ----------------------------------------------------------------------------------


def hidden(target: Target, root: Path, **env: str) -> set[str]:
    return {secret.reveal() for secret in known_secrets(target, root, env)} - {""}


def test_every_value_of_a_secret_is_known_whichever_is_used(staging: Target, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("KEY=common\nURL=common url\nREGION=public\nOTHER=x\n")
    (tmp_path / ".env.staging").write_text("KEY=own\nHF_TOKEN=kept\n")
    (tmp_path / ".env.production").write_text("KEY=of production\n")
    known = hidden(staging, tmp_path, KEY="outside", HF_TOKEN="given", REGION="eu")
    assert known == {"outside", "own", "common", "common url", "given", "kept"}


def test_what_a_command_would_refuse_is_hidden_all_the_same(staging: Target, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"KEY=first\nNOT A LINE\nKEY=second\nMADE='open\nURL=caf\xe9\n")
    (tmp_path / ".env.staging").mkdir()
    raw = os.fsdecode(b"sword\xfffish")
    assert hidden(staging, tmp_path, KEY="", MADE=raw) == {"first", "second", "caf\ufffd", "sword\ufffdfish"}
