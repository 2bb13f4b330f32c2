"""The shape of the house: which package may import which, and what listing the commands may import."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.command import run
from deploy.tasks import namespace
from development.linters import linters

ROOT = Path(__file__).parents[2]

LIST_COMMANDS = """
import json, sys
from invoke.main import program
before = set(sys.modules)
program.run(["invoke", "--list"], exit=False)
print(json.dumps(sorted(set(sys.modules) - before)), file=sys.stderr)
"""


IMPORT_COMMANDS = """
import importlib, json, sys
importlib.import_module("deploy.tasks.connection")
for name in sys.argv[1:]:
    importlib.import_module("deploy.pipeline.commands." + name)
print(json.dumps(sorted(sys.modules)))
"""
HEAVY = (
    "docker",
    "requests",
    "deploy.image",
    "deploy.lock",
    "deploy.localhub",
    "deploy.source.checks",
    "deploy.source.rules",
)


def test_arrows_only_go_down() -> None:
    arrows = next(linter.command for linter in linters(ROOT) if linter.name == "arrows")

    done = run(replace(arrows, argv=(*arrows.argv, "--no-cache")), check=False)

    assert done.code == 0, done.output


def test_clients_are_made_in_one_place() -> None:
    """Another would know neither the proxies of the environment nor its certificates as all others do."""
    makes = re.compile(r"\b(?:httpx2\.(?:Async)?Client\(|httpx2\.(?:get|head|post|put|patch|delete|request|stream)\()")
    others = re.compile(r"^\s*(?:import|from) (?:requests|aiohttp|urllib\.request)\b", re.MULTILINE)
    makers = {
        file.relative_to(ROOT / "deploy").as_posix()
        for file in (ROOT / "deploy").rglob("*.py")
        if makes.search(text := file.read_text(encoding="utf-8")) or others.search(text)
    }
    # It runs in a process of its own, where it looks up which proxy to give to Locust.
    assert makers == {"verify/drivers/load.py"}


def test_listing_the_commands_imports_the_commands_alone() -> None:
    """Rooms, and the libraries they stand on, are imported by the bodies of tasks: that keeps the listing fast."""
    done = subprocess.run([sys.executable, "-c", LIST_COMMANDS], cwd=ROOT, capture_output=True, text=True, check=True)

    loaded = json.loads(done.stderr)
    assert "deploy.tasks.lock" in loaded
    assert [name for name in loaded if not _is_light(name)] == []


def _is_light(name: str) -> bool:
    if name.startswith("deploy"):
        return name in {"deploy", "deploy.errors"} or name.startswith("deploy.tasks")
    if name.startswith("development"):
        return name in {"development", "development.commands"}
    return name.partition(".")[0] in {*sys.stdlib_module_names, "invoke", "tasks"}


@pytest.mark.parametrize("command", ["status", "logs", "history", "unlock", "push", "plan"])
def test_a_command_imports_only_the_rooms_it_enters(command: str) -> None:
    words = (sys.executable, "-c", IMPORT_COMMANDS, command)
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)

    loaded = json.loads(done.stdout)
    assert "deploy.space.client" in loaded
    assert [name for name in loaded if name.startswith(HEAVY)] == []


def test_no_command_imports_dockers_sdk_before_it_asks_an_engine() -> None:
    commands = sorted(path.stem for path in (ROOT / "deploy/pipeline/commands").glob("[a-z]*.py"))
    done = subprocess.run(
        (sys.executable, "-c", IMPORT_COMMANDS, *commands), cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "docker" not in json.loads(done.stdout)


def test_every_command_and_step_that_is_named_is_the_module_of_that_name() -> None:
    """Who sees a step on the terminal, or types a command, finds the module of that name."""
    pipeline = ROOT / "deploy/pipeline"
    for folder in ("steps", "commands"):
        for file in (pipeline / folder).glob("*.py"):
            named = re.findall(r"console\.step\(\"([a-z]+)\"\)", file.read_text(encoding="utf-8"))
            assert set(named) <= {file.stem}, file
    named = [path.stem for path in (pipeline / "commands").glob("[a-z]*.py")]
    typed = {name.partition(".")[0] for name in namespace().task_names} | {"audit"}
    assert set(named) <= typed
