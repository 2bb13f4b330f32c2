"""lock: the project's dependencies, pinned with hashes, and what is known against them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deploy.errors import EXIT_DIFFERENT, ConfigError
from deploy.tasks.base import Session, command, finish, session

if TYPE_CHECKING:
    from deploy.lock import LockFile

_FLAGS = {
    "check": "write nothing; exit code 2 when a lock is out of date",
    "upgrade": "move every pin to the newest release its bounds allow",
}


@command(flags=_FLAGS)
def lock(_: Any, check: bool = False, upgrade: bool = False, json: bool = False) -> None:
    """Pin every requirements.in in its requirements.txt, with hashes, for the Python that will install it."""
    from deploy.lock import project_locks

    if check and upgrade:
        raise ConfigError("--check writes nothing and --upgrade writes.", next_step="give one of them")
    run = session()
    locks = project_locks(run.config)
    if check:
        finish(_check(run, locks))
    else:
        _update(run, locks, upgrade=upgrade)


@command()
def audit(_: Any, json: bool = False) -> None:
    """Ask what is known against every pin; exit code 18 when a newer version mends it, 19 when nobody answers."""
    from deploy.pipeline.commands.audit import audit_locks

    run = session()
    audit_locks(run.config, run.console)


def _check(run: Session, locks: tuple[LockFile, ...]) -> int:
    from deploy.lock import check

    verdicts = []
    for lock_file in locks:
        with run.console.step(lock_file.name) as step:
            verdict = check(lock_file, on_line=step.line)
            step.outcome = "ok" if verdict.is_fresh else "failed"
            step.note("up to date" if verdict.is_fresh else "out of date")
        verdicts.append(verdict)
    stale = [finding for verdict in verdicts for finding in verdict.stale]
    for finding in stale:
        run.console.annotate("error", finding.what, file=finding.file, line=finding.line, title="Lock out of date")
    run.console.result(
        {"fresh": not stale, "locks": [verdict.as_document() for verdict in verdicts]},
        "\n".join([*map(str, stale), "Bring it up to date with: invoke lock"]) if stale else "",
    )
    return EXIT_DIFFERENT if stale else 0


def _update(run: Session, locks: tuple[LockFile, ...], *, upgrade: bool) -> None:
    from deploy.lock import table, update

    updates = []
    for lock_file in locks:
        with run.console.step(lock_file.name) as step:
            done = update(lock_file, upgrade=upgrade, on_line=step.line)
            step.note(done.summary)
        updates.append(done)
        if done.moved and run.console.mode != "json":
            run.console.say(table(done.moved))
    run.console.result({"locks": [done.as_document() for done in updates]})
