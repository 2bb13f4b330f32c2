"""Secrets come from the environment; none lies in what is shipped, whatever the file is called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from deploy.source.findings import Finding, error, warning
from deploy.source.leaks.assignments import assignments
from deploy.source.leaks.literals import Literally, literals
from deploy.source.leaks.names import secret_name
from deploy.source.leaks.tokens import Credential, credentials
from deploy.source.leaks.values import looks_random, worth
from deploy.source.material import DOCKERFILE, Material
from deploy.source.python.files import PythonFile

_KEY_STORES = {".jks", ".keystore", ".kdbx", ".p12", ".pfx"}
_CURE = (
    "make it a secret of the Space (name it in deploy.toml), read it from the environment, and replace it: it was seen"
)
_MENTIONS = re.compile(r"pass|pwd|secret|key|token|credential|salt|pepper|bearer|jwt", re.IGNORECASE)
"""Part of every name that `secret_name` knows."""
_SCANNED = 20 * 1024 * 1024
"""Bytes of a file that are searched."""


def env_files(material: Material) -> Iterator[Finding]:
    """`.env` files in the source. They are never shipped; git would take them all the same."""
    for path in material.tree.withheld:
        what = "an .env file lies in the source; it is not shipped, and git keeps it or would take it"
        cure = "git rm --cached it if git keeps it (what is in it was seen: replace it), and name it in .gitignore"
        yield error("env-file", what, cure, file=path)


def shipped(material: Material) -> Iterator[Finding]:
    """Every file that ships, each line at most once."""
    for file in material.tree.files:
        text = _text(file.read()[:_SCANNED])
        found = {finding.line: finding for finding in reversed(list(_of_file(material, file.path, text)))}
        yield from (found[line] for line in sorted(found, key=lambda line: line or 0))


def _of_file(material: Material, path: str, text: str) -> Iterator[Finding]:
    python = material.python.get(path)
    serves = path in material.serves
    for found in credentials(text):
        yield from _credential(found, path, text, is_test=_is_test(path), serves=serves)
    if PurePosixPath(path).suffix in _KEY_STORES:
        yield error("key-store", "a key store is shipped", _CURE, file=path)
    names = material.names(path) if python and not python.is_test and _MENTIONS.search(text) else None
    if names:
        yield from (finding for one in literals(names) if (finding := _literal(one, path, serves=serves)))
    elif not python and not _is_test(path):
        yield from (finding for one in assignments(path, text) if (finding := _setting(one, path)))
    if path == DOCKERFILE:
        yield from _in_image(material)


def _credential(found: Credential, path: str, text: str, *, is_test: bool, serves: bool) -> Iterator[Finding]:
    line = text.count("\n", 0, found.start) + 1
    if found.kind == "address" and not found.remote:
        if serves:
            what, cure = "a password in an address of this machine", "read the whole address from the environment"
            yield warning("local-password", what, cure, file=path, line=line)
    elif found.kind == "jwt" and (is_test or path.endswith(".md")):
        return
    else:
        report = error if found.lasting else warning
        yield report("credential", f"{found.what} stands in the file", _CURE, file=path, line=line)


def _literal(one: Literally, path: str, *, serves: bool) -> Finding | None:
    """How bad a literal is: by its name, by what it looks like, by whether it counts at all, and by where it stands."""
    value = worth(one.value, one.name)
    real = value == "real" or (value == "weak" and one.strength == "strong" and one.use == "given")
    if (
        value == "harmless"
        or (one.strength == "weak" and value != "real")
        or (one.use == "compared" and value != "real")
    ):
        return None
    if real and one.use != "fallback":
        what = f"a literal is given to {one.name}" if one.use == "given" else f"{one.name} is compared with a literal"
        report = error if serves or looks_random(one.value) else warning  # a script may make it up for a demonstration
        return report("secret-literal", what, _CURE, file=path, line=one.line)
    if one.use == "fallback":
        what = f"{one.name} has a literal to fall back on, so the app starts with a secret that everybody can read"
        cure = "stop with a clear message when it is not set"
        report = error if value == "real" else warning
        return report("secret-fallback", what, cure, file=path, line=one.line)
    what = f"{one.name} is given a placeholder, and nothing stops the app from running with it"
    return warning(
        "secret-placeholder", what, "read it from the environment, without a default", file=path, line=one.line
    )


def _setting(one: Literally, path: str) -> Finding | None:
    """Of an example file only what looks generated: its values are there to be replaced."""
    example = any(mark in path.rsplit("/", 1)[-1] for mark in ("example", "sample", "template"))
    if worth(one.value, one.name) != "real" or (example and not looks_random(one.value)):
        return None
    return error("secret-literal", f"a value is given to {one.name}", _CURE, file=path, line=one.line)


def _in_image(material: Material) -> Iterator[Finding]:
    """ENV and ARG of the Dockerfile: what they hold can be read from the image."""
    for stage in material.dockerfile.stages if material.dockerfile else ():
        given: Iterable[tuple[str, str | None]] = (*stage.env.items(), *stage.args.items())
        for name, value in given:
            if secret_name(name) == "strong" and value and worth(value, name) in {"real", "weak"}:
                lines = (line.line for line in stage.instructions if line.name in {"ARG", "ENV"} and name in line.text)
                what = f"{name} is written into the image"
                yield error("secret-in-image", what, _CURE, file=DOCKERFILE, line=next(lines, stage.line))


def _is_test(path: str) -> bool:
    return PythonFile(path=path, tree=None).is_test


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")
