"""Which Python of this machine stands in for the one of a Space's image."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from deploy.command import Command, run
from deploy.errors import CommandFailed

_ASK = "import sys; print('%d.%d' % sys.version_info[:2]); print(sys.version, sys.base_prefix, sys.platform)"
_ANSWER_SECONDS = 20.0


@dataclass(frozen=True, kw_only=True)
class Python:
    """`identity` differs between two whose virtual environments are not interchangeable."""

    program: str
    version: str
    identity: str


def python_for(version: str | None, environ: Mapping[str, str]) -> Python:
    """One of that version if this machine has it, else the Hub's own."""
    own = Python(
        program=sys.executable,
        version=f"{sys.version_info.major}.{sys.version_info.minor}",
        identity=f"{sys.version} {sys.base_prefix} {sys.platform}",
    )
    if version in {None, own.version}:
        return own
    found = shutil.which(f"python{version}", path=environ.get("PATH"))
    return (_asked(found) if found else None) or own


@cache
def _asked(program: str) -> Python | None:
    """None when it does not run, as a version manager's stand-in for a version that is not switched on."""
    try:
        answer = run(Command(argv=(program, "-I", "-S", "-c", _ASK), timeout=_ANSWER_SECONDS))
    except CommandFailed:
        return None
    version, _, identity = answer.output.partition("\n")
    return Python(program=program, version=version, identity=identity)
