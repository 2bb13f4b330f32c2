"""The doctor looks at everything a deploy needs, says what to do about each, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.errors import EngineUnavailable, MissingSecret, NotAllowed, TokenRejected
from deploy.pipeline.commands.doctor import Examination, examine
from deploy.pipeline.run import Run
from deploy.space.lease import BRANCH
from deploy.space.model import Runtime
from tests.unit.pipeline.builders import TOML, Story
from tests.unit.space.builders import stored, variable

ACCOUNT = {"name": "owner", "orgs": [{"name": "team"}], "auth": {"accessToken": {"role": "write"}}}
NO_ENGINE = EngineUnavailable("No Docker engine answers.", next_step="start Docker")


def engine() -> Any:
    """One that answers."""
    return SimpleNamespace(server="Docker 29.0", close=lambda: None)


def no_engine() -> Any:
    raise NO_ENGINE


@pytest.fixture
def shipped(story: Story, monkeypatch: pytest.MonkeyPatch) -> Story:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(story.root.parent))
    (story.root / "backend").mkdir()
    (story.root / "backend/main.py").touch()
    story.hub.account = ACCOUNT
    story.ship("r1")
    story.hub.asked.clear()
    return story


def examined(
    story: Story,
    *,
    env: Mapping[str, str] | None = None,
    error: Exception | None = None,
    connect: Callable[[], Any] = engine,
    secrets: Mapping[str, str] | None = None,
) -> Examination:
    def open_run() -> Run:
        if error:
            raise error
        return story.run(secrets=secrets)

    found = examine(story.config, story.config.target(), open_run, env=env or {}, connect=connect, check=lambda *_: ())
    assert story.hub.writes == []
    return found


def level(found: Examination, subject: str) -> str:
    """The worst of what was found about it."""
    levels = [row.level for row in found.observations if row.subject == subject]
    return max(levels, key=("ok", "warning", "error").index, default="not seen")


def test_where_all_is_well_it_says_so(shipped: Story) -> None:
    found = examined(shipped)
    assert found.healthy
    assert {row.level for row in found.observations} == {"ok"}
    assert found.text().splitlines() == [
        "  ✓ Docker       Docker 29.0",
        "  ✓ source       1 file, 0 errors, 0 warnings",
        "  ✓ commit       none",
        "  ✓ settings     0 variables, 0 of 0 secrets have a value here",
        "  ✓ token        of owner, role write",
        "  ✓ Space        owner/tasks, RUNNING",
        "",
        "Ready to deploy.",
    ]


def test_an_engine_is_needed_for_a_real_target_and_missed_for_the_local_one(shipped: Story) -> None:
    assert level(examined(shipped, connect=no_engine), "Docker") == "error"
    shipped.toml = TOML.replace('hub = "https://hub.example"', 'hub = "local"')
    found = examined(shipped, connect=no_engine)
    assert level(found, "Docker") == "warning"
    assert found.healthy


def test_a_secret_that_was_rotated_since_would_make_a_deploy_fail(shipped: Story) -> None:
    shipped.toml = TOML + "[secrets]\nKEY = {}\n"
    shipped.hub.stored_secrets["KEY"] = stored("new", "old")
    shipped.places = {"KEY": ".env:3"}
    found = examined(shipped, secrets={"KEY": "old"})
    assert not found.healthy
    assert "secret KEY: an older value stands in .env:3" in found.text()
    assert examined(shipped, secrets={"KEY": "new"}).healthy


def test_settings_that_cannot_be_resolved_are_a_finding_and_end_the_look_at_the_hub(shipped: Story) -> None:
    error = MissingSecret("1 required setting has no value.", cause="why", details=("variable A is not set",))
    found = examined(shipped, error=error)
    assert level(found, "settings") == "error"
    assert "1 required setting has no value.\n                 cause: why\n                 variable A" in found.text()
    assert found.text().endswith("A deploy would fail.")
    assert shipped.hub.asked == []


def test_a_token_that_the_hub_refuses_is_a_finding_beside_the_others(shipped: Story) -> None:
    shipped.hub.fail("whoami", TokenRejected("401", next_step="make a token"))
    found = examined(shipped)
    assert (level(found, "token"), level(found, "Space")) == ("error", "ok")
    assert "next: make a token" in found.text()


def test_a_keyless_token_need_not_tell_of_whom_it_is(shipped: Story) -> None:
    shipped.hub.fail("whoami", NotAllowed("403"))
    found = examined(shipped, env={"HF_OIDC_RESOURCE": "spaces/owner/tasks"})
    assert level(found, "token") == "warning"
    assert found.healthy


def test_a_keyless_login_for_another_space_is_an_error(shipped: Story) -> None:
    assert level(examined(shipped, env={"HF_OIDC_RESOURCE": "spaces/owner/other"}), "login") == "error"


def test_a_token_that_may_only_read_is_an_error(shipped: Story) -> None:
    shipped.hub.account = {**ACCOUNT, "auth": {"accessToken": {"role": "read"}}}
    assert level(examined(shipped), "token") == "error"


@pytest.mark.parametrize(("owner", "expected"), [("team", "not seen"), ("stranger", "warning")])
def test_the_owner_is_the_account_or_one_of_its_organisations(shipped: Story, owner: str, expected: str) -> None:
    shipped.toml = TOML.replace("owner/tasks", f"{owner}/tasks")
    assert level(examined(shipped), "owner") == expected


def test_a_missing_space_will_be_created(shipped: Story) -> None:
    shipped.hub.history.clear()
    found = examined(shipped)
    assert level(found, "Space") == "warning"
    assert "the first deploy creates it" in found.text()


def test_a_space_that_the_token_may_not_write_to_is_an_error(shipped: Story) -> None:
    shipped.hub.fail("check_write", NotAllowed("403"))
    assert level(examined(shipped), "Space") == "error"


def test_a_space_of_another_sdk_is_an_error(shipped: Story) -> None:
    shipped.hub.sdk = "gradio"
    assert level(examined(shipped), "Space") == "error"


@pytest.mark.parametrize("stage", ["RUNTIME_ERROR", "PAUSED"])
def test_a_space_that_does_not_run_is_a_warning(shipped: Story, stage: str) -> None:
    shipped.hub.stages = [Runtime(stage=stage, error_message="why")]
    found = examined(shipped)
    assert level(found, "Space") == "warning"
    assert f"owner/tasks, {stage}: why" in found.text()


def test_a_required_secret_that_is_nowhere_is_an_error(shipped: Story) -> None:
    shipped.toml = TOML + "[secrets]\nKEY = {}\n"
    assert level(examined(shipped), "secrets") == "error"


def test_data_that_would_not_last_is_a_warning_where_it_is_meant_to(shipped: Story) -> None:
    shipped.toml = TOML + 'storage = "durable"\n'
    found = examined(shipped)
    assert level(found, "storage") == "warning"
    assert found.healthy
    assert "next: set DATABASE_URL in .env.staging, or mount a bucket on the Space" in found.text()

    bucket = {"type": "bucket", "source": "owner/data", "mountPath": "/data"}
    shipped.hub.stages = [Runtime.parse({"stage": "RUNNING", "volumes": [bucket]})]
    shipped.hub.stored_variables["DATA_DIR"] = variable("/data")
    assert level(examined(shipped), "storage") == "ok"

    shipped.hub.history.clear()
    assert level(examined(shipped), "storage") == "warning"


def test_a_lease_is_a_warning(shipped: Story) -> None:
    shipped.hub.branches[BRANCH] = shipped.hub.head
    found = examined(shipped)
    assert level(found, "lease") == "warning"
    assert "someone who did not sign" in found.text()


def test_its_document_says_the_same(shipped: Story) -> None:
    document = examined(shipped).document()
    assert (document["target"], document["healthy"]) == ("staging", True)
    assert len(document["findings"]) == 6  # type: ignore[arg-type]
