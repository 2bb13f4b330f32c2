"""The image that is shipped: what is in it, what is not, and that it serves as it is run on a Space."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.config import AppConfig
from deploy.image.boot import SmokeRequest
from deploy.image.engine import BuildRequest, Container, ContainerRequest, Engine
from deploy.image.smoke import smoke_image
from deploy.image.waiting import Expectation
from deploy.secret import Secret
from tests.integration.image.conftest import ROOT

KEY = Secret("of this test alone, and long enough for HS256")
WITHOUT_BYTECODE = """\
import pathlib, sys
tag = sys.implementation.cache_tag
for root in ("/app", "/opt/venv/lib"):
    for source in pathlib.Path(root).rglob("*.py"):
        if not (source.parent / "__pycache__" / f"{source.stem}.{tag}.pyc").exists():
            print(source)
"""


@pytest.fixture(scope="module")
def image(docker: Engine, testrun_uid: str, worker_id: str) -> Iterator[str]:
    tag = f"spacewright-test/backend:{testrun_uid[:12]}-{worker_id}"
    docker.build(BuildRequest(context=ROOT / "backend", tag=tag, timeout=600.0))
    yield tag
    docker.remove_tag(tag)


@pytest.fixture(scope="module")
def container(docker: Engine, image: str) -> Iterator[Container]:
    environment = {"JWT_KEY_A": KEY}
    found = docker.start(
        ContainerRequest(image=image, port=7860, environment=environment, memory=512 * 1024**2, cpus=1.0)
    )
    yield found
    found.remove()


def test_it_serves_with_a_root_that_is_read_only(docker: Engine, image: str) -> None:
    request = SmokeRequest(
        image=image,
        expect=Expectation(
            app_port=7860,
            app=AppConfig(health="/health", version="/version", ready_timeout=60.0, read_only=True),
            revision="unknown",
        ),
        environment={"JWT_KEY_A": KEY},
        strict=True,
    )
    assert smoke_image(docker, request).warnings == ()


def test_it_runs_as_user_1000(container: Container) -> None:
    assert container.execute("id", "-u") == "1000\n"
    assert container.execute("touch", "/app/file") is None


@pytest.mark.parametrize(
    "command",
    [
        ("python", "-m", "pip", "--version"),
        ("python", "-m", "ensurepip", "--version"),
        ("/usr/local/bin/python", "-m", "pip", "--version"),
        ("pip", "--version"),
        ("pip3", "--version"),
        ("gcc", "--version"),
        ("cc", "--version"),
        ("make", "--version"),
    ],
    ids=" ".join,
)
def test_it_holds_nothing_to_install_or_compile_with(container: Container, command: tuple[str, ...]) -> None:
    assert container.execute(*command) is None


def test_all_of_it_is_compiled(container: Container) -> None:
    assert container.execute("python", "-c", WITHOUT_BYTECODE) == ""


def test_it_holds_what_it_needs_and_nothing_of_the_folder_beside_that(container: Container) -> None:
    held = set((container.execute("ls", "-A", "/app") or "").split())
    assert held == {"__pycache__", "app", "main.py", "migrations", "requirements.txt", "web"}
