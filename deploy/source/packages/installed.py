"""The distributions that the image's Python will find."""

from __future__ import annotations

import json
import posixpath
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from packaging.utils import canonicalize_name

from deploy.dockerfile import Dockerfile
from deploy.requirements.lines import Line, Read, parse_word, read_requirements
from deploy.requirements.markers import image_environment
from deploy.requirements.pins import complete_files
from deploy.requirements.run_lines import LOCK_OF, PROJECT_FILE, Request, requests
from deploy.source.packages.modules import modules_of

ROOT_FILE = "requirements.txt"

_PLAIN_BASE = re.compile(
    r"(?:[\w.-]+(?::\d+)?/)*(?:python|debian|ubuntu|alpine|buildpack-deps|fedora|uv)(?:[:@].*)?", re.ASCII
)
_WEB_BASE = re.compile(r".*/uvicorn-gunicorn(?P<fastapi>-fastapi)?(?::.*)?")
_INSTALLERS = {"pip", "setuptools", "uv", "wheel"}
"""They bring nothing with them, or they could not be installed first."""

_FASTAPI = {"pydantic", "starlette"}
_FASTAPI_STANDARD = {"email-validator", "fastapi-cli", "httpx", "jinja2", "python-multipart", "uvicorn"}
"""What FastAPI is built on, and what its extras are there to bring (its documentation, Dependencies)."""


@dataclass(frozen=True, kw_only=True)
class Installed:
    """What can be imported beside the standard library and the source.

    `names`, normalised, are those that are known, and `modules` those that they may bring. `wanted` are the lines that
    apply to the image, `wrong` those that stop pip or name a file that is not there. `file` is the list or lock that
    counts; None: there is none. `complete`: nothing else is installed, as all is locked with what it needs.
    `requested`: some RUN line installs something, `unknown` what cannot be read here. `plain_base`: the base image
    brings no Python packages and no folder of its own; `known_base`: it brings none, or some that are known.
    """

    names: frozenset[str]
    modules: frozenset[str]
    wanted: tuple[Line, ...]
    wrong: tuple[Line, ...]
    file: str | None
    complete: bool
    requested: bool
    unknown: bool
    known_base: bool
    plain_base: bool


def installed(dockerfile: Dockerfile | None, context: frozenset[str], read: Read, python: str) -> Installed:
    """Read the Dockerfile's requests; without any, the requirement file at the root counts."""
    asked = tuple(requests(dockerfile, context)) if dockerfile else ()
    lists, base, environment = _lists(asked, read), _of_base(dockerfile), image_environment(python)
    lock = next((path for item in asked if (path := _lock(item)) and read(path)), None)
    lines = [line for path in lists for line in read_requirements(path, read)]
    lines += [parse_word(item.text, "Dockerfile", item.line) for item in asked if item.kind == "word"]
    project = list(_of_projects(asked, lists, lock, read))
    wanted = tuple(line for line in (*lines, *project) if line.installs and line.applies(environment))
    whole, locked = complete_files(lines), _locked(read(lock), lock) if lock else set[str]()
    locked |= {line.name for line in wanted if line.file in whole}
    loose = [line for line in wanted if line.file not in whole]
    names = locked | _open(loose, base)
    declared = _at(_table(read(PROJECT_FILE)), "tool", "deptry", "package_module_name_map")
    plain = dockerfile is None or bool(_PLAIN_BASE.fullmatch(dockerfile.final.image))
    unknown = any(item.kind == "unknown" for item in asked)
    covered = all(line.name in locked | _INSTALLERS and not line.extras for line in loose)
    return Installed(
        names=frozenset(names),
        modules=frozenset(module for name in names for module in modules_of(name, declared)),
        wanted=wanted,
        wrong=tuple(line for line in lines if line.kind == "include" or line.why),
        file=next(iter(lists), lock or next((line.file for line in project), None)),
        complete=bool(locked) and covered and not unknown and not base,
        requested=bool(asked),
        unknown=unknown,
        known_base=plain or bool(base),
        plain_base=plain,
    )


def _open(loose: Iterable[Line], base: set[str]) -> set[str]:
    """What is not locked, with the little that is certain to come with it."""
    names = base | {line.name for line in loose}
    standard = any(line.name == "fastapi" and line.extras for line in loose)
    names |= {"email-validator" for line in loose if line.name == "pydantic" and line.extras}
    return names | (_FASTAPI if "fastapi" in names else set()) | (_FASTAPI_STANDARD if standard else set())


def _lists(asked: Iterable[Request], read: Read) -> tuple[str, ...]:
    named = tuple(dict.fromkeys(item.text for item in asked if item.kind == "file"))
    others = any(item.kind in {"tool", "project"} for item in asked)
    return named if named or others or read(ROOT_FILE) is None else (ROOT_FILE,)


def _lock(item: Request) -> str | None:
    """The lock of a tool that installs from it, or that is itself installed: a script may call it."""
    own = item.kind == "tool" and posixpath.basename(item.text) in LOCK_OF.values()
    return item.text if own else LOCK_OF.get(item.text)


def _of_projects(asked: Iterable[Request], lists: tuple[str, ...], lock: str | None, read: Read) -> Iterator[Line]:
    """What pyproject.toml files ask for. Which groups a tool installs is not known: all of them count."""
    projects = [item for item in asked if item.kind == "project"]
    for item in projects:
        yield from _of_project(_table(read(item.text)), item.text, item.extras)
    beside = {posixpath.join(posixpath.dirname(item.text), PROJECT_FILE) for item in asked if item.kind == "tool"}
    for path in sorted(beside or ({PROJECT_FILE} if not (lists or projects) else set())) if lock is None else ():
        yield from _of_project(_table(read(path)), path, None)


def _of_project(table: Mapping[str, Any], path: str, extras: Iterable[str] | None) -> Iterator[Line]:
    """What it always needs, and what it needs for these extras or for all and all groups; one may name others."""
    project, poetry = _at(table, "project"), _at(table, "tool", "poetry", "dependencies")
    optional = {**_at(table, "dependency-groups"), **_at(project, "optional-dependencies")}
    parts: dict[str, Any] = {canonicalize_name(name): texts for name, texts in optional.items()}
    parts |= {"": project.get("dependencies"), " ": [name for name in poetry if name != "python"]}
    waiting = list(parts if extras is None else ("", " ", *map(canonicalize_name, extras)))
    while waiting:
        texts = parts.pop(waiting.pop(), None)
        for text in texts if isinstance(texts, list) else ():
            line = parse_word(str(text), path, 1)
            own = line.name == canonicalize_name(str(project.get("name")))
            waiting += map(canonicalize_name, line.extras if own else ())
            yield line


def _at(table: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """The table below these keys; empty where there is none."""
    for key in keys:
        inner = table.get(key)
        table = inner if isinstance(inner, Mapping) else {}
    return table


def _table(content: bytes | None, loads: Callable[[str], Any] = tomllib.loads) -> Mapping[str, Any]:
    try:
        table = loads((content or b"").decode())
    except (ValueError, RecursionError):
        table = None
    return table if isinstance(table, Mapping) else {}


def _of_base(dockerfile: Dockerfile | None) -> set[str]:
    match = _WEB_BASE.fullmatch(dockerfile.final.image) if dockerfile else None
    return {"uvicorn", "gunicorn", *(("fastapi",) if match["fastapi"] else ())} if match else set()


def _locked(content: bytes | None, name: str) -> set[str]:
    if posixpath.basename(name) == LOCK_OF["pipenv"]:
        return set(map(canonicalize_name, _at(_table(content, json.loads), "default")))
    packages = (item for item in _table(content).get("package", []) if isinstance(item, Mapping))
    return {canonicalize_name(str(item.get("name"))) for item in packages}
