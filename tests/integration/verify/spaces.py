"""A run of the checks against a Space on a local Hub, as a deploy has it once the Space serves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from huggingface_hub import CommitOperationAdd

from deploy.config import load
from deploy.console import Console
from deploy.pipeline.run import Run
from deploy.secret import Secret
from deploy.settings import Settings
from deploy.space.client import HubClient
from tests.integration.hub_fixtures import Hub, commit, settled

BUILT = 300.0
"""Seconds for the first build, which fetches the backend's packages."""


def publish(
    hub: Hub,
    space: str,
    files: Mapping[str, bytes],
    *,
    private: bool = False,
    variables: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> None:
    """A Docker Space with those files and settings, which serves."""
    api = hub.api()
    api.create_repo(
        space,
        repo_type="space",
        space_sdk="docker",
        private=private,
        space_variables=[{"key": name, "value": value} for name, value in (variables or {}).items()],
        space_secrets=[{"key": name, "value": value} for name, value in (secrets or {}).items()],
    )
    made = commit(api, space, [CommitOperationAdd(path, content) for path, content in files.items()])
    runtime = settled(api, space, made, timeout=BUILT)
    assert runtime.stage == "RUNNING", runtime.raw


def run_against(
    hub: Hub,
    root: Path,
    toml: str,
    space: str,
    *,
    target: Sequence[str] = (),
    variables: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Run:
    """`toml` is all of deploy.toml but the target, `target` more lines of that."""
    lines = (f'hub = "{hub.url}"', f'space = "{space}"', "poll = 0.1", "retry_pause = 0.01", *target)
    head = 'default = "space"\n' + "\n".join(line for line in toml.splitlines() if not line.startswith("default ="))
    (root / "deploy.toml").write_text(head + "\n[targets.space]\n" + "\n".join(lines) + "\n", encoding="utf-8")
    config = load(root)
    client = HubClient(hub.url, space, Secret(hub.token), token_variable="HF_TOKEN")
    known = {name: Secret(value) for name, value in (secrets or {}).items()}
    run = Run(
        config=config,
        target=config.target(),
        settings=Settings(variables=variables or {}, secrets=known, token=None),
        client=client,
        console=Console("json"),
    )
    info = client.info()
    assert info is not None
    run.url, run.commit = info.host, info.sha
    return run
