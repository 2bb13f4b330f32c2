"""Which file of the source lies where in the image, by the COPY and ADD lines of the Dockerfile."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from deploy.dockerfile import Copy, Dockerfile, Stage

IGNORE_FILE = ".dockerignore"
_NOTHING = "scratch"
_LEADING = re.compile(r"^(?:\./|/|\.$)+")
_PATTERN = re.compile(r"[$*?\[]")
_REMOTE = re.compile(r"(?:https?|git|ssh)://|git@|.*\.git(?:#.*)?$")


def image_files(dockerfile: Dockerfile, context: frozenset[str], stage: Stage | None = None) -> Mapping[str, str]:
    """Path in a stage, the last or one as it was -> path in the source. What RUN lines move or make is not seen."""
    return _stage_files(dockerfile, stage or dockerfile.final, context)


def context_of(paths: frozenset[str], ignore: str) -> frozenset[str]:
    """The paths that reach the build, given the text of `.dockerignore`."""
    from pathspec import PathSpec

    lines = (line.strip() for line in ignore.splitlines() if line.strip(" \t!\\") and not line.startswith("#"))
    spec = PathSpec.from_lines("gitignore", (pattern for line in lines for pattern in _anchored(line)))
    return frozenset(path for path in paths if not spec.match_file(path))


def outside_images(dockerfile: Dockerfile) -> Iterator[str]:
    """The images that this Dockerfile does not build and yet builds on, copies from or mounts."""
    for stage in dockerfile.stages:
        if stage.inherits is None and stage.base != _NOTHING:
            yield stage.base
        for flags in (instruction.flags for instruction in stage.instructions):
            mounts = (
                word.removeprefix("from=") for word in re.split("[,\n]", flags.get("mount", "")) if word[:5] == "from="
            )
            for name in (*mounts, *([flags["from"]] if "from" in flags else [])):
                if _origin(dockerfile, stage, name) is None:
                    yield name


def missing_sources(dockerfile: Dockerfile, context: frozenset[str]) -> Iterator[tuple[Copy, str]]:
    """Each source of a COPY from the context that names nothing there: the build would stop at it, but not at a pattern
    that fits nothing."""
    for stage in dockerfile.stages:
        for copy in stage.copies:
            for source in copy.sources if copy.origin is None else ():
                open_ = _PATTERN.search(source) or _REMOTE.match(source) or not PurePosixPath(source).name
                if not open_ and not any(_picked(context, source)):
                    yield copy, source


def _anchored(line: str) -> tuple[str, str]:
    """A pattern of .dockerignore counts from the root of the context, and takes what lies below a match too."""
    negated, pattern = ("!", line[1:].strip()) if line.startswith("!") else ("", line)
    if len(pattern) > len(stripped := pattern.rstrip("\\")):
        pattern = stripped + "\\" * ((len(pattern) - len(stripped)) // 2 * 2)
    if not pattern.startswith("**/"):
        pattern = "/" + (_LEADING.sub("", pattern) or "*")
    return f"{negated}{pattern}", f"{negated}{pattern.rstrip('/')}/**"


def _stage_files(dockerfile: Dockerfile, stage: Stage, context: frozenset[str]) -> dict[str, str]:
    files = _stage_files(dockerfile, stage.inherits, context) if stage.inherits else {}
    own = {path: path for path in context}
    for copy in stage.copies:
        below = _origin(dockerfile, stage, copy.origin) if copy.origin else None
        if copy.origin and below is None:
            continue
        available = _stage_files(dockerfile, below, context) if below else own
        for source in copy.sources:
            for path, inside in _picked(available, source):
                files[_goal(files, copy, path, inside)] = available[path]
    return files


def _origin(dockerfile: Dockerfile, stage: Stage, name: str) -> Stage | None:
    earlier = [other for other in dockerfile.stages if other.line < stage.line]
    if name.isdecimal():
        return earlier[int(name)] if int(name) < len(earlier) else None
    return next((other for other in earlier if other.name == name.lower()), None)


def _picked(available: Mapping[str, str] | frozenset[str], source: str) -> Iterator[tuple[str, str]]:
    """Each path that a source names, with its path inside it: empty for a file named itself."""
    wanted = str(PurePosixPath(source)).lstrip("/")
    if wanted == ".":
        yield from ((path, path.lstrip("/")) for path in available)
        return
    pattern = re.compile(_glob(wanted) + r"(?:/(?P<inside>.*))?", re.DOTALL)
    for path in available:
        match = pattern.fullmatch(path.lstrip("/"))
        if match:
            yield path, match["inside"] or ""


def _goal(files: Mapping[str, str], copy: Copy, path: str, inside: str) -> str:
    folder = copy.target.rstrip("/")
    if inside:
        return f"{folder}/{inside}"
    is_folder = copy.target.endswith("/") or any(path.startswith(f"{folder}/") for path in files)
    return f"{folder}/{PurePosixPath(path).name}" if is_folder else copy.target


def _glob(pattern: str) -> str:
    """As Go's filepath.Match: `*` stays within one folder; `**` is BuildKit's for any depth."""
    text = re.escape(pattern)
    return text.replace(r"\*\*", ".*").replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
