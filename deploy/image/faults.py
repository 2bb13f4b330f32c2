"""An error of the engine, or of the way to it, as a sentence a person can act on."""

from __future__ import annotations

from deploy.errors import EngineUnavailable
from deploy.image.buildlog import engine_trouble

START_HINT = "start Docker (on Linux: sudo systemctl start docker), then run the same command again"


def no_engine(error: Exception) -> EngineUnavailable:
    return EngineUnavailable("No Docker engine answers.", cause=reason(error), next_step=START_HINT)


def unavailable(doing: str, error: Exception) -> EngineUnavailable:
    """The engine refused `doing` (its own words are the cause), or went away while asked."""
    said = reason(error)
    trouble = engine_trouble([said])
    if trouble is not None:
        return trouble
    if getattr(error, "explanation", None):
        return EngineUnavailable(f"The Docker engine would not {doing}.", cause=said, next_step="docker info")
    return EngineUnavailable(
        f"The Docker engine stopped answering when asked to {doing}.", cause=said, next_step=START_HINT
    )


def reason(error: Exception) -> str:
    """What the engine explained, else the first line of the error, else its name."""
    explained = str(getattr(error, "explanation", None) or error).strip()
    return explained.splitlines()[0] if explained else type(error).__name__
