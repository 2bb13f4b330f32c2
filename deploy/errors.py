"""Every way a command can fail, one class a cause, each with an exit code of its own.

A message is three short parts: what happened, the likely cause, the next command. Code 2 is not an
error: commands that compare (`plan`, `lock --check`, `secrets.plan`) use it for "there is a difference".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

EXIT_DIFFERENT = 2


class DeployError(Exception):
    """Base of all errors a user may see.

    `what` is one sentence; `cause` and `next_step` complete it; `details` are lines shown below
    (the tail of a log, a list of findings). `document` is what else `--json` tells of the run.
    """

    exit_code: ClassVar[int] = 1

    def __init_subclass__(cls, exit_code: int | None = None) -> None:
        """A finer class keeps the code of the cause that it belongs to."""
        cls.exit_code = cls.exit_code if exit_code is None else exit_code

    def __init__(
        self, what: str, *, cause: str | None = None, next_step: str | None = None, details: tuple[str, ...] = ()
    ) -> None:
        super().__init__(what)
        self.what = what
        self.cause = cause
        self.next_step = next_step
        self.details = details
        self.document: Mapping[str, object] = {}

    def __str__(self) -> str:
        lines = [self.what]
        if self.cause:
            lines.append(f"  cause: {self.cause}")
        if self.next_step:
            lines.append(f"  next:  {self.next_step}")
        lines.extend(f"  | {line}" for line in self.details)
        return "\n".join(lines)

    def as_document(self) -> dict[str, object]:
        """The same facts for `--json`; a finer class of some room goes by the name that stands here."""
        return {
            **self.document,
            "error": next(kind.__name__ for kind in type(self).__mro__ if kind.__module__ == __name__),
            "exit_code": self.exit_code,
            "what": self.what,
            "cause": self.cause,
            "next": self.next_step,
            "details": list(self.details),
        }


# The project on this machine -----------------------------------------------------------------------------


class ChecksFailed(DeployError, exit_code=1):
    """The static checks of the source found errors."""


class ConfigError(DeployError, exit_code=10):
    """deploy.toml, a flag, an environment variable or an .env file is wrong."""


class MissingSecret(DeployError, exit_code=11):
    """A required secret or variable has no value, or an empty one."""


class SourceError(DeployError, exit_code=12):
    """The source cannot be shipped: not there, not a git checkout, links that lead out of it."""


class DirtyTree(DeployError, exit_code=13):
    """A protected target takes committed work only."""


class ConfirmationNeeded(DeployError, exit_code=14):
    """A protected target would change and nobody said yes."""


class LockError(DeployError, exit_code=15):
    """The dependencies cannot be locked, or cannot be locked on this machine."""


class CommandFailed(DeployError, exit_code=16):
    """A program the pipeline called ended badly, was not found, or took too long."""


class EvidenceError(DeployError, exit_code=17):
    """There is no such evidence, or it is damaged, or a report of it cannot be written."""


class Vulnerable(DeployError, exit_code=18):
    """A locked package has a known vulnerability, and a newer version mends it."""


class NotAudited(DeployError, exit_code=19):
    """Whether locked packages have known vulnerabilities cannot be asked from here."""


# Docker --------------------------------------------------------------------------------------------------


class EngineUnavailable(DeployError, exit_code=20):
    """No Docker engine answers, it stopped half-way, or its disk is full."""


class BuildFailed(DeployError, exit_code=21):
    """The image does not build."""


class SmokeFailed(DeployError, exit_code=22):
    """The image builds, and its container does not serve or it holds a secret."""


# The Hub -------------------------------------------------------------------------------------------------


class HubUnreachable(DeployError, exit_code=30):
    """No answer: refused, cut, or timed out."""


class TokenRejected(DeployError, exit_code=31):
    """401: the token is missing, invalid or expired."""


class NotAllowed(DeployError, exit_code=32):
    """403: the token is valid and may not do this."""


class PaymentRequired(DeployError, exit_code=33):
    """402: the account's plan does not include this."""


class SpaceNotFound(DeployError, exit_code=34):
    """404: no such Space, or it is private and hidden from this token."""


class WrongSdk(DeployError, exit_code=35):
    """The Space exists and is not a Docker Space."""


class Conflict(DeployError, exit_code=36):
    """409 or 412: the Space changed while it was being changed."""


class RateLimited(DeployError, exit_code=37):
    """429, and waiting as long as the Hub asked was not possible."""


class HubRefused(DeployError, exit_code=38):
    """The Hub understood and said no: 400, 413, 422."""


class HubBroken(DeployError, exit_code=39):
    """5xx, or an answer that is not what the Hub's API gives."""


class LeaseHeld(DeployError, exit_code=40):
    """Another deploy holds the right to change this Space."""


# The outcome of a deploy ---------------------------------------------------------------------------------


class RolledBack(DeployError, exit_code=50):
    """The new release failed; the last good one serves again."""


class RollbackFailed(DeployError, exit_code=51):
    """The new release failed and so did going back: the Space needs a person."""


class Unconfirmed(DeployError, exit_code=52):
    """Written, and it could not be seen whether it serves."""


class ReleaseFailed(DeployError, exit_code=53):
    """The new release failed and there is no earlier good one to go back to."""


class VerificationFailed(DeployError, exit_code=54):
    """A check of a running deployment failed."""


class Interrupted(DeployError, exit_code=130):
    """Ctrl-C or a termination signal; the message says what was written and how to go on."""
