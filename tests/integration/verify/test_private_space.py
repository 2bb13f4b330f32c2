"""The whole suite against the backend in a Space: a private one is proved as a public one is."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.pipeline.steps.suite import prove_space
from deploy.proof import Proof
from deploy.verify import performance, promises
from deploy.verify.crud import CRUD
from deploy.verify.everything import FULL_SUITE
from tests.integration.hub_fixtures import ROOT, Hub, running_hub
from tests.integration.verify.spaces import publish, run_against

KEY = "of this test alone, and long enough for HS256"
SECRETS = {"JWT_KEY_A": KEY, "METRICS_TOKEN": "opens-the-metrics-of-this-test"}
VARIABLES = {"CORS_ORIGINS": "http://localhost:5173"}
BUDGETS = "[load]\nusers = 5\nrate = 5\nseconds = 4\np50 = 60000\np95 = 60000\np99 = 60000\nthroughput = 0.1\n"
"""So wide, and so long, that a machine with other work to do, which stalls for a second, stays within."""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with running_hub(tmp_path_factory.mktemp("private") / "home", "process") as hub:
        yield hub


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """What repeats itself does so less often, and of what is done once more after all checks, it is one of them."""

    monkeypatch.setattr(promises, "EXAMPLES", 3)
    monkeypatch.setattr(performance, "ROUNDS", 3)


def backend() -> Mapping[str, bytes]:
    listed = subprocess.run(["git", "ls-files", "backend"], cwd=ROOT, check=True, capture_output=True, text=True)
    return {name.removeprefix("backend/"): (ROOT / name).read_bytes() for name in listed.stdout.splitlines()}


def proved(hub: Hub, root: Path, space: str) -> dict[str, Proof]:
    publish(hub, space, backend(), private=True, variables=VARIABLES, secrets=SECRETS)
    for folder in ("backend", "specs"):
        (root / folder).symlink_to(ROOT / folder)
    toml = (ROOT / "deploy.toml").read_text(encoding="utf-8").partition("[targets.")[0] + BUDGETS
    visibility = 'visibility = "private"'
    run = run_against(hub, root, toml, space, target=[visibility], variables=VARIABLES, secrets=SECRETS)
    run.suite = replace(FULL_SUITE, again=(CRUD,))
    proofs = {proof.check: proof for proof in prove_space(run)}
    assert hub.token not in str(proofs)
    return proofs


def test_every_check_passes_where_strangers_see_nothing(hub: Hub, tmp_path: Path, chromium: Path) -> None:
    proofs = proved(hub, tmp_path, "local/tasks-hidden")
    assert {check: proof.details for check, proof in proofs.items() if proof.verdict == "failed"} == {}
    assert {check: proof.seen for check, proof in proofs.items() if proof.verdict == "not run"} == {
        "production build": "nothing was rehearsed here to compare with"
    }
    assert proofs["stable"].figures["memory_after_MiB"] > 10
    assert any("pass of the Hub" in line for line in proofs["browser"].details)
