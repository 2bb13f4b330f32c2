"""One small image whose server misbehaves on demand."""

from __future__ import annotations

import os
import platform
import secrets
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.config import AppConfig
from deploy.image.boot import SmokeRequest
from deploy.image.build import repository
from deploy.image.engine import BuildRequest, Engine
from deploy.image.leftovers import OWNER
from deploy.image.waiting import Expectation
from deploy.secret import Secret

ROOT = Path(__file__).parents[3]
FOLDER = Path(__file__).parent / "sample"
MINE = f"{OWNER}={platform.node()}:{os.getpid()}"
"""The label of every container that this process has under smoke; other test processes have theirs."""
REVISION = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
COMMAND = [sys.executable, "-c", "from deploy.cli import main; main()"]
"""What `spacewright` is where the project itself is not installed."""
CONFIG = """\
default = "local"
[source]
path = "backend"
[variables]
MISBEHAVE = { required = false }
[targets.local]
hub = "local"
space = "local/sample"
"""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The image, and how to ask for a smoke test of it."""

    image: str

    def request(
        self,
        misbehave: str = "",
        *,
        ready_timeout: float = 30.0,
        strict: bool = False,
        fixed_port: bool = False,
        read_only: bool = False,
        **environment: str | Secret,
    ) -> SmokeRequest:
        return SmokeRequest(
            image=self.image,
            expect=Expectation(
                app_port=7860,
                app=AppConfig(health="/health", version="/version", ready_timeout=ready_timeout, read_only=read_only),
                revision=REVISION,
            ),
            environment={"MISBEHAVE": misbehave, **environment},
            strict=strict,
            fixed_port=fixed_port,
        )


@pytest.fixture(scope="session")
def sample(
    docker: Engine, tmp_path_factory: pytest.TempPathFactory, testrun_uid: str, worker_id: str
) -> Iterator[Sample]:
    context = tmp_path_factory.mktemp("sample")
    shutil.copytree(FOLDER, context, dirs_exist_ok=True)
    (context / "REVISION").write_text(f"{REVISION}\n")
    tag = f"spacewright-test/sample:{testrun_uid[:12]}-{worker_id}"
    docker.build(BuildRequest(context=context, tag=tag, timeout=300.0))
    yield Sample(image=tag)
    docker.remove_tag(tag)


@pytest.fixture
def project(docker: Engine, tmp_path: Path) -> Iterator[Path]:
    root = tmp_path / f"sample-{secrets.token_hex(6)}"
    shutil.copytree(FOLDER, root / "backend")
    (root / "deploy.toml").write_text(CONFIG)
    yield root
    for tag in docker.tags(repository(root.name)):
        docker.remove_tag(tag)


def environment(project: Path, **changes: str) -> dict[str, str]:
    """For a command that a test runs in `project`, as from a shell of its own."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "SPACEWRIGHT_ROOT": str(project), **changes}
