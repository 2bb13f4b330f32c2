"""Which files below a folder are shipped: what git would take, or everything where there is no git."""

from __future__ import annotations

import ast
import os
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from deploy.command import Command, run
from deploy.errors import CommandFailed, SourceError
from deploy.wording import counted

LISTING_TIMEOUT = 120.0
"""Seconds; `git ls-files` on a cold disk with some hundred thousand files stays below it."""
ENV_EXAMPLE = ".env.example"
_SHOWN = 10
"""Names of files that an error repeats."""
_LEFT_OUT = "S"
"""How `git ls-files -t` marks what a sparse checkout leaves out (git-ls-files, "skip-worktree")."""
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
    return _top(folder) is not None


def require_checked_out(root: Path, *, env: Mapping[str, str] = os.environ) -> None:
    """Raises SourceError when the last commit has files in a folder where there are none."""
    top = _top(root)
    if top is None:
        return
    path = root.relative_to(top).as_posix()
    left_out = [name for tag, name in _git_rows(top, env, path) if tag == _LEFT_OUT]
    if left_out:
        raise _sparse(top, left_out)
    if _git(top, env, "ls-tree", f"HEAD:{path.removeprefix('.')}", check=False):
        raise SourceError(
            f"git has not checked out {root.name}.",
            cause="the last commit has files in it and the index has not: a checkout did not end, as when a partial "
            "clone does not reach its remote, or they were removed",
            next_step=f"git -C {shlex.quote(str(top))} checkout HEAD -- {shlex.quote(path)}",
        )


def never_ships(path: str) -> bool:
    """Files that stay on this machine even when they were committed by mistake."""
    return any(part in _NEVER_FOLDERS or is_env_file(part) for part in path.split("/"))


def is_env_file(path: str) -> bool:
    """`.env` and `.env.<anything>`, but not the example that shows what to set."""
    name = PurePosixPath(path).name
    return name != ENV_EXAMPLE and (name == ".env" or name.startswith(".env."))


# Where git keeps the folder ------------------------------------------------------------------------------


def _git_files(root: Path, env: Mapping[str, str]) -> Iterator[str]:
    """Tracked and untracked, not ignored; a submodule gives its own files. Deleted ones are left out.

    Raises SourceError when a sparse checkout, and not the user, is why some are not there.
    """
    left_out: list[str] = []
    for tag, path in _git_rows(root, env):
        absolute = root / path
        if absolute.is_dir() and not absolute.is_symlink():
            yield from (f"{path.rstrip('/')}/{inner}" for inner in _submodule_files(absolute, env))
        elif os.path.lexists(absolute):
            yield path
        elif tag == _LEFT_OUT and not never_ships(path):
            left_out.append(path)
    if left_out:
        raise _sparse(root, left_out)


def _submodule_files(folder: Path, env: Mapping[str, str]) -> Iterator[str]:
    if (folder / ".git").exists():
        return _git_files(folder, env)
    raise SourceError(
        f"The submodule {folder.name} is empty.",
        cause="it was not checked out with the rest",
        next_step="git submodule update --init --recursive",
    )


def _sparse(root: Path, paths: list[str]) -> SourceError:
    """The error for files below `root` that a sparse checkout leaves out."""
    top = _top(root) or root
    places = [(root / path).parent.relative_to(top) for path in paths]
    folder = os.path.commonpath(places)
    git = f"git -C {shlex.quote(str(top))} sparse-checkout"
    only = f", or for what is missing alone: {git} add {shlex.quote(folder)}" if folder else ""
    return SourceError(
        f"{counted(len(paths), 'file')} of the source {'is' if len(paths) == 1 else 'are'} not checked out.",
        cause="this is a sparse checkout that leaves them out; they would be missing on the Space",
        next_step=f"{git} disable{only}",
        details=tuple(sorted(paths)[:_SHOWN]),
    )


def _top(folder: Path) -> Path | None:
    return next((place for place in (folder, *folder.parents) if (place / ".git").exists()), None)


def _git_rows(root: Path, env: Mapping[str, str], path: str = ".") -> set[tuple[str, str]]:
    """What git lists below `path`: its tag, the path from `root`."""
    listed = _git(root, env, "ls-files", "-t", "--cached", "--others", "--exclude-standard", "--", path)
    rows = (_GIT_ROW.fullmatch(line) for line in listed.splitlines())
    return {(row["tag"], _unquoted(row["path"])) for row in rows if row}


def _git(root: Path, env: Mapping[str, str], *arguments: str, check: bool = True) -> str:
    """What git says; without `check` nothing where it fails."""
    # Without -z: unusual names come quoted, so that a warning of git on its own line is told from a name.
    argv = ("git", "-c", "core.quotepath=true", *arguments)
    # A hook runs with these set, and they would point git at another index.
    here = {name: value for name, value in env.items() if name not in _GIT_PLACE}
    try:
        result = run(Command(argv=argv, cwd=root, env=here, timeout=LISTING_TIMEOUT), check=check)
    except CommandFailed as error:
        raise SourceError(
            f"git does not list the files of {root.name}.",
            cause=error.cause or "; ".join(error.details[:1]) or None,
            next_step=f"git -C {root} ls-files",
            details=error.details,
        ) from error
    return "" if result.code else result.output


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
