"""Why a backend does not build or start, by its log: the last error decides, and what is only a hint is called one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from deploy.known_failures.diagnosis import A_RUN, Circumstances, Diagnosis
from deploy.known_failures.last_error import LoggedError, last_error, last_words, messages
from deploy.known_failures.programs import APT
from deploy.known_failures.settings import about_settings
from deploy.known_failures.table import FAILURES, Known

__all__ = ["APT", "A_RUN", "Circumstances", "Diagnosis", "diagnose", "explain", "last_error", "last_words"]

_EVIDENCE = 200
"""Characters of a line that are shown as evidence."""


def diagnose(log: Iterable[str], here: Circumstances = A_RUN) -> Diagnosis | None:
    """The cause that the last error of a log gives away, in its own words where it is not a known one.

    A log that names no error may hold a hint. None when it shows nothing.
    """
    lines = list(log)
    error = last_error(lines)
    return explain(error, here) if error else _hint(lines, here)


def explain(error: LoggedError, here: Circumstances = A_RUN) -> Diagnosis:
    """Cause and cure of one error."""
    where = f": {error.place}" if error.place else ""
    return (
        about_settings(error, here)
        or _known(error, here)
        or Diagnosis(cause=error.told, evidence=error.message, cure=f"mend what the log shows{where}")
    )


def _known(error: LoggedError, here: Circumstances) -> Diagnosis | None:
    for known in FAILURES:
        for line in error.lines:
            if not known.hint and (found := re.search(known.pattern, line)):
                return _diagnosis(known, found, line, here, error.place)
    return None


def _hint(lines: list[str], here: Circumstances) -> Diagnosis | None:
    hints = [known for known in FAILURES if known.hint and not (here.answers and known.hides_the_app)]
    for line in messages(reversed(lines)):
        for known in hints:
            if found := re.search(known.pattern, line):
                hint = _diagnosis(known, found, line.strip(), here)
                return replace(hint, cause=f"its log has a hint: {hint.cause}")
    return None


def _diagnosis(
    known: Known, found: re.Match[str], line: str, here: Circumstances, place: str | None = None
) -> Diagnosis:
    what = next((text for text in found.groupdict().values() if text), "")
    cause, cure = known.in_build if known.in_build and here.building else (known.cause, known.cure)
    where = f" ({place})" if place else ""
    return Diagnosis(
        cause=cause.format(what=what, line=line[:_EVIDENCE]) + where,
        evidence=line[:_EVIDENCE],
        cure=cure(what) if callable(cure) else cure.format(what=what),
    )
