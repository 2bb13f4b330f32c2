"""Looking at a Space, and the two small things a person does to it: restart and unlock."""

from __future__ import annotations

from typing import Any

from deploy.errors import EXIT_DIFFERENT
from deploy.tasks.base import command, finish, session
from deploy.tasks.connection import about, open_run
from deploy.tasks.ending import reported


@command()
def status(_: Any, to: str = "", json: bool = False) -> None:
    """What serves now: stage, commit, revision, lease. Exit code 2 when it is not the head of main."""
    from deploy.pipeline.commands import status as story

    run = open_run(session(to))
    seen = story.status(run)
    run.console.result(seen.document(), seen.text())
    finish(0 if seen.healthy else EXIT_DIFFERENT)


@command(
    flags={"build": "the build log instead of the run log", "follow": "go on until it ends or Ctrl-C"},
    auto_shortflags=True,
)
def logs(_: Any, to: str = "", build: bool = False, follow: bool = False, json: bool = False) -> None:
    """Print the Space's run log, or its build log."""
    from deploy.pipeline.commands import logs as story

    story.logs(open_run(session(to)), "build" if build else "run", follow=follow)


@command(flags={"space": "owner/name of another Space than the target's, on the same Hub"})
def why(_: Any, space: str = "", to: str = "", json: bool = False) -> None:
    """Why a Space does not serve, whose fault that is, and what to do. Exit code 2 when it does not."""
    from deploy.pipeline.commands import why as story

    run = open_run(about(session(to), space))
    answer = story.why(run)
    run.console.result(answer.document(), answer.text())
    finish(0 if answer.serves else EXIT_DIFFERENT)


@command()
def history(_: Any, to: str = "", json: bool = False) -> None:
    """The releases of a Space, newest first: commit, revision, source, whether it was verified."""
    from deploy.pipeline.commands import history as story

    run = open_run(session(to))
    past = story.past_releases(run)
    run.console.result(past.document(), past.text())


@command(flags={"yes": "put load on a protected target and restart it, too"})
def verify(_: Any, to: str = "", yes: bool = False, json: bool = False) -> None:
    """Run the checks against what serves now."""
    from deploy.pipeline.commands import verify as story

    run = open_run(session(to))
    run.said_yes = yes
    with reported(run):
        story.verify(run)


@command(
    flags={
        "join": "take part in the load that another machine commands, at HOST:PORT where it listens",
        "yes": "put load on a protected target, too",
    }
)
def load(_: Any, to: str = "", join: str = "", yes: bool = False, json: bool = False) -> None:
    """Put the declared load on what serves now, and hold it to its budgets."""
    from deploy.pipeline.commands import load as story

    run = open_run(session(to))
    with reported(run):
        if join:
            story.join_load(run, join, yes=yes)
        else:
            story.put_load(run, yes=yes)


@command(flags={"factory": "build the image anew"})
def restart(_: Any, to: str = "", factory: bool = False, yes: bool = False, json: bool = False) -> None:
    """Restart the Space and see it serve."""
    from deploy.pipeline.commands import restart as story

    run = open_run(session(to))
    with reported(run):
        story.restart(run, factory=factory, yes=yes)


@command()
def unlock(_: Any, to: str = "", json: bool = False) -> None:
    """Clear the lease of a deploy that is gone for good."""
    from deploy.pipeline.commands import unlock as story

    run = open_run(session(to))
    cleared = story.unlock(run)
    run.console.result({"target": run.target.name, "cleared": cleared}, cleared or "There is no lease.")
