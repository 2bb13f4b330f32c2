"""What is verified: one running deployment, and the means to look at it from the outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from deploy.config import AppConfig, LoadConfig, ScenarioConfig
from deploy.secret import Secret
from deploy.verify.accounts import Accounts
from deploy.verify.app import App
from deploy.verify.machine import Machine
from deploy.verify.tools import Tools

Place = Literal["container", "space"]


@dataclass(frozen=True, kw_only=True)
class Vitals:
    """What the platform says of a deployment now: its `stage`, with the `trouble` it is in, and the bytes of memory
    that it uses, of `memory_total`. None: it does not say, and `memory_unknown` is why."""

    stage: str
    trouble: str = ""
    memory_used: int | None = None
    memory_total: int = 0
    memory_unknown: str = ""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A deployment: a container before anything is pushed, or the Space.

    `origins` are those whose pages may call it. `hidden` are the values that nobody may see, by name. `run_log` gives
    the deployment's own log, `restart` starts it anew and returns when it serves, `vitals` looks at it from outside;
    None where there is no way to. `folder` is where files of evidence go. `accounts` are those the checks make.
    `machine` is the one that asks.
    """

    site: App
    place: Place
    app: AppConfig
    scenario: ScenarioConfig
    load: LoadConfig
    tools: Tools
    folder: Path
    accounts: Accounts
    origins: tuple[str, ...] = ()
    hidden: Mapping[str, Secret] = field(default_factory=dict)
    run_log: Callable[[], Sequence[str]] | None = None
    restart: Callable[[], None] | None = None
    vitals: Callable[[], Vitals] | None = None
    machine: Machine = field(default_factory=Machine)
