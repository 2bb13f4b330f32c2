"""What the static checks of a run leave behind as proofs."""

from __future__ import annotations

import pytest

from deploy.errors import ChecksFailed
from deploy.pipeline.preflight import check_source
from deploy.source.tree import read_tree
from tests.unit.pipeline.builders import Story


@pytest.mark.parametrize(("spec", "verdict"), [("", "not run"), ('[source]\nspec = "spec.md"\n', "passed")])
def test_only_a_specification_that_is_named_is_there(story: Story, spec: str, verdict: str) -> None:
    (story.root / "spec.md").write_text("What must hold.\n", encoding="utf-8")
    (story.root / "backend").mkdir(exist_ok=True)
    (story.root / "backend/main.py").write_text("app = None\n", encoding="utf-8")
    story.toml = f"{story.toml}{spec}"
    run = story.run()
    with pytest.raises(ChecksFailed):
        check_source(run, read_tree(run.config.source.path))
    assert run.proofs["specification"].verdict == verdict
