"""A workflow file as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = ROOT / ".github" / "workflows"


@dataclass(frozen=True, kw_only=True)
class Step:
    """Either `uses` an action or is a `run` of a shell."""

    name: str
    id: str | None
    uses: str | None
    run: str | None
    condition: str | None
    env: Mapping[str, str]
    with_: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Job:
    """`raw` is all that the file says of it."""

    id: str
    needs: tuple[str, ...]
    condition: str | None
    permissions: Mapping[str, str]
    env: Mapping[str, str]
    outputs: Mapping[str, str]
    steps: tuple[Step, ...]
    raw: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """`triggers` is what stands under `on`; `shell` the default one of its steps."""

    file: str
    triggers: Mapping[str, Any]
    shell: str | None
    jobs: tuple[Job, ...]
    raw: Mapping[str, Any] = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> Workflow:
        # Actions reads YAML 1.2, where `on` is a name; for PyYAML it is a truth.
        raw = {"on" if key is True else key: value for key, value in yaml.safe_load(path.read_text()).items()}
        return cls(
            file=path.name,
            triggers=raw["on"],
            shell=raw.get("defaults", {}).get("run", {}).get("shell"),
            jobs=tuple(_job(name, facts) for name, facts in raw["jobs"].items()),
            raw=raw,
        )


def _job(name: str, raw: Mapping[str, Any]) -> Job:
    needs = raw.get("needs", [])
    return Job(
        id=name,
        needs=(needs,) if isinstance(needs, str) else tuple(needs),
        condition=raw.get("if"),
        permissions=raw.get("permissions", {}),
        env=raw.get("env", {}),
        outputs=raw.get("outputs", {}),
        steps=tuple(_step(step) for step in raw["steps"]),
        raw=raw,
    )


def _step(raw: Mapping[str, Any]) -> Step:
    return Step(
        name=raw.get("name", ""),
        id=raw.get("id"),
        uses=raw.get("uses"),
        run=raw.get("run"),
        condition=raw.get("if"),
        env=raw.get("env", {}),
        with_=raw.get("with", {}),
    )
