"""Findings of `check` that a project lives with: `[check] allow` in deploy.toml, each with its reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

_EXCUSE = re.compile(r"(?P<code>[a-z]+(?:-[a-z]+)*)(?::(?P<files>\S.*?))?\s+because\s+(?P<reason>\S.*)")


@dataclass(frozen=True, kw_only=True)
class Excuse:
    """`<code>[:<files>] because <reason>`.

    `files` is a pattern for the path that `check` shows, in which `*` stands for any characters, `/` among them.
    """

    text: str
    code: str
    files: str
    reason: str

    @classmethod
    def parse(cls, text: str) -> Excuse:
        """Raises ValueError with a sentence on what is wrong."""
        match = _EXCUSE.fullmatch(text.strip())
        if match is None or not text.isprintable():
            raise ValueError(
                f"{text!r} does not say what is allowed and why: "
                "write '<code>:<files> because <reason>', such as 'large-file:data/* because the app reads it'"
            )
        return cls(text=text, code=match["code"], files=match["files"] or "*", reason=match["reason"])

    def covers(self, code: str, path: str | None) -> bool:
        """Whether it is meant for a finding of this code in this file, or in no file."""
        return code == self.code and fnmatchcase(path or "", self.files)
