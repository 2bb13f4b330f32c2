"""The main commands: what would change, change it and prove it, one part of it, and back."""

from __future__ import annotations

from typing import Any

from deploy.errors import EXIT_DIFFERENT
from deploy.tasks.base import HELP_OLDER, command, finish, session
from deploy.tasks.connection import open_run
from deploy.tasks.ending import reported

_WITHOUT = "ship without building and booting the image here first"


@command(flags={"plan": "stop after showing what would change", "without-rehearsal": _WITHOUT, "older": HELP_OLDER})
def deploy(  # noqa: PLR0917 # Invoke gives flags by name
    _: Any,
    to: str = "",
    plan: bool = False,
    yes: bool = False,
    without_rehearsal: bool = False,
    older: bool = False,
    json: bool = False,
) -> None:
    """Ship the source to a Space and prove that it serves; go back by itself when it does not."""
    from deploy.pipeline.commands import deploy as story
    from deploy.pipeline.steps.rehearsal import Rehearsal

    run = open_run(session(to))
    run.older = older
    with reported(run):
        story.deploy(run, Rehearsal.prepare(waived=without_rehearsal), plan_only=plan, yes=yes)


@command()
def plan(_: Any, to: str = "", json: bool = False) -> None:
    """Show what a deploy would change; nothing is written. Exit code 2 when there is something."""
    from deploy.pipeline.commands import plan as story
    from deploy.pipeline.ending import Ending

    run = open_run(session(to))
    with reported(run):
        story.plan(run)
    finish(EXIT_DIFFERENT if run.verdict is Ending.PLANNED else 0)


@command()
def push(_: Any, to: str = "", yes: bool = False, json: bool = False) -> None:
    """Make the Space's files equal to the source, in one commit; nothing is waited for."""
    from deploy.pipeline.commands import push as story

    run = open_run(session(to))
    with reported(run):
        story.push(run, yes=yes)


@command(flags={"release": "the commit to go back to (default: the last good one)"})
def rollback(_: Any, to: str = "", release: str = "", yes: bool = False, json: bool = False) -> None:
    """Put an earlier good release back, code and variables, and prove that it serves."""
    from deploy.pipeline.commands import rollback as story

    run = open_run(session(to))
    with reported(run):
        story.roll_back(run, release, yes=yes)
