"""Which files an import reaches, given the folders Python looks in."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from deploy.source.python.imports import Import


@dataclass(frozen=True)
class Finder:
    """`files`: where a file lies when it is imported -> its path in the source. `roots`: folders on `sys.path`."""

    files: Mapping[str, str]
    roots: tuple[str, ...]

    def find(self, module: str) -> str | None:
        """The source path of a module, or of a package's `__init__.py`; None for others and for namespaces."""
        places = (place for root in self.roots for place in _places(PurePosixPath(root), module))
        return next((self.files[place] for place in places if place in self.files), None)

    @cached_property
    def top_level(self) -> frozenset[str]:
        """First names that something of this source may be imported by, namespaces included."""
        found: set[str] = set()
        for place in (PurePosixPath(place) for place in self.files if place.endswith(".py")):
            found |= {
                place.relative_to(root).parts[0].removesuffix(".py")
                for root in self.roots
                if place.is_relative_to(root)
            }
        return frozenset(found)


@dataclass(frozen=True)
class Modules:
    """The Python files of the source and the ways to them, tried in order."""

    paths: frozenset[str]
    finders: tuple[Finder, ...]

    def find(self, module: str) -> str | None:
        return next((path for finder in self.finders if (path := finder.find(module)) is not None), None)

    @cached_property
    def top_level(self) -> frozenset[str]:
        return frozenset(name for finder in self.finders for name in finder.top_level)

    def locate(self, path: str, module: str, level: int = 0) -> str | None:
        """What `from <level dots><module> import` in the file `path` names."""
        if not level:
            return self.find(module)
        parents = PurePosixPath(path).parents
        places = _places(parents[min(level, len(parents)) - 1], module)
        return next((place for place in places if place in self.paths), None)

    def is_folder(self, path: str, module: str, level: int = 0) -> bool:
        """Whether it names a folder without `__init__.py`, which is a package too."""
        parents = PurePosixPath(path).parents
        files = self.paths if level else (place for finder in self.finders for place in finder.files)
        roots = (
            [str(parents[min(level, len(parents)) - 1])] if level else [r for one in self.finders for r in one.roots]
        )
        folders = tuple(f"{PurePosixPath(root, module.replace('.', '/'))}/".removeprefix("./") for root in roots)
        return any(place.startswith(folders) for place in files)

    def reached_by(self, path: str, statement: Import) -> Iterator[str]:
        """Files that run because of an import: the module, the packages above it, submodules it names."""
        parts = statement.module.split(".")
        names = [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
        names += [f"{statement.module}.{name}".lstrip(".") for name in statement.names]
        for name in names:
            found = self.locate(path, name, statement.level)
            if found:
                yield found


def reachable(starts: Iterable[str], edges: Callable[[str], Iterable[str]]) -> frozenset[str]:
    """All files that run once these do."""
    seen: set[str] = set()
    waiting = deque(starts)
    while waiting:
        path = waiting.popleft()
        if path not in seen:
            seen.add(path)
            waiting.extend(edges(path))
    return frozenset(seen)


def _places(folder: PurePosixPath, module: str) -> tuple[str, ...]:
    below = folder / module.replace(".", "/") if module else folder
    return (
        (str(below / "__init__.py"), str(below.with_name(f"{below.name}.py")))
        if below.name
        else (str(below / "__init__.py"),)
    )
