"""What is verified: one running deployment, and the means to look at it from the outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from deploy.config import AppConfig, LoadConfig, ProbeConfig, ScenarioConfig
from deploy.secret import Secret
from deploy.verify.accounts import Accounts
from deploy.verify.app import App
from deploy.verify.tools import Tools

Place = Literal["container", "space"]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A deployment: a container before anything is pushed, or the Space.

    `origins` are those whose pages may call it. `viewer` is the Hub token that a private Space asks its visitors for.
    `hidden` are the values that nobody may see, by name. `run_log` gives the deployment's own log, `restart` starts it
    anew and returns when it serves, `memory` gives the bytes it uses, of `memory_limit`; None (and 0) where there is
    no way to. `folder` is where files of evidence go. `accounts` are those the checks make.
    """

    site: App
    place: Place
    revision: str
    app: AppConfig
    probes: tuple[ProbeConfig, ...]
    scenario: ScenarioConfig
    load: LoadConfig
    tools: Tools
    folder: Path
    accounts: Accounts
    origins: tuple[str, ...] = ()
    viewer: Secret | None = None
    hidden: Mapping[str, Secret] = field(default_factory=dict)
    run_log: Callable[[], Sequence[str]] | None = None
    restart: Callable[[], None] | None = None
    memory: Callable[[], int] | None = None
    memory_limit: int = 0
