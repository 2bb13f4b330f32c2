"""The source is a Docker Space: Dockerfile and card at its root, both can be read, and the code gets in."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import PurePosixPath

from deploy.card import problems
from deploy.dockerfile.layout import missing_sources
from deploy.source.findings import Finding, error, warning
from deploy.source.material import CARD, DOCKERFILE, Material
from deploy.source.python.imports import Import
from deploy.source.start.serving import SHELL_TEXT

_DASH = re.compile(r"(?:.*/)?(?:debian|ubuntu|python|buildpack-deps)(?::(?!.*alpine).*)?")
_MAKES_LOCK = re.compile(r"\b(?:uv|poetry|pdm|pipenv)\b[^&|;]*\b(?:lock|add|init)\b")
_STARTS_NOTHING = {"alpine", "debian", "python", "ubuntu"}
"""Images whose own command is a shell or a prompt."""


def dockerfile(material: Material) -> Iterator[Finding]:
    """A Space builds the Dockerfile at the root of the repository, and nothing else."""
    fault = material.dockerfile_error
    if fault:
        yield error("dockerfile-syntax", fault.problem, fault.cure, file=DOCKERFILE, line=fault.line)
    elif material.dockerfile is None:
        elsewhere = [path for path in material.tree.by_path if path.rsplit("/", 1)[-1].lower() == "dockerfile"]
        cure = "write one: FROM, COPY, RUN, CMD"
        if elsewhere:
            folder = elsewhere[0].rpartition("/")[0] or "."
            cure = f"move {elsewhere[0]} to the root, or ship {folder} alone: let source.path in deploy.toml name it"
        what = "there is no Dockerfile at the root of the source, so the Space never builds"
        yield error("dockerfile-missing", what, cure)


def copies(material: Material) -> Iterator[Finding]:
    """What the Dockerfile copies is shipped."""
    for copy, source in missing_sources(material.dockerfile, material.context) if material.dockerfile else ():
        reason = (
            f"{material.ignore_file} keeps it out"
            if source in material.tree.by_path
            else "it is not among the shipped files"
        )
        what = f"the Dockerfile copies {source}, and {reason}"
        yield error("copy-missing", what, f"ship {source}, or correct the line", file=DOCKERFILE, line=copy.line)


def locks(material: Material) -> Iterator[Finding]:
    """The lock that a RUN line installs from gets into the build, unless a line makes one there."""
    lines = material.dockerfile.instructions if material.dockerfile else ()
    made = any(line.name == "RUN" and _MAKES_LOCK.search(line.text) for line in lines)
    for item in dict.fromkeys(material.requests) if not made else ():
        shipped = item.text in material.tree.by_path
        if (
            item.kind == "tool"
            and item.text.endswith("lock")
            and item.text not in material.context
            and (shipped or item.frozen)
        ):
            reason = f"{material.ignore_file} keeps it out" if shipped else "it is not among the shipped files"
            then = "so the build stops" if item.frozen else "so each build installs what is newest then"
            cure = f"add the line !{item.text} to {material.ignore_file}" if shipped else f"ship {item.text}"
            report = error if shipped and item.frozen else warning
            yield report(
                "lock-kept-out",
                f"{item.text} is needed here, and {reason}, {then}",
                cure,
                file=DOCKERFILE,
                line=item.line,
            )


def kept_out(material: Material) -> Iterator[Finding]:
    """What serves finds the modules of this source that it imports: .dockerignore lets them into the build."""
    told: set[str] = set()
    for path in sorted(material.serves):
        for statement in material.imports(path):
            lost = _lost(material, statement) if material.runs(path, statement) else None
            if lost and lost not in told:
                told.add(lost)
                what = f"{statement.module} is imported, and {material.ignore_file} keeps {lost} out of the image"
                cure = f"add the line !{lost.replace('/__init__.py', '/**')} to {material.ignore_file}"
                yield error("module-kept-out", what, cure, file=path, line=statement.line)


def _lost(material: Material, statement: Import) -> str | None:
    """The file beside the entry that an import needs and the build does not get."""
    top = statement.module.partition(".")[0]
    elsewhere = top in sys.stdlib_module_names or top in material.installed.modules
    if statement.level or statement.when.optional or elsewhere or material.modules.find(top):
        return None
    beside = PurePosixPath(material.home, top)
    places = (f"{beside}.py", f"{beside}/__init__.py")
    return next((place for place in places if place in material.python and place not in material.context), None)


def json_forms(material: Material) -> Iterator[Finding]:
    """A list that is not quite JSON is a shell line to Docker, which the shell then looks for as a program."""
    for line in material.dockerfile.instructions if material.dockerfile else ():
        if line.name in {"CMD", "ENTRYPOINT"} and line.words is None and line.text.startswith("["):
            what = f"{line.name} looks like a list and is not JSON, so Docker gives it to a shell as it stands"
            cure = "put every word in double quotes, and commas between them"
            yield error("json-form", what, cure, file=DOCKERFILE, line=line.line)


def command(material: Material) -> Iterator[Finding]:
    """The last stage starts something."""
    stage = material.dockerfile.final if material.dockerfile else None
    if stage and stage.start is None and stage.image.split(":")[0].rsplit("/", 1)[-1] in _STARTS_NOTHING:
        what = "the Dockerfile starts nothing: its last stage has no CMD"
        yield error("start-missing", what, "end it with a CMD that starts the server", file=DOCKERFILE, line=stage.line)


def signals(material: Material) -> Iterator[Finding]:
    """What tells the container to stop reaches the server. Of Debian's sh, dash, it is known that it stays."""
    serving, stage = material.serving, material.dockerfile.final if material.dockerfile else None
    shell = serving.shell if serving else ""
    if serving and stage and shell and (shell != SHELL_TEXT or _DASH.fullmatch(stage.image)):
        what = f"a shell stays before {serving.launch.server} and passes no SIGTERM on, so a stop cuts requests off"
        file = DOCKERFILE if shell == SHELL_TEXT else shell
        line = (
            serving.line if serving.file == file else stage.start.line if file == DOCKERFILE and stage.start else None
        )
        yield warning("shell-stays", what, "write exec before the command that starts it", file=file, line=line)


def card(material: Material) -> Iterator[Finding]:
    """The front matter of README.md declares the runtime."""
    if CARD not in material.tree.by_path:
        what = "there is no README.md at the root of the source, so the Hub does not know what kind of Space this is"
        yield error("card-missing", what, "begin one with front matter: sdk: docker, app_port: 7860")
        return
    for fault in problems(material.text(CARD)):
        yield Finding(code="card", level=fault.level, what=fault.what, cure=fault.cure, file=CARD, line=fault.line)
    sdk = material.card.sdk if material.card else None
    if material.card and sdk in {"gradio", "static"}:
        what = f"the card says sdk: {sdk}, and only a Docker Space runs a FastAPI app"
        yield error("card-sdk", what, "write sdk: docker", file=CARD, line=material.card.lines["sdk"])
