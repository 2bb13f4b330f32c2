"""The `spacewright` command: the same Invoke program as `invoke` in a project, without a tasks.py."""

from __future__ import annotations

import os
import sys

from invoke.program import Program

from deploy import __version__


def main() -> None:
    from deploy.tasks import namespace

    os.environ.setdefault("SPACEWRIGHT_COMMAND", "spacewright")
    Program(name="spacewright", binary="spacewright", namespace=namespace(), version=__version__).run(sys.argv)
