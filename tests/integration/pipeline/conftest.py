"""A local Hub for each worker, whose Spaces run as processes, and a project for each test."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.hub_fixtures import Hub, running_hub
from tests.integration.pipeline.project import Project


@pytest.fixture(scope="session")
def process_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """One Hub for all tests of a worker. Workers share the virtual environments of Spaces: they take long to make."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "venvs"
    shared.mkdir(exist_ok=True)
    home = tmp_path_factory.mktemp("hub") / "home"
    home.mkdir()
    (home / "venvs").symlink_to(shared)
    with running_hub(home, "process") as hub:
        yield hub


@pytest.fixture
def hub(process_hub: Hub) -> Iterator[Hub]:
    """The worker's Hub, cured of its faults after the test."""
    yield process_hub
    process_hub.heal()


@pytest.fixture
def project(tmp_path: Path, hub: Hub) -> Iterator[Project]:
    """A project that was never deployed."""
    name = f"app-{uuid.uuid4().hex[:12]}"
    project = Project.make(tmp_path / name, hub, f"local/{name}")
    yield project
    project.close()
    hub.api().delete_repo(project.space, repo_type="space", missing_ok=True)


@pytest.fixture
def served(project: Project) -> Project:
    """A project whose Space serves."""
    project.deployed()
    return project


@pytest.fixture(scope="session")
def _standing(process_hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project.make(tmp_path_factory.mktemp("standing") / "project", process_hub, "local/standing")
    project.deployed()
    return project


@pytest.fixture
def standing(tmp_path: Path, hub: Hub, _standing: Project) -> Iterator[Project]:
    """A project whose Space serves and is shared, for commands that must change nothing; mended if one did."""
    project = Project.make(tmp_path / "project", hub, _standing.space)
    project.variables = dict(_standing.variables)
    project.declare()
    project.commit()
    before = _standing.seen()
    yield project
    project.close()
    hub.heal()
    if _standing.seen() != before:
        _standing.deployed()
