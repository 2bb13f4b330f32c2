"""report: what the checks of a deploy saw, for whoever decides on it, and what changed since another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploy.tasks.base import Session, command, session

if TYPE_CHECKING:
    from deploy.evidence.model import Evidence

_FLAGS = {
    "deploy": "the deploy's id or its beginning (default: the newest with evidence)",
    "out": "the folder to write to (default: that of the evidence)",
    "compare": "another deploy's id or its beginning: tell what changed from it to this one, and write nothing",
    "tick": "also tick the boxes of tasks.md and write docs/status.md",
}


@command(flags=_FLAGS)
def report(  # noqa: PLR0917 # Invoke gives flags by name
    _: Any, to: str = "", deploy: str = "", out: str = "", compare: str = "", tick: bool = False, json: bool = False
) -> None:
    """Write the report of a deploy: a page, a summary, JUnit XML; or compare two deploys."""
    from deploy.evidence.store import find, read

    current = session(to)
    path = find(current.root, current.target.name, deploy)
    evidence = read(path)
    if compare:
        _compare(current, read(find(current.root, current.target.name, compare)), evidence)
    else:
        _write(current, evidence, path.parent, Path(out) if out else path.parent, tick=tick)


def _write(current: Session, evidence: Evidence, folder: Path, out: Path, *, tick: bool) -> None:
    from deploy.evidence.document import to_document
    from deploy.evidence.markdown import summary
    from deploy.evidence.publish import publish
    from deploy.evidence.terminal import shown
    from deploy.evidence.ticks import tick as tick_boxes

    files = dict(publish(evidence, folder, out))
    if tick:
        files["tasks"], files["status"] = tick_boxes(current.root, _task_list(current), evidence)
    current.console.summary(summary(evidence))
    current.console.result(to_document(evidence), shown(evidence, {name: _near(path) for name, path in files.items()}))


def _compare(current: Session, before: Evidence, after: Evidence) -> None:
    from deploy.evidence.compared import plain_text, summary
    from deploy.evidence.comparing import compare

    comparison = compare(before, after)
    current.console.summary(summary(comparison))
    current.console.result(comparison.document(), plain_text(comparison))


def _task_list(current: Session) -> Path:
    """Beside the list that deploy.toml names, and called like it. Raises ConfigError when it names none."""
    from deploy.errors import ConfigError

    if current.config.source.tasks is None:
        raise ConfigError(
            "There are no tasks whose boxes could be ticked.",
            cause="deploy.toml names no list of tasks",
            next_step='set `tasks = ".../tasks.toml"` under [source], with a tasks.md beside it',
        )
    return current.config.source.tasks.with_suffix(".md")


def _near(path: Path) -> Path:
    """From here, as a person would type it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
