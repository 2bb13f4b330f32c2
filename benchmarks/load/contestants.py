"""Who is measured: each a server command, all with the flags of the image's own server and one worker."""

from __future__ import annotations

import re
import secrets
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from deploy.workspace import workspace

ROOT = Path(__file__).parents[2]
SQLMODEL = ROOT / "benchmarks" / "apps" / "sqlmodel.txt"


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """`environment` may say `{folder}`, an empty folder of the server's own."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


def plain() -> Contestant:
    """The same endpoints without a database."""
    return Contestant(name="plain", command=_uvicorn("benchmarks.apps.plain:app"))


def canned() -> Contestant:
    """No HTTP and no Python worth the name: fixed bytes, so what is measured is the client."""
    return Contestant(name="canned bytes", command=(sys.executable, "-m", "benchmarks.apps.canned"))


def template() -> Contestant:
    """The way of the FastAPI template: sync SQLModel sessions, with its defaults."""
    environment = {"PYTHONPATH": str(_sqlmodel()), "DATABASE_URL": "sqlite:///{folder}/template.db"}
    return Contestant(
        name="template's way", command=_uvicorn("benchmarks.apps.template:app"), environment=environment | _key()
    )


def backend() -> Contestant:
    """What is shipped, as its image starts it, on its embedded database."""
    return Contestant(
        name="task service",
        command=_uvicorn("main:app", "--app-dir", "backend"),
        environment={"DATABASE_URL": "sqlite:///{folder}/tasks.db"} | _key(),
    )


def _key() -> dict[str, str]:
    return {"JWT_KEY_A": secrets.token_urlsafe(48)}


def _uvicorn(app: str, *options: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "uvicorn", app, *options, *_flags())


@cache
def _flags() -> tuple[str, ...]:
    """What stands after `uvicorn main:app` in the image's Dockerfile, its variables at their defaults."""
    dockerfile = (ROOT / "backend" / "Dockerfile").read_text(encoding="utf-8")
    found = re.search(r'uvicorn main:app (?P<flags>[^"]*)"', dockerfile)
    if found is None:
        raise SystemExit("backend/Dockerfile no longer starts `uvicorn main:app`: say here how it does")
    return tuple(shlex.split(re.sub(r"\$\{\w+:-(\w*)\}", r"\1", found["flags"])))


@cache
def _sqlmodel() -> Path:
    """The folder that holds SQLModel, which only this comparison needs; what it is built on is here already."""
    name = SQLMODEL.read_text(encoding="utf-8").split(maxsplit=1)[0]
    folder = workspace(ROOT) / "benchmarks" / name
    if not (folder / "sqlmodel").is_dir():
        pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes")
        done = subprocess.run([*pip, "--target", str(folder), "--requirement", str(SQLMODEL)], check=False)
        if done.returncode:
            raise SystemExit(f"{name} cannot be installed, so there is nothing to compare with")
    return folder
