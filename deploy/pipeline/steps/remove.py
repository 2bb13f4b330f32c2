"""remove: settings that are no longer declared, once the new release serves without them."""

from __future__ import annotations

from deploy.errors import DeployError
from deploy.pipeline.ending import Ending
from deploy.pipeline.run import Run
from deploy.space.apply import apply
from deploy.space.plan import Plan


def remove(run: Run, plan: Plan) -> None:
    with run.console.step("remove") as step:
        try:
            apply(run.client, plan.removals, run.journal)
        except DeployError as error:
            run.end(Ending.DEPLOYED)
            raise type(error)(
                f"{run.target.space} serves the new release, and what is no longer declared is not all removed: "
                f"{error.what}",
                cause=error.cause,
                next_step=f"invoke secrets.sync --to {run.target.name} removes the rest",
                details=error.details,
            ) from error
        step.note(f"{len(plan.removals)} no longer declared")
