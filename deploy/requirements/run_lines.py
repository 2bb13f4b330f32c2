"""What the RUN lines of a Dockerfile ask pip, uv, poetry and their like to install."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import PurePosixPath

from deploy.dockerfile import Dockerfile, Instruction, Stage
from deploy.dockerfile.layout import image_files
from deploy.dockerfile.shell import commands
from deploy.dockerfile.unwrap import Invocation, unwrap

LOCK_OF = {"pdm": "pdm.lock", "pipenv": "Pipfile.lock", "poetry": "poetry.lock", "uv": "uv.lock"}
"""Tools that install what their own lock says."""
PROJECT_FILE = "pyproject.toml"

_PIPS = {"pip", "pip3"}
_PIP_VERBS = {"download", "install", "sync", "wheel"}
_CONDAS = {"conda", "mamba", "micromamba"}
_WITH_VALUE = {
    *("-c", "--constraint", "-f", "--find-links", "-i", "--index-url", "--extra-index-url", "--index", "-t"),
    *("--target", "-w", "--wheel-dir", "-d", "--dest"),
    *("--cache-dir", "--no-binary", "--only-binary", "--platform", "--prefix", "--progress-bar", "--proxy", "--python"),
    *("--python-version", "--retries", "--root", "--timeout", "--trusted-host", "--upgrade-strategy"),
}
_PROJECT_OPTIONS = {"-C", "-P", "--directory", "--project"}
"""By which those tools are told where the project is."""
_SUBSTITUTED = re.compile(r"[$()`]")
_FOLDER = re.compile(r"(?P<path>\.[^\[]*|/[^\[]*|[^\[]*/[^\[]*)(?:\[(?P<extras>[^\]]*)\])?")


@dataclass(frozen=True)
class Request:
    """One thing to install; `line` is that of the RUN.

    `text` is of a `file` the requirement file, of a `project` its pyproject.toml, both as paths of the context; of a
    `word` what pip is given, of a `tool` its lock beside the project, there or not: `frozen` when it makes none itself.
    `unknown` is what cannot be found in the context.
    """

    kind: str
    text: str
    line: int
    extras: tuple[str, ...] = ()
    frozen: bool = False


def requests(dockerfile: Dockerfile, context: frozenset[str]) -> Iterator[Request]:
    """All requests of all stages: what a builder stage installs is copied on. `context` are the paths of the build."""
    for stage in dockerfile.stages:
        for run, before in stage.runs:
            yield from _Files(dockerfile, context, before, run).requests()


@dataclass(frozen=True)
class _Files:
    """A RUN line, the stage as it was then, and so the files that it finds."""

    dockerfile: Dockerfile
    context: frozenset[str]
    stage: Stage
    run: Instruction

    @cached_property
    def places(self) -> Mapping[str, str]:
        return image_files(self.dockerfile, self.context, self.stage)

    def requests(self) -> Iterator[Request]:
        stage, run = self.stage, self.run
        env = {name: value for name, value in stage.args.items() if value is not None} | dict(stage.env)
        for text in run.texts:
            yield from self._of_text(text, env, stage.workdir or "/")

    def _of_text(self, text: str, env: Mapping[str, str], cwd: str) -> Iterator[Request]:
        for command in commands(text, env=env, cwd=cwd):
            invocation = unwrap(command.argv)
            if invocation is None:
                continue
            if invocation.kind == "shell text" and invocation.target != text:
                yield from self._of_text(invocation.target, command.env, command.cwd)
            elif invocation.kind == "shell file" or invocation.target == "make" or invocation.target[:2] == "./":
                yield self._request("unknown", invocation.target)
            elif invocation.kind in {"program", "python module"} and invocation.arguments:
                yield from self._of_command(invocation, command.cwd)

    def _of_command(self, invocation: Invocation, cwd: str) -> Iterator[Request]:
        program, words = invocation.target.rsplit("/", 1)[-1], list(invocation.arguments)
        if program == "uv" and words[0] == "pip":
            program, words = "pip", words[1:]
        # pip takes options of its own before the verb: pip --python /venv/bin/python install …
        verb = next((place for place, word in enumerate(words) if word in _PIP_VERBS), None)
        if program in _PIPS and verb is not None:
            yield from self._of_pip(words[verb + 1 :], cwd)
        elif program in LOCK_OF:
            yield from self._of_tool(program, words, cwd)
        elif program in _CONDAS:
            yield self._request("unknown", program)

    def _of_tool(self, program: str, words: list[str], cwd: str) -> Iterator[Request]:
        """It finds the project where it runs, or where an option says; what is mounted there, by the lock's name."""
        pairs = [word.partition("=")[::2] if "=" in word else (word, after) for word, after in pairwise([*words, ""])]
        folder = next((value for option, value in pairs if option in _PROJECT_OPTIONS), ".")
        verb = next((word for word in words if not word.startswith("-") and word != folder), "")
        if verb in {"export", "install", "sync"}:
            frozen = program == "uv" and not {"--frozen", "--locked"}.isdisjoint(words)
            lock = self._lock(LOCK_OF[program], posixpath.join(cwd, folder, PROJECT_FILE))
            yield Request("tool", lock, self.run.line, frozen=frozen)

    def _lock(self, name: str, project: str) -> str:
        copied = self.places.get(posixpath.normpath(project))
        if copied:
            return posixpath.join(posixpath.dirname(copied), name)
        mounted = re.search(
            rf"\b(?:source|src)=([^,\n]*\b{re.escape(name)})(?:[,\n]|$)", self.run.flags.get("mount", "")
        )
        locks = [path for path in self.context if posixpath.basename(path) == name]
        return posixpath.normpath(mounted[1]) if mounted else locks[0] if len(locks) == 1 else name

    def _of_pip(self, words: list[str], cwd: str) -> Iterator[Request]:
        rest = iter(words)
        for word in rest:
            option, equals, value = word.partition("=")
            if option in {"-r", "--requirement", "--requirements"}:
                yield self._file(value if equals else next(rest, ""), cwd)
            elif word.startswith("-r") and len(word) > 2:
                yield self._file(word[2:], cwd)
            elif option == "--group":
                yield self._request("tool", PROJECT_FILE)
                if not equals:
                    next(rest, None)
            elif option == "--editable" and equals:
                yield from self._of_word(value, cwd)
            elif option in _WITH_VALUE:
                if not equals:
                    next(rest, None)
            elif not word.startswith("-"):
                yield from self._of_word(word, cwd)

    def _of_word(self, word: str, cwd: str) -> Iterator[Request]:
        folder = None if "://" in word else _FOLDER.fullmatch(word)
        if folder:
            yield from self._of_folder(word, folder["path"], folder["extras"] or "", cwd)
        elif word.endswith((".in", ".lock", ".txt")):
            yield self._file(word, cwd)
        else:
            yield self._request("word" if word and not _SUBSTITUTED.search(word) else "unknown", word)

    def _of_folder(self, word: str, path: str, extras: str, cwd: str) -> Iterator[Request]:
        """A project that was copied. Wheels that were not are those that another RUN line made."""
        place = posixpath.normpath(posixpath.join(cwd, path))
        relative = None if path.startswith("/") else posixpath.normpath(f"{path}/{PROJECT_FILE}")
        project = self.places.get(f"{place}/{PROJECT_FILE}", relative)
        copied = any(other.startswith(f"{posixpath.dirname(place)}/") for other in self.places)
        if project in self.context:
            yield self._request("project", project, tuple(map(str.strip, extras.split(","))))
        elif copied or not word.endswith(("*", ".whl")):
            yield self._request("unknown", word)

    def _file(self, path: str, cwd: str) -> Request:
        """By the COPY lines above; where they don't tell, the longest end of the path that is in the context."""
        parts = PurePosixPath(posixpath.normpath(path)).parts
        ends = ("/".join(parts[start:]).lstrip("/") for start in range(len(parts)))
        found = self.places.get(posixpath.normpath(posixpath.join(cwd, path)))
        source = found or next((end for end in ends if end in self.context), None)
        kind = "project" if posixpath.basename(path) == PROJECT_FILE else "file"  # which uv reads as well
        return self._request(kind if source else "unknown", source or path)

    def _request(self, kind: str, text: str, extras: tuple[str, ...] = ()) -> Request:
        return Request(kind, text, self.run.line, extras)
