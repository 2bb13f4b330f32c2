"""secrets: settings without files, compared, written where they differ, or a secret given a new value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TextIO

from deploy.config import SecretRule
from deploy.config.reader import did_you_mean
from deploy.errors import ConfigError, MissingSecret
from deploy.pipeline.ending import Ending
from deploy.pipeline.run import Run
from deploy.pipeline.steps.plan import confirm, place, plan_settings, refuse_superseded, show, superseded_places
from deploy.pipeline.steps.release import release
from deploy.pipeline.steps.space import existing
from deploy.secret import Secret, generate
from deploy.settings import missing
from deploy.space.changes import Change, RemoveVariable, SetVariable
from deploy.space.model import SpaceInfo
from deploy.space.observe import Observed
from deploy.space.plan import Plan, make_rotation_plan
from deploy.space.secrets import SecretStatus

_OTHER_KIND = "other kind"
"""A secret is declared where a variable of that name stands, or the other way round."""


@dataclass(frozen=True, kw_only=True)
class SettingsSeen:
    """Every setting with its state; `changes` is what a sync would do, unless it is refused."""

    target: str
    rows: tuple[tuple[str, str, str], ...]
    changes: tuple[Change, ...]
    notes: tuple[str, ...]

    @property
    def refused(self) -> bool:
        """Whether a sync writes nothing, as an older value than the Space's is given."""
        return any(state == "superseded" for _, _, state in self.rows)

    def document(self) -> dict[str, object]:
        return {
            "target": self.target,
            "settings": [{"kind": kind, "name": name, "state": state} for kind, name, state in self.rows],
            "changes": [str(change) for change in self.changes],
            "notes": list(self.notes),
        }

    def text(self) -> str:
        width = max((len(name) for _, name, _ in self.rows), default=0)
        lines = [f"  {kind:<9} {name:<{width}}  {state}" for kind, name, state in self.rows]
        lines += [f"  ! {note}" for note in self.notes]
        verdict = f"{len(self.changes)} to change: invoke secrets.sync" if self.changes else "All as declared."
        if self.refused:
            verdict = "An older value is refused: replace it, or take it out."
        return "\n".join([*lines, verdict])


def compare_settings(run: Run) -> SettingsSeen:
    """Look at the Space's settings. Raises SpaceNotFound."""
    plan, observed, _ = _planned(run)
    changed = {change.name for change in plan.changes if isinstance(change, SetVariable | RemoveVariable)}
    variables = sorted({*run.settings.variables, *observed.variables})
    rows = [("variable", name, _variable_state(run, observed, name, name in changed)) for name in variables]
    rows += [("secret", status.name, _secret_state(run, status)) for status in plan.secrets]
    notes = (*plan.notes, *superseded_places(run, plan))
    return SettingsSeen(target=run.target.name, rows=tuple(rows), changes=plan.changes, notes=notes)


def sync(run: Run, *, yes: bool) -> None:
    """Make the settings as declared; see the app serve; go back to the old variables when it does not."""
    plan, observed, _ = _planned(run)
    if plan.lacking:
        raise missing(run.target, [f"secret {name} is not set, here or on the Space" for name in plan.lacking])
    refuse_superseded(run, plan)
    show(run, plan)
    with run.ending(Ending.SYNCED if plan else Ending.UNCHANGED):
        if plan:
            _carry_out(run, plan, observed, yes=yes)


def rotate(run: Run, name: str, stdin: TextIO | None, *, yes: bool) -> None:
    """A new value for one declared secret. Raises ConfigError, MissingSecret."""
    secret = _new_value(_rule(run, name), stdin)
    run.console.redact.add(secret)
    known = run.settings.secrets.get(name)
    _, observed, _ = _planned(run)
    plan = make_rotation_plan(name, secret, observed, known=known)
    show(run, plan)
    with run.ending(Ending.ROTATED):
        _carry_out(run, plan, observed, yes=yes)
    if known and known != secret:
        run.console.warn(f"An older value of {name} stands in {place(run, name)}; it is refused until you replace it.")


def _carry_out(run: Run, plan: Plan, observed: Observed, *, yes: bool) -> None:
    run.client.check_write()
    confirm(run, yes=yes)
    release(run, plan, observed)


def _planned(run: Run) -> tuple[Plan, Observed, SpaceInfo]:
    info = existing(run)
    return *plan_settings(run, info), info


def _rule(run: Run, name: str) -> SecretRule:
    rule = run.target.secrets.get(name)
    if rule:
        return rule
    raise ConfigError(
        f"{name!r} is not a declared secret of target {run.target.name!r}{did_you_mean(name, run.target.secrets)}.",
        cause=f"declared are: {', '.join(run.target.secrets) or 'none'}",
        next_step="add it under [secrets] in deploy.toml",
    )


def _new_value(rule: SecretRule, stdin: TextIO | None) -> Secret:
    if stdin is not None:
        value = Secret(stdin.read().rstrip("\r\n"))
        if value:
            return value
        raise MissingSecret("Standard input is empty. Nothing was changed.", next_step="pipe the new value in")
    if rule.generate:
        return generate(rule.generate)
    raise ConfigError(
        f"{rule.name} has no generator, and no value was given.",
        cause="a value is never taken from an argument, where every process on the machine can read it",
        next_step=f'pipe it in: invoke secrets.rotate {rule.name} --stdin < file; or declare generate = "urlsafe:48"',
    )


def _secret_state(run: Run, status: SecretStatus) -> str:
    return _OTHER_KIND if status.name in run.settings.variables else status.state


def _variable_state(run: Run, observed: Observed, name: str, changed: bool) -> str:
    if name not in observed.variables:
        return "missing"
    if name not in run.settings.variables:
        return _OTHER_KIND if changed and name in run.target.secrets else "undeclared" if changed else "not ours"
    return "changed" if changed else "unchanged"
