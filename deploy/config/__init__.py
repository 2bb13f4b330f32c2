"""deploy.toml as frozen values: everything is checked at once, before any effect."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

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
from deploy.errors import ConfigError
from deploy.wording import counted

__all__ = [
    "FILE_NAME",
    "LOCAL_HUB",
    "Address",
    "AppConfig",
    "AuditConfig",
    "Config",
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
_Value = TypeVar("_Value")


def load(root: Path) -> Config:
    """Read `<root>/deploy.toml`, and the list of tasks that it names.

    Raises ConfigError when one is missing, is not TOML, or holds anything wrong: all problems of it at once.
    """
    absent = ConfigError(
        f"There is no {FILE_NAME} in {root}.",
        cause="the command runs outside a project",
        next_step="go to the folder that holds tasks.py and deploy.toml",
    )
    about = "docs/configuration.md lists every setting"
    config = _read(root / FILE_NAME, FILE_NAME, absent, about, lambda top, found: read_config(root, top, found))
    listed = config.source.tasks
    if listed is None:
        return config
    near = listed.relative_to(root).as_posix()
    absent = ConfigError(
        f"There is no list of tasks at {near}.",
        cause=f"source.tasks in {FILE_NAME} names it",
        next_step=f"write it, or correct source.tasks in {FILE_NAME}",
    )
    about = "docs/evidence.md shows such a list, and every check by its name"
    return replace(config, tasks=_read(listed, near, absent, about, lambda top, _: read_tasks(top)))


def _read(
    path: Path, shown: str, absent: ConfigError, about: str, read: Callable[[Section, Problems], _Value]
) -> _Value:
    """A TOML file as a value. Raises ConfigError: `absent` when it is not there."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise absent from error
    except OSError as error:
        raise ConfigError(
            f"{shown} cannot be read: {error.strerror}.", next_step=f"make {shown} a file you can read"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{shown} is not TOML: {error}.", next_step=f"mend that line of {shown}") from error
    problems = Problems()
    value = read(Section(table, "", problems), problems)
    if problems:
        raise ConfigError(
            f"{shown} has {counted(len(problems), 'problem')}.",
            next_step=f"mend {shown}; {about}",
            details=tuple(problems),
        )
    return value
