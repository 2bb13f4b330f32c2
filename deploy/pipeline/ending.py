"""How a command ended: a closed set, each with the sentence that says it."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from deploy.errors import DeployError, Interrupted, RollbackFailed, RolledBack, Unconfirmed


class Ending(StrEnum):
    """The word is `verdict` in documents and evidence, and stays what it is: others read it."""

    headline: str

    def __new__(cls, word: str, headline: str) -> Self:
        ending = str.__new__(cls, word)
        ending._value_, ending.headline = word, headline
        return ending

    DEPLOYED = "deployed", "Deployed revision {revision} to {space}."
    UNCHANGED = "unchanged", "Nothing to do: {space} serves revision {revision}."
    PLANNED = "planned", "Planned; nothing was changed."
    PUSHED = "pushed", "Pushed revision {revision} to {space}; it was not waited for."
    SYNCED = "synced", "The settings of {space} are as declared."
    ROTATED = "rotated", "The secret was rotated and {space} serves."
    VERIFIED = "verified", "{space} serves, and every check passed."
    LOADED = "loaded", "{space} bears the declared load."
    JOINED = "joined", "Took part in the load on {space}; the machine that was joined has the figures."
    ROLLED_BACK = "rolled_back", "{space} serves revision {serving} again."
    ROLLBACK_FAILED = "rollback_failed", "{space} could not be taken back to an earlier release."
    UNCONFIRMED = "unconfirmed", "It is not known whether {space} serves revision {revision}."
    INTERRUPTED = "interrupted", "Stopped before it was done."
    FAILED = "failed", "{space} is not what was asked for."

    @classmethod
    def of(cls, error: DeployError) -> Ending:
        """The one that an error stands for."""
        return next((ending for kind, ending in _OF_ERROR.items() if isinstance(error, kind)), cls.FAILED)


_OF_ERROR: dict[type[DeployError], Ending] = {
    RolledBack: Ending.ROLLED_BACK,
    RollbackFailed: Ending.ROLLBACK_FAILED,
    Unconfirmed: Ending.UNCONFIRMED,
    Interrupted: Ending.INTERRUPTED,
}
