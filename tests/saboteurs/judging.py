"""A broken backend as a process, looked at by the checks: which tasks turn red."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from deploy.config import Address, LoadConfig, ProbeConfig, load
from deploy.pipeline.proofs import of_serving
from deploy.proof import Proof
from deploy.secret import Secret
from deploy.verify.accounts import Accounts
from deploy.verify.app import visiting
from deploy.verify.auth import AUTH
from deploy.verify.browser import BROWSER, RESPONSIVE
from deploy.verify.check import Check
from deploy.verify.crud import CRUD
from deploy.verify.endpoints import ENDPOINTS
from deploy.verify.errors import ERRORS
from deploy.verify.features import FEATURES
from deploy.verify.load import LOAD
from deploy.verify.logs import LOGS
from deploy.verify.machine import Machine
from deploy.verify.operations import OPERATIONS
from deploy.verify.performance import PERFORMANCE
from deploy.verify.readiness import verify
from deploy.verify.security import SECURITY
from deploy.verify.stable import stable
from deploy.verify.subject import Subject
from deploy.verify.suite import run_suite
from deploy.verify.tokens import TOKENS
from deploy.verify.tools import Tools
from deploy.verify.watch import Watch, watching
from tests.real.backend import KEY, prepared_backend
from tests.saboteurs.platform import serving
from tests.specification import OF_CHECK

ROOT = Path(__file__).parents[2]
APP = "tests.saboteurs.app:app"
REVISION = "unknown"
"""What the backend tells outside of a deploy."""
METRICS_TOKEN = "opens the metrics of this test"
LOGINS = "30/hour"
"""Enough for all checks, and fewer than the wrong passwords that must have been throttled."""
SECRETS = {"JWT_KEY_A": Secret(KEY), "METRICS_TOKEN": Secret(METRICS_TOKEN)}
MEMORY = 500_000_000
"""Bytes: twice what the backend takes, and less than it takes with what a saboteur of memory leaks."""

QUICK: tuple[Check, ...] = (AUTH, TOKENS, CRUD, ERRORS, OPERATIONS, FEATURES, LOGS)
HEAVY = {"T016": ENDPOINTS, "T019": BROWSER, "T023": RESPONSIVE, "T024": LOAD, "T028": PERFORMANCE}

BUDGETS = LoadConfig(
    users=60,
    rate=5,
    seconds=2.0,
    processes=1,
    machines=0,
    listen=Address(host="127.0.0.1", port=5557),
    p50=1_000.0,
    p95=60_000.0,
    p99=60_000.0,
    errors=0.0,
    throughput=0.1,
)
"""So wide that a machine with other work to do stays within; the slow saboteur takes longer than p50 each time."""


@dataclass(frozen=True, kw_only=True)
class Judge:
    """A backend that runs, and how it is looked at."""

    subject: Subject
    probes: tuple[ProbeConfig, ...]
    watch: Watch

    def prove(self, *heavy: Check) -> tuple[Proof, ...]:
        """The quick checks, and those that are asked for; security last, as it throttles logins."""
        app = replace(self.subject.app, ready_timeout=1.0)
        serving = of_serving(verify(self.subject.site, app, self.probes, REVISION))
        return (serving, *run_suite((*QUICK, *heavy), self.subject), *run_suite([SECURITY], self.directly))

    @property
    def directly(self) -> Subject:
        """There is no proxy before this backend, so whoever asks is one, as before a container."""
        return replace(self.subject, place="container")

    def endure(self) -> Check:
        """The check of what is the same again, by what a person does with things of their own."""

        def again() -> Sequence[Proof]:
            return run_suite([CRUD], self.subject)

        return stable(self.watch, again, again)


@contextmanager
def judging(folder: Path, saboteur: str = "", *, chromium: Path | None = None) -> Iterator[Judge]:
    """Starts the backend with that saboteur in it, and looks at it as a deploy looks at a Space."""
    config = load(ROOT)
    environ = {
        "SABOTEUR": saboteur,
        "PYTHONPATH": str(ROOT),
        "LOGIN_RATE": LOGINS,
        "METRICS_TOKEN": METRICS_TOKEN,
    }
    with (
        prepared_backend(folder, environ, app=APP, forked=True) as backend,
        serving(backend, memory=MEMORY) as platform,
        visiting(backend.url) as site,
        Accounts(site, config.scenario) as accounts,
    ):
        subject = Subject(
            site=site,
            place="space",
            app=config.app,
            scenario=config.scenario,
            load=BUDGETS,
            tools=_tools(folder, chromium),
            folder=folder / "evidence",
            accounts=accounts,
            hidden=SECRETS,
            run_log=platform.run_log,
            restart=platform.restart,
            vitals=platform.vitals,
            machine=Machine(busy=lambda _: 0.0),  # BUDGETS are for one that is not
        )
        with watching(subject) as watch:
            yield Judge(subject=subject, probes=config.checks, watch=watch)


def red(proofs: Iterable[Proof]) -> set[str]:
    """The tasks whose check failed."""
    return {OF_CHECK[proof.check].id for proof in proofs if proof.verdict == "failed"}


def _tools(folder: Path, chromium: Path | None) -> Tools:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    return Tools(python=Path(sys.executable), chromium=chromium, environment=environment)
