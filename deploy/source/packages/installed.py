"""The distributions that the image's Python will find."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from packaging.utils import canonicalize_name

from deploy.dockerfile import Dockerfile
from deploy.source.packages.brought import with_dependencies
from deploy.source.packages.requirements import Read, Unreadable, Wanted, decoded, one_requirement, read_requirements
from deploy.source.packages.run_lines import CONDA, LOCK_OF, Request, requests
from deploy.source.start.files import ImageFiles

ROOT_FILE = "requirements.txt"
PROJECT_FILE = "pyproject.toml"

_PLAIN_BASE = re.compile(
    r"(?:[\w.-]+(?::\d+)?/)*(?:python|debian|ubuntu|alpine|buildpack-deps|fedora|uv)(?:[:@].*)?", re.ASCII
)
_WEB_BASE = re.compile(r".*/uvicorn-gunicorn(?P<fastapi>-fastapi)?(?::.*)?")
_MADE_BY_TOOL = re.compile(r"^\s+# via\b|--hash=", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Installed:
    """What can be imported beside the standard library and the source, by normalised name.

    `file` is the list or lock that counts; None: there is none. `closed`: the list is known to be whole,
    because a tool locked it or because all of it is well known. `requested`: some RUN line installs
    something. `plain_base`: the base image brings no Python packages and no folder of its own;
    `known_base`: it brings none, or known ones.
    """

    names: frozenset[str]
    wanted: tuple[Wanted, ...]
    unreadable: tuple[Unreadable, ...]
    file: str | None
    closed: bool
    requested: bool
    known_base: bool
    plain_base: bool


def installed(dockerfile: Dockerfile | None, files: ImageFiles, read: Read, python: str) -> Installed:
    """Read the Dockerfile's requests; without any, the requirement file at the root counts."""
    asked = tuple(requests(dockerfile, files)) if dockerfile else ()
    lists = _lists(asked, read)
    lock = next((LOCK_OF[item.text] for item in asked if item.text in LOCK_OF and read(LOCK_OF[item.text])), None)
    lines = [line for path in lists for line in read_requirements(path, read, python)]
    lines += [one_requirement(item.text, "Dockerfile", item.line, python) for item in asked if item.kind == "word"]
    wanted = tuple(line for line in lines if isinstance(line, Wanted))
    project = _of_project(read(PROJECT_FILE), python) if _needs_project(asked, lists) else ()
    base = _of_base(dockerfile)
    made = {path for path in lists if _MADE_BY_TOOL.search(decoded(read(path) or b""))}
    loose = [item for item in (*wanted, *project) if item.applies and item.file not in made]
    names, known = with_dependencies(
        [*((item.name, item.extras) for item in loose), *((name, frozenset()) for name in base)]
    )
    locked = {item.name for item in wanted if item.applies and item.file in made}
    locked |= _locked(read(lock) or b"", lock) if lock else frozenset()
    plain = dockerfile is None or bool(_PLAIN_BASE.fullmatch(dockerfile.final.image))
    return Installed(
        names=names | locked,
        wanted=wanted,
        unreadable=tuple(line for line in lines if isinstance(line, Unreadable)),
        file=next(iter(lists), lock or (PROJECT_FILE if project else None)),
        closed=(known or bool(lock)) and not any(item.text == CONDA for item in asked),
        requested=bool(asked),
        known_base=plain or bool(base),
        plain_base=plain,
    )


def _lists(asked: Iterable[Request], read: Read) -> tuple[str, ...]:
    named = tuple(dict.fromkeys(item.text for item in asked if item.kind == "file" and read(item.text) is not None))
    others = any(item.kind in {"tool", "project"} for item in asked)
    return named if named or others or read(ROOT_FILE) is None else (ROOT_FILE,)


def _needs_project(asked: Iterable[Request], lists: tuple[str, ...]) -> bool:
    kinds = {item.kind for item in asked}
    return bool(kinds & {"project", "tool"}) or not lists


def _of_project(content: bytes | None, python: str) -> tuple[Wanted, ...]:
    """`[project] dependencies` and those of poetry."""
    try:
        table: dict[str, Any] = tomllib.loads((content or b"").decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return ()
    poetry = table.get("tool", {}).get("poetry", {}).get("dependencies", {})
    texts = [*table.get("project", {}).get("dependencies", []), *(name for name in poetry if name != "python")]
    read = (one_requirement(str(text), PROJECT_FILE, 1, python) for text in texts)
    return tuple(item for item in read if isinstance(item, Wanted))


def _of_base(dockerfile: Dockerfile | None) -> tuple[str, ...]:
    match = _WEB_BASE.fullmatch(dockerfile.final.image) if dockerfile else None
    return ("uvicorn", "gunicorn", *(("fastapi",) if match["fastapi"] else ())) if match else ()


def _locked(content: bytes, name: str) -> frozenset[str]:
    try:
        if name.endswith(".lock") and name != LOCK_OF["pipenv"]:
            names: Iterator[str] = (str(item["name"]) for item in tomllib.loads(content.decode()).get("package", []))
        else:
            names = iter(json.loads(content).get("default", {}))
        return frozenset(canonicalize_name(name) for name in names)
    except (tomllib.TOMLDecodeError, ValueError, KeyError):
        return frozenset()
