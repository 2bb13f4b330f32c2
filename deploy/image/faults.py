"""An error of the engine, or of the way to it, as a sentence a person can act on."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.errors import EngineUnavailable
from deploy.image.buildlog import engine_trouble

START_HINT = "start Docker (on Linux: sudo systemctl start docker), then run the same command again"
_ROOTS: tuple[tuple[type[OSError], str, str], ...] = (
    (FileNotFoundError, "its socket is not there: Docker is not installed, or not started", START_HINT),
    (ConnectionRefusedError, "nothing listens where it should: Docker is not started", START_HINT),
    (PermissionError, "this user may not use its socket", "sudo usermod -aG docker $USER, then log in again"),
)


def no_engine(error: Exception, host: str | None) -> EngineUnavailable:
    """Nothing answered at all; `host` is the value of DOCKER_HOST, when it is set."""
    what = f"No Docker engine answers at DOCKER_HOST={host}." if host else "No Docker engine answers."
    for root, cause, next_step in _ROOTS:
        if any(isinstance(one, root) for one in _chain(error)):
            return EngineUnavailable(what, cause=cause, next_step=next_step)
    return EngineUnavailable(what, cause=_reason(error), next_step=START_HINT)


def unavailable(doing: str, error: Exception) -> EngineUnavailable:
    """The engine refused `doing` (its own words are the cause), or went away while asked."""
    said = _reason(error)
    trouble = engine_trouble([said])
    if trouble is not None:
        return trouble
    if getattr(error, "explanation", None):
        return EngineUnavailable(f"The Docker engine would not {doing}.", cause=said, next_step="docker info")
    return EngineUnavailable(
        f"The Docker engine stopped answering when asked to {doing}.", cause=said, next_step=START_HINT
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it arose from. HTTP clients hide the system's own error in `args` as well."""
    while error is not None:
        yield error
        yield from (one for one in error.args if isinstance(one, BaseException))
        error = error.__cause__ or error.__context__


def _reason(error: Exception) -> str:
    """What the engine explained, else the first line of the error, else its name."""
    explained = str(getattr(error, "explanation", None) or error).strip()
    return explained.splitlines()[0] if explained else type(error).__name__
