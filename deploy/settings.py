"""The values of a target's variables and secrets: from the environment, `.env.<target>`, then `.env`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.config import Target
from deploy.dotenv import Assignment, legible, read_env_file
from deploy.errors import ConfigError, MissingSecret
from deploy.secret import Secret

ENVIRONMENT = "the environment"
"""Where a value stands that is in no file."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What is known here. A declared secret that has no value here may be on the Space, or be generated.

    `places` tells of each secret where its value stands: `<file>:<line>`, or the environment.
    """

    variables: Mapping[str, str]
    secrets: Mapping[str, Secret]
    token: Secret | None
    places: Mapping[str, str] = field(default_factory=dict)


def resolve(target: Target, root: Path, env: Mapping[str, str]) -> Settings:
    """Look every declared name up.

    Raises ConfigError for what is not text and for .env files with bad lines, and MissingSecret that names
    every required setting that is given as empty, or is a variable without a value: before anything is written.
    """
    kept = _kept(target, root)
    given = _given(target, kept, env)
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
    places = {name: given[name].where for name in secrets}
    return Settings(variables=variables, secrets=secrets, token=_token(target, kept, env), places=places)


def known_secrets(target: Target, root: Path, env: Mapping[str, str]) -> Iterator[Secret]:
    """What must not be shown: all values that a secret of the target, or its token, has here, used or hidden by others.

    Nothing is refused; what is wrong with a value or a file is for `resolve` to say, to a command that needs it.
    """
    names = {*target.secrets, target.token_variable}
    yield from (Secret(os.fsencode(env[name]).decode(errors="replace")) for name in names if name in env)
    yield from (value for file in _files(target, root) for name, value in legible(file) if name in names)


def given_token(target: Target, root: Path, env: Mapping[str, str]) -> Secret | None:
    """The token that is set for the target's Hub, if there is one. Raises ConfigError for .env files with bad lines."""
    return _token(target, _kept(target, root), env)


def missing(target: Target, problems: list[str]) -> MissingSecret:
    many = "setting has" if len(problems) == 1 else "settings have"
    return MissingSecret(
        f"{len(problems)} required {many} no value for target {target.name!r}. Nothing was written.",
        cause="a Space that starts without it would crash or be open to everyone",
        next_step=f"set it in the environment, in .env.{target.name} or in .env; or declare it `required = false`",
        details=tuple(problems),
    )


def _kept(target: Target, root: Path) -> dict[str, Assignment]:
    return {name: entry for file in _files(target, root) for name, entry in read_env_file(file).items()}


def _files(target: Target, root: Path) -> tuple[Path, ...]:
    """The later one wins."""
    return root / ".env", root / f".env.{target.name}"


def _given(target: Target, kept: Mapping[str, Assignment], env: Mapping[str, str]) -> dict[str, Assignment]:
    names = [name for name in (*target.variables, *target.secrets) if name in env]
    return {**kept, **{name: Assignment(value=_from_environment(name, env), where=ENVIRONMENT) for name in names}}


def _token(target: Target, kept: Mapping[str, Assignment], env: Mapping[str, str]) -> Secret | None:
    """An empty one counts as none, as a workflow passes a secret that its repository does not have."""
    if env.get(target.token_variable, "").strip():
        return _from_environment(target.token_variable, env)
    entry = kept.get(target.token_variable)
    return entry.value if entry and entry.value else None


def _from_environment(name: str, env: Mapping[str, str]) -> Secret:
    """Python keeps bytes that are no text as lone surrogates (PEP 383); neither JSON nor a header takes them."""
    try:
        env[name].encode()
    except UnicodeEncodeError as error:
        raise ConfigError(f"{name} in the environment is not UTF-8 text.") from error
    return Secret(env[name])


def _absence(entry: Assignment | None) -> str:
    return f"is empty in {entry.where}" if entry else "is not set"
