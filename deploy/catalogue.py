"""Every check by its name, with the command that runs it; and a project's task, which checks prove."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from deploy.proof import Verdict

REQUIREMENTS = "requirements"
"""Asks for all other tasks: without a list there is nothing to ask, and no requirement can rest on it."""
_SAID_WHERE_THEY_ARE = (
    *("endpoints", "auth", "errors", "browser", "tokens", "crud", "operation errors", "responsive"),
    *("logs", "features", "performance", "load", "security", "stable"),
)
"""Checks of a running app; what each asks stands beside its code."""

CHECKS: Mapping[str, Mapping[str, str]] = {
    "check": {
        "specification": "the specification is there",
        "structure": "the source is a Docker Space, and its files arrive as they are",
        "dependencies": "dependencies are declared and installed, the server among them",
        "entry": "the entry point is what the image starts",
        "application": "the entry point is a FastAPI application",
        "imports": "the lock covers every import and every requirement",
        "secrets": "secrets come from the environment",
        "ports": "no port contradicts app_port",
        "server starts": "nothing else starts a server",
        "binding": "the server listens where the platform looks",
    },
    "lock.audit": {"audit": "no package that is shipped has a known vulnerability that a newer version mends"},
    "smoke": {
        "image": "the image imports and serves as uid 1000",
        "boot": "its container serves on this machine",
        "assigned port": "the server listens on the port that it is assigned",
        "layers": "no layer of the image and nothing in its configuration holds the value of a secret",
    },
    "verify": {
        "settings": "the Space has its settings and the required environment",
        "serving": "the app answers over HTTP with the deployed revision",
        **dict.fromkeys(_SAID_WHERE_THEY_ARE, ""),
        "production build": "the Space offers what the rehearsed container did",
    },
    "plan": {"configuration": "a second plan has nothing to change"},
    "deploy": {"build": "the image builds in less than five minutes", "end to end": "the whole works end to end"},
    "report": dict.fromkeys((REQUIREMENTS, "documentation", "summary"), ""),
}
"""By the command that runs them: each check with what it asks."""

COMMANDS: Mapping[str, str] = {check: command for command, checks in CHECKS.items() for check in checks}
ASKED: Mapping[str, str] = {check: asked for checks in CHECKS.values() for check, asked in checks.items()}
OPTIONAL = frozenset({"audit"})
"""May be left out, where what they ask cannot be reached; when one fails, so do its tasks."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a project wants proved, in its own words, and by which checks; `requirements` are those it stands for."""

    id: str
    phase: str
    title: str
    checks: tuple[str, ...]
    requirements: tuple[str, ...] = ()

    def verdict(self, verdicts: Mapping[str, Verdict]) -> Verdict:
        """From those of its checks: passed when all passed, failed when one failed, else not run."""
        needed = {it for check, it in verdicts.items() if it != "not run" or check not in OPTIONAL}
        return "failed" if "failed" in needed else "passed" if needed == {"passed"} else "not run"


def ids_of(check: str, tasks: Iterable[Task]) -> tuple[str, ...]:
    """The tasks that a check proves."""
    return tuple(task.id for task in tasks if check in task.checks)
