"""tools: what checks are made with, found, or brought in from their lock when they are first needed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.command import Command
from deploy.command import run as run_command
from deploy.console import Console
from deploy.errors import CommandFailed
from deploy.lock.files import OUTPUT, VERIFY_OUTPUT
from deploy.network import passed_on
from deploy.pipeline.run import Run
from deploy.verify.tools import Tools

_MODULES = ("schemathesis", "locust", "playwright", "pip_audit")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR")
_TIMEOUT = 600.0
"""Seconds for some fifty packages to be fetched and unpacked."""


def tools_of(run: Run, home: Path) -> Tools:
    """Those that the run was given, else those of its project, with `home` for their home folder."""
    return run.tools or find_tools(run.config.root, run.console, os.environ, home)


def find_tools(
    root: Path,
    console: Console,
    environ: Mapping[str, str],
    home: Path,
    *,
    venv: Path = Path(sys.prefix),
    modules: Sequence[str] = _MODULES,
    which: Callable[[str], str | None] = shutil.which,
    install: Callable[..., object] = run_command,
) -> Tools:
    """The tools, installed beside the pipeline itself; without them the checks that need them are not run.

    `home` is the folder that the tools take for their home, so that they neither read nor leave anything in ours.
    """
    missing = ""
    if absent := _absent(modules):
        missing = _why_not_here(root, venv, absent) or _bring_in(root, venv, console, install) or _why_still(modules)
    found = next(filter(None, map(which, _BROWSERS)), None)
    own = {name: environ[name] for name in _PASSED_ON if name in environ}
    return Tools(
        python=None if missing else Path(sys.executable),
        chromium=Path(found) if found else None,
        missing=missing,
        environment={**own, **passed_on(environ), "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"},
    )


def _absent(modules: Sequence[str]) -> str:
    """Their names when one of them is not installed."""
    importlib.invalidate_caches()
    return "" if all(importlib.util.find_spec(module) for module in modules) else ", ".join(modules)


def _why_not_here(root: Path, venv: Path, absent: str) -> str:
    """An environment that `./dev` did not make for this project is left as it is."""
    mark = venv / "ready" / "root"  # as deploy/bootstrap.py leaves it
    ours = mark.is_file() and mark.read_text(encoding="utf-8") == f"{root}\n"
    if ours and (root / VERIFY_OUTPUT).is_file():
        return ""
    return f"{absent} are not installed here; pip install --requirement {VERIFY_OUTPUT} adds them"


def _bring_in(root: Path, venv: Path, console: Console, install: Callable[..., object]) -> str:
    """Adds them to the environment that `./dev` made; gives the reason when that cannot be done."""
    bootstrap = root / "deploy" / "bootstrap.py"
    argv = (os.path.realpath(sys.executable), "-I", str(bootstrap), str(root), str(venv), OUTPUT, VERIFY_OUTPUT)
    with console.step("tools") as step:
        try:
            install(Command(argv=argv, timeout=_TIMEOUT), on_line=step.line)
        except CommandFailed as error:
            step.fail(error.what)
            return f"those of {VERIFY_OUTPUT} could not be installed: {' '.join(error.details[-1:]) or error.what}"
        step.note(f"those of {VERIFY_OUTPUT} were added to {venv.name}")
    return ""


def _why_still(modules: Sequence[str]) -> str:
    absent = _absent(modules)
    return f"{VERIFY_OUTPUT} does not bring {absent}" if absent else ""
