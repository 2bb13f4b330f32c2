"""Measurements of time that other work on this machine cannot turn red."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from deploy.proof import NotRun
from deploy.verify.check import Seen
from deploy.verify.machine import CORES, QUIET
from deploy.verify.subject import Subject

ATTEMPTS, CONFIRMED = 4, 2
"""Measurements at most, and how many of them must be red on a quiet machine before anybody believes it."""
PATIENCE, SETTLING = 30.0, 2.0
"""Seconds to wait for quiet before a measurement is made anew, and after one, when the app may still be at work."""


def undisturbed(measure: Callable[[Subject], Seen]) -> Callable[[Subject], Seen]:
    """`measure`, made anew as long as other work may be what makes it red.

    Green is believed at once: other work makes nothing faster. The function raises NotRun when the machine was never
    quiet for long enough.
    """

    def run(subject: Subject) -> Seen:
        confirmed, busiest = 0, 0.0
        for attempt in range(ATTEMPTS):
            before = subject.machine.wait_until_quiet(PATIENCE if attempt else 0)
            seen = measure(subject)
            if not seen.violations:
                return seen
            busy = max(before, subject.machine.wait_until_quiet(SETTLING))
            busiest = max(busiest, busy)
            confirmed += busy <= QUIET
            if confirmed == CONFIRMED:
                return replace(seen, text=f"{seen.text}, {CONFIRMED} times while this machine was quiet")
        raise NotRun(
            f"other work kept up to {busiest:.1f} of this machine's {CORES} cores busy, "
            f"which may be why {seen.violations[0]}"
        )

    return run
