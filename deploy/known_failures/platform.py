"""What the Hub itself says of a Space that does not serve (`errorMessage` of its runtime), and whose fault that is.

The messages are those that users of Spaces report; the Hub documents none of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Fault = Literal["nobody", "you", "the platform", "the account", "the plan"]


@dataclass(frozen=True)
class PlatformMessage:
    """`next_step` is what to do about it, in words."""

    pattern: str
    fault: Fault
    cause: str
    next_step: str


_LATER = "wait some minutes and restart it; if that goes on, ask for other hardware in its settings"
_ANEW = "restart it with a new build (invoke restart --factory); if that goes on, tell the Hub's support"

MESSAGES = (
    PlatformMessage(
        r"(?i)scheduling failure|unable to schedule|not enough hardware capacity",
        "the platform",
        "the Hub has no machine free for it",
        _LATER,
    ),
    PlatformMessage(
        r"(?i)failed to push .*regist|spaces-registry.* 401|unexpected job error|failed to pull image",
        "the platform",
        "the Hub could not keep or fetch the image that it had built",
        _ANEW,
    ),
    PlatformMessage(
        r"(?is)failed to create (?:\w+ )?task.*(?:executable file not found|no such file|permission denied)",
        "you",
        "the image starts a program that is not in it, or may not be run",
        "correct the Dockerfile's CMD or ENTRYPOINT, see that the file is copied and executable, and deploy again",
    ),
    PlatformMessage(
        r"(?i)failed to create (?:\w+ )?task",
        "the platform",
        "the Hub's machine could not start the container",
        _ANEW,
    ),
    PlatformMessage(
        r"(?i)flagged as abusive|has been (?:disabled|blocked|suspended)",
        "the account",
        "the Hub has stopped it for its contents or its use",
        "open its page on the Hub, and write to the Hub's support from there",
    ),
    PlatformMessage(
        r"(?i)storage limit reached|exceeded .*storage|storage quota",
        "the plan",
        "its repository is larger than the account's plan allows",
        "keep weights and data in a model, a dataset or a bucket, take them out of the Space, and deploy again",
    ),
    PlatformMessage(
        r"(?i)memory limit exceeded|oomkilled",
        "you",
        "the app used more memory than its hardware has",
        "let it take less, or ask for hardware with more memory in its settings",
    ),
    PlatformMessage(
        r"(?i)no @spaces\.GPU function detected",
        "you",
        "it runs on ZeroGPU, which wants a function with the decorator @spaces.GPU",
        "choose other hardware in its settings: a Docker Space has no ZeroGPU",
    ),
    PlatformMessage(
        r"(?i)collision on variables and secrets",
        "you",
        "a name is a variable and a secret at once",
        "remove one of the two in its settings, or deploy: what is declared decides",
    ),
)


def platform_message(said: str) -> PlatformMessage | None:
    """The known message in what the Hub said; the first of the table decides."""
    return next((known for known in MESSAGES if re.search(known.pattern, said)), None)
