"""Files that would not arrive on the Space as they are here."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deploy import lfs
from deploy.source.findings import Finding, error, warning
from deploy.source.material import Material
from deploy.source.start.serving import Executed

LARGEST_PLAIN = 10 * 1024 * 1024
"""Bytes; above it the Hub wants large-file storage (hub-docs, "Storage limits")."""
_UNIX_ENDS = re.compile(r"\bdos2unix\b|\b(?:sed|tr|perl)\b.*(?:\\r|\\015|\^M)", re.DOTALL)


def large(material: Material) -> Iterator[Finding]:
    """Files over 10 MB."""
    for file in material.tree.files:
        if file.size > LARGEST_PLAIN:
            what = f"it has {file.size / 1024 / 1024:.0f} MB, and the Hub keeps files above 10 MB in another place"
            cure = "fetch it when the image is built, or attach it as a volume"
            yield warning("large-file", what, cure, file=file.path)


def pointers(material: Material) -> Iterator[Finding]:
    """git-lfs pointers that were checked out as text."""
    for file in material.tree.files:
        if file.size <= lfs.LONGEST and lfs.parse(file.read()):
            what = "it is a git-lfs pointer, not the file it stands for"
            cure = "git lfs pull; in GitHub Actions, checkout with lfs: true"
            yield error("lfs-pointer", what, cure, file=file.path, line=1)


def syntax(material: Material) -> Iterator[Finding]:
    """Python files that Python does not read. What only tests or nobody imports does not stop the app."""
    for path, file in material.python.items():
        fault = file.fault
        if fault and fault.newer:
            cure = f"mend the line, or check with Python {material.config.source.python}, which may read it"
            yield warning("python-syntax", fault.what, cure, file=path, line=fault.line)
        elif fault:
            report = error if path in material.serves else warning
            yield report("python-syntax", fault.what, "mend the line", file=path, line=fault.line)


def executables(material: Material) -> Iterator[Finding]:
    """Scripts that the Dockerfile starts by name: the Hub carries no executable bit."""
    for started in material.started.executed if material.started else ():
        path = started.path
        if material.text(path).partition("\n")[0].endswith("\r") and not _mended(material, path):
            what = "its lines end as on Windows, so the program in its first line is not found"
            cure = "give it Unix line ends; *.sh text eol=lf in .gitattributes keeps them"
            yield error("script-line-ends", what, cure, file=path, line=1)
        if not _made_executable(material, started):
            what = f"{path} is started by name, and files come from the Hub without their executable bit"
            cure = f"RUN chmod +x on it in the Dockerfile, or start it with sh {path}"
            yield error("not-executable", what, cure, file=started.file, line=started.line)


def _mended(material: Material, path: str) -> bool:
    """Whether a RUN line takes the carriage returns out, and no later COPY brings them back."""
    mended = False
    for line in material.dockerfile.final.history if material.dockerfile else ():
        if line.name in {"ADD", "COPY"}:
            brings = (source.strip("./") for source in line.text.split()[:-1])
            mended = mended and not any(f"{path}/".startswith(f"{source}/" if source else "") for source in brings)
        mended = mended or (line.name == "RUN" and bool(_UNIX_ENDS.search(line.text)))
    return mended


def _made_executable(material: Material, started: Executed) -> bool:
    name = started.path.rsplit("/", 1)[-1]
    for instruction in material.dockerfile.final.history if material.dockerfile else ():
        words = instruction.text.split()
        if instruction.name == "RUN" and "chmod" in words and (name in instruction.text or "-R" in words):
            return True
        if instruction.name in {"COPY", "ADD"} and _executable(instruction.flags.get("chmod", "")):
            return True
    return False


def _executable(mode: str) -> bool:
    """`755`, `0755`, `+x`, `a=rx`: a mode that lets uid 1000 run the file."""
    return "x" in mode or (mode[-1:].isdecimal() and int(mode[-1]) % 2 == 1)
