"""A story: a Space in memory, its app, and the runs of commands against them. Time passes by waiting alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.pipeline.builders import Story


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(root=tmp_path)
