"""The values of a target's variables and secrets: from the environment, `.env.<target>`, then `.env`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.config import Target
from deploy.dotenv import Entry, read_env_file
from deploy.errors import MissingSecret
from deploy.secret import Secret


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What is known here. A declared secret that has no value here may be on the Space, or be generated."""

    variables: Mapping[str, str]
    secrets: Mapping[str, Secret]
    token: Secret | None


def resolve(target: Target, root: Path, env: Mapping[str, str]) -> Settings:
    """Look every declared name up.

    Raises ConfigError for .env files with bad lines, and MissingSecret that names every required
    setting that is given as empty, or is a variable without a value: before anything is written.
    """
    given = _given(target, root, env)
    variables: dict[str, str] = {}
    problems: list[str] = []
    for name, variable in target.variables.items():
        entry = given.get(name)
        if variable.value is not None:
            variables[name] = variable.value
        elif entry and entry.value:
            variables[name] = entry.value.reveal()
        elif variable.required:
            problems.append(f"variable {name} {_absence(entry)}")
    secrets: dict[str, Secret] = {}
    for name, rule in target.secrets.items():
        entry = given.get(name)
        if entry and entry.value:
            secrets[name] = entry.value
        elif entry and rule.required:
            problems.append(f"secret {name} {_absence(entry)}")
    if problems:
        raise missing(target, problems)
    token = given.get(target.token_variable)
    return Settings(variables=variables, secrets=secrets, token=token.value if token and token.value else None)


def missing(target: Target, problems: list[str]) -> MissingSecret:
    many = "setting has" if len(problems) == 1 else "settings have"
    return MissingSecret(
        f"{len(problems)} required {many} no value for target {target.name!r}. Nothing was written.",
        cause="a Space that starts without it would crash or be open to everyone",
        next_step=f"set it in the environment, in .env.{target.name} or in .env; or declare it `required = false`",
        details=tuple(problems),
    )


def _given(target: Target, root: Path, env: Mapping[str, str]) -> dict[str, Entry]:
    entries = {**read_env_file(root / ".env"), **read_env_file(root / f".env.{target.name}")}
    for name in (*target.variables, *target.secrets, target.token_variable):
        if name in env:
            entries[name] = Entry(value=Secret(env[name]), where="the environment")
    return entries


def _absence(entry: Entry | None) -> str:
    return f"is empty in {entry.where}" if entry else "is not set"
