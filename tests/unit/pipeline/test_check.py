"""What the static checks of a run leave behind as proofs, and what a CI job reads of their findings."""

from __future__ import annotations

from contextlib import suppress

import pytest

from deploy.errors import ChecksFailed
from deploy.pipeline.steps.check import check_source
from deploy.source.checks import run_checks
from deploy.source.tree import Tree, read_tree
from deploy.tasks.check import _tell
from tests.unit.ground.builders import Recorded
from tests.unit.pipeline.builders import Story
from tests.unit.source.backends import APP, PLACEHOLDER, Files, backend

WARNED = backend({"main.py": APP + PLACEHOLDER})
REFUSED = backend({"main.py": "app = None\n"})


def source(story: Story, files: Files) -> Tree:
    for path, text in files.items():
        place = story.root / "backend" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return read_tree(story.config.source.path)


def annotated(recorded: Recorded) -> list[str]:
    return [line for line in recorded.said.splitlines() if line.startswith(("::error", "::warning"))]


@pytest.mark.parametrize(("spec", "verdict"), [("", "not run"), ('[source]\nspec = "spec.md"\n', "passed")])
def test_only_a_specification_that_is_named_is_there(story: Story, spec: str, verdict: str) -> None:
    (story.root / "spec.md").write_text("What must hold.\n", encoding="utf-8")
    story.toml = f"{story.toml}{spec}"
    run = story.run()
    with pytest.raises(ChecksFailed):
        check_source(run, source(story, {"main.py": "app = None\n"}))
    assert run.proofs["specification"].verdict == verdict


@pytest.mark.parametrize("files", [WARNED, REFUSED], ids=["warning", "error"])
def test_a_job_has_the_same_annotation_from_a_deploy_as_from_check_and_once(story: Story, files: Files) -> None:
    tree, checked = source(story, files), Recorded("github")
    story.recorded = Recorded("github")
    with suppress(ChecksFailed):
        check_source(story.run(), tree)
    with suppress(ChecksFailed):
        _tell(checked.console, len(tree.files), run_checks(story.config, tree))
    assert len(annotated(story.recorded)) == 1
    assert annotated(story.recorded) == annotated(checked)


def test_a_person_reads_each_warning_of_a_deploy(story: Story) -> None:
    check_source(story.run(), source(story, WARNED))
    assert "  ! secrets: backend/main.py:4 SECRET_KEY is given" in story.recorded.said
