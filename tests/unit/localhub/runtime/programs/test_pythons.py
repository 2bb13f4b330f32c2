"""Which Python runs a Space."""

from __future__ import annotations

import sys
from pathlib import Path

from deploy.localhub.runtime.programs.pythons import python_for

OWN = f"{sys.version_info.major}.{sys.version_info.minor}"


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_the_hubs_own_when_the_image_asks_for_it_or_for_nothing() -> None:
    assert python_for(None, {}).program == sys.executable
    assert python_for(OWN, {}).version == OWN


def test_one_of_the_version_that_is_asked_for(tmp_path: Path) -> None:
    program(tmp_path, "python3.99", "echo 3.99; echo a very new one")
    found = python_for("3.99", {"PATH": str(tmp_path)})
    assert (found.program, found.version, found.identity) == (str(tmp_path / "python3.99"), "3.99", "a very new one")


def test_one_that_does_not_run_does_not_count(tmp_path: Path) -> None:
    program(tmp_path, "python3.98", "echo 'not switched on' >&2; exit 127")
    assert python_for("3.98", {"PATH": str(tmp_path)}).program == sys.executable
