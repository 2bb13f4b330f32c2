"""A lock's text as values: its pins with their hashes, and the digests that say what it was made from."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from packaging.utils import canonicalize_name
from packaging.version import VERSION_PATTERN

from deploy.lock.files import LockFile
from deploy.lock.inputs import Inputs

_PIN = re.compile(
    rf"(?P<name>[A-Za-z0-9][\w.-]*)==(?P<pinned>{VERSION_PATTERN})\s*(?:;\s*(?P<marker>[^\\]+?))?\s*\\?",
    re.VERBOSE | re.IGNORECASE,
)
_HASH = re.compile(r"\s+--hash=(?P<digest>sha256:[0-9a-f]{64})\s*\\?")
_DIGEST = re.compile(r"# (?P<what>inputs|pins) sha256:(?P<digest>[0-9a-f]{64})")
_ASKED_BY = re.compile(r"\s+#.*\s-r \S+")
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
        return _sha256(pin.meaning for pin in self.by_name.values())


def read_pins(text: str) -> Pins:
    """Read what pip-compile wrote. It does not fail: what it does not know is `strange`."""
    pins: dict[str, Pin] = {}
    strange: list[tuple[int, str]] = []
    digests: dict[str, str] = {}
    for first, block in _blocks(text):
        pin = _pin(first, block)
        if pin:
            pins[pin.name] = pin
        for number, line in enumerate(block, start=first):
            if digest := _DIGEST.fullmatch(line):
                digests[digest["what"]] = digest["digest"]
            elif not (pin and (number == first or _HASH.fullmatch(line))) and _is_strange(line):
                strange.append((number, line.strip()))
    return Pins(by_name=pins, strange=tuple(strange), digests=digests)


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each line with the indented ones below it, and the number of the first."""
    lines = text.splitlines()
    starts = [index for index, line in enumerate(lines) if index == 0 or not line.startswith(" ")]
    for start, end in pairwise([*starts, len(lines)]):
        yield start + 1, lines[start:end]


def _pin(number: int, block: list[str]) -> Pin | None:
    found = _PIN.fullmatch(block[0])
    if not found:
        return None
    return Pin(
        name=canonicalize_name(found["name"]),
        version=found["pinned"],
        marker=found["marker"] or "",
        line=number,
        hashes=tuple(line["digest"] for line in map(_HASH.fullmatch, block) if line),
        direct=any(map(_ASKED_BY.fullmatch, block)),
    )


def _is_strange(line: str) -> bool:
    return bool(line.strip()) and (not line.lstrip().startswith("#") or bool(_LEAK.search(line)))


# What it was made from -----------------------------------------------------------------------------------


def with_header(lock_file: LockFile, inputs: Inputs, body: str) -> str:
    """The text of a lock: where it comes from, in three lines, and what pip-compile wrote."""
    return (
        f"# Made by `invoke lock` for {lock_file.made_for}; change {lock_file.input.name} instead.\n"
        f"# inputs sha256:{inputs_digest(lock_file, inputs)}\n"
        f"# pins sha256:{read_pins(body).digest}\n"
        f"{body}"
    )


def inputs_digest(lock_file: LockFile, inputs: Inputs) -> str:
    """Of the requirements as pip understands them, so that comments and spaces do not count."""
    asked = [f"{item.name} {item.requirement}" for item in inputs.requirements]
    bounds = [f"{item.name} {item.requirement}" for item in inputs.constraints]
    return _sha256([lock_file.made_for, *asked, "bounds", *sorted(bounds)])


def _sha256(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
