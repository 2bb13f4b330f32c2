"""A project in a temporary folder, made of a mapping of texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from deploy.config import AppConfig, Config, Excuse, SourceConfig
from deploy.source.checks import CHECKS, Finding, run_checks
from deploy.source.material import Material
from deploy.source.tree import read_tree
from tests.specification import TASKS


@dataclass(frozen=True)
class Project:
    """A source below a project's root, and how deploy.toml would describe it."""

    config: Config

    @property
    def folder(self) -> Path:
        return self.config.source.path

    def write(self, path: str, content: str | bytes) -> Path:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
        return place

    def material(self) -> Material:
        return Material(self.config, read_tree(self.folder))

    def check(self) -> tuple[Finding, ...]:
        return run_checks(self.config, read_tree(self.folder))

    def check_task(self, task: str) -> tuple[Finding, ...]:
        """The findings of one task, by its checks alone."""
        material = self.material()
        rules = (rule for check in _CHECKS_OF[task] for rule in CHECKS.get(check, ()))
        return tuple(replace(finding, tasks=(task,)) for rule in rules for finding in rule(material))


_CHECKS_OF = {task.id: task.checks for task in TASKS}


Make = Callable[..., Project]


@pytest.fixture
def project(tmp_path: Path) -> Make:
    """`project(files, entry=..., strict=...)` writes a source and tells how to check it."""

    def make(files: Mapping[str, str | bytes], allow: tuple[str, ...] = (), **settings: object) -> Project:
        source = SourceConfig(
            path=tmp_path / "backend", entry="main:app", python="3.13", spec=None, fixed_port=False, strict=False
        )
        config = Config(
            root=tmp_path,
            default="local",
            source=replace(source, **settings),  # type: ignore[arg-type]
            app=AppConfig(health="/health", version=None, ready_timeout=1.0, read_only=False),
            checks=(),
            scenario=None,  # type: ignore[arg-type]
            load=None,  # type: ignore[arg-type]
            suite="serving",
            audit=None,  # type: ignore[arg-type]
            tasks=TASKS,
            excuses=tuple(map(Excuse.parse, allow)),
        )
        made = Project(config)
        for path, content in files.items():
            made.write(path, content)
        return made

    return make


def said(findings: tuple[Finding, ...]) -> list[tuple[str, str, str, str]]:
    """Findings as task, code, place and level: what a test compares."""
    return [(" ".join(finding.tasks), finding.code, finding.place, finding.level) for finding in findings]
