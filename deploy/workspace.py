"""`.spacewright/`, the folder where commands keep what is this machine's own: the local Hub, records of deploys."""

from __future__ import annotations

from pathlib import Path

NAME = ".spacewright"


def workspace(root: Path) -> Path:
    """The project's folder of it, made when missing; it tells git to ignore itself, whatever the project's rules."""
    folder = root / NAME
    folder.mkdir(mode=0o700, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    return folder
