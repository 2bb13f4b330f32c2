"""Why a container does not serve: one sentence, one cause and one next command for each kind."""

from __future__ import annotations

import re
from dataclasses import dataclass

from deploy.errors import SmokeFailed
from deploy.http import Answer
from deploy.image.container import ContainerState
from deploy.image.sockets import Listener
from deploy.known_failures import A_RUN, Circumstances, diagnose, explain, last_error, last_words
from deploy.logs import end_of

SEARCHED_LINES = 200
"""Lines of a container's log in which the reason is looked for."""
SHOWN_LINES = 25
"""Lines of a container's log that a message repeats."""
_KILLED = 137
_AGAIN = "then: invoke smoke"
_READ_ONLY = re.compile(r"[Rr]ead-only file system|unable to open database file|attempt to write a readonly database")
_WRITES = "it writes elsewhere than below /tmp, which read_only = true in deploy.toml does not let it"
_FOREGROUND = "its command came to an end; a server has to stay in the foreground"
_SIGNALS = {
    132: "it was killed by SIGILL: a package is built for another processor",
    137: "it was killed (SIGKILL)",
    139: "it was killed by SIGSEGV: a fault in a compiled package",
    143: "it was ended from outside (SIGTERM)",
}


class ListensElsewhere(SmokeFailed):
    """It serves, reachable from outside, on other ports than the expected one."""

    def __init__(self, ports: tuple[int, ...], failure: SmokeFailed) -> None:
        super().__init__(failure.what, cause=failure.cause, next_step=failure.next_step, details=failure.details)
        self.ports = ports


class Ended(SmokeFailed):
    """It does not live: its container ended, or its server keeps starting again."""


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What was seen of one boot at one moment.

    `port_given` tells whether $PORT was set, `read_only` whether nothing but /tmp could be written. `listeners` is
    None when the container could not be looked into. `restarting` is what keeps starting again. `elapsed` in seconds
    since the start. `ipv6_only`: what listens on the port refuses IPv4. `circumstances` are those of the rehearsal.
    """

    port: int
    port_given: bool
    read_only: bool
    elapsed: float
    answer: Answer
    listeners: tuple[Listener, ...] | None
    restarting: str | None
    log: str
    ipv6_only: bool = False
    circumstances: Circumstances = A_RUN

    @property
    def outside(self) -> tuple[int, ...]:
        """Ports that can be reached from outside the container."""
        return tuple(sorted({one.port for one in self.listeners or () if not one.loopback}))

    @property
    def loopback_only(self) -> bool:
        listeners = self.listeners or ()
        return any(one.port == self.port and one.loopback for one in listeners) and self.port not in self.outside

    @property
    def where(self) -> str:
        return f"PORT={self.port}" if self.port_given else f"no PORT (so port {self.port}, the card's app_port)"


def ended(sight: Sight, state: ContainerState) -> SmokeFailed:
    """The container exited, was killed, or ran out of memory."""
    # The engine says it of any process: what ends by itself has lost a child at most.
    if state.oom_killed and state.exit_code == _KILLED:
        return _failed(
            sight,
            f"The container ran out of memory {sight.elapsed:.1f} s after its start with {sight.where}.",
            cause="it took more than cpu-basic has (16 GB), or than this machine has",
            next_step=f"make it use less memory, {_AGAIN}",
            kind=Ended,
        )
    cause, cure = _why_ended(sight, state.exit_code)
    return _failed(
        sight,
        f"The container ended with code {state.exit_code}, {sight.elapsed:.1f} s after its start with {sight.where}.",
        cause=cause,
        next_step=f"{cure}, {_AGAIN}",
        kind=Ended,
    )


def wrong_revision(sight: Sight, wanted: str) -> SmokeFailed:
    """It is up and is not, or does not say that it is, what was built."""
    revision = sight.answer.revision
    if revision is None:
        return _failed(
            sight,
            "The container answers, and does not tell which revision it is.",
            cause="nothing at the version path has a JSON object with `revision`",
            next_step='answer {"revision": <first line of the file REVISION>} there, or set app.version = "" in '
            "deploy.toml",
        )
    return _failed(
        sight,
        f"The container answers with revision {revision}, and {wanted} was built.",
        cause="the image holds other files than the source, or the revision is not read from the file REVISION",
        next_step=f"read the revision from the file REVISION beside the entry point, {_AGAIN}",
    )


def unready(sight: Sight) -> SmokeFailed:
    """It runs and does not serve: the most telling of what was seen."""
    if sight.restarting:
        return _restarting(sight)
    if sight.loopback_only:
        return _on_loopback(sight)
    if sight.ipv6_only:
        return _by_ipv6(sight)
    if sight.outside and sight.port not in sight.outside:
        return ListensElsewhere(sight.outside, _on_another_port(sight))
    if sight.answer.status:
        return _unhealthy(sight)
    return _silent(sight)


def _restarting(sight: Sight) -> SmokeFailed:
    found = diagnose(sight.log.splitlines(), sight.circumstances)
    return _failed(
        sight,
        f"The container runs and its server keeps restarting: {sight.restarting}",
        cause=found.cause
        if found
        else "something in it starts the server again each time it crashes, and hides the crash",
        next_step=f"{found.cure if found else 'mend the crash that the log shows'}, {_AGAIN}",
        kind=Ended,
    )


def _on_loopback(sight: Sight) -> SmokeFailed:
    return _failed(
        sight,
        f"The server listens on port {sight.port} of 127.0.0.1 inside the container, where nobody reaches it.",
        cause="its host is 127.0.0.1 or localhost, often the server's default",
        next_step=f"start it with --host 0.0.0.0, {_AGAIN}",
    )


def _by_ipv6(sight: Sight) -> SmokeFailed:
    return _failed(
        sight,
        f"The server listens on port {sight.port} by IPv6 only, and nothing reaches it by IPv4.",
        cause="its host is ::, which its server does not take for both",
        next_step=f"start it with --host 0.0.0.0, {_AGAIN}",
    )


def _on_another_port(sight: Sight) -> SmokeFailed:
    ports = " and ".join(str(port) for port in sight.outside)
    if sight.port_given:
        return _failed(
            sight,
            f"The server listens on port {ports} although PORT={sight.port}.",
            cause="its port is fixed in the Dockerfile or in the code",
            next_step=f"start it with --port ${{PORT:-{sight.outside[0]}}}, {_AGAIN}",
        )
    return _failed(
        sight,
        f"The server listens on port {ports}; the card's app_port is {sight.port}.",
        cause="without PORT the server takes a port of its own, and a Space sends requests to app_port",
        next_step=f"let app_port in the card and the port in the Dockerfile be the same, {_AGAIN}",
    )


def _unhealthy(sight: Sight) -> SmokeFailed:
    return _failed(
        sight,
        f"The health path answers {sight.answer.status} instead of 200, {sight.elapsed:.1f} s after the start.",
        cause=_why_unhealthy(sight),
        next_step=f"mend it, or name the right path as app.health in deploy.toml, {_AGAIN}",
    )


def _silent(sight: Sight) -> SmokeFailed:
    seen, cause = _silence(sight)
    return _failed(
        sight,
        f"The container was not ready {sight.elapsed:.0f} s after its start with {sight.where}: {seen}.",
        cause=cause,
        next_step=f"mend what holds it up, or raise app.ready_timeout in deploy.toml, {_AGAIN}",
    )


def _silence(sight: Sight) -> tuple[str, str]:
    if sight.answer.silence == "timeout":
        return "it accepts requests and does not answer them", "the server hangs"
    if sight.port in sight.outside:
        return "it listens there and closes connections unanswered", "what listens does not speak HTTP"
    if sight.listeners is None:
        return "nothing answers there", "the server has not started, or listens on another port"
    return "nothing listens there", "the server has not started, or waits for something"


def _failed(
    sight: Sight, what: str, *, cause: str, next_step: str, kind: type[SmokeFailed] = SmokeFailed
) -> SmokeFailed:
    return kind(what, cause=cause, next_step=next_step, details=end_of(sight.log.splitlines(), SHOWN_LINES))


def _why_ended(sight: Sight, code: int) -> tuple[str, str]:
    """Cause and cure."""
    log = sight.log.splitlines()
    error = last_error(log)
    if sight.read_only and error and _READ_ONLY.search("\n".join(error.lines)):
        return _WRITES, "write below /tmp, or take read_only out of deploy.toml (a Space can be written)"
    if code in _SIGNALS:
        return _SIGNALS[code], "mend what the last lines of its log show"
    # Servers end with 0 when they give up (hypercorn, uvicorn with workers): then the error is the last that they say.
    if error and (code or not error.later):
        found = explain(error, sight.circumstances)
        return found.cause, found.cure
    return _unnamed(log, code), "mend what the last lines of its log show"


def _unnamed(log: list[str], code: int) -> str:
    if code == 0:
        return _FOREGROUND
    words = last_words(log)
    return f"it crashed while it started; the last it wrote: {words}" if words else "it crashed while it started"


def _why_unhealthy(sight: Sight) -> str:
    if sight.answer.status == 404:
        return "there is no such path in the application"
    if sight.answer.status >= 500:
        error = last_error(sight.log.splitlines())
        return f"the application fails inside: {error.told}" if error else "the application fails inside"
    return "the path redirects, or asks for something that a health check does not send"
