"""What stops the RUN lines of the Dockerfile, or leaves them without what they ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deploy.dockerfile import Instruction, Stage
from deploy.dockerfile.shell import commands
from deploy.dockerfile.unwrap import unwrap
from deploy.requirements.lines import Line
from deploy.source.findings import Finding, error, warning
from deploy.source.material import DOCKERFILE, Material

_ASKS = {"apt", "apt-get", "aptitude", "dnf", "microdnf", "yum"}
"""Package managers that ask before they install; apk does not."""
_ANSWERED = re.compile(r"-[a-zA-Z]*y[a-zA-Z]*|-qq|--(?:yes|assume-yes|assumeyes|force-yes|simulate|dry-run|print-uris)")
_ALWAYS = re.compile(r"\byes\b[^|\n]*\||assume-?yes", re.IGNORECASE)
_INDEX = re.compile(
    r"index-url|find-links|--index\b|(?:^|\s)-[fi][ =]|\b(?:PIP|UV)_|pip\.conf|pip3? config", re.MULTILINE
)
"""Anything that may name another index than PyPI."""
_NO_ARCHIVE = re.compile(r"(?:-e\b|--editable\b)|(?:.*@\s*)?(?:git|hg|svn|bzr)\+")


def questions(material: Material) -> Iterator[Finding]:
    """A package manager is told yes beforehand: nobody answers in a build."""
    answered = _ALWAYS.search(_text(material))
    for run, stage in _runs(material) if not answered else ():
        for command in (one for text in run.texts for one in commands(text, env=stage.env, cwd="/")):
            invocation = unwrap(command.argv)
            program = invocation.target.rsplit("/", 1)[-1] if invocation else ""
            words = invocation.arguments if invocation else ()
            if program in _ASKS and "install" in words and not any(map(_ANSWERED.fullmatch, words)):
                what = f"{program} install asks before it brings more than was named, and in a build nobody answers"
                yield warning("install-asks", what, f"{program} install -y …", file=DOCKERFILE, line=run.line)


def hashes(material: Material) -> Iterator[Finding]:
    """A list with hashes has them for all: pip asks for one of every line ("Secure installs"), which uv does not."""
    wanted = material.installed.wanted
    hashed = {line.file for line in wanted if line.hashes}
    report = warning if re.search(r"\buv\b", _text(material)) else error
    for line in wanted:
        if line.file in hashed and _NO_ARCHIVE.match(line.text):
            what = f"{line.name} comes from a repository or folder, which has no hash, and pip wants one of each line"
            cure = "take a release or the address of an archive, with its --hash, or a list of its own without hashes"
            yield report("hash-impossible", what, cure, file=line.file, line=line.line)


def indexes(material: Material) -> Iterator[Finding]:
    """A build of a version that PyPI takes none of (its local part, PEP 440) has an index that offers it."""
    wanted = material.installed.wanted
    texts = (_text(material), *(material.text(path) for path in sorted({line.file for line in wanted})))
    if not material.installed.plain_base or any(map(_INDEX.search, texts)):
        return
    for line in (line for line in wanted if _is_local_version(line)):
        name = (line.pin or "").partition("+")[2]
        what = f"{line.text.split(';')[0].strip()} is a build that PyPI does not have, and no other index is named"
        torch = "https://download.pytorch.org/whl/" + name if line.name.startswith("torch") else "<address>"
        cure = f"write --extra-index-url {torch} above it, or drop +{name}"
        yield warning("index-missing", what, cure, file=line.file, line=line.line)


def mounted(material: Material) -> Iterator[Finding]:
    """What a RUN line mounts as a secret is declared: a Space mounts its own, and nothing in the place of others."""
    known = {name for target in material.config.targets.values() for name in target.secrets}
    for run, _ in _runs(material):
        for mount in run.flags.get("mount", "").split("\n"):
            words = dict(word.partition("=")[::2] for word in mount.split(","))
            name = words.get("id", "")
            if words.get("type") == "secret" and name and "$" not in name and name not in known:
                what = (
                    f"the secret {name} is mounted here, and deploy.toml declares none of that name: it will be empty"
                )
                yield warning(
                    "mount-undeclared", what, f"declare {name} under [secrets]", file=DOCKERFILE, line=run.line
                )


def _is_local_version(line: Line) -> bool:
    """`torch==2.4.0+cpu`; what comes from an address needs no index."""
    return "+" in (line.pin or "") and not (line.requirement and line.requirement.url)


def _runs(material: Material) -> Iterator[tuple[Instruction, Stage]]:
    for stage in material.dockerfile.stages if material.dockerfile else ():
        yield from stage.runs


def _text(material: Material) -> str:
    return material.text(DOCKERFILE)
