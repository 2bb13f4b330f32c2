"""What runs is installed, and the lock says all of it."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterator
from pathlib import PurePosixPath

from deploy.dockerfile.layout import outside_images
from deploy.requirements.lines import Line, read_requirements, without_passwords
from deploy.requirements.markers import image_environment
from deploy.requirements.run_lines import PROJECT_FILE
from deploy.source.findings import Finding, error, warning
from deploy.source.material import DOCKERFILE, Material
from deploy.source.packages.modules import KNOWN, distribution_for, modules_of

_EXCUSED = re.compile(r"#\s*deptry:\s*ignore(?:\[[^]]*\bDEP00[13]\b[^]]*\]|(?!\[))")
_PATH_CHANGE = re.compile(r"\bsys\.path\.(?:append|extend|insert)|\bsys\.path\s*[+=]|\bsite\.addsitedir")
_NEEDS = {
    **dict.fromkeys(("EmailStr", "NameEmail"), "email-validator"),
    **dict.fromkeys(("File", "Form", "UploadFile", "OAuth2PasswordRequestForm"), "python-multipart"),
    "Jinja2Templates": "jinja2",
    "SessionMiddleware": "itsdangerous",
}
"""What each of these names asks for where it is used (documentations of FastAPI, Starlette and pydantic)."""


def requirements(material: Material) -> Iterator[Finding]:
    """There is a list of dependencies, pip can read it, and the Dockerfile installs it."""
    found = material.installed
    known = material.dockerfile and found.plain_base and not found.unknown
    if known and found.file is None and not found.wanted:
        what = "nothing says what the app needs: there is no requirements.txt at the root of the source"
        yield error("requirements-missing", what, "write requirements.in and run invoke lock")
    for line in found.wrong:
        yield _unread(line)
    whole = material.dockerfile
    foreign = whole and {*outside_images(whole)} - {stage.base for stage in whole.stages}
    if whole and found.file and found.known_base and not found.requested and not foreign:
        what = f"no RUN line of the Dockerfile installs {found.file}"
        cure = "RUN pip install ." if found.file == PROJECT_FILE else f"RUN pip install -r {found.file}"
        yield error("not-installed", what, cure, file=DOCKERFILE, line=whole.final.line)


def _unread(line: Line) -> Finding:
    if line.kind == "include":
        report, what, cure = warning, f"it includes {line.address}, which does not ship", "ship it, or drop the line"
    else:
        report, who = (error, "pip does not read") if line.kind == "invalid" else (warning, "not every pip reads")
        what, cure = f"{who} this line: {without_passwords(line.text)[:60]} ({line.why})", "write name==version"
    return report("requirements-syntax", what, cure, file=line.file, line=line.line)


def server(material: Material) -> Iterator[Finding]:
    """The server that the image starts is installed."""
    found, serving = material.installed, material.serving
    if serving is None or (found.file is None and not found.wanted):
        return
    package = serving.launch.package
    if package in found.names or (serving.script and package not in {"uvicorn", "hypercorn", "granian"}):
        return
    what = f"the image starts {serving.launch.server}, and {found.file or 'the Dockerfile'} does not install {package}"
    cure = f"add {package} to the requirements and lock them (invoke lock)"
    perhaps = _unknown(material)
    what += f"; {perhaps}" if perhaps else ""
    yield (warning if perhaps else error)("server-missing", what, cure, file=found.file)


def _unknown(material: Material, module: str = "") -> str:
    """Why nobody can say, without building the image, that something is not installed; "" when it is known."""
    if not material.installed.known_base:
        return "whether the base image has it cannot be known here"
    if not material.installed.complete:
        return "not all that the image installs is locked, so whether a package there brings it cannot be known here"
    others = _unexplained(material) if module and not distribution_for(module) else []
    others = [name for name in others if _may_bring(name, module)]
    near = difflib.get_close_matches(module, others, 1, 0)
    return f"whether {near[0]} or another package there brings it, the lock does not say" if near else ""


def _unexplained(material: Material) -> list[str]:
    """Locked distributions of which it is not known what they bring: neither listed nor imported by their own name."""
    used = {statement.module.partition(".")[0] for path in material.python for statement in material.imports(path)}
    used |= {material.serving.launch.package} if material.serving else set()
    return [name for name in sorted(material.installed.names) if name not in KNOWN and not used & {*modules_of(name)}]


def _may_bring(distribution: str, module: str) -> bool:
    """Whether the names have anything in common, as hydra-core and hydra, pywavelets and pywt, nvidia-ml-py and pynvml
    have: one that has nothing brings it so seldom that the list of those known is the better judge."""
    its, wanted = (re.sub(r"^python|^py|[^a-z0-9]", "", name.lower()) for name in (distribution, module))
    return wanted in its or its in wanted or its[:2] == wanted[:2]


def covered(material: Material) -> Iterator[Finding]:
    """Every third-party import comes with something that is installed."""
    found = material.installed
    if found.file is None and not found.wanted:
        return
    for module, places in _uncovered(material).items():
        serving = [place for place in places if place[0] in material.serves]
        if own := _own(material, module):
            yield from _misplaced(material, module, own, serving)
            continue
        file, line = (serving or places)[0]
        more = f" (and in {len(places) - 1} more places)" if len(places) > 1 else ""
        perhaps = _unknown(material, module) if serving else "nothing that serves imports this file"
        brings = f"names it; {perhaps}" if perhaps else "brings it"
        what = f"{module} is imported{more}, and nothing in {found.file or 'the Dockerfile'} {brings}"
        yield (warning if perhaps else error)("import-uncovered", what, _cure(material, module), file=file, line=line)


def unimported(material: Material) -> Iterator[Finding]:
    """What FastAPI and pydantic import by themselves, as soon as these names are used, is installed."""
    found, told = material.installed, set[str]()
    for path in sorted(material.serves) if found.wanted else ():
        for statement in material.imports(path):
            framework = statement.module.partition(".")[0] in {"fastapi", "pydantic", "starlette"}
            for name in statement.names if framework and material.runs(path, statement) else ():
                wanted = _NEEDS.get(name, name)
                unused = len(re.findall(rf"\b{name}\b", material.text(path))) < 2
                if name not in _NEEDS or unused or wanted in found.names | told:
                    continue
                told.add(wanted)
                perhaps = _unknown(material)
                what = f"{name} needs {wanted}, and nothing in {found.file or 'the Dockerfile'} " + (
                    f"names it; {perhaps}" if perhaps else "brings it"
                )
                cure = f"add {wanted} to the requirements and lock them (invoke lock)"
                yield (warning if perhaps else error)("needed-unimported", what, cure, file=path, line=statement.line)


def _cure(material: Material, module: str) -> str:
    """Names no distribution that is not known to be the one: under any other name a stranger may offer his."""
    known, ours = distribution_for(module), difflib.get_close_matches(module, material.modules.top_level, 1, 0.8)
    wanted = known or f"the package that brings {module}"
    return f"did you mean {ours[0]}?" if ours else f"add {wanted} to the requirements and lock them (invoke lock)"


def _own(material: Material, module: str) -> str | None:
    """The file of this source that is a module of the name, or in a package of it, outside where Python looks."""
    named = (path for path in material.python if module in path.removesuffix(".py").split("/"))
    return min((path for path in named if not material.python[path].is_test), key=len, default=None)


def _misplaced(material: Material, module: str, own: str, serving: list[tuple[str, int]]) -> Iterator[Finding]:
    parts = own.removesuffix(".py").split("/")
    folder = "/".join(parts[: parts.index(module)]) or "."
    kept_out = folder == material.home and own not in material.context  # of which `structure` tells
    if serving and not kept_out and not any(_PATH_CHANGE.search(material.text(path)) for path in material.serves):
        what = f"{module} is imported, and lies in {folder}, where Python does not look when the image starts"
        cure = f"import it by its full name, or add {folder} to PYTHONPATH in the Dockerfile"
        yield error("import-elsewhere", what, cure, file=serving[0][0], line=serving[0][1])


def inputs(material: Material) -> Iterator[Finding]:
    """The lock covers the file that it is made from."""
    environment = image_environment(material.config.source.python)
    for path in dict.fromkeys(item.file for item in material.installed.wanted if item.file.endswith(".txt")):
        source = str(PurePosixPath(path).with_suffix(".in"))
        pins = {item.name: item for item in material.installed.wanted if item.file == path}
        for item in read_requirements(source, material.content):
            if item.kind == "package" and item.applies(environment) and item.file == source:
                yield from _input(item, pins.get(item.name), path)


def _input(item: Line, pin: Line | None, lock: str) -> Iterator[Finding]:
    cure = "invoke lock"
    if pin is None:
        what = f"{lock} has no {item.name}, which is asked for here"
        yield error("lock-misses", what, cure, file=item.file, line=item.line)
    elif pin.pin and item.requirement and not item.requirement.specifier.contains(pin.pin, prereleases=True):
        what = f"{lock} has {item.name} {pin.pin}, and {item.text} is asked for here"
        yield error("lock-differs", what, cure, file=item.file, line=item.line)


def python(material: Material) -> Iterator[Finding]:
    """The lock is made for the Python of the image."""
    stage, wanted = material.dockerfile.final if material.dockerfile else None, material.config.source.python
    if stage and stage.python and stage.python != wanted:
        what = f"the image has Python {stage.python}, and deploy.toml says python = {wanted!r}"
        cure = f"write python = {stage.python!r} in deploy.toml, or leave it out, or change the image"
        yield warning("python-differs", what, cure, file=DOCKERFILE, line=stage.line)


def _uncovered(material: Material) -> dict[str, list[tuple[str, int]]]:
    """Files and lines by the module that is imported there, in the image and without being caught when it is missing.

    Modules at the root of the source are its own wherever the image has them.
    """
    beside = (path.split("/")[0].removesuffix(".py") for path in material.python if path.count("/") < 2)
    covered = {*sys.stdlib_module_names, *material.modules.top_level, *material.installed.modules, *beside}
    found: dict[str, list[tuple[str, int]]] = {}
    for path in (path for path, file in material.python.items() if not file.is_test):
        for statement in material.imports(path):
            module, runs = statement.module.partition(".")[0], material.runs(path, statement)
            if runs and not (statement.level or statement.when.optional or module in covered):
                line = material.text(path).splitlines()[statement.line - 1 : statement.line]
                if not any(map(_EXCUSED.search, line)):
                    found.setdefault(module, []).append((path, statement.line))
    return found
