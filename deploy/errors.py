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


class ChecksFailed(DeployError):
    """The static checks of the source found errors."""

    exit_code = 1


class ConfigError(DeployError):
    """deploy.toml, a flag, an environment variable or an .env file is wrong."""

    exit_code = 10


class MissingSecret(DeployError):
    """A required secret or variable has no value, or an empty one."""

    exit_code = 11


class SourceError(DeployError):
    """The source cannot be shipped: not there, not a git checkout, links that lead out of it."""

    exit_code = 12


class DirtyTree(DeployError):
    """A protected target takes committed work only."""

    exit_code = 13


class ConfirmationNeeded(DeployError):
    """A protected target would change and nobody said yes."""

    exit_code = 14


class LockError(DeployError):
    """The dependencies cannot be locked, or cannot be locked on this machine."""

    exit_code = 15


class CommandFailed(DeployError):
    """A program the pipeline called ended badly, was not found, or took too long."""

    exit_code = 16


class EvidenceError(DeployError):
    """There is no such evidence, or it is damaged, or a report of it cannot be written."""

    exit_code = 17


class Vulnerable(DeployError):
    """A locked package has a known vulnerability, and a newer version mends it."""

    exit_code = 18


class NotAudited(DeployError):
    """Whether locked packages have known vulnerabilities cannot be asked from here."""

    exit_code = 19


# Docker --------------------------------------------------------------------------------------------------


class EngineUnavailable(DeployError):
    """No Docker engine answers, it stopped half-way, or its disk is full."""

    exit_code = 20


class BuildFailed(DeployError):
    """The image does not build."""

    exit_code = 21


class SmokeFailed(DeployError):
    """The image builds, and its container does not serve or it holds a secret."""

    exit_code = 22


# The Hub -------------------------------------------------------------------------------------------------


class HubUnreachable(DeployError):
    """No answer: refused, cut, or timed out."""

    exit_code = 30


class TokenRejected(DeployError):
    """401: the token is missing, invalid or expired."""

    exit_code = 31


class NotAllowed(DeployError):
    """403: the token is valid and may not do this."""

    exit_code = 32


class PaymentRequired(DeployError):
    """402: the account's plan does not include this."""

    exit_code = 33


class SpaceNotFound(DeployError):
    """404: no such Space, or it is private and hidden from this token."""

    exit_code = 34


class WrongSdk(DeployError):
    """The Space exists and is not a Docker Space."""

    exit_code = 35


class Conflict(DeployError):
    """409 or 412: the Space changed while it was being changed."""

    exit_code = 36


class RateLimited(DeployError):
    """429, and waiting as long as the Hub asked was not possible."""

    exit_code = 37


class HubRefused(DeployError):
    """The Hub understood and said no: 400, 413, 422."""

    exit_code = 38


class HubBroken(DeployError):
    """5xx, or an answer that is not what the Hub's API gives."""

    exit_code = 39


class LeaseHeld(DeployError):
    """Another deploy holds the right to change this Space."""

    exit_code = 40


# The outcome of a deploy ---------------------------------------------------------------------------------


class RolledBack(DeployError):
    """The new release failed; the last good one serves again."""

    exit_code = 50


class RollbackFailed(DeployError):
    """The new release failed and so did going back: the Space needs a person."""

    exit_code = 51


class Unconfirmed(DeployError):
    """Written, and it could not be seen whether it serves."""

    exit_code = 52


class ReleaseFailed(DeployError):
    """The new release failed and there is no earlier good one to go back to."""

    exit_code = 53


class VerificationFailed(DeployError):
    """A check of a running deployment failed."""

    exit_code = 54


class Interrupted(DeployError):
    """Ctrl-C or a termination signal; the message says what was written and how to go on."""

    exit_code = 130
