"""A Hub for the workflows to ship to, and the repositories on GitHub that they run in."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.image.build import repository as image_repository
from deploy.image.engine import Engine
from tests.integration import conftest as machine
from tests.integration.hub_fixtures import Hub, running_hub
from tests.workflows import project
from tests.workflows.runner import REPOSITORY, Repository
from tests.workflows.site import Site

# A fixture of the tests beside these, asked for by its name.
docker = machine.docker


@pytest.fixture(scope="session")
def engine(docker: Engine) -> Iterator[Engine]:
    """Where the repository's images are made, and kept until the last test."""
    yield docker
    for name in docker.tags(image_repository(REPOSITORY.rpartition("/")[2])):
        docker.remove_tag(name)


@pytest.fixture(scope="session")
def hub(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """One for all tests of a worker: each has Spaces of its own there, which run in containers."""
    with running_hub(tmp_path_factory.mktemp("hub") / "home", "docker") as running:
        yield running


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """The project on GitHub, set off by a merge, without secrets and variables. Runners have nothing of the person
    who runs the tests."""
    home = tmp_path / "home"
    home.mkdir()
    engine = {name: value for name, value in os.environ.items() if name.startswith("DOCKER_")}
    runner = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", **engine}
    return Repository(files=project.published(tmp_path / "github"), machine=runner)


@pytest.fixture
def site(hub: Hub, repository: Repository, tmp_path: Path) -> Iterator[Site]:
    """The repository, with Spaces of an owner of its own as targets."""
    owner = f"team-{secrets.token_hex(4)}"
    project.aim(repository.files, hub.url, owner)
    site = Site(hub=hub, folder=tmp_path, owner=owner, repository=repository)
    yield site
    site.close()
