"""The maintainer's commands: secrets and variables of a Space, without shipping anything."""

from __future__ import annotations

import sys
from typing import Any

from deploy.errors import EXIT_DIFFERENT, ConfigError
from deploy.tasks.base import HELP_OLDER, command, finish, session
from deploy.tasks.connection import open_run
from deploy.tasks.ending import reported


@command()
def plan(_: Any, to: str = "", json: bool = False) -> None:
    """Compare every setting with the Space, without reading a secret's value. Exit code 2 when some differ."""
    from deploy.pipeline.commands import secrets as story

    run = open_run(session(to))
    seen = story.compare_settings(run)
    run.console.result(seen.document(), seen.text())
    finish(EXIT_DIFFERENT if seen.changes or seen.refused else 0)


@command(flags={"older": HELP_OLDER})
def sync(_: Any, to: str = "", older: bool = False, yes: bool = False, json: bool = False) -> None:
    """Write the settings that differ, see the app serve, then remove those no longer declared."""
    from deploy.pipeline.commands import secrets as story

    run = open_run(session(to))
    run.older = older
    with reported(run):
        story.sync(run, yes=yes)


_ROTATE = {"name": "the secret, as in deploy.toml", "stdin": "read the new value from standard input"}


@command(positional=["name"], flags=_ROTATE)
def rotate(_: Any, name: str, to: str = "", stdin: bool = False, yes: bool = False, json: bool = False) -> None:
    """Give a secret a new value, from its generator or standard input, and see the app serve with it."""
    from deploy.pipeline.commands import secrets as story

    if name.startswith("-"):  # Invoke gives the first word to `name`, be it --help
        raise ConfigError(f"{name} stands where the name of a secret goes.", next_step="invoke --help secrets.rotate")
    run = open_run(session(to))
    with reported(run):
        story.rotate(run, name, sys.stdin if stdin else None, yes=yes)
