"""Imports that nothing installed provides: deptry's judgement, given what it cannot know by itself."""

from __future__ import annotations

import json
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.command import Command, run
from deploy.errors import CommandFailed
from deploy.source.packages.modules import modules_of

TIMEOUT = 120.0
"""Seconds; deptry takes 0.15 s for a usual backend and half a second for two thousand files."""
_MISSING = {"DEP001", "DEP003"}
"""deptry's codes for "nobody declares it": absent from this machine, and present on it by chance."""
_SKIPPED = r"(?:.*/)?(?:\.venv|venv|node_modules|\.git)/"


@dataclass(frozen=True, kw_only=True)
class Uncovered:
    """An import of a top-level module that no distribution brings."""

    module: str
    file: str
    line: int


def uncovered(
    folder: Path, *, names: Iterable[str], first_party: Iterable[str], known: Mapping[str, tuple[str, ...]]
) -> tuple[Uncovered, ...]:
    """All imports below `folder` outside `names` (distributions), `first_party` and the standard library.

    `known` are modules by distribution that the project declares itself. Raises CommandFailed when
    deptry does not run.
    """
    modules = {name: (*modules_of(name), *known.get(name, ())) for name in sorted(names)}
    with tempfile.TemporaryDirectory(prefix="spacewright-") as place:
        rows = _report(_deptry(folder, Path(place), modules, sorted(first_party)))
    return tuple(_uncovered(row) for row in rows if row["error"]["code"] in _MISSING)


def declared_modules(pyproject: bytes | None) -> Mapping[str, tuple[str, ...]]:
    """The project's own `[tool.deptry.package_module_name_map]`."""
    try:
        table: dict[str, Any] = tomllib.loads((pyproject or b"").decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return {}
    given = table.get("tool", {}).get("deptry", {}).get("package_module_name_map", {})
    return {name: (modules,) if isinstance(modules, str) else tuple(modules) for name, modules in given.items()}


@dataclass(frozen=True)
class _Deptry:
    command: Command
    report: Path


def _deptry(folder: Path, place: Path, modules: Mapping[str, tuple[str, ...]], first_party: list[str]) -> _Deptry:
    """deptry reads a plain list and a map from each name to its modules, so that what happens to be installed
    on this machine makes no difference. `-I`, as the source may have modules that are called like Python's."""
    listed, settings, report = place / "requirements.txt", place / "pyproject.toml", place / "report.json"
    listed.write_text("".join(f"{name}\n" for name in modules), encoding="utf-8")
    rows = "".join(f"{json.dumps(name)} = {json.dumps(found)}\n" for name, found in modules.items())
    settings.write_text(f"[tool.deptry.package_module_name_map]\n{rows}", encoding="utf-8")
    argv = [sys.executable, "-I", "-m", "deptry", ".", "--no-ansi", "--config", str(settings), "--exclude", _SKIPPED]
    argv += ["--requirements-files", str(listed), "--json-output", str(report)]
    argv += [word for name in first_party for word in ("--known-first-party", name)]
    return _Deptry(Command(argv=tuple(argv), cwd=folder, timeout=TIMEOUT), report)


def _report(deptry: _Deptry) -> list[dict[str, Any]]:
    result = run(deptry.command, check=False)
    try:
        rows: list[dict[str, Any]] = json.loads(deptry.report.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandFailed(
            "deptry gave no report.",
            cause="it is not installed beside Spacewright, or it broke",
            next_step=f"{sys.executable} -m deptry --version",
            details=result.tail,
        ) from error
    return rows


def _uncovered(row: dict[str, Any]) -> Uncovered:
    location = row["location"]
    return Uncovered(module=row["module"], file=Path(location["file"]).as_posix(), line=location["line"] or 1)
