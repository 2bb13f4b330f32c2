"""What deploy.toml says, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.catalogue import Task
from deploy.config.excuses import Excuse
from deploy.config.reader import did_you_mean
from deploy.config.suite import AuditConfig, LoadConfig, ScenarioConfig, Suite
from deploy.errors import ConfigError

LOCAL_HUB = "local"
"""Value of `hub` that means the Hub on this machine, whatever its port is."""


@dataclass(frozen=True, kw_only=True)
class SourceConfig:
    """The folder that is shipped. `entry` is `module:variable`, what the image starts; `tasks` the file of the list.

    `python` is what deploy.toml says, or else the version of the image that the Dockerfile begins with.
    """

    path: Path
    entry: str
    python: str
    spec: Path | None
    fixed_port: bool
    strict: bool
    tasks: Path | None = None


@dataclass(frozen=True, kw_only=True)
class AppConfig:
    """What the running application answers. `version` is None when it does not tell its revision.

    `read_only`: it writes nowhere but below /tmp, and is rehearsed so.
    """

    health: str
    version: str | None
    ready_timeout: float
    read_only: bool


@dataclass(frozen=True, kw_only=True)
class ProbeConfig:
    """One request that must be answered with `status` by every deployment."""

    path: str
    method: str
    status: int


@dataclass(frozen=True, kw_only=True)
class SecretRule:
    """A secret's name and what must be true of it.

    `generate` is a recipe such as `urlsafe:48`. `rehearse` stands for the value wherever the image is
    rehearsed, where no real value ever is.
    """

    name: str
    required: bool
    generate: str | None
    rehearse: str | None

    @property
    def needed(self) -> bool:
        return self.required or self.generate is not None


@dataclass(frozen=True, kw_only=True)
class VariableRule:
    """A public setting. `value` None means it comes from the environment or an .env file."""

    name: str
    value: str | None
    required: bool


@dataclass(frozen=True, kw_only=True)
class Target:
    """One Space. `durable`: its data is meant to outlive its container.

    Times in seconds: `poll` between two looks at the runtime, `lease_wait` for another deploy to end,
    `retry_pause` before a call that failed in passing is repeated (doubled each time).
    """

    name: str
    hub: str
    space: str
    protected: bool
    hardware: str
    visibility: str
    durable: bool
    build_timeout: float
    poll: float
    lease_wait: float
    retry_pause: float
    token_variable: str
    variables: Mapping[str, VariableRule]
    secrets: Mapping[str, SecretRule]

    @property
    def is_local(self) -> bool:
        return self.hub == LOCAL_HUB


@dataclass(frozen=True, kw_only=True)
class Config:
    """The project: its root, all that deploy.toml says, and the tasks of the list that it names."""

    root: Path
    default: str
    source: SourceConfig
    app: AppConfig
    checks: tuple[ProbeConfig, ...]
    scenario: ScenarioConfig
    load: LoadConfig
    suite: Suite
    audit: AuditConfig
    targets: Mapping[str, Target] = field(default_factory=dict)
    tasks: tuple[Task, ...] = ()
    excuses: tuple[Excuse, ...] = ()

    def target(self, name: str = "") -> Target:
        """The named target, or the default one. Raises ConfigError for a name that is not declared."""
        wanted = name or self.default
        if wanted in self.targets:
            return self.targets[wanted]
        raise ConfigError(
            f"There is no target {wanted!r} in deploy.toml.",
            cause=f"declared are: {', '.join(sorted(self.targets))}{did_you_mean(wanted, self.targets)}",
            next_step=f"name one of them with --to, or add [targets.{wanted}] to deploy.toml",
        )
