"""`.ci/run`: what it asks for, that nothing is excused, what it says with its exit code, and what it leaves running.

The scripts that it calls are stand-ins here, which note how they were called; each has tests of its own.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.real.processes import until

ROOT = Path(__file__).parents[2]
STAND_IN = """\
#!/bin/sh
echo "{name} $* REQUIRE=${{REQUIRE-}}" >>"$CALLS"
case "$1" in
    "$HANG") touch "$CALLS.hangs"; exec sleep 1000 ;;
    "$FAIL") exit "$CODE" ;;
esac
"""
REQUIRED = "REQUIRE=docker,postgres,redis,browser,mutation"
ALL = [
    "packages  REQUIRE=",
    "engine start REQUIRE=",
    "base-image  REQUIRE=",
    "dev mutate REQUIRE=",
    f"dev lint {REQUIRED}",
    f"dev test {REQUIRED}",
    f"engine stop {REQUIRED}",
]


@dataclass(frozen=True)
class Checkout:
    """A copy of the script, among stand-ins."""

    folder: Path

    @property
    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text().splitlines()

    def start(self, *, fail: str = "none", code: int = 0, hang: str = "none") -> subprocess.Popen[str]:
        env = {"PATH": os.environ["PATH"], "CALLS": str(self.folder / "calls")}
        env |= {"FAIL": fail, "CODE": str(code), "HANG": hang}
        argv = ["bash", str(self.folder / ".ci" / "run")]
        pipe = subprocess.PIPE
        return subprocess.Popen(argv, env=env, stdout=pipe, stderr=pipe, text=True, start_new_session=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci")
    for path in (".ci/packages", ".ci/engine", ".ci/base-image", "dev"):
        place = tmp_path / path
        place.write_text(STAND_IN.format(name=place.name))
        place.chmod(0o755)
    return Checkout(tmp_path)


def test_it_prepares_the_machine_and_excuses_no_test(checkout: Checkout) -> None:
    process = checkout.start()
    process.communicate()
    assert process.returncode == 0
    assert checkout.calls == ALL


@pytest.mark.parametrize(("fail", "code"), [("lint", 1), ("test", 5)])
def test_it_fails_with_either_and_runs_both(checkout: Checkout, fail: str, code: int) -> None:
    process = checkout.start(fail=fail, code=code)
    out, _ = process.communicate()
    assert process.returncode == code
    assert checkout.calls == ALL
    assert ("lint failed with 1, above the tests" in out) == (fail == "lint")


def test_without_an_engine_nothing_is_tested(checkout: Checkout) -> None:
    process = checkout.start(fail="start", code=1)
    process.communicate()
    assert process.returncode == 1
    assert checkout.calls == [*ALL[:2], "engine stop REQUIRE="]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_one_stops_the_engine_too(checkout: Checkout, number: signal.Signals) -> None:
    process = checkout.start(hang="test")
    assert until((checkout.folder / "calls.hangs").exists)
    os.killpg(process.pid, number)
    process.communicate()
    assert process.returncode == 128 + number
    assert checkout.calls == ALL
