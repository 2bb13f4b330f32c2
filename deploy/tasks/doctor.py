"""Looking for what would make a deploy fail, before it does."""

from __future__ import annotations

from functools import partial
from typing import Any

from deploy.errors import EXIT_DIFFERENT
from deploy.tasks.base import command, finish, session
from deploy.tasks.connection import open_run


@command()
def doctor(_: Any, to: str = "", json: bool = False) -> None:
    """Look at all that a deploy needs, here and on the Hub. Exit code 2 when something must be mended first."""
    from deploy.pipeline.commands.doctor import examine
    from deploy.source.checks import run_checks

    current = session(to)
    check = partial(run_checks, redact=current.console.redact)
    seen = examine(current.config, current.target, lambda: open_run(current), check=check)
    current.console.result(seen.document(), seen.text())
    finish(0 if seen.healthy else EXIT_DIFFERENT)
