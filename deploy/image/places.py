"""Places within an image as people name them: a step of the Dockerfile, a variable, a label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from deploy.secret import Redactor

_LONGEST = 120
"""Characters of a step that are shown."""


def texts(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each text of a document, and each name in it, with the way there."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield (*path, name), name
            yield from texts(item, (*path, name))
    elif isinstance(value, list):
        for item in value:
            yield from texts(item, path)
    elif isinstance(value, str):
        yield path, value


def place(path: tuple[str, ...], text: str) -> str:
    """As a Dockerfile has it, where it can be said so."""
    match path[-2:]:
        case (_, "Env"):
            return f"ENV {text.partition('=')[0]}"
        case ("Labels", label):
            return f"LABEL {label}"
        case ("history", "created_by"):
            return _instruction(text)
    return ".".join(path)


def _instruction(created_by: str) -> str:
    """`RUN pip install …`, without what BuildKit and the classic builder add."""
    bare = created_by.removesuffix("# buildkit").replace("/bin/sh -c #(nop) ", "").strip()
    return bare.replace("/bin/sh -c ", "" if bare.startswith("RUN ") else "RUN ", 1)


def shown(text: str, redact: Redactor) -> str:
    """On one line, without values, and no longer than a person reads."""
    line = redact(" ".join(redact(_instruction(text)).split())).replace("`", "'")
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 2]} …"
