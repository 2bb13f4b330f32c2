"""The source's files as the image has them."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from deploy.source.python.modules import Finder, Modules
from deploy.source.python.names import Names

UNINSTALLED_ROOTS = ("", "src")
"""Where modules lie when no Dockerfile says where they are copied to."""


@dataclass(frozen=True, kw_only=True)
class ImageFiles:
    """`places`: path in the image -> path in the source. `installed`: the project itself is pip-installed.

    `texts` and `read` take a source path; `read` gives None for what does not parse.
    """

    places: Mapping[str, str]
    paths: frozenset[str]
    texts: Callable[[str], str]
    read: Callable[[str], Names | None]
    installed: bool = False

    def source(self, path: str, cwd: str) -> str | None:
        """The source path behind a path of the image; by its name alone where COPY lines don't tell."""
        place = posixpath.normpath(posixpath.join(cwd, path))
        if place in self.places:
            return self.places[place]
        if self.places or ("/" not in path and not path.endswith((".py", ".sh"))):
            return None
        name = posixpath.normpath(path).lstrip("/")
        named = [source for source in self.paths if source == name or name.endswith(f"/{source}")]
        return max(named, key=len, default=None)

    def modules(self, roots: tuple[str, ...]) -> Modules:
        """How imports resolve for a process whose `sys.path` begins with these folders."""
        python = {path: path for path in self.paths if path.endswith(".py")}
        finders = [Finder(self.places, roots)] if self.places else []
        if self.installed or not self.places:
            finders.append(Finder(python, UNINSTALLED_ROOTS))
        return Modules(frozenset(python), tuple(finders))
