"""What is known against the packages of a lock: advisories as values, and what they come to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from packaging.version import InvalidVersion, Version

from deploy.wording import counted


@dataclass(frozen=True, kw_only=True)
class Advisory:
    """One vulnerability of one pinned package. `mended` are versions above the pinned one that do not have it."""

    package: str
    version: str
    id: str
    aliases: tuple[str, ...]
    mended: tuple[str, ...]
    summary: str

    def __str__(self) -> str:
        cure = f"mended in {', '.join(self.mended)}" if self.mended else "no version mends it yet"
        return f"{self.package} {self.version} has {self.id}, {cure}: {self.summary}"

    @property
    def names(self) -> frozenset[str]:
        return frozenset({self.id, *self.aliases})


@dataclass(frozen=True, kw_only=True)
class Audit:
    """Of one lock. `open_` could be mended by newer versions, `unmended` by none, `ignored` is said to be no matter.

    `packages` were asked for, `skipped` were not, a line each; `unused` are ids to ignore that nothing has.
    """

    lock: str
    packages: int
    open_: tuple[Advisory, ...] = ()
    unmended: tuple[Advisory, ...] = ()
    ignored: tuple[Advisory, ...] = ()
    skipped: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """In the words of one line."""
        if self.open_:
            first, more = self.open_[0], len(self.open_) - 1
            said = f"{first.package} {first.version} has {first.id}, mended in {', '.join(first.mended)}"
            return f"{said}, and {counted(more, 'more finding')}" if more else said
        known = {"that nothing mends yet": self.unmended, "that deploy.toml ignores": self.ignored}
        rest = ", ".join(f"{counted(len(found), 'finding')} {why}" for why, found in known.items() if found)
        return f"{counted(self.packages, 'package')}, {rest or 'none with a known vulnerability'}"

    @property
    def lines(self) -> tuple[str, ...]:
        """All of it: what is to be mended, what waits, what is ignored, and what was not asked."""
        return (
            *map(str, self.open_),
            *map(str, self.unmended),
            *(f"{advisory} (ignored in deploy.toml)" for advisory in self.ignored),
            *self.skipped,
            *(f"{name} is ignored in deploy.toml, and nothing here has it" for name in self.unused),
        )

    def as_document(self) -> dict[str, object]:
        """The same facts for `--json`."""
        return {
            "lock": self.lock,
            "packages": self.packages,
            "vulnerable": [_row(advisory) for advisory in self.open_],
            "unmended": [_row(advisory) for advisory in self.unmended],
            "ignored": [_row(advisory) for advisory in self.ignored],
            "skipped": list(self.skipped),
            "unused": list(self.unused),
        }


def read_audit(lock: str, document: Mapping[str, Any], ignore: Sequence[str], strange: Iterable[str] = ()) -> Audit:
    """From the JSON of pip-audit; `strange` are lines of the lock that pin nothing.

    Raises KeyError, TypeError, AttributeError or ValueError for another document.
    """
    rows = document["dependencies"]
    asked = [row for row in rows if "skip_reason" not in row]
    found = tuple(advisory for row in asked for advisory in _advisories(row))
    ignored = tuple(advisory for advisory in found if advisory.names & set(ignore))
    counting = tuple(advisory for advisory in found if advisory not in ignored)
    known = frozenset[str]().union(*(advisory.names for advisory in found))
    skipped = (f"{row['name']} was not asked for: {row['skip_reason']}" for row in rows if row not in asked)
    unpinned = (f"{line!r} was not asked for: it is no pin" for line in strange)
    return Audit(
        lock=lock,
        packages=len(asked),
        open_=tuple(advisory for advisory in counting if advisory.mended),
        unmended=tuple(advisory for advisory in counting if not advisory.mended),
        ignored=ignored,
        skipped=(*skipped, *unpinned),
        unused=tuple(name for name in ignore if name not in known),
    )


def _advisories(row: Mapping[str, Any]) -> tuple[Advisory, ...]:
    pinned = Version(row["version"])
    return tuple(
        Advisory(
            package=str(row["name"]),
            version=str(row["version"]),
            id=str(found["id"]),
            aliases=tuple(map(str, found["aliases"])),
            mended=tuple(version for version in map(str, found["fix_versions"]) if _is_above(version, pinned)),
            summary=" ".join(str(found["description"]).split())[:_LONGEST],
        )
        for found in row["vulns"]
    )


_LONGEST = 200
"""Characters of what an advisory says of itself."""


def _is_above(version: str, pinned: Version) -> bool:
    """An older branch may have been mended, too: that helps nobody who is on a newer one."""
    try:
        return Version(version) > pinned
    except InvalidVersion:
        return False


def _row(advisory: Advisory) -> dict[str, object]:
    return {
        "package": advisory.package,
        "version": advisory.version,
        "id": advisory.id,
        "aliases": list(advisory.aliases),
        "mended": list(advisory.mended),
        "summary": advisory.summary,
    }
