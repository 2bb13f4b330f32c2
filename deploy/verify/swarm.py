"""Locust in processes of its own: on this machine, or on others that join it."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from deploy.config import Address, LoadConfig
from deploy.errors import CommandFailed
from deploy.network import LOOPBACK
from deploy.proof import NotRun
from deploy.verify.subject import Subject
from deploy.verify.tools import DRIVERS
from deploy.verify.visitor import anyone
from deploy.wording import counted

Model = Literal["closed", "open"]
MODELS: tuple[Model, ...] = ("closed", "open")
OPEN_PACE = 2.0
"""Seconds between two requests of one visitor of the open model: as long as an answer may take before arrivals lag."""
GATHERING = 300.0
"""Seconds in which the workers must have come together. Locust's own worker tries to reach its master for as long."""
_FIGURES = '{"figures": '
_ANSWER, _POLL = 5.0, 0.2
"""Seconds that a connection may take, and between two of them."""
_GRACE = 60.0
"""Seconds that Locust may need beside the load itself."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One kind of request under load: how many, how many failed, and its percentiles in milliseconds."""

    name: str
    requests: int
    failures: int
    times: Mapping[int, int]

    def percentile(self, share: float) -> float:
        """The time within which that share of requests was answered; 0 when there were none."""
        left = share * self.requests
        for milliseconds in sorted(self.times):
            left -= self.times[milliseconds]
            if left <= 0:
                return float(milliseconds)
        return 0.0


def measure(subject: Subject, model: Model, *, gathering: float = GATHERING) -> tuple[Measured, ...]:
    """One run of the load. Raises NotRun without Locust, CommandFailed when it does not come to an end."""
    load = subject.load
    users = round(load.rate * OPEN_PACE) if model == "open" else load.users
    options = (
        *_master(load, model, gathering),
        *("--headless", "--skip-log", "--only-summary", "--exit-code-on-error", "0", "--model", model),
        *("--host", subject.site.url, "-u", str(users), "-r", str(users), "-t", f"{load.seconds:g}s"),
    )
    waiting = gathering if load.machines else 0.0
    try:
        return tuple(_read(_locust(subject, options, waiting + load.seconds + _GRACE)))
    except CommandFailed as error:
        raise _explained(error, load, _of(model, load.listen)) from error


def take_part(subject: Subject, model: Model, at: Address, *, gathering: float = GATHERING) -> None:
    """The load's processes of this machine, told by the one that waits `at` that address how many visitors to be.

    Raises NotRun without Locust, CommandFailed when nobody waits there.
    """
    load, master = subject.load, _of(model, at)
    _find(master, gathering)
    options = ("--worker", "--skip-log", "--master-host", master.host, "--master-port", str(master.port))
    _locust(subject, (*options, "--processes", str(load.processes)), GATHERING + load.seconds + _GRACE)


def _master(load: LoadConfig, model: Model, gathering: float) -> tuple[str, ...]:
    """What makes Locust wait for workers: those of other machines, or those that it starts itself.

    Raises CommandFailed when it cannot listen where they would come.
    """
    awaited = (
        *("--master", "--expect-workers", str(load.machines * load.processes)),
        *("--expect-workers-max-wait", f"{gathering:.0f}"),
    )
    if load.machines:
        return (*awaited, *_listening(_of(model, load.listen)))
    if load.processes > 1:
        at = Address(host=LOOPBACK, port=_of(model, load.listen).port)
        own = ("--processes", str(load.processes), "--master-host", at.host, "--master-port", str(at.port))
        return (*own, *_listening(at))
    return ()


def _listening(at: Address) -> tuple[str, ...]:
    """Asked beforehand, as Locust's own processes would wait for one another on a port that is somebody else's."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((at.host, at.port))
        except OSError as error:
            raise CommandFailed(
                f"The load was not put on: nobody can listen on {at} ({error.strerror}).",
                cause="another load is under way on this machine, another program is there, or it is no address of it",
                next_step="wait for it, or set `listen` under [load] in deploy.toml",
            ) from error
        host, port = probe.getsockname()
    return ("--master-bind-host", host, "--master-bind-port", str(port))


def _of(model: Model, address: Address) -> Address:
    """Each model has a port of its own: who comes for the second never meets the master that still ends the first."""
    return Address(host=address.host, port=address.port + MODELS.index(model))


def _find(master: Address, patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            socket.create_connection((master.host, master.port), timeout=_ANSWER).close()
        except OSError as error:
            if time.monotonic() > deadline:
                raise CommandFailed(
                    f"Nobody waits at {master} for this machine.",
                    cause=f"the load was not started there, or that address cannot be reached from here ({error})",
                    next_step="there, with `machines` set under [load] in deploy.toml: invoke load",
                ) from error
            time.sleep(_POLL)
        else:
            return


def _explained(error: CommandFailed, load: LoadConfig, at: Address) -> CommandFailed:
    said = "\n".join(error.details)
    if "Gave up waiting" in said:
        return CommandFailed(
            f"The load was not put on: not all of {counted(load.machines, 'machine')} came to {at} in time.",
            cause="they have not joined, cannot reach that address, or have other `processes` under [load]",
            next_step=f"on each of them: invoke load --join {load.listen}",
        )
    return error


def _locust(subject: Subject, options: Sequence[str], timeout: float) -> str:
    if subject.tools.python is None:  # nobody logs in for nothing
        raise NotRun(subject.tools.missing)
    plan = {
        "items": subject.scenario.items,
        "item": dict(subject.scenario.item),
        "id": subject.scenario.id,
        "headers": {**subject.site.admission.headers, **anyone(subject).bearer},
        "pace": OPEN_PACE,
    }
    words = ("-I", "-m", "locust", "-f", str(DRIVERS / "load.py"), *options)
    return subject.tools.run(words, plan, timeout=timeout).output


def _read(output: str) -> Sequence[Measured]:
    """From the one line of the driver, among all that Locust and its processes say."""
    lines = [line for line in output.splitlines() if line.startswith(_FIGURES)]
    try:
        stats: Sequence[Mapping[str, Any]] = json.loads(lines[0])["figures"]
    except (IndexError, ValueError):
        raise CommandFailed("Locust told no figures.", details=tuple(output.splitlines()[-20:])) from None
    return [
        Measured(
            name=entry["name"],
            requests=entry["num_requests"],
            failures=entry["num_failures"],
            times={round(float(milliseconds)): count for milliseconds, count in entry["response_times"].items()},
        )
        for entry in stats
    ]
