"""How something went, in one character, whatever word a command has for it."""

from __future__ import annotations

from collections.abc import Mapping

MARKS: Mapping[str, str] = {
    **dict.fromkeys(("ok", "passed"), "✓"),
    **dict.fromkeys(("failed", "interrupted", "error"), "✗"),
    **dict.fromkeys(("skipped", "not run", "excused"), "–"),
    "warning": "!",
}
"""On a terminal and in reports: outcomes of steps, verdicts of checks, levels of findings."""
SIGNS: Mapping[str, str] = {"passed": "✅", "failed": "❌", "not run": "➖"}
"""In the step summary of a CI job, which shows no colours."""
