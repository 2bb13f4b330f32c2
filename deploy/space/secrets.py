"""Secrets of a Space without their values: what is written beside them tells what became of them.

The Hub never gives a secret back. Beside each one it keeps a description and the time of the last
change; the description holds a salted, slow fingerprint and our own time of writing.
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
_DESCRIPTION = re.compile(r"Set by spacewright at (?P<at>\S+), fingerprint (?P<fingerprint>\S+)")
_TIME = "%Y-%m-%dT%H:%M:%SZ"
CLOCK_TOLERANCE = timedelta(seconds=120)
"""Our time of writing is the Hub's `Date` before the request; `updatedAt` is its time after it, retries included."""

State = Literal[
    "unchanged", "changed", "missing", "generated", "kept", "not set", "edited elsewhere", "not ours", "undeclared"
]


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What our description says: when we wrote the value, and its fingerprint."""

    at: datetime
    fingerprint: str

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
        return cls(at=at, fingerprint=found["fingerprint"])


def describe(secret: Secret, now: datetime) -> str:
    """The description to write beside a secret; `now` is the Hub's time."""
    return f"Set by spacewright at {now.astimezone(UTC):{_TIME}}, fingerprint {fingerprint(secret)}"


@dataclass(frozen=True, kw_only=True)
class SecretStatus:
    """One secret: `value` is what to write, None to leave it; `remove` only ever for one of ours."""

    name: str
    state: State
    value: Secret | None = None
    remove: bool = False
    lacking: bool = False


def compare(
    rules: Mapping[str, SecretRule],
    given: Mapping[str, Secret],
    stored: Mapping[str, StoredSecret],
    *,
    make: Callable[[str], Secret] = generate,
) -> tuple[SecretStatus, ...]:
    """The state of every secret that is declared or stored, by name."""
    declared = (_declared(rule, given.get(name), stored.get(name), make) for name, rule in rules.items())
    extra = (_undeclared(name, secret) for name, secret in stored.items() if name not in rules)
    return tuple(sorted((*declared, *extra), key=lambda status: status.name))


def _declared(
    rule: SecretRule, given: Secret | None, stored: StoredSecret | None, make: Callable[[str], Secret]
) -> SecretStatus:
    if stored is None:
        return _absent(rule, given, make)
    mark = Mark.parse(stored.description)
    edited = mark is not None and stored.updated_at is not None and stored.updated_at - mark.at > CLOCK_TOLERANCE
    if not given:
        return SecretStatus(name=rule.name, state="edited elsewhere" if edited else "kept")
    if mark and not edited and matches(given, mark.fingerprint):
        return SecretStatus(name=rule.name, state="unchanged")
    state: State = "edited elsewhere" if edited else "changed" if mark else "not ours"
    return SecretStatus(name=rule.name, state=state, value=given)


def _absent(rule: SecretRule, given: Secret | None, make: Callable[[str], Secret]) -> SecretStatus:
    if given:
        return SecretStatus(name=rule.name, state="missing", value=given)
    if rule.generate:
        return SecretStatus(name=rule.name, state="generated", value=make(rule.generate))
    return SecretStatus(name=rule.name, state="not set", lacking=rule.required)


def _undeclared(name: str, stored: StoredSecret) -> SecretStatus:
    ours = Mark.parse(stored.description) is not None
    return SecretStatus(name=name, state="undeclared" if ours else "not ours", remove=ours)
