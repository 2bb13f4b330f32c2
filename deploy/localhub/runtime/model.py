"""The words of the runtime: what is to be built, which stage a Space is in, and how an attempt fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from deploy.localhub.hardware import Size
from deploy.secret import Redactor, Secret

Test = Callable[[str], bool]
"""Whether a credential is good."""
DEFAULT_APP_PORT = 7860
"""Where a Docker Space listens unless its card says otherwise (Hub docs, "Spaces Configuration Reference")."""


def nobody(_credential: str) -> bool:
    return False


class Stage(StrEnum):
    """Stages of a Space, as the Hub spells them (`SpaceStage` of huggingface_hub, and SLEEPING)."""

    NO_APP_FILE = "NO_APP_FILE"
    BUILDING = "BUILDING"
    RUNNING_BUILDING = "RUNNING_BUILDING"
    APP_STARTING = "APP_STARTING"
    RUNNING_APP_STARTING = "RUNNING_APP_STARTING"
    RUNNING = "RUNNING"
    BUILD_ERROR = "BUILD_ERROR"
    RUNTIME_ERROR = "RUNTIME_ERROR"
    PAUSED = "PAUSED"
    STOPPED = "STOPPED"
    SLEEPING = "SLEEPING"


@dataclass(frozen=True, kw_only=True)
class RuntimeState:
    """What `GET /runtime` tells. `sha` is the commit of the image that serves, or the one in the making
    when nothing serves; `port` is that of the Space's stable address on 127.0.0.1."""

    stage: str
    sha: str | None
    error_message: str | None
    port: int


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What a running app uses: bytes of `memory` now, and seconds of processors (`cpu`) since it began."""

    memory: int
    cpu: float


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What one replica of a Space uses, of what it may use."""

    replica: str
    usage: Usage
    size: Size


class UsageUnknown(Exception):
    """Nothing tells what an app uses; the message says why. `running` is False when there is no app."""

    def __init__(self, message: str, *, running: bool = True) -> None:
        super().__init__(message)
        self.running = running


@dataclass(frozen=True, kw_only=True)
class Viewers:
    """Who may see a private Space: whether a token of the Hub is good for that, and whether a pass is."""

    by_token: Test = nobody
    by_pass: Test = nobody


@dataclass(frozen=True, kw_only=True)
class SpaceBuild:
    """One commit of a Space, ready to be built and run.

    `folder` is a checkout of the commit that belongs to the runtime from now on. Variables reach the build as
    arguments and the app as environment; secrets reach the build as mounts and the app as environment
    (Hub docs, "Docker Spaces"). `environment` is what Spaces inject. `size` is that of the Space's hardware.
    """

    space_id: str
    commit: str
    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    app_port: int = DEFAULT_APP_PORT
    private: bool = False
    size: Size = field(default_factory=Size)
    viewers: Viewers = Viewers()

    @property
    def run_environment(self) -> dict[str, str]:
        """What the app finds in its environment: what is injected, then variables, then secrets."""
        revealed = {name: secret.reveal() for name, secret in self.secrets.items()}
        return {**self.environment, **self.variables, **revealed}

    def redactor(self) -> Redactor:
        return Redactor(self.secrets.values())


@dataclass(frozen=True, kw_only=True)
class Exit:
    """How an app ended: its exit code (128 + n for signal n), and a reason when more than its log is known."""

    code: int
    reason: str = ""


class AttemptFailed(Exception):
    """A build or a start came to nothing; the message is what the Hub shows as `errorMessage`."""

    def __init__(self, stage: Stage, message: str) -> None:
        super().__init__(message)
        self.stage = stage
        self.message = message


class Superseded(Exception):
    """A newer commit, a pause or the end of the Hub made this attempt pointless."""
