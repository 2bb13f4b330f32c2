"""Which files below a folder are shipped: what git would take, or everything where there is no git."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from deploy.command import Command, run
from deploy.errors import CommandFailed, SourceError

LISTING_TIMEOUT = 120.0
"""Seconds; `git ls-files` on a cold disk with some hundred thousand files stays below it."""
ENV_EXAMPLE = ".env.example"
_EXAMPLES = (".dist", ".example", ".sample", ".template")
_NEVER_FOLDERS = {".git", "__pycache__"}
_GIT_ROW = re.compile(r"(?P<tag>[HSMRCK?]) (?P<path>.+)")
_GIT_PLACE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR")


@dataclass(frozen=True, kw_only=True)
class Listing:
    """`files`: shipped path -> where its content lies. `withheld`: `.env` files that git does not ignore."""

    files: Mapping[str, Path]
    withheld: tuple[str, ...]


def list_source(root: Path, *, env: Mapping[str, str] = os.environ) -> Listing:
    """What ships of `root`, an absolute path without links. Raises SourceError."""
    listed = sorted(_git_files(root, env) if in_checkout(root) else _walk(root))
    kept = [path for path in listed if not never_ships(path)]
    withheld = tuple(path for path in listed if is_env_file(path) and not path.endswith(_EXAMPLES))
    return Listing(files=_Links(root, kept).followed(), withheld=withheld)


def in_checkout(folder: Path) -> bool:
    """Whether git keeps this folder: it or one above it holds `.git`."""
    return any((place / ".git").exists() for place in (folder, *folder.parents))


def never_ships(path: str) -> bool:
    """Files that stay on this machine even when they were committed by mistake."""
    return any(part in _NEVER_FOLDERS or is_env_file(part) for part in path.split("/"))


def is_env_file(path: str) -> bool:
    """`.env` and `.env.<anything>`, but not the example that shows what to set."""
    name = PurePosixPath(path).name
    return name != ENV_EXAMPLE and (name == ".env" or name.startswith(".env."))


# Where git keeps the folder ------------------------------------------------------------------------------


def _git_files(root: Path, env: Mapping[str, str]) -> Iterator[str]:
    """Tracked and untracked, not ignored; a submodule gives its own files. Deleted ones are left out."""
    for path in _git_rows(root, env):
        absolute = root / path
        if absolute.is_dir() and not absolute.is_symlink():
            yield from (f"{path.rstrip('/')}/{inner}" for inner in _submodule_files(absolute, env))
        elif os.path.lexists(absolute):
            yield path


def _submodule_files(folder: Path, env: Mapping[str, str]) -> Iterator[str]:
    if (folder / ".git").exists():
        return _git_files(folder, env)
    raise SourceError(
        f"The submodule {folder.name} is empty.",
        cause="it was not checked out with the rest",
        next_step="git submodule update --init --recursive",
    )


def _git_rows(root: Path, env: Mapping[str, str]) -> set[str]:
    # Without -z: unusual names come quoted, so that a warning of git on its own line is told from a name.
    argv = ("git", "-c", "core.quotepath=true", "ls-files", "-t", "--cached", "--others", "--exclude-standard")
    # A hook runs with these set, and they would point git at another index.
    here = {name: value for name, value in env.items() if name not in _GIT_PLACE}
    try:
        result = run(Command(argv=argv, cwd=root, env=here, timeout=LISTING_TIMEOUT))
    except CommandFailed as error:
        raise SourceError(
            f"git does not list the files of {root.name}.",
            cause=error.cause or "; ".join(error.details[:1]) or None,
            next_step=f"git -C {root} ls-files",
            details=error.details,
        ) from error
    rows = (_GIT_ROW.fullmatch(line) for line in result.output.splitlines())
    return {_unquoted(row["path"]) for row in rows if row}


def _unquoted(name: str) -> str:
    """git quotes as C does, and so does Python with bytes."""
    if not name.startswith('"'):
        return name
    raw: bytes = ast.literal_eval("b" + name)
    return _text(raw)


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        shown = raw.decode(errors="backslashreplace")
        raise SourceError(
            f"The name of {shown} is not UTF-8.", next_step="rename it; the Hub takes no such name"
        ) from error


# Where it does not ---------------------------------------------------------------------------------------


def _walk(root: Path) -> Iterator[str]:
    for folder, subfolders, names in os.walk(root):
        here = Path(folder)
        linked = [name for name in subfolders if (here / name).is_symlink()]
        skipped = {*linked, *_NEVER_FOLDERS, ".venv", ".env"}
        subfolders[:] = [name for name in subfolders if name not in skipped]
        for name in (*names, *linked):
            if name.endswith(".pyc") or name == ".envrc":
                continue
            yield _text(os.fsencode((here / name).relative_to(root).as_posix()))


# Links ---------------------------------------------------------------------------------------------------


class _Links:
    """Replaces each symbolic link among `paths` by the content it points to."""

    def __init__(self, root: Path, paths: list[str]) -> None:
        self._root = root
        self._paths = paths

    def followed(self) -> dict[str, Path]:
        files: dict[str, Path] = {}
        for path in self._paths:
            files.update(self._content(path, self._root / path, ()))
        return files

    def _content(self, path: str, place: Path, through: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
        if not place.is_symlink():
            if place.is_file():
                yield path, place
            return
        target = self._target(path, place)
        if target in through or path.startswith(f"{target}/") or target == ".":
            raise SourceError(f"{path} is a link to a folder it lies in.", next_step=f"remove the link {path}")
        goal = self._root / target
        if goal.is_file():
            yield path, goal
            return
        for inner in self._paths:
            if inner.startswith(f"{target}/"):
                yield from self._content(path + inner[len(target) :], self._root / inner, (*through, target))

    def _target(self, path: str, place: Path) -> str:
        """The path below the source that a link ends at; SourceError when there is none that may ship."""
        try:
            target = place.resolve(strict=True).relative_to(self._root).as_posix()
        except (OSError, RuntimeError) as error:
            raise SourceError(f"{path} is a link to nothing.", next_step=f"remove the link {path}") from error
        except ValueError as error:
            raise SourceError(
                f"{path} is a link that leads out of the source.",
                cause="what lies outside is not shipped, so the link would be broken on the Space",
                next_step=f"put a copy in the place of {path}",
            ) from error
        if never_ships(target):
            raise SourceError(
                f"{path} is a link to {target}, which never leaves this machine.",
                next_step=f"remove the link {path}; give the values as secrets of the Space",
            )
        return target
