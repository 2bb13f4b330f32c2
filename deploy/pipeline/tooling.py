"""The tools that checks are made with: found, or brought in from their lock when they are first needed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.command import Command, run
from deploy.console import Console
from deploy.errors import CommandFailed
from deploy.lock.files import OUTPUT, VERIFY_OUTPUT
from deploy.verify.tools import Tools

_MODULES = ("schemathesis", "locust", "playwright", "pip_audit")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")
_PATIENCE = 600.0
"""Seconds for some fifty packages to be fetched and unpacked."""


def find_tools(root: Path, console: Console, environ: Mapping[str, str], home: Path) -> Tools:
    """The tools, installed beside the pipeline itself; without them the checks that need them are not run.

    `home` is the folder that the tools take for their home, so that they neither read nor leave anything in ours.
    """
    missing = "" if _installed() else _bring_in(root, console)
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    passed_on = {name: environ[name] for name in _PASSED_ON if name in environ}
    return Tools(
        python=None if missing else Path(sys.executable),
        chromium=Path(found) if found else None,
        missing=missing,
        environment={**passed_on, "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"},
    )


def _installed() -> bool:
    importlib.invalidate_caches()
    return all(importlib.util.find_spec(module) for module in _MODULES)


def _is_ours(root: Path, venv: Path) -> bool:
    """Whether it bears the mark of deploy/bootstrap.py."""
    mark = venv / "ready" / "root"
    return mark.is_file() and mark.read_text(encoding="utf-8") == f"{root}\n"


def _bring_in(root: Path, console: Console) -> str:
    """Adds them to the environment that `./dev` made for the project; gives the reason when that cannot be done."""
    venv = Path(sys.prefix)
    if not _is_ours(root, venv) or not (root / VERIFY_OUTPUT).is_file():
        return f"{', '.join(_MODULES)} are not installed here; pip install --requirement {VERIFY_OUTPUT} adds them"
    bootstrap = root / "deploy" / "bootstrap.py"
    argv = (os.path.realpath(sys.executable), "-I", str(bootstrap), str(root), str(venv), OUTPUT, VERIFY_OUTPUT)
    with console.step("tools") as step:
        try:
            run(Command(argv=argv, timeout=_PATIENCE), on_line=step.line)
        except CommandFailed as error:
            step.fail(error.what)
            return f"{', '.join(_MODULES)} could not be installed: {' '.join(error.details[-1:]) or error.what}"
        step.note(f"those of {VERIFY_OUTPUT} were added to {venv.name}")
    return "" if _installed() else f"{VERIFY_OUTPUT} does not bring {', '.join(_MODULES)}"
