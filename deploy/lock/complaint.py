"""What pip-compile said when it failed, without its tracebacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deploy.errors import LockError
from deploy.lock.files import LockFile, relative

_LINES = 15
_NETWORK = ("connection broken by", "NewConnectionError", "Temporary failure in name resolution", "SSLError")


def complaint(lock_file: LockFile, output: Iterable[str]) -> LockError:
    """The error for a failed compilation of `lock_file`."""
    said = list(output)
    name = relative(lock_file.input, lock_file.root)
    if any(mark in line for line in said for mark in _NETWORK):
        return LockError(
            f"{name} cannot be locked: the package index does not answer.",
            cause="no network, or a proxy or certificate that pip is not told of",
            next_step="see that this machine reaches the index, and run: invoke lock",
            details=_tail(said),
        )
    return LockError(
        f"{name} cannot be locked.",
        cause="no set of released packages meets all its bounds, or one of them cannot be prepared",
        next_step=f"mend the bounds in {name} and run: invoke lock",
        details=_tail(said),
    )


def _tail(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.strip()[:300] for line in _without_tracebacks(lines) if line.strip()))[-_LINES:]


def _without_tracebacks(lines: Iterable[str]) -> Iterator[str]:
    """A traceback begins with its title and ends with the first line that is not indented: the exception."""
    inside = False
    for line in lines:
        if line.startswith("Traceback (most recent call last)"):
            inside = True
        elif inside:
            inside = line.startswith(" ") or not line
        elif not line.startswith(("The above exception was", "During handling of")):
            yield line
