"""Secrets of a Space without their values: what is written beside them tells what became of them.

The Hub never gives a secret back. Beside each one it keeps a description and the time of the last
change; the description holds a salted, slow fingerprint and our own time of writing, and after a rotation
the fingerprints of the values before: one of those is not written again by a deploy that still knows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from deploy.config import SecretRule
from deploy.secret import Secret, fingerprint, generate, matches
from deploy.space.model import StoredSecret

VARIABLE_DESCRIPTION = "Set by spacewright"
"""Marks a variable as ours, so that it may be removed once it is no longer declared."""
_DESCRIPTION = re.compile(
    r"Set by spacewright at (?P<at>\S+), fingerprint (?P<fingerprint>\S+?)(, supersedes (?P<superseded>\S+( \S+)*))?"
)
_REMEMBERED = 3
"""Values before the last rotation: a description stays a few words long."""
_TIME = "%Y-%m-%dT%H:%M:%SZ"
CLOCK_TOLERANCE = timedelta(seconds=120)
"""Our time of writing is the Hub's `Date` before the request; `updatedAt` is its time after it, retries included."""

State = Literal[
    "unchanged",
    "changed",
    "missing",
    "generated",
    "kept",
    "not set",
    "edited elsewhere",
    "superseded",
    "not ours",
    "undeclared",
]


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What our description says: when we wrote the value, its fingerprint, those of values that were rotated out."""

    at: datetime
    fingerprint: str
    superseded: tuple[str, ...] = ()

    @classmethod
    def parse(cls, description: str | None) -> Mark | None:
        """None for a description that is not ours, or was edited since."""
        found = _DESCRIPTION.fullmatch(description or "")
        if not found:
            return None
        try:
            at = datetime.strptime(found["at"], _TIME).replace(tzinfo=UTC)
        except ValueError:
            return None
        superseded = tuple((found["superseded"] or "").split())
        return cls(at=at, fingerprint=found["fingerprint"], superseded=superseded)


def describe(secret: Secret, now: datetime, superseded: tuple[str, ...] = ()) -> str:
    """The description to write beside a secret; `now` is the Hub's time."""
    before = f", supersedes {' '.join(superseded)}" if superseded else ""
    return f"Set by spacewright at {now.astimezone(UTC):{_TIME}}, fingerprint {fingerprint(secret)}{before}"


def superseded_by(value: Secret, stored: StoredSecret | None, known: Secret | None) -> tuple[str, ...]:
    """Fingerprints of what a rotation to `value` leaves behind, newest first: the value that is `known` here, the one
    on the Space, and those that were rotated out before.
    """
    mark = Mark.parse(stored.description) if stored else None
    old = [mark.fingerprint, *mark.superseded] if mark else []
    if known and not any(matches(known, one) for one in old):
        old.insert(0, fingerprint(known))
    return tuple(one for one in old if not matches(value, one))[:_REMEMBERED]


@dataclass(frozen=True, kw_only=True)
class SecretStatus:
    """One secret: `value` is what to write, None to leave it; `remove` only ever for one of ours. `superseded` are the
    fingerprints to remember beside the value.
    """

    name: str
    state: State
    value: Secret | None = None
    remove: bool = False
    lacking: bool = False
    superseded: tuple[str, ...] = ()


def compare(
    rules: Mapping[str, SecretRule],
    given: Mapping[str, Secret],
    stored: Mapping[str, StoredSecret],
    *,
    older: bool = False,
    make: Callable[[str], Secret] = generate,
) -> tuple[SecretStatus, ...]:
    """The state of every secret that is declared or stored, by name. `older`: values that were rotated out are fine."""
    declared = (
        _declared(rule, given.get(name), stored.get(name), older=older, make=make) for name, rule in rules.items()
    )
    extra = (_undeclared(name, secret) for name, secret in stored.items() if name not in rules)
    return tuple(sorted((*declared, *extra), key=lambda status: status.name))


def _declared(
    rule: SecretRule,
    given: Secret | None,
    stored: StoredSecret | None,
    *,
    older: bool,
    make: Callable[[str], Secret],
) -> SecretStatus:
    if stored is None:
        return _absent(rule, given, make)
    mark = Mark.parse(stored.description)
    edited = mark is not None and stored.updated_at is not None and stored.updated_at - mark.at > CLOCK_TOLERANCE
    if not given:
        return SecretStatus(name=rule.name, state="edited elsewhere" if edited else "kept")
    if mark and not edited and matches(given, mark.fingerprint):
        return SecretStatus(name=rule.name, state="unchanged")
    remembered = mark.superseded if mark else ()
    others = tuple(one for one in remembered if not matches(given, one))
    if others != remembered and not older:
        return SecretStatus(name=rule.name, state="superseded")
    state: State = "edited elsewhere" if edited else "changed" if mark else "not ours"
    return SecretStatus(name=rule.name, state=state, value=given, superseded=others)


def _absent(rule: SecretRule, given: Secret | None, make: Callable[[str], Secret]) -> SecretStatus:
    if given:
        return SecretStatus(name=rule.name, state="missing", value=given)
    if rule.generate:
        return SecretStatus(name=rule.name, state="generated", value=make(rule.generate))
    return SecretStatus(name=rule.name, state="not set", lacking=rule.required)


def _undeclared(name: str, stored: StoredSecret) -> SecretStatus:
    ours = Mark.parse(stored.description) is not None
    return SecretStatus(name=name, state="undeclared" if ours else "not ours", remove=ours)
