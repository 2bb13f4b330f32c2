"""Whether there is a login at all: what a workflow asks before it starts, as a fork has none."""

from __future__ import annotations

from typing import Any

from deploy.tasks.base import command, session


@command()
def credentials(_: Any, to: str = "", json: bool = False) -> None:
    """Say which login a target's Hub would get. Nothing is asked of the Hub; in a workflow, sets the output `found`."""
    from deploy.pipeline.commands.credentials import find_login

    run = session(to)
    login = find_login(run.target, run.root, run.env)
    run.console.output("found", str(bool(login.source)).lower())
    if not login.source:
        run.console.annotate("notice", login.text(), title=f"Nothing was done to {run.target.name}")
        run.console.summary(f"### ⏭️ Nothing was done to {run.target.name}\n\n{login.text()}")
    run.console.result(login.document(), login.text())
