"""Why a release does not serve, with what its own logs say about it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from deploy.errors import DeployError
from deploy.known_failures import Circumstances, Diagnosis, diagnose
from deploy.logs import end_of
from deploy.proof import Proof
from deploy.space.client import HubClient
from deploy.space.model import Runtime
from deploy.verify.readiness import was_answered
from deploy.wording import counted, in_brief

_PLATFORM = re.compile(r"Memory limit exceeded|OOMKilled")
_TAIL = 15
"""Lines of a log that a message repeats."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """`what` is one sentence, `cause` the diagnosis or the Hub's own words, `details` the evidence."""

    what: str
    cause: str | None = None
    details: tuple[str, ...] = ()


def from_stage(client: HubClient, commit: str, runtime: Runtime) -> Failure:
    """The Hub says that the commit does not build or does not start."""
    stage = runtime.stage
    kind = "build" if stage == "BUILD_ERROR" else "run"
    return _with_log(
        f"{_EVENTS.get(stage, 'The Space does not serve')} (commit {commit[:12]}, stage {stage}).",
        runtime.error_message,
        _log(client, kind),
        kind,
    )


def from_checks(client: HubClient, failed: tuple[Proof, ...]) -> Failure:
    """The Space runs and the app does not answer as it should."""
    what = f"{counted(len(failed), 'check')} of the running app failed."
    failure = _with_log(what, None, _log(client, "run"), "run", answers=any(map(was_answered, failed)))
    return Failure(
        what=failure.what,
        cause=failure.cause or failed[0].line,
        details=(*(proof.line for proof in failed), *failure.details),
    )


def from_proofs(failed: Sequence[Proof]) -> Failure:
    """The app serves, and the suite found something; each check with the first of its violations."""
    lines = ((proof.line, *(f"  {detail}" for detail in proof.details[:_SHOWN])) for proof in failed)
    return Failure(
        what=f"{counted(len(failed), 'check')} of the suite failed.",
        cause=failed[0].line,
        details=tuple(line for several in lines for line in several),
    )


_SHOWN = 5
"""Violations of a check that a message repeats; the evidence has them all."""
_EVENTS = {
    "BUILD_ERROR": "The image did not build on the Hub",
    "RUNTIME_ERROR": "The app did not start on the Hub",
    "CONFIG_ERROR": "The Hub does not accept the Space's card or its settings",
    "NO_APP_FILE": "The Hub finds no Dockerfile",
}


def diagnosis(said: str, log: Sequence[str], *, building: bool = False, answers: bool = False) -> Diagnosis | None:
    """What the Hub said and the log of a Space give away. `answers`: the app was heard."""
    here = Circumstances(building=building, answers=answers)
    # The Hub's own words hold the end of the log in one piece: the log itself, looked at first, has its lines. What
    # only the Hub knows, such as that the memory was used up, is told by nobody else.
    if _PLATFORM.search(said):
        return diagnose(said.splitlines(), here)
    return diagnose(log, here) or diagnose(said.splitlines(), here)


def log_of(client: HubClient, kind: str) -> tuple[str, ...]:
    """The lines of the log, `run` or `build`, that are not blank. Raises DeployError."""
    return tuple(line.rstrip() for line in client.logs(kind) if line.strip())


def _with_log(what: str, said: str | None, log: tuple[str, ...], kind: str, *, answers: bool = False) -> Failure:
    found = diagnosis(said or "", log, building=kind == "build", answers=answers)
    tail = (f"the end of the {kind} log:", *end_of(log, _TAIL)) if log else ()
    if found is None:
        return Failure(what=what, cause=in_brief(said, 300) if said else None, details=tail)
    return Failure(what=what, cause=found.cause, details=(*found.lines[1:], *tail))


def _log(client: HubClient, kind: str) -> tuple[str, ...]:
    try:
        return log_of(client, kind)
    except DeployError as error:
        return (f"(the {kind} log could not be read: {error.what})",)
