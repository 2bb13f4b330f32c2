"""why: what keeps a Space from serving, whose fault that is, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from deploy.card import DEFAULT_PORT, CardError, parse
from deploy.errors import DeployError, SpaceNotFound
from deploy.known_failures.platform import Fault, platform_message
from deploy.logs import end_of
from deploy.pipeline.failure import diagnosis, log_of
from deploy.pipeline.run import Run
from deploy.space.model import SpaceInfo
from deploy.stages import BUILDING_STAGES, FAILED_STAGES, RUNNING
from deploy.verify.app import Viewer
from deploy.wording import in_brief

_TAIL = 30
"""Lines of the log that the document holds."""
_WITHOUT_A_LOG = {"CONFIG_ERROR", "NO_APP_FILE"}
_UNHEALTHY = re.compile(r"(?i)launch timed out|not healthy")
_LISTENS = re.compile(
    r"(?i)(?:running|listening|started|serving)\b.*?(127\.0\.0\.1|localhost|0\.0\.0\.0|\[::1?\])?:(\d{2,5})\b"
)
_LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
_IDLE: dict[str, tuple[Fault, str, str]] = {
    "PAUSED": (
        "nobody",
        "somebody paused it, or a limit of the account did",
        "restart it, in its settings or with invoke restart",
    ),
    "STOPPED": ("nobody", "it was stopped", "restart it, in its settings or with invoke restart"),
    "SLEEPING": ("nobody", "nobody visited it for as long as its sleep time says", "visit it: it wakes by itself"),
}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`fault` says whose it is; `log` is the end of the log that was looked at."""

    space: str
    page: str
    stage: str
    fault: Fault
    cause: str
    next_step: str
    log: tuple[str, ...] = ()

    @property
    def serves(self) -> bool:
        return self.stage == RUNNING and self.fault == "nobody"

    def document(self) -> dict[str, object]:
        return {**asdict(self), "serves": self.serves}

    def text(self) -> str:
        rows = {
            "space": f"{self.space}  {self.page}",
            "stage": self.stage,
            "fault": self.fault,
            "cause": self.cause,
            "next": self.next_step,
        }
        return "\n".join(f"  {name:<6} {value}" for name, value in rows.items())


def why(run: Run) -> Answer:
    """Of any Space that the token can see: at most 4 requests to the Hub and one to the app. Raises SpaceNotFound."""
    info = run.client.info()
    if info is None:
        raise SpaceNotFound(
            f"There is no Space {run.target.space} that this token can see.",
            cause="it was never deployed, its name is another, or it is private and hidden from this token",
            next_step="look it up at the Hub, and name it as owner/name",
        )
    said, stage = info.runtime.error_message or "", info.runtime.stage
    answer = Answer(space=info.id, page=run.client.page, stage=stage, fault="nobody", cause="", next_step="")
    if known := platform_message(said):
        return replace(answer, fault=known.fault, cause=f"{known.cause}: {in_brief(said)}", next_step=known.next_step)
    if stage in FAILED_STAGES:
        return _failed(run, info, answer)
    if stage in BUILDING_STAGES:
        return replace(
            answer, cause="it is being built or started", next_step="wait; what it says: invoke logs --follow"
        )
    if stage in _IDLE:
        fault, cause, next_step = _IDLE[stage]
        return replace(answer, fault=fault, cause=cause, next_step=next_step)
    return _running(run, info, answer)


def _failed(run: Run, info: SpaceInfo, answer: Answer) -> Answer:
    said = info.runtime.error_message or ""
    building = answer.stage == "BUILD_ERROR"
    log: tuple[str, ...] = ()
    unread = ""
    if answer.stage not in _WITHOUT_A_LOG:
        try:
            log = log_of(run.client, "build" if building else "run")
        except DeployError as error:
            unread = f"; its log cannot be read: {error.what}"
    answer = replace(answer, fault="you", log=tuple(end_of(log, _TAIL)))
    if _UNHEALTHY.search(said) and (elsewhere := _elsewhere(run, info, log)):
        return replace(answer, cause=elsewhere[0], next_step=elsewhere[1])
    if found := diagnosis(said, log, building=building):
        return replace(answer, cause=in_brief(found.cause, 300), next_step=found.cure)
    look = "invoke logs --build" if building else "invoke logs"
    return replace(
        answer,
        cause=(in_brief(said, 300) if said else "the Hub says no more, and its log names no error") + unread,
        next_step=f"mend what the end of its log shows: {look}" if log else "mend what the Hub says, and deploy again",
    )


def _running(run: Run, info: SpaceInfo, answer: Answer) -> Answer:
    with run.visit(info.host, Viewer(token=run.client.viewer_token) if info.private else None) as app:
        heard = app.ask("/")
    if 0 < heard.status < 500:
        return replace(answer, cause=f"it serves: {info.host} answers with {heard.status}", next_step="nothing")
    log = log_of(run.client, "run")
    found = diagnosis("", log, answers=heard.status > 0)
    return replace(
        answer,
        fault="you",
        cause=found.cause if found else f"it runs, and {info.host} gives {heard.outcome}",
        next_step=found.cure if found else "mend what the end of its log shows: invoke logs",
        log=tuple(end_of(log, _TAIL)),
    )


def _elsewhere(run: Run, info: SpaceInfo, log: Sequence[str]) -> tuple[str, str] | None:
    """Cause and cure where the app's own words tell that it listens where the Hub does not ask."""
    asked = _asked_port(run, info)
    heard = next((found for line in reversed(log) if (found := _LISTENS.search(line))), None)
    if heard is None:
        return (
            f"the Hub asked on port {asked} (`app_port` of its card) and nothing answered in time",
            f"let the server listen on 0.0.0.0:{asked}, or set `app_port` to where it does",
        )
    host, port = heard.groups()
    if host in _LOOPBACK:
        return f"the app listens on {host}, where the Hub cannot reach it", "start the server with --host 0.0.0.0"
    if int(port) != asked:
        cure = f"write `app_port: {port}` into the card, or start the server with --port {asked}"
        return f"the app listens on port {port}, and the Hub asks on {asked} (`app_port` of its card)", cure
    return None


def _asked_port(run: Run, info: SpaceInfo) -> int:
    try:
        return parse(run.client.read("README.md", info.sha).decode("utf-8", "replace")).app_port
    except (DeployError, CardError):
        return DEFAULT_PORT
