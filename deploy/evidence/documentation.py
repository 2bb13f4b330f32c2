"""Whether the project's pages are up to date."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

from deploy.catalogue import Task
from deploy.evidence.ticks import BOX, PROVED, STATUS
from deploy.proof import Proof
from deploy.wording import counted

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(<?([^)>\s]+)>?\)|!\[[^\]]*\]\(([^)\s]+)\)")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|#|//", re.IGNORECASE)


def documentation(root: Path, task_list: Path | None, tasks: Sequence[Task]) -> Proof:
    """Pages lead to files that exist, the README to every page, and boxes are those of the status page.

    A project without a README has no documentation to look at: not run.
    """
    readme = root / "README.md"
    pages = [readme, *sorted((root / "docs").glob("*.md"))] if readme.is_file() else []
    texts = {page: page.read_text(encoding="utf-8", errors="replace") for page in pages}
    found = [*_broken(root, texts), *_unlinked(readme, texts), *_boxes(root, task_list, tasks)] if texts else []
    return Proof(
        check="documentation",
        verdict="failed" if found else "passed" if texts else "not run",
        asked="every page is linked and leads to what exists, and no box is ticked that the status page does not prove",
        seen=_seen(len(pages), found),
        details=tuple(found),
    )


def _seen(pages: int, found: list[str]) -> str:
    if not pages:
        return "the project has no README.md"
    return f"{counted(pages, 'page')}, {counted(len(found), 'fault') if found else 'no fault'}"


def _broken(root: Path, texts: dict[Path, str]) -> Iterator[str]:
    for page, text in texts.items():
        for target in _targets(text):
            if not (page.parent / target).exists():
                yield f"{page.relative_to(root)}: leads to {target}, which is not there"


def _unlinked(readme: Path, texts: dict[Path, str]) -> Iterator[str]:
    linked = {(readme.parent / target).resolve() for target in _targets(texts[readme])}
    for page in texts:
        if page != readme and page.resolve() not in linked:
            yield f"README.md: has no link to docs/{page.name}"


def _targets(text: str) -> Iterator[str]:
    """Paths that a page leads to, without addresses and places within pages."""
    for found in _LINK.finditer(text):
        target = unquote((found[1] or found[2]).partition("#")[0])
        if target and not _ELSEWHERE.match(target):
            yield target


def _boxes(root: Path, task_list: Path | None, tasks: Sequence[Task]) -> Iterator[str]:
    """The list has a box for each task; its crosses are the proved rows of the status page."""
    if task_list is None or not task_list.is_file():
        return
    boxes = dict(map(reversed, BOX.findall(task_list.read_text(encoding="utf-8", errors="replace"))))
    if list(boxes) != [task.id for task in tasks]:
        yield f"{task_list.name}: does not hold the project's tasks, once each and in order"
    status = root / STATUS
    proved = set(PROVED.findall(status.read_text(encoding="utf-8", errors="replace"))) if status.is_file() else set()
    ticked = {task for task, mark in boxes.items() if mark == "x"}
    for task in sorted(ticked ^ proved):
        yield f"{task}: {'is ticked and' if task in ticked else 'is not ticked, and'} {STATUS} says otherwise"
