"""rollback: an earlier release again, by a new commit: its files, and the variables it was made with."""

from __future__ import annotations

from deploy.errors import ConfigError, DeployError, RollbackFailed
from deploy.pipeline.ending import Ending
from deploy.pipeline.run import Run
from deploy.pipeline.steps.interrupt import changing
from deploy.pipeline.steps.lease import take_lease
from deploy.pipeline.steps.plan import confirm
from deploy.pipeline.steps.record import mark_serving
from deploy.pipeline.steps.rollback import restore, variables_of
from deploy.pipeline.steps.settings import put_settings_back
from deploy.pipeline.steps.space import existing
from deploy.space.history import PastRelease, history, last_good
from deploy.space.model import SpaceInfo


def roll_back(run: Run, wanted: str, *, yes: bool) -> None:
    """To the commit that begins with `wanted`, "" is the last good one. Raises ConfigError, RollbackFailed."""
    info = existing(run)
    past = history(run.client)
    good = _chosen(run, past, info, wanted)
    confirm(run, yes=yes)
    with run.ending(Ending.ROLLED_BACK), changing(run) as stack:
        take_lease(run, stack, info.sha)
        _restore(run, good, info)


def _restore(run: Run, good: PastRelease, info: SpaceInfo) -> None:
    try:
        _, failure = restore(run, good, info.sha, settings=lambda: variables_of(run, good))
    except DeployError as error:
        if run.journal.commit:
            raise
        raise put_settings_back(run, error) from error
    if failure:
        raise RollbackFailed(
            f"{good.commit[:12]} was put back and does not serve. {failure.what}",
            cause=failure.cause,
            next_step=f"invoke history --to {run.target.name}; invoke rollback --release <an older one>",
            details=failure.details,
        )
    if unmarked := mark_serving(run, run.commit):
        run.console.warn(unmarked)


def _chosen(run: Run, past: tuple[PastRelease, ...], info: SpaceInfo, wanted: str) -> PastRelease:
    if not wanted:
        good = last_good(past, before=info.sha)
        if good:
            return good
        raise ConfigError(
            f"{run.target.space} has no earlier good release.",
            cause="only commits that a deploy verified count as good",
            next_step=f"name one: invoke history --to {run.target.name}, then invoke rollback --release <commit>",
        )
    found = [release for release in past if release.commit.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    raise ConfigError(
        f"{wanted!r} names {'no commit' if not found else f'{len(found)} commits'} of {run.target.space}.",
        next_step=f"invoke history --to {run.target.name} lists them",
    )
