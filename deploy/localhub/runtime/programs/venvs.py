"""Virtual environments for Spaces, one for each Python and set of requirements, shared and kept between builds.

Made without pip and filled by the Hub's own, which takes 0.03 s where `python -m venv` takes 2.6 s to unpack a pip for
each; bytecode is made on all cores, where pip uses one.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import secrets
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.localhub.runtime.model import AttemptFailed, Stage
from deploy.localhub.runtime.programs import environment
from deploy.localhub.runtime.programs.child import Child
from deploy.localhub.runtime.programs.pythons import Python
from deploy.localhub.runtime.runner import Cancellation, Write
from deploy.requirements.lines import Line, read_file, read_requirements

_APART = ("-I", "-m")
"""Runs a module of Python's. `-m` alone would take one of the Space instead: its `logging.py`, say."""
_COMPLETE = ".complete"
_KEPT = 8
_PAUSE = 0.05


@dataclass(frozen=True, kw_only=True)
class Venvs:
    """All of them, in `folder`; `records` is where running tools are noted."""

    folder: Path
    records: Path
    environ: Mapping[str, str]

    def ready(self, venv: Path) -> bool:
        return (venv / _COMPLETE).is_file()

    def provide(
        self,
        python: Python,
        requirements: tuple[Path, ...],
        *,
        cwd: Path,
        write: Write,
        cancellation: Cancellation,
        fresh: bool = False,
    ) -> Path:
        """The environment for these requirements, made if need be; `fresh` makes a new one and uses no cache.

        Raises AttemptFailed when pip does, Superseded when cancelled.
        """
        venv = self.folder / _key(python, requirements, fresh=fresh)
        with self._lock(venv.name, cancellation):
            if self.ready(venv):
                write(f"Packages: as installed before for the same requirements ({venv.name})\n")
            else:
                # What is there without the mark is what an interrupted build left.
                shutil.rmtree(venv, ignore_errors=True)
                self._make(venv, python, requirements, cwd=cwd, write=write, cancellation=cancellation, fresh=fresh)
            (venv / _COMPLETE).touch()
        return venv

    def prune(self) -> None:
        """Remove all but those used last. Only while none is in use."""
        marks = sorted(self.folder.glob(f"*/{_COMPLETE}"), key=lambda mark: mark.stat().st_mtime, reverse=True)
        for mark in marks[_KEPT:]:
            shutil.rmtree(mark.parent, ignore_errors=True)

    def _make(
        self,
        venv: Path,
        python: Python,
        requirements: tuple[Path, ...],
        *,
        cwd: Path,
        write: Write,
        cancellation: Cancellation,
        fresh: bool,
    ) -> None:
        own_pip = importlib.util.find_spec("pip") is not None
        creation = (python.program, *_APART, "venv", *(("--without-pip",) if own_pip else ()), str(venv))
        inside = str(venv / "bin" / "python")
        pip = (sys.executable, *_APART, "pip", "--python", inside) if own_pip else (inside, *_APART, "pip")
        tool = _Tool(cwd, environment.for_installer(self.environ), self.records, write, cancellation)
        tool.require(creation)
        if requirements:
            tool.require(_installation(pip, requirements, fresh=fresh))
            # Packages may hold files for other versions of Python, which do not compile and are not needed.
            tool.run((inside, *_APART, "compileall", "-qq", "-j", "0", str(venv / "lib")))

    @contextmanager
    def _lock(self, name: str, cancellation: Cancellation) -> Iterator[None]:
        """Two builds of the same requirements: the second waits for the first and finds its work done."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{name}.lock").open("w") as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    cancellation.sleep(_PAUSE)
            yield


@dataclass(frozen=True)
class _Tool:
    """Runs programs for one build."""

    cwd: Path
    env: Mapping[str, str]
    records: Path
    write: Write
    cancellation: Cancellation

    def require(self, argv: tuple[str, ...]) -> None:
        """Raises AttemptFailed with what the program says of its errors."""
        code, lines = self.run(argv)
        if code != 0:
            errors = [line for line in lines if line.startswith("ERROR")] or lines[-1:]
            raise AttemptFailed(Stage.BUILD_ERROR, f"Build failed with exit code: {code}. Reason: {' '.join(errors)}")

    def run(self, argv: tuple[str, ...]) -> tuple[int, list[str]]:
        lines: list[str] = []

        def keep(line: str) -> None:
            lines.append(line.strip())
            self.write(line)

        child = Child(argv, cwd=self.cwd, env=self.env, write=keep, records=self.records)
        return child.wait(self.cancellation), lines


def _installation(pip: tuple[str, ...], requirements: tuple[Path, ...], *, fresh: bool) -> tuple[str, ...]:
    hashed = any(line.hashes for line in _lines(requirements))
    return (
        *pip,
        "install",
        *("--no-compile", "--no-input", "--disable-pip-version-check", "--progress-bar=off"),
        *(("--require-hashes",) if hashed else ()),
        *(("--no-cache-dir",) if fresh else ()),
        *(word for file in requirements for word in ("--requirement", str(file))),
    )


def _key(python: Python, requirements: tuple[Path, ...], *, fresh: bool) -> str:
    digest = hashlib.sha256(python.identity.encode())
    for line in _lines(requirements):
        digest.update(f"\n{line.constraint} {line.text}".encode())
    return f"{python.version}-{digest.hexdigest()[:16]}" + (f"-{secrets.token_hex(4)}" if fresh else "")


def _lines(requirements: tuple[Path, ...]) -> list[Line]:
    """Those of the files and of what they include."""
    return [line for file in requirements for line in read_requirements(str(file), read_file)]
