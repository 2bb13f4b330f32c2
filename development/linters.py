"""The linters of this repository: which there are, and running all of them whatever the first ones say."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from deploy.command import Command, run
from deploy.console import Console

_TIMEOUT = 600.0
_SCHEMAS = {
    "vendor.github-workflows": ".github/workflows/*.y*ml",
    "custom.github-workflows-require-timeout": ".github/workflows/*.y*ml",
    "vendor.github-actions": "action.y*ml",
    "vendor.dependabot": ".github/dependabot.y*ml",
}
"""Names of check-jsonschema's own schemas, each with the files it is for."""


@dataclass(frozen=True, kw_only=True)
class Linter:
    """What it looks after, and the command that says 0 when it is content."""

    name: str
    command: Command


def linters(root: Path) -> tuple[Linter, ...]:
    """Those that have something to look at in this project."""
    found = [
        _module(root, "style", "ruff", "check"),
        _module(root, "format", "ruff", "format", "--check"),
        _module(root, "types", "mypy"),
        _arrows(root),
    ]
    checked = {schema: sorted(root.glob(pattern)) for schema, pattern in _SCHEMAS.items()}
    github = sorted({file for files in checked.values() for file in files})
    if github:
        auditor = ("--offline", "--quiet", "--persona", "auditor")
        found.append(_program(root, "zizmor", "zizmor", *auditor, *_names(root, github)))
    for schema, files in checked.items():
        if files:
            arguments = ("--builtin-schema", schema, *_names(root, files))
            found.append(_module(root, schema.partition(".")[2], "check_jsonschema", *arguments))
    return tuple(found)


def run_linters(console: Console, chosen: tuple[Linter, ...]) -> int:
    """Run them all and show what they found; 1 when one of them is not content."""
    results = []
    for linter in chosen:
        with console.step(linter.name) as step:
            result = run(linter.command, check=False, on_line=step.line)
            step.outcome = "failed" if result.code else "ok"
            step.note(f"ended with code {result.code}" if result.code else "clean")
        if result.code and console.mode != "github":
            console.say(result.output)
        results.append({"name": linter.name, "code": result.code, "seconds": round(result.seconds, 3)})
    console.result({"linters": results})
    return 1 if any(result["code"] for result in results) else 0


def _arrows(root: Path) -> Linter:
    """It imports by name, from where it is called and from the backend's folder."""
    linter = _program(root, "arrows", "lint-imports", "--no-logo")
    env = {**os.environ, "PYTHONPATH": str(root / "backend")}
    return replace(linter, command=replace(linter.command, env=env))


def _module(root: Path, name: str, module: str, *arguments: str) -> Linter:
    return Linter(name=name, command=_command(root, sys.executable, "-m", module, *arguments))


def _program(root: Path, name: str, program: str, *arguments: str) -> Linter:
    """One without a module to run stands beside the interpreter, in the environment's own folder."""
    return Linter(name=name, command=_command(root, str(Path(sys.executable).with_name(program)), *arguments))


def _command(root: Path, *argv: str) -> Command:
    return Command(argv=argv, cwd=root, timeout=_TIMEOUT)


def _names(root: Path, files: list[Path]) -> list[str]:
    return [file.relative_to(root).as_posix() for file in files]
