"""deploy.toml of a test, read as a project's."""

from __future__ import annotations

from pathlib import Path

from deploy.config import Config, Target, load

LOCAL = """
[targets.local]
hub = "local"
space = "local/tasks"
"""


def configured(root: Path, text: str = LOCAL) -> Config:
    """Raises ConfigError as `load` does."""
    (root / "deploy.toml").write_text(text, encoding="utf-8")
    return load(root)


def target(root: Path, text: str = "", *, settings: str = "") -> Target:
    """One target called `staging` with the given lines; `settings` stands above it."""
    toml = f'default = "staging"\n{settings}\n[targets.staging]\nspace = "owner/tasks"\n{text}'
    return configured(root, toml).target()
