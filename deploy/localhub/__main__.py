"""`python -m deploy.localhub --home FOLDER --port PORT --runtime KIND`: the Hub itself, in the foreground."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from deploy.localhub.process.server import serve
from deploy.localhub.runtime.supervisor import Supervisor


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.localhub")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--runtime", choices=("docker", "process"), required=True)
    asked = parser.parse_args()
    return serve(
        asked.home,
        asked.port,
        asked.runtime,
        lambda home, on_change: Supervisor(home, kind=asked.runtime, on_change=on_change),
    )


if __name__ == "__main__":
    sys.exit(main())
