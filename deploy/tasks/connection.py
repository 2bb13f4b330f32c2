"""From a session to the Hub of its target: the only place that knows that a Hub may be on this machine."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from deploy.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from deploy.pipeline.run import Run
    from deploy.secret import Secret
    from deploy.settings import Settings
    from deploy.space.client import HubClient
    from deploy.tasks.base import Session


def hub_home(root: Path) -> Path:
    """Where the project's local Hub keeps its state."""
    from deploy.workspace import workspace

    return workspace(root) / "hub"


def about(session: Session, space: str) -> Session:
    """The session with another Space on its target's Hub. Raises ConfigError for what is no name of one."""
    if not space:
        return session
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", space):
        raise ConfigError(f"{space!r} is no Space.", next_step="name it as owner/name")
    return replace(session, target=replace(session.target, space=space))


def open_run(session: Session) -> Run:
    """A run against the session's target, with its values resolved and its Hub answering."""
    from deploy.pipeline.run import Run

    settings = session.settings()
    return Run(
        config=session.config,
        target=session.target,
        settings=settings,
        client=connect(session, settings),
        console=session.console,
    )


def connect(session: Session, settings: Settings) -> HubClient:
    """The target's Space on its Hub. The local Hub is started when it does not run."""
    endpoint, own = _local_hub(session) if session.target.is_local else (session.target.hub, None)

    from deploy.space.client import HubClient
    from deploy.space.retry import RetryPolicy
    from deploy.space.token import find_token

    target, retries = session.target, RetryPolicy(pause=session.target.retry_pause)
    token = find_token(settings.token, target.token_variable, session.env, own=own, endpoint=endpoint, retries=retries)
    session.console.redact.add(token)
    return HubClient(endpoint, target.space, token, token_variable=target.token_variable, retries=retries)


def _local_hub(session: Session) -> tuple[str, Secret]:
    from deploy import localhub

    home = hub_home(session.root)
    running = localhub.status(home)
    if running is None:
        with session.console.step("local Hub") as step:
            running = localhub.up(home)
            step.note(f"{running.url}, {running.runtime} runtime")
    return running.url, running.token
