"""One Hub with pretended Spaces for a module of tests, its owner's client, and a new Space for each test."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from huggingface_hub import HfApi

from tests.integration.hub_fixtures import Hub, running_hub

_numbers = count()


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with running_hub(tmp_path_factory.mktemp("hub") / "home") as hub:
        yield hub


@pytest.fixture
def api(hub: Hub) -> HfApi:
    return hub.api()


@pytest.fixture
def space(api: HfApi) -> str:
    """A Docker Space with nothing in it."""
    name = f"local/app-{next(_numbers)}"
    api.create_repo(name, repo_type="space", space_sdk="docker")
    return name
