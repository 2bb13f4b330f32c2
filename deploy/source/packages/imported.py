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
"""Seconds; deptry takes 0.15 s for a usual backend and 2 s for five thousand files."""
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
    with tempfile.TemporaryDirectory(prefix="spacewright-") as place:
        report = Path(place, "report.json")
        result = run(_deptry(folder, Path(place), report, frozenset(names), frozenset(first_party), known), check=False)
        try:
            rows = json.loads(report.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CommandFailed(
                "deptry gave no report.",
                cause="it is not installed beside Spacewright, or it broke",
                next_step=f"{sys.executable} -m deptry --version",
                details=result.tail,
            ) from error
    return tuple(_uncovered(row) for row in rows if row["error"]["code"] in _MISSING)


def declared_modules(pyproject: bytes | None) -> Mapping[str, tuple[str, ...]]:
    """The project's own `[tool.deptry.package_module_name_map]`."""
    try:
        table: dict[str, Any] = tomllib.loads((pyproject or b"").decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return {}
    given = table.get("tool", {}).get("deptry", {}).get("package_module_name_map", {})
    return {name: (modules,) if isinstance(modules, str) else tuple(modules) for name, modules in given.items()}


def _deptry(
    folder: Path,
    place: Path,
    report: Path,
    names: frozenset[str],
    first_party: frozenset[str],
    known: Mapping[str, tuple[str, ...]],
) -> Command:
    """deptry reads a list without hashes and a map from each name to its modules, so that what happens to be
    installed here makes no difference."""
    listed = place / "requirements.txt"
    listed.write_text("".join(f"{name}\n" for name in sorted(names)) or "none\n", encoding="utf-8")
    settings = place / "pyproject.toml"
    rows = (f"{json.dumps(name)} = {json.dumps([*modules_of(name), *known.get(name, ())])}" for name in sorted(names))
    settings.write_text("[tool.deptry.package_module_name_map]\n" + "\n".join(rows) + "\n", encoding="utf-8")
    argv = [sys.executable, "-m", "deptry", ".", "--no-ansi", "--config", str(settings)]
    argv += ["--requirements-files", str(listed), "--json-output", str(report), "--exclude", _SKIPPED]
    argv += [word for name in sorted(first_party) for word in ("--known-first-party", name)]
    return Command(argv=tuple(argv), cwd=folder, timeout=TIMEOUT)


def _uncovered(row: dict[str, Any]) -> Uncovered:
    location = row["location"]
    return Uncovered(module=row["module"], file=Path(location["file"]).as_posix(), line=location["line"] or 1)
