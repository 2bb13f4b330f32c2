"""A story: a Space in memory, its app, and the runs of commands against them. Time passes by waiting alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx2
import pytest

from deploy.space.lease import require
from deploy.space.wait import wait_for
from deploy.verify.app import App, Viewer
from tests.unit.pipeline.builders import Story


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    story = Story(root=tmp_path)
    monkeypatch.setattr("deploy.secret._SCRYPT_COST", 2)
    monkeypatch.setattr(
        "deploy.pipeline.serving.wait_for", partial(wait_for, clock=lambda: story.now, sleep=story.sleep)
    )
    monkeypatch.setattr("deploy.pipeline.release.require", partial(require, sleep=story.sleep))

    @contextmanager
    def visiting(url: str, viewer: Viewer | None = None) -> Iterator[App]:
        with httpx2.Client(transport=httpx2.MockTransport(story.answer)) as client:
            story.visited.append((url, viewer.token if viewer else None))
            yield App(url, client)

    monkeypatch.setattr("deploy.pipeline.serving.visiting", visiting)
    monkeypatch.setattr("deploy.pipeline.looking.visiting", visiting)
    return story
