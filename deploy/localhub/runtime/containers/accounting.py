"""What a container uses by its own accounting, which its limits are held against: read from inside it.

The engine's own figures are made of the same files, whatever machine the engine is on (kernel documentation,
"Control Group v2" and "Memory Resource Controller").
"""

from __future__ import annotations

from collections.abc import Callable

from deploy.localhub.runtime.model import Usage

Execute = Callable[..., str | None]
"""Gives the output of a program run in the container, or None when it fails or is not there."""

_ROOT = "/sys/fs/cgroup"
_VERSION_2 = tuple(f"{_ROOT}/{name}" for name in ("memory.current", "memory.stat", "cpu.stat"))
_VERSION_1 = tuple(
    f"{_ROOT}/{name}" for name in ("memory/memory.usage_in_bytes", "memory/memory.stat", "cpuacct/cpuacct.usage")
)


def usage(execute: Execute) -> Usage | None:
    """None when the container has no program that prints files, or no accounting."""
    if said := execute("cat", *_VERSION_2):
        used, facts = _read(said)
        return Usage(memory=used - facts["inactive_file"], cpu=facts["usage_usec"] / 1e6)
    if said := execute("cat", *_VERSION_1):
        used, facts = _read(said)
        return Usage(memory=used - facts["total_inactive_file"], cpu=int(said.splitlines()[-1]) / 1e9)
    return None


def _read(said: str) -> tuple[int, dict[str, int]]:
    """The number on the first line, and those that stand behind a name. Files that can be dropped at any time count
    as used there, and not here: no limit is reached by them."""
    first, *lines = said.splitlines()
    pairs = (line.split() for line in lines if " " in line)
    return int(first), {name: int(value) for name, value in pairs if value.isdigit()}
