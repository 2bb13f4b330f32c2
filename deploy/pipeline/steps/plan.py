"""plan: what a deploy would change, with every reason to stop found before anything is written."""

from __future__ import annotations

from dataclasses import replace

from deploy.errors import ConfigError, MissingSecret, NotAllowed
from deploy.pipeline.desired import desired_settings, desired_state
from deploy.pipeline.run import Run
from deploy.pipeline.steps.source import Staged
from deploy.pipeline.storage import why_data_would_not_last
from deploy.settings import ENVIRONMENT, missing
from deploy.space.history import is_good
from deploy.space.model import SpaceInfo
from deploy.space.observe import Observed, observe
from deploy.space.plan import Plan, make_plan, make_settings_plan
from deploy.wording import counted


def plan_changes(run: Run, source: Staged) -> tuple[Plan, Observed]:
    """Look at the Space and compare. Raises MissingSecret, NotAllowed, WrongSdk, and what the client raises."""
    with run.console.step("plan") as step:
        desired = desired_state(source.tree, source.folder, run.target, run.settings, older=run.older)
        observed = observe(run.client, desired.entries)
        plan = make_plan(desired, observed)
        if risk := why_data_would_not_last(run.target, run.settings, observed):
            plan = replace(plan, notes=(*plan.notes, risk))
        _note_made(run, plan)
        if plan.lacking:
            raise _lacking(run, plan)
        if plan:
            _require_rights(run, observed)
        run.url = observed.info.host if observed.info else ""
        run.commit = observed.info.sha if observed.info else ""
        step.note(counted(len(plan.changes), "change") if plan else "nothing to do")
    return plan, observed


def plan_settings(run: Run, info: SpaceInfo) -> tuple[Plan, Observed]:
    """Look at the settings of a Space that exists and compare; its files are left alone."""
    client = run.client
    good = is_good(client, info.sha)
    observed = Observed(info=info, variables=client.variables(), secrets=client.secrets(), good=good)
    plan = make_settings_plan(desired_settings(run.target, run.settings, older=run.older), observed, info)
    _note_made(run, plan)
    return plan, observed


def _note_made(run: Run, plan: Plan) -> None:
    """What would be written as a secret may have been made up just now: it is known, and hidden, from here on."""
    run.made = {status.name: status.value for status in plan.secrets if status.value}
    for secret in run.made.values():
        run.console.redact.add(secret)


def show(run: Run, plan: Plan) -> None:
    """The plan as text: what would change, and what is left alone on purpose."""
    for change in plan.changes:
        run.console.say("\n".join(f"      {line}" for line in str(change).splitlines()))
    for note in plan.notes:
        run.console.warn(note)


def confirm(run: Run, *, yes: bool, doing: str = "Change") -> None:
    """A protected target is changed, or loaded, only after a yes. Raises ConfirmationNeeded."""
    if run.target.protected and not yes:
        run.console.confirm(f"{doing} {run.target.space} ({run.target.name})?")


def refuse_superseded(run: Run, plan: Plan) -> None:
    """A value that was rotated out must not come back by chance. Raises ConfigError that says where it stands."""
    if not plan.superseded:
        return
    raise ConfigError(
        f"What is given here is older than the last rotation of {', '.join(plan.superseded)}. Nothing was written.",
        cause="the Space has the new value; writing the older one would undo the rotation",
        next_step="put the new value in its place, or take it out: what is on the Space stays; to write the older one "
        f"all the same: invoke secrets.sync --older --to {run.target.name}",
        details=superseded_places(run, plan),
    )


def superseded_places(run: Run, plan: Plan) -> tuple[str, ...]:
    """A line for each secret whose older value is given here."""
    return tuple(f"secret {name}: an older value stands in {place(run, name)}" for name in plan.superseded)


def place(run: Run, name: str) -> str:
    """Where the value of a secret comes from."""
    where = run.settings.places.get(name, ENVIRONMENT)
    return f"{where}, in a workflow in GitHub's secret {name}" if where == ENVIRONMENT else where


def _require_rights(run: Run, observed: Observed) -> None:
    if observed.info is not None:
        run.client.check_write()
        return
    owner = run.target.space.partition("/")[0]
    account = run.client.whoami()
    allowed = {str(account.get("name")), *(str(org.get("name")) for org in account.get("orgs") or ())}
    if owner not in allowed:
        raise NotAllowed(
            f"{run.target.space} does not exist, or is hidden, and this token cannot create it.",
            cause=f"the token belongs to {account.get('name')}, and {owner!r} is somebody else",
            next_step=f"correct `space` of target {run.target.name!r} in deploy.toml, or use a token of {owner!r}",
        )


def _lacking(run: Run, plan: Plan) -> MissingSecret:
    return missing(run.target, [f"secret {name} is not set, here or on the Space" for name in plan.lacking])
