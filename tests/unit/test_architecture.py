"""The shape of the house: which package may import which, and what listing the commands may import."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

LIST_COMMANDS = """
import json, sys
from invoke.main import program
before = set(sys.modules)
program.run(["invoke", "--list"], exit=False)
print(json.dumps(sorted(set(sys.modules) - before)), file=sys.stderr)
"""


def test_arrows_only_go_down() -> None:
    program = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_listing_the_commands_imports_the_commands_alone() -> None:
    """Rooms, and the libraries they stand on, are imported by the bodies of tasks: that keeps the listing fast."""
    done = subprocess.run([sys.executable, "-c", LIST_COMMANDS], cwd=ROOT, capture_output=True, text=True, check=True)

    loaded = json.loads(done.stderr)
    assert "deploy.tasks.lock" in loaded
    assert [name for name in loaded if not _is_light(name)] == []


def _is_light(name: str) -> bool:
    if name.startswith("deploy"):
        return name in {"deploy", "deploy.errors"} or name.startswith("deploy.tasks")
    return name.partition(".")[0] in {*sys.stdlib_module_names, "invoke", "tasks"}
