"""What the checks look at: the container of a rehearsal, or the Space."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

from deploy.errors import DeployError, VerificationFailed
from deploy.pipeline.run import Run
from deploy.pipeline.steps.restart import restart
from deploy.pipeline.steps.space import viewer
from deploy.pipeline.steps.tools import tools_of
from deploy.pipeline.steps.wait import await_serving
from deploy.secret import Secret
from deploy.space.client import HubClient
from deploy.verify.accounts import Accounts
from deploy.verify.app import Viewer
from deploy.verify.subject import Place, Subject, Vitals
from deploy.wording import counted


@contextmanager
def of_space(run: Run) -> Iterator[Subject]:
    """The Space, with its log, a way to restart it, and what the Hub says of it."""

    def start_anew() -> None:
        info = run.client.info()
        assert info is not None
        restart(run, info, note="to see the same once more")
        if failure := await_serving(run, info.sha, run.revision, restarting=True):
            raise VerificationFailed(failure.what, cause=failure.cause, details=failure.details)

    def run_log() -> Sequence[str]:
        return tuple(run.client.logs("run"))

    looked_at = _subject(
        run,
        run.url,
        "space",
        viewer=viewer(run),
        hidden={**run.settings.secrets, **run.made},
        run_log=run_log,
        restart=start_anew,
        vitals=lambda: _vitals(run.client),
    )
    with looked_at as subject:
        yield subject


def of_container(
    run: Run, url: str, hidden: Mapping[str, Secret], log: Callable[[], Sequence[str]]
) -> AbstractContextManager[Subject]:
    """The container at `url`, with the stand-ins that it was given in place of secrets."""
    return _subject(run, url, "container", hidden=hidden, run_log=log)


@contextmanager
def _subject(
    run: Run,
    url: str,
    place: Place,
    *,
    hidden: Mapping[str, Secret],
    run_log: Callable[[], Sequence[str]],
    viewer: Viewer | None = None,
    restart: Callable[[], None] | None = None,
    vitals: Callable[[], Vitals] | None = None,
) -> Iterator[Subject]:
    """The deployment as the checks see it; accounts that they made are deleted at the end, whatever happens."""
    config = run.config
    with tempfile.TemporaryDirectory(prefix="spacewright-verify-") as home, run.visit(url, viewer) as site:
        tools = tools_of(run, Path(home))
        with Accounts(site, config.scenario, on_left=lambda names: _tell_left(run, url, names)) as accounts:
            yield Subject(
                site=site,
                place=place,
                app=config.app,
                scenario=config.scenario,
                load=config.load,
                tools=tools,
                folder=run.folder,
                accounts=accounts,
                origins=tuple(run.settings.variables.get(config.scenario.origins, "").replace(",", " ").split()),
                hidden=hidden,
                run_log=run_log,
                restart=restart,
                vitals=vitals,
            )


def _vitals(client: HubClient) -> Vitals:
    """What the Hub says of the Space. That it does not tell the memory, or not to us, is no fault of the app; the stage
    is asked for afterwards, as an app that has just died tells none."""
    memory, unknown = None, ""
    try:
        memory = client.memory()
    except DeployError as error:
        unknown = " ".join((error.what, *error.details[:1]))
    runtime = client.runtime()
    seen = Vitals(stage=runtime.stage, trouble=runtime.error_message or "", memory_unknown=unknown)
    return replace(seen, memory_used=memory.used, memory_total=memory.total) if memory else seen


def _tell_left(run: Run, url: str, names: Sequence[str]) -> None:
    accounts = counted(len(names), "account")
    run.console.warn(
        f"{accounts} of the checks could not be deleted from {url}: {', '.join(names)}. "
        "Their passwords are kept nowhere; delete them in the app's database."
    )
