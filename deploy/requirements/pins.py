"""A lock's text as values: its pins with their hashes, and the digests that say what it was made from."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from deploy.requirements.lines import Line, parse_lines, without_passwords

_DIGEST = re.compile(r"^# (?P<what>inputs|pins) sha256:(?P<digest>[0-9a-f]{64})$", re.MULTILINE)
_VIA = re.compile(r"#\s*via\b")
_ASKED_BY = re.compile(r"^\s+#.*\s-r \S+$", re.MULTILINE)
_COMMENT = re.compile(r"(?:^|\s)#.*")
_LEAK = re.compile(r"://|\bfile:/|\s-[rc]\s*(?:/|~)|[A-Za-z]:\\")
"""What a comment must not tell: a host, or a path of the machine that made the lock."""


@dataclass(frozen=True, kw_only=True)
class Pin:
    """One package of a lock and where it stands. `direct` tells that an input names it."""

    name: str
    version: str
    line: int
    marker: str = ""
    hashes: tuple[str, ...] = ()
    direct: bool = False

    @property
    def meaning(self) -> str:
        """All that pip reads of it."""
        return f"{self.name}=={self.version};{self.marker} {' '.join(sorted(self.hashes))}"


@dataclass(frozen=True, kw_only=True)
class Pins:
    """A lock. `strange` are the lines, by number, that are neither pin, hash nor a comment that tells nothing."""

    by_name: Mapping[str, Pin]
    strange: tuple[tuple[int, str], ...] = ()
    digests: Mapping[str, str]

    @property
    def digest(self) -> str:
        return digest_of(pin.meaning for pin in self.by_name.values())


def read_pins(text: str) -> Pins:
    """Read what pip-compile wrote. It does not fail: what it does not know is `strange`."""
    found = [(line, _pin(line)) for line in parse_lines(text)]
    comments = ((number, line) for number, line in enumerate(text.splitlines(), start=1) if "#" in line)
    leaks = [(number, line.strip()) for number, line in comments if any(map(_LEAK.search, _COMMENT.findall(line)))]
    strange = [(line.line, line.text) for line, pin in found if pin is None] + leaks
    return Pins(
        by_name={pin.name: pin for _, pin in found if pin},
        strange=tuple((number, without_passwords(line)) for number, line in sorted(strange)),
        digests={digest["what"]: digest["digest"] for digest in _DIGEST.finditer(text)},
    )


def complete_files(lines: Iterable[Line]) -> set[str]:
    """The files whose lines say all that they install: pip takes nothing without a hash where others have one, and
    pip-compile and uv write `# via` beside each package that they found to be needed."""
    wanted = [line for line in lines if line.installs or line.kind == "include"]
    open_ = {line.file for line in wanted if not line.hashes}
    listed = {line.file for line in wanted if not (line.pin and _VIA.search(line.source))}
    return {line.file for line in wanted} - (open_ & listed)


def digest_of(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _pin(line: Line) -> Pin | None:
    """None for what pip-compile does not write: extras, addresses, other bounds."""
    requirement = line.requirement
    if requirement is None or line.pin is None or line.extras or str(requirement.specifier) != f"=={line.pin}":
        return None
    return Pin(
        name=line.name,
        version=line.pin,
        marker=str(requirement.marker or ""),
        line=line.line,
        hashes=line.hashes,
        direct=bool(_ASKED_BY.search(line.source)),
    )
