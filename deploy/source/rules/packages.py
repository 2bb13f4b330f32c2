"""What runs is installed, and the lock says all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from deploy.source.findings import Finding, error, warning
from deploy.source.material import DOCKERFILE, Material
from deploy.source.packages.imported import Uncovered, declared_modules, uncovered
from deploy.source.packages.installed import PROJECT_FILE
from deploy.source.packages.modules import distribution_for
from deploy.source.packages.requirements import Wanted, read_requirements
from deploy.source.start.layout import takes_from_outside

_BRING_SERVERS = {
    *("bentoml", "chainlit", "chromadb", "fastmcp", "gradio", "litellm", "mcp", "mlflow", "nicegui", "openenv-core"),
    *("prefect", "ray", "reflex", "streamlit", "uvicorn-worker", "vllm"),
}
"""Distributions that come with a server of their own, usually uvicorn."""
_PATH_CHANGE = re.compile(r"\bsys\.path\.(?:append|extend|insert)|\bsys\.path\s*[+=]|\bsite\.addsitedir")
_PYTHON_BASE = re.compile(r"(?:.*/)?python:(?P<version>3\.\d+)(?:[.-].*)?")


def requirements(material: Material) -> Iterator[Finding]:
    """There is a list of dependencies, pip can read it, and the Dockerfile installs it."""
    found = material.installed
    if found.file is None and not found.wanted and found.plain_base:
        what = "nothing says what the app needs: there is no requirements.txt at the root of the source"
        yield error("requirements-missing", what, "write requirements.in and run invoke lock")
    for line in found.unreadable:
        what = f"pip does not read this line: {line.text[:60]}"
        yield error("requirements-syntax", what, "write name==version", file=line.file, line=line.line)
    stage = material.dockerfile.final if material.dockerfile else None
    foreign = material.dockerfile is not None and takes_from_outside(material.dockerfile)
    if stage and found.file and found.known_base and not found.requested and not foreign:
        what = f"no RUN line of the Dockerfile installs {found.file}"
        yield error("not-installed", what, f"RUN pip install -r {found.file}", file=DOCKERFILE, line=stage.line)


def server(material: Material) -> Iterator[Finding]:
    """The server that the image starts is installed."""
    found, serving = material.installed, material.serving
    if serving is None or (found.file is None and not found.wanted):
        return
    package = serving.launch.package
    if package in found.names or (serving.script and package not in {"uvicorn", "hypercorn", "granian"}):
        return
    perhaps = not found.known_base or bool(_BRING_SERVERS & found.names)
    report = warning if perhaps else error
    what = f"the image starts {serving.launch.server}, and {found.file or 'the Dockerfile'} does not install {package}"
    cure = f"add {package} to the requirements and lock them (invoke lock)"
    yield report("server-missing", what, cure, file=found.file)


def covered(material: Material) -> Iterator[Finding]:
    """Every third-party import comes with something that is installed."""
    found = material.installed
    if found.file is None and not found.wanted:
        return
    missing: dict[str, list[Uncovered]] = {}
    for one in _uncovered(material):
        missing.setdefault(one.module, []).append(one)
    for module, places in missing.items():
        serving = [place for place in places if place.file in material.serves]
        if own := _own(material, module):
            yield from _misplaced(material, module, own, serving)
            continue
        first = (serving or places)[0]
        certain = bool(serving) and found.closed and found.known_base
        where = found.file or "the Dockerfile"
        more = f" (and in {len(places) - 1} more places)" if len(places) > 1 else ""
        what = f"{module} is imported{more}, and nothing in {where} brings it"
        cure = f"add {distribution_for(module)} to the requirements and lock them (invoke lock)"
        if not serving:
            what += "; nothing that serves imports this file"
        report = error if certain else warning
        yield report("import-uncovered", what, cure, file=first.file, line=first.line)


def _own(material: Material, module: str) -> str | None:
    """The file of this source that is a module of the name, or in a package of it, outside where Python looks."""
    named = (path for path in material.python if module in path.removesuffix(".py").split("/"))
    return min((path for path in named if not material.python[path].is_test), key=len, default=None)


def _misplaced(material: Material, module: str, own: str, serving: list[Uncovered]) -> Iterator[Finding]:
    parts = own.removesuffix(".py").split("/")
    folder = "/".join(parts[: parts.index(module)]) or "."
    kept_out = folder == material.home and own not in material.context  # of which `structure` tells
    if serving and not kept_out and not any(_PATH_CHANGE.search(material.text(path)) for path in material.serves):
        what = f"{module} is imported, and lies in {folder}, where Python does not look when the image starts"
        cure = f"import it by its full name, or add {folder} to PYTHONPATH in the Dockerfile"
        yield error("import-elsewhere", what, cure, file=serving[0].file, line=serving[0].line)


def inputs(material: Material) -> Iterator[Finding]:
    """The lock covers the file that it is made from."""
    for path in dict.fromkeys(item.file for item in material.installed.wanted if item.file.endswith(".txt")):
        source = str(PurePosixPath(path).with_suffix(".in"))
        pins = {item.name: item for item in material.installed.wanted if item.file == path}
        for item in read_requirements(source, material.content, material.config.source.python):
            if isinstance(item, Wanted) and item.applies and item.file == source:
                yield from _input(item, pins.get(item.name), path)


def _input(item: Wanted, pin: Wanted | None, lock: str) -> Iterator[Finding]:
    cure = "invoke lock"
    if pin is None:
        what = f"{lock} has no {item.name}, which is asked for here"
        yield error("lock-misses", what, cure, file=item.file, line=item.line)
    elif pin.pin and item.requirement and not item.requirement.specifier.contains(pin.pin, prereleases=True):
        what = f"{lock} has {item.name} {pin.pin}, and {item.text} is asked for here"
        yield error("lock-differs", what, cure, file=item.file, line=item.line)


def python(material: Material) -> Iterator[Finding]:
    """The lock is made for the Python of the image."""
    match = _PYTHON_BASE.fullmatch(material.dockerfile.final.image) if material.dockerfile else None
    wanted = material.config.source.python
    if match and match["version"] != wanted and material.dockerfile:
        what = f"the image has Python {match['version']}, and deploy.toml says python = {wanted!r}"
        cure = f"write python = {match['version']!r} in deploy.toml, or change the image"
        yield warning("python-differs", what, cure, file=DOCKERFILE, line=material.dockerfile.final.line)


def _uncovered(material: Material) -> Iterator[Uncovered]:
    """deptry's findings without imports that may fail, never run, or belong to tests."""
    found = uncovered(
        material.config.source.path,
        names=material.installed.names,
        first_party=material.modules.top_level,
        known=declared_modules(material.content(PROJECT_FILE)),
    )
    for one in found:
        file = material.python.get(one.file)
        if file and not file.is_test and not _excused(material, one):
            yield one


def _excused(material: Material, one: Uncovered) -> bool:
    same = [
        item
        for item in material.imports(one.file)
        if item.module.partition(".")[0] == one.module and item.line == one.line
    ]
    return bool(same) and all(item.when.optional or not material.runs(one.file, item) for item in same)
