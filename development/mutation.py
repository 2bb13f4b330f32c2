"""mutate: what the unit tests do not notice, of the lines that changed, by Cosmic Ray."""

from __future__ import annotations

import json
import shlex
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from deploy.command import Command, run
from deploy.console import Console
from deploy.errors import ConfigError
from deploy.wording import counted

_PATIENCE, _LEAST = 5.0, 10.0
"""A mutant is killed when the tests take so many times as long as without it, and at least so many seconds."""
_ALL = 6 * 3_600.0
"""Seconds for all mutants of one file."""
_SOURCES = ("deploy", "backend/app")
_WITHOUT_EFFECT = ("core/ReplaceBinaryOperator_BitOr_.*", "core/RemoveDecorator")
"""Operators of Cosmic Ray, as regular expressions: `|` mostly stands in annotations, which nothing evaluates here, and
what loses its decorator mostly fails at import."""


@dataclass(frozen=True, kw_only=True)
class Survivor:
    """A mutant that no test noticed. `diff` is what was changed, in unified form."""

    file: str
    line: int
    operator: str
    diff: str

    def __str__(self) -> str:
        changed = [line for line in self.diff.splitlines() if line[:1] in "+-" and line[:3] not in {"+++", "---"}]
        return "\n".join((f"{self.file}:{self.line}", *(f"  {line}" for line in changed)))


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Of all mutants that were tried: the survivors, and how many the tests killed."""

    killed: int
    survivors: tuple[Survivor, ...]


def mutate(console: Console, root: Path, since: str) -> int:
    """Mutate each line of the library and the backend that differs from the commit `since`, in a copy of the project,
    and run the unit tests of its room; 1 when a mutant survives.

    Raises ConfigError when there is no such commit.
    """
    commit = _commit(root, since)
    with _copy(root) as copy:
        outcomes = [_try(console, copy, file, commit) for file in _changed(copy, commit)]
    killed = sum(outcome.killed for outcome in outcomes)
    survivors = [survivor for outcome in outcomes for survivor in outcome.survivors]
    said = f"{counted(killed + len(survivors), 'mutant')} of what changed since {since}, {len(survivors)} survived"
    document = {"since": since, "killed": killed, "survivors": [*map(asdict, survivors)]}
    console.result(document, "\n".join((*map(str, survivors), said)))
    return 1 if survivors else 0


def tests_of(file: Path, root: Path) -> tuple[str, ...]:
    """The unit tests of this file by its name, which kill most of its mutants, and those of its room, or of the ground
    floor where the room has none."""
    own = Path("tests/unit") / (file.parts[1] if file.parts[0] == "deploy" else "backend")
    room = own if (root / own).is_dir() else Path("tests/unit/ground")
    named = sorted((root / room).rglob(f"test_{file.stem}.py"))
    return (*(test.relative_to(root).as_posix() for test in named), room.as_posix())


def outcome(dump: str) -> Outcome:
    """From what `cosmic-ray dump` prints: a line of JSON each, the mutant and how it went (null: it was not tried)."""
    killed, survivors = 0, []
    for line in dump.splitlines():
        item, result = json.loads(line)
        if not result or result["worker_outcome"] != "normal":
            continue
        if result["test_outcome"] == "survived":
            survivors.append(_survivor(item["mutations"][0], result))
        else:
            killed += 1
    return Outcome(killed=killed, survivors=tuple(survivors))


def _survivor(mutation: Mapping[str, Any], result: Mapping[str, Any]) -> Survivor:
    return Survivor(
        file=str(mutation["module_path"]),
        line=int(mutation["start_pos"][0]),
        operator=str(mutation["operator_name"]),
        diff=str(result["diff"]),
    )


@contextmanager
def _copy(root: Path) -> Iterator[Path]:
    """The project as it stands, without what git does not track: mutants are written into files, and an interrupt must
    not leave one in yours."""
    now = _git(root, "stash", "create").strip() or "HEAD"
    with tempfile.TemporaryDirectory(prefix="spacewright-mutants-") as folder:
        copy = Path(folder) / root.name
        _git(root, "worktree", "add", "--quiet", "--detach", str(copy), now)
        try:
            yield copy
        finally:
            _git(root, "worktree", "remove", "--force", str(copy))


def _commit(root: Path, since: str) -> str:
    found = run(Command(argv=("git", "rev-parse", "--quiet", "--verify", f"{since}^{{commit}}"), cwd=root), check=False)
    if found.code:
        raise ConfigError(f"There is no commit {since!r} here.", next_step="name another: ./dev mutate --since HEAD~1")
    return found.output.strip()


def _changed(copy: Path, commit: str) -> tuple[Path, ...]:
    """Files of Python in the sources that are new, or have other lines."""
    names = _git(copy, "diff", "--name-only", "--diff-filter=AMR", commit, "--", *_SOURCES).splitlines()
    return tuple(Path(name) for name in names if name.endswith(".py"))


def _try(console: Console, copy: Path, file: Path, commit: str) -> Outcome:
    config, session = copy / "cosmic-ray.toml", copy / "cosmic-ray.sqlite"
    session.unlink(missing_ok=True)
    test = Command(
        argv=(sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:randomly", *tests_of(file, copy)), cwd=copy
    )
    with console.step(file.as_posix()) as step:
        timeout = max(_LEAST, _PATIENCE * run(test).seconds)
        config.write_text(configuration(file, test.argv, timeout, commit), encoding="utf-8")
        _tool(copy, "cosmic-ray", "init", config.name, session.name)
        _tool(copy, "cr-filter-git", "--config", config.name, session.name)
        _tool(copy, "cr-filter-operators", session.name, config.name)
        _tool(copy, "cosmic-ray", "exec", config.name, session.name)
        found = outcome(_tool(copy, "cosmic-ray", "dump", session.name))
        step.note(f"{found.killed} killed, {len(found.survivors)} survived")
        step.outcome = "failed" if found.survivors else "ok"
    return found


def configuration(file: Path, test: Sequence[str], timeout: float, commit: str) -> str:
    """Cosmic Ray's, in TOML: the lines of this file that differ from the commit, and the command that tests them."""
    values: Mapping[str, Mapping[str, object]] = {
        "cosmic-ray": {
            "module-path": [file.as_posix()],
            "timeout": timeout,
            "excluded-modules": [],
            "test-command": shlex.join(test),
        },
        "cosmic-ray.distributor": {"name": "local"},
        "cosmic-ray.filters.git-filter": {"branch": commit},
        "cosmic-ray.filters.operators-filter": {"exclude-operators": _WITHOUT_EFFECT},
    }
    # What JSON says of texts, numbers and lists of them is TOML as well.
    tables = (
        [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
        for name, table in values.items()
    )
    return "\n\n".join(map("\n".join, tables)) + "\n"


def _tool(copy: Path, name: str, *arguments: str) -> str:
    """One of Cosmic Ray's programs, which stand beside the interpreter."""
    return run(Command(argv=(str(Path(sys.executable).with_name(name)), *arguments), cwd=copy, timeout=_ALL)).output


def _git(folder: Path, *arguments: str) -> str:
    return run(Command(argv=("git", *arguments), cwd=folder)).output
