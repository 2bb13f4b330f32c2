"""test: pytest over the chosen tests, or over each part of the project's."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from deploy.tasks.base import Session
from development.programs import run_in_front

_PYTEST = ("-m", "pytest", "-n", "2", "--no-loadscope-reorder")
"""Two at a time, in the order of tests/conftest.py."""
_DOCUMENTS = "tests/integration/test_docs.py"
_PARTS = {
    "all tests but those of the documents": (f"--ignore={_DOCUMENTS}",),
    # They measure a load, which is red or not run where other tests are at work.
    "the documents": ("-n", "0", _DOCUMENTS),
    "the backend's unit tests on PostgreSQL": ("tests/unit/backend", "--database", "postgres"),
}
"""The words that pytest gets, by what they run."""
_TOLD = {0, 1}
"""Exit codes with which pytest has said how the tests went; after any other, such as an interrupt, nothing goes on."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """How a part of a test run went."""

    name: str
    code: int
    seconds: float

    def __str__(self) -> str:
        went = f"failed with {self.code}" if self.code else "passed"
        return f"== {self.name}: {went} in {self.seconds:.0f} s"


def run_tests(
    session: Session,
    arguments: Sequence[str],
    *,
    run: Callable[[Session, Sequence[str]], int] = run_in_front,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Run pytest with these arguments, or each part when there are none; the first exit code that is not 0."""
    done: list[Part] = []
    for name, words in ({"chosen tests": tuple(arguments)} if arguments else _PARTS).items():
        if not arguments:
            session.console.say(f"== {name}")
        started = clock()
        code = run(session, (sys.executable, *_PYTEST, *words))
        done.append(Part(name=name, code=code, seconds=round(clock() - started, 1)))
        if code not in _TOLD:
            break
    code = next((part.code for part in done if part.code), 0)
    document = {"code": code, "seconds": round(sum(part.seconds for part in done), 1), "parts": [*map(asdict, done)]}
    session.console.result(document, "" if arguments else "\n".join(map(str, done)))
    return code
