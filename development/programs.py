"""Programs that get the terminal to themselves: their colours and progress, and Ctrl-C goes to them, not to us."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from types import FrameType

from deploy.errors import ConfigError
from deploy.tasks.base import Session


def run_benchmarks(session: Session, only: str = "") -> int:
    """Run each of benchmarks/, or one by name; 1 when one was over its budget. Raises ConfigError for no such name."""
    programs = [file.stem for file in sorted((session.root / "benchmarks").glob("*.py"))]
    if only and only not in programs:
        raise ConfigError(f"There is no benchmark {only!r}.", next_step=f"name one of: {', '.join(programs)}")
    chosen = [only] if only else programs
    codes = {name: run_in_front(session, (sys.executable, "-m", f"benchmarks.{name}")) for name in chosen}
    session.console.result({"benchmarks": [{"name": name, "code": code} for name, code in codes.items()]})
    return 1 if any(codes.values()) else 0


def run_in_front(session: Session, argv: Sequence[str]) -> int:
    """Run it at the project's root until it ends by itself; its exit code, 128 + n when signal n ended it.

    What it prints goes to stderr in json mode, whose stdout is one document. A terminal sends Ctrl-C to us both:
    it cleans up, and we wait. A request to terminate reaches only us, and is handed on as a Ctrl-C.
    """
    stdout = sys.stderr if session.console.mode == "json" else None
    with subprocess.Popen(argv, cwd=session.root, stdout=stdout) as process:

        def hand_on(_signal: int, _frame: FrameType | None) -> None:
            process.send_signal(signal.SIGINT)

        before = {
            signal.SIGINT: signal.signal(signal.SIGINT, signal.SIG_IGN),
            signal.SIGTERM: signal.signal(signal.SIGTERM, hand_on),
        }
        try:
            code = process.wait()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
    return code if code >= 0 else 128 - code


def after_dashes(argv: Sequence[str]) -> list[str]:
    """The words after `--` as they were typed; Invoke's own `remainder` has lost where each begins and ends."""
    return list(argv[argv.index("--") + 1 :]) if "--" in argv else []
