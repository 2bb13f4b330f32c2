"""Values under secret-like names in files that are not Python: settings, scripts, pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from deploy.source.leaks.literals import Literally
from deploy.source.leaks.names import secret_name

_SETTINGS = {".cfg", ".conf", ".env", ".ini", ".properties", ".sh", ".toml", ".yaml", ".yml", ".bash", ".txt"}
_CODE = {".cjs", ".html", ".js", ".json", ".jsx", ".mjs", ".svelte", ".ts", ".tsx", ".vue", ".ipynb", ".http"}
_LOCKS = {"package-lock.json", "pnpm-lock.yaml", "poetry.lock", "uv.lock", "yarn.lock"}
_LONGEST_LINE = 2000
"""Characters; a longer line was made by a program, and names in it say nothing."""

_PAIR = re.compile(
    r"(?P<name>[A-Za-z_][\w.-]{2,60})(?:\\?[\"'])?\s*(?:=>|[:=])\s*(?P<quote>(?:\\?[\"'`])?)"
    r"(?P<value>[^\s\"'`,;\\]{6,300})"
)


def assignments(path: str, text: str) -> Iterator[Literally]:
    """`NAME=value`, `name: value` and their like, by the kind of file; nothing for kinds not known here."""
    place = PurePosixPath(path)
    suffix, name = place.suffix.lower(), place.name
    bare = suffix in _SETTINGS or name.startswith(".env") or name in {".npmrc", ".pypirc", "Makefile"}
    if name in _LOCKS or not (bare or suffix in _CODE):
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) <= _LONGEST_LINE:
            yield from _of_line(line, number, bare=bare)


def _of_line(line: str, number: int, *, bare: bool) -> Iterator[Literally]:
    for match in _PAIR.finditer(line):
        strength = secret_name(match["name"])
        if strength and (bare or match["quote"]):
            name, value = match["name"], match["value"]
            yield Literally(name=name, strength=strength, value=value, line=number, use="given")
