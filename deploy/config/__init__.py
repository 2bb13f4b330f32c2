"""deploy.toml as frozen values: everything is checked at once, before any effect."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from deploy.config.excuses import Excuse
from deploy.config.reader import Problems, Section
from deploy.config.schema import read_config
from deploy.config.suite import Address, AuditConfig, LoadConfig, ScenarioConfig
from deploy.config.task_list import read_tasks
from deploy.config.values import (
    LOCAL_HUB,
    AppConfig,
    Config,
    ProbeConfig,
    SecretRule,
    SourceConfig,
    Target,
    VariableRule,
)
from deploy.dockerfile import DockerfileError, parse
from deploy.errors import ConfigError
from deploy.wording import counted

__all__ = [
    "FILE_NAME",
    "LOCAL_HUB",
    "Address",
    "AppConfig",
    "AuditConfig",
    "Config",
    "Excuse",
    "LoadConfig",
    "ProbeConfig",
    "ScenarioConfig",
    "SecretRule",
    "SourceConfig",
    "Target",
    "VariableRule",
    "load",
]

FILE_NAME = "deploy.toml"
_PYTHON = "3.13"
"""Where neither deploy.toml nor the Dockerfile says a version."""
_Value = TypeVar("_Value")


def load(root: Path) -> Config:
    """Read `<root>/deploy.toml`, and the list of tasks that it names.

    Raises ConfigError when one is missing, is not TOML, or holds anything wrong: all problems of it at once.
    """
    absent = ("the command runs outside a project", "go to the folder that holds tasks.py and deploy.toml")
    config = _read(root, FILE_NAME, absent, "docs/configuration.md", lambda top, found: read_config(root, top, found))
    if not config.source.python:
        config = replace(config, source=replace(config.source, python=_of_image(config.source.path / "Dockerfile")))
    if config.source.tasks is None:
        return config
    name = config.source.tasks.relative_to(root).as_posix()
    absent = (f"source.tasks in {FILE_NAME} names it", f"write it, or correct source.tasks in {FILE_NAME}")
    return replace(config, tasks=_read(root, name, absent, "docs/evidence.md", lambda top, _: read_tasks(top)))


def _read(
    root: Path, name: str, absent: tuple[str, str], page: str, read: Callable[[Section, Problems], _Value]
) -> _Value:
    """A TOML file as a value. `absent`: why it may not be there, and what to do; `page` says what it may hold."""
    try:
        table = tomllib.loads((root / name).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"There is no {name} in {root}.", cause=absent[0], next_step=absent[1]) from error
    except OSError as error:
        raise ConfigError(f"{name} cannot be read: {error.strerror}.", next_step=f"see what {name} is") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name} is not TOML: {error}.", next_step=f"mend that line of {name}") from error
    problems = Problems()
    value = read(Section(table, "", problems), problems)
    if problems:
        what, cure = f"{name} has {counted(len(problems), 'problem')}.", f"mend {name}; {page} says what it may hold"
        raise ConfigError(what, next_step=cure, details=tuple(problems))
    return value


def _of_image(dockerfile: Path) -> str:
    """The Python of the image. What is wrong with the file is for `check` to say, with its line."""
    try:
        return parse(dockerfile.read_text(encoding="utf-8")).final.python or _PYTHON
    except (OSError, UnicodeDecodeError, DockerfileError):
        return _PYTHON
