"""What a deploy needs, looked at one by one without changing anything; each finding says what to do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from deploy.config import Config, Target
from deploy.errors import DeployError, NotAllowed, TokenRejected
from deploy.image.engine import Engine
from deploy.marks import MARKS
from deploy.pipeline.desired import desired_settings
from deploy.pipeline.lasting import cure, why_data_would_not_last
from deploy.pipeline.provenance import source_sha
from deploy.pipeline.run import Run
from deploy.source.checks import run_checks
from deploy.source.telling import tally
from deploy.source.tree import read_tree
from deploy.space.lease import current
from deploy.space.model import SpaceInfo
from deploy.space.observe import Observed
from deploy.space.plan import make_settings_plan
from deploy.stages import FAILED_STAGES, IDLE_STAGES
from deploy.wording import in_brief

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at. `next_step` is empty when it is well."""

    subject: str
    level: Level
    seen: str
    next_step: str = ""

    @property
    def line(self) -> str:
        cure = f"\n{'':17}next: {self.next_step}" if self.next_step else ""
        return f"  {MARKS[self.level]} {self.subject:<12} {self.seen}{cure}"


@dataclass(frozen=True, kw_only=True)
class Examination:
    target: str
    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        return all(finding.level != "error" for finding in self.findings)

    def document(self) -> dict[str, object]:
        rows = [asdict(finding) for finding in self.findings]
        return {"target": self.target, "healthy": self.healthy, "findings": rows}

    def text(self) -> str:
        lines = [finding.line for finding in self.findings]
        verdict = "Ready to deploy." if self.healthy else "A deploy would fail."
        return "\n".join([*lines, "", verdict])


def examine(
    config: Config, target: Target, open_run: Callable[[], Run], *, env: Mapping[str, str] = os.environ
) -> Examination:
    """Look at the machine, the source, the settings, the token and the Space."""
    findings = [*_machine(target), *_safely("source", lambda: _source(config))]
    runs: list[Run] = []
    findings += _safely("settings", lambda: _settings(open_run, runs, env))
    for run in runs:
        findings += _safely("token", lambda run=run: _token(run, keyless=bool(env.get("HF_OIDC_RESOURCE"))))  # type: ignore[misc]
        findings += _safely("Space", lambda run=run: _space(run))  # type: ignore[misc]
    return Examination(target=target.name, findings=tuple(findings))


def _safely(subject: str, look: Callable[[], Iterator[Finding]]) -> list[Finding]:
    """An error met while looking is what was found."""
    found: list[Finding] = []
    try:
        found.extend(look())
    except DeployError as error:
        rows = (error.what, *(f"cause: {error.cause}" for _ in [0] if error.cause), *error.details)
        seen = f"\n{'':17}".join(rows)
        found.append(Finding(subject=subject, level="error", seen=seen, next_step=error.next_step or ""))
    return found


def _machine(target: Target) -> Iterator[Finding]:
    if shutil.which("git") is None:
        yield Finding(subject="git", level="warning", seen="not found: the source's commit stays unknown")
    try:
        engine = Engine.connect()
    except DeployError as error:
        level: Level = "warning" if target.is_local else "error"
        yield Finding(
            subject="Docker",
            level=level,
            seen=f"{error.what} Images cannot be rehearsed here.",
            next_step=error.next_step or "",
        )
    else:
        yield Finding(subject="Docker", level="ok", seen=engine.server)
        engine.close()


def _source(config: Config) -> Iterator[Finding]:
    tree = read_tree(config.source.path)
    findings = run_checks(config, tree)
    errors = [finding for finding in findings if finding.level == "error"]
    seen = tally(len(tree.files), findings)
    yield Finding(
        subject="source",
        level="error" if errors else "warning" if findings else "ok",
        seen=seen,
        next_step="invoke check" if findings else "",
    )
    yield Finding(subject="commit", level="ok", seen=source_sha(config.root))


def _settings(open_run: Callable[[], Run], runs: list[Run], env: Mapping[str, str]) -> Iterator[Finding]:
    run = open_run()
    runs.append(run)
    known = f"{len(run.settings.variables)} variables, {len(run.settings.secrets)} of {len(run.target.secrets)} secrets"
    yield Finding(subject="settings", level="ok", seen=f"{known} have a value here")
    if env.get("HF_OIDC_RESOURCE") not in {None, "", f"spaces/{run.target.space}"}:
        yield Finding(
            subject="login",
            level="error",
            seen=f"HF_OIDC_RESOURCE is {env['HF_OIDC_RESOURCE']}, the target is spaces/{run.target.space}",
            next_step=f"set HF_OIDC_RESOURCE=spaces/{run.target.space}",
        )


def _token(run: Run, *, keyless: bool) -> Iterator[Finding]:
    try:
        account = run.client.whoami()
    except (TokenRejected, NotAllowed) as error:
        if not keyless:
            raise
        # It is for one Space and may not ask about an account; whether it may write there is asked next.
        yield Finding(subject="token", level="warning", seen=f"keyless; of whom is not told ({error.what})")
        return
    owner = run.target.space.partition("/")[0]
    names = {account.get("name"), *(org.get("name") for org in account.get("orgs") or ())}
    role = _role(account)
    yield Finding(subject="token", level="ok", seen=f"of {account.get('name')}, role {role}")
    if role == "read":
        yield Finding(subject="token", level="error", seen="it may only read", next_step="make one with the role write")
    if owner not in names:
        yield Finding(
            subject="owner",
            level="warning",
            seen=f"{owner} is not this account or one of its organisations",
            next_step="correct `space` in deploy.toml, unless the token was granted this one Space",
        )


def _role(account: Mapping[str, Any]) -> str:
    token = (account.get("auth") or {}).get("accessToken") or {}
    return str(token.get("role") or "unknown")


def _space(run: Run) -> Iterator[Finding]:
    info = run.client.info()
    if info is None:
        yield Finding(
            subject="Space",
            level="warning",
            seen=f"{run.target.space} does not exist; the first deploy creates it (a Docker Space needs a paid plan)",
        )
        yield from _storage(run, Observed(info=None))
        return
    run.client.check_write()
    yield _stage(info)
    observed = Observed(info=info, variables=run.client.variables(), secrets=run.client.secrets())
    yield from _storage(run, observed)
    plan = make_settings_plan(desired_settings(run.target, run.settings), observed, info)
    if plan.lacking:
        yield Finding(
            subject="secrets",
            level="error",
            seen=f"{', '.join(plan.lacking)} has no value, here or on the Space",
            next_step=f"set it in the environment or in .env.{run.target.name}",
        )
    held, lease = current(run.client.refs())
    if held:
        yield Finding(
            subject="lease",
            level="warning",
            seen=f"held by {lease.holder if lease else 'someone who did not sign'}",
            next_step=f"wait for it; if it is gone for good: invoke unlock --to {run.target.name}",
        )


def _storage(run: Run, observed: Observed) -> Iterator[Finding]:
    risk = why_data_would_not_last(run.target, run.settings, observed)
    if risk:
        yield Finding(subject="storage", level="warning", seen=risk, next_step=cure(run.target))
    elif run.target.durable:
        yield Finding(subject="storage", level="ok", seen="data outlives the container")


def _stage(info: SpaceInfo) -> Finding:
    if info.sdk != "docker":
        return Finding(
            subject="Space",
            level="error",
            seen=f"{info.id} is a {info.sdk} Space, not a Docker Space",
            next_step="name another Space in deploy.toml",
        )
    stage = info.runtime.stage
    level: Level = "warning" if stage in FAILED_STAGES | IDLE_STAGES else "ok"
    why = f": {in_brief(info.runtime.error_message)}" if info.runtime.error_message else ""
    return Finding(subject="Space", level=level, seen=f"{info.id}, {stage}{why}")
