"""deploy.toml as frozen values: everything is checked at once, before any effect."""

from __future__ import annotations

import tomllib
from pathlib import Path

from deploy.config.reader import Problems, Section
from deploy.config.schema import read_config
from deploy.config.suite import Address, AuditConfig, LoadConfig, ScenarioConfig
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


def load(root: Path) -> Config:
    """Read `<root>/deploy.toml`.

    Raises ConfigError when it is missing, is not TOML, or holds anything wrong: all problems at once.
    """
    path = root / FILE_NAME
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(
            f"There is no {FILE_NAME} in {root}.",
            cause="the command runs outside a project",
            next_step="go to the folder that holds tasks.py and deploy.toml",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{FILE_NAME} is not TOML: {error}.", next_step=f"mend that line of {FILE_NAME}") from error
    problems = Problems()
    config = read_config(root, Section(table, "", problems), problems)
    if problems:
        raise ConfigError(
            f"{FILE_NAME} has {counted(len(problems), 'problem')}.",
            next_step=f"mend {FILE_NAME}; docs/configuration.md lists every setting",
            details=tuple(problems),
        )
    return config
