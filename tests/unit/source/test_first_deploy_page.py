"""What docs/first-deploy.md shows somebody with a backend of their own is enough, as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

from deploy.config import load
from deploy.source.checks import run_checks
from deploy.source.tree import read_tree

PAGE = Path(__file__).parents[3] / "docs" / "first-deploy.md"
MAIN = "from fastapi import FastAPI\n\napp = FastAPI()\n"
SHOWN = {
    "dockerfile": "api/Dockerfile",
    "yaml": "api/README.md",
    "text": "api/requirements.txt",
    "toml": "deploy.toml",
}
"""The files that it shows, by the kind of their blocks."""


def test_the_files_that_it_shows_are_a_project_without_a_fault(tmp_path: Path) -> None:
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    shown = {SHOWN[kind]: text for kind, text in blocks if kind in SHOWN}
    assert shown.keys() == set(SHOWN.values())
    (tmp_path / "api").mkdir()
    for path, text in {**shown, "api/main.py": MAIN}.items():
        (tmp_path / path).write_text(text, encoding="utf-8")

    config = load(tmp_path)

    assert config.target("").space == "local/my-api"
    assert run_checks(config, read_tree(config.source.path)) == ()
