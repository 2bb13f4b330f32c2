"""doctor: what a deploy needs, looked at one by one without changing anything; each row says what to do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, ParamSpec

from deploy.config import Config, Target
from deploy.errors import DeployError, NotAllowed, TokenRejected
from deploy.image.engine import Engine
from deploy.marks import MARKS
from deploy.pipeline.run import Run
from deploy.pipeline.steps.plan import plan_settings, refuse_superseded
from deploy.pipeline.steps.source import source_sha
from deploy.pipeline.storage import cure, why_data_would_not_last
from deploy.source.checks import run_checks
from deploy.source.findings import Finding
from deploy.source.telling import tally
from deploy.source.tree import Tree, read_tree
from deploy.space.lease import current
from deploy.space.model import SpaceInfo
from deploy.space.observe import Observed
from deploy.stages import FAILED_STAGES, IDLE_STAGES
from deploy.wording import in_brief

P = ParamSpec("P")
Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True, kw_only=True)
class Observation:
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
    observations: tuple[Observation, ...]

    @property
    def healthy(self) -> bool:
        return all(row.level != "error" for row in self.observations)

    def document(self) -> dict[str, object]:
        rows = [asdict(row) for row in self.observations]
        return {"target": self.target, "healthy": self.healthy, "findings": rows}

    def text(self) -> str:
        lines = [row.line for row in self.observations]
        verdict = "Ready to deploy." if self.healthy else "A deploy would fail."
        return "\n".join([*lines, "", verdict])


def examine(
    config: Config,
    target: Target,
    open_run: Callable[[], Run],
    *,
    env: Mapping[str, str] = os.environ,
    connect: Callable[[], Engine] = Engine.connect,
    check: Callable[[Config, Tree], Sequence[Finding]] = run_checks,
) -> Examination:
    """Look at the machine, the source, the settings, the token and the Space."""
    seen = [*_machine(target, connect), *_safely("source", _source, config, check)]
    try:
        run = open_run()
    except DeployError as error:
        seen.append(_trouble("settings", error))
    else:
        seen += _settings(run, env)
        seen += _safely("token", _token, run, bool(env.get("HF_OIDC_RESOURCE")))
        seen += _safely("Space", _space, run)
    return Examination(target=target.name, observations=tuple(seen))


def _safely(subject: str, look: Callable[P, Iterator[Observation]], *args: P.args, **kw: P.kwargs) -> list[Observation]:
    """An error met while looking is what was seen."""
    seen: list[Observation] = []
    try:
        seen.extend(look(*args, **kw))
    except DeployError as error:
        seen.append(_trouble(subject, error))
    return seen


def _trouble(subject: str, error: DeployError) -> Observation:
    rows = (error.what, *([f"cause: {error.cause}"] if error.cause else []), *error.details)
    return Observation(subject=subject, level="error", seen=f"\n{'':17}".join(rows), next_step=error.next_step or "")


def _machine(target: Target, connect: Callable[[], Engine]) -> Iterator[Observation]:
    if shutil.which("git") is None:
        yield Observation(subject="git", level="warning", seen="not found: the source's commit stays unknown")
    try:
        engine = connect()
    except DeployError as error:
        level: Level = "warning" if target.is_local else "error"
        yield Observation(
            subject="Docker",
            level=level,
            seen=f"{error.what} Images cannot be rehearsed here.",
            next_step=error.next_step or "",
        )
    else:
        yield Observation(subject="Docker", level="ok", seen=engine.server)
        engine.close()


def _source(config: Config, check: Callable[[Config, Tree], Sequence[Finding]]) -> Iterator[Observation]:
    tree = read_tree(config.source.path)
    findings = check(config, tree)
    levels = {finding.level for finding in findings}
    seen = tally(len(tree.files), findings)
    yield Observation(
        subject="source",
        level="error" if "error" in levels else "warning" if "warning" in levels else "ok",
        seen=seen,
        next_step="invoke check" if findings else "",
    )
    yield Observation(subject="commit", level="ok", seen=source_sha(config.root))


def _settings(run: Run, env: Mapping[str, str]) -> Iterator[Observation]:
    known = f"{len(run.settings.variables)} variables, {len(run.settings.secrets)} of {len(run.target.secrets)} secrets"
    yield Observation(subject="settings", level="ok", seen=f"{known} have a value here")
    if env.get("HF_OIDC_RESOURCE") not in {None, "", f"spaces/{run.target.space}"}:
        yield Observation(
            subject="login",
            level="error",
            seen=f"HF_OIDC_RESOURCE is {env['HF_OIDC_RESOURCE']}, the target is spaces/{run.target.space}",
            next_step=f"set HF_OIDC_RESOURCE=spaces/{run.target.space}",
        )


def _token(run: Run, keyless: bool) -> Iterator[Observation]:
    try:
        account = run.client.whoami()
    except (TokenRejected, NotAllowed) as error:
        if not keyless:
            raise
        # It is for one Space and may not ask about an account; whether it may write there is asked next.
        yield Observation(subject="token", level="warning", seen=f"keyless; of whom is not told ({error.what})")
        return
    owner = run.target.space.partition("/")[0]
    names = {account.get("name"), *(org.get("name") for org in account.get("orgs") or ())}
    role = _role(account)
    yield Observation(subject="token", level="ok", seen=f"of {account.get('name')}, role {role}")
    if role == "read":
        yield Observation(
            subject="token", level="error", seen="it may only read", next_step="make one with the role write"
        )
    if owner not in names:
        yield Observation(
            subject="owner",
            level="warning",
            seen=f"{owner} is not this account or one of its organisations",
            next_step="correct `space` in deploy.toml, unless the token was granted this one Space",
        )


def _role(account: Mapping[str, Any]) -> str:
    token = (account.get("auth") or {}).get("accessToken") or {}
    return str(token.get("role") or "unknown")


def _space(run: Run) -> Iterator[Observation]:
    info = run.client.info()
    if info is None:
        yield Observation(
            subject="Space",
            level="warning",
            seen=f"{run.target.space} does not exist; the first deploy creates it (a Docker Space needs a paid plan)",
        )
        yield from _storage(run, Observed(info=None))
        return
    run.client.check_write()
    yield _stage(info)
    plan, observed = plan_settings(run, info)
    yield from _storage(run, observed)
    if plan.lacking:
        yield Observation(
            subject="secrets",
            level="error",
            seen=f"{', '.join(plan.lacking)} has no value, here or on the Space",
            next_step=f"set it in the environment or in .env.{run.target.name}",
        )
    held, lease = current(run.client.refs())
    if held:
        yield Observation(
            subject="lease",
            level="warning",
            seen=f"held by {lease.holder if lease else 'someone who did not sign'}",
            next_step=f"wait for it; if it is gone for good: invoke unlock --to {run.target.name}",
        )
    refuse_superseded(run, plan)


def _storage(run: Run, observed: Observed) -> Iterator[Observation]:
    risk = why_data_would_not_last(run.target, run.settings, observed)
    if risk:
        yield Observation(subject="storage", level="warning", seen=risk, next_step=cure(run.target))
    elif run.target.durable:
        yield Observation(subject="storage", level="ok", seen="data outlives the container")


def _stage(info: SpaceInfo) -> Observation:
    if info.sdk != "docker":
        return Observation(
            subject="Space",
            level="error",
            seen=f"{info.id} is a {info.sdk} Space, not a Docker Space",
            next_step="name another Space in deploy.toml",
        )
    stage = info.runtime.stage
    level: Level = "warning" if stage in FAILED_STAGES | IDLE_STAGES else "ok"
    why = f": {in_brief(info.runtime.error_message)}" if info.runtime.error_message else ""
    return Observation(subject="Space", level=level, seen=f"{info.id}, {stage}{why}")
