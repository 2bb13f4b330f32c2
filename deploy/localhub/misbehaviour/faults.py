"""Misbehaviour on demand: what the Hub is told to do wrong, on which requests, how often."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.localhub.answers import Refusal


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One kind of trouble.

    It meets requests of `method` (any when None) whose template is `route`, or, when that is no template, whose path
    or template begins with it; after `skip` of them, `count` times (None: until it is taken back). It waits `delay`
    seconds and then answers with `status`, `headers` and `body` (a page of HTML with `html`), or breaks the
    connection: with `cut` before anything is done, with `lost_answer` after the request was carried out. With a
    delay alone the request then goes its usual way.
    """

    route: str
    method: str | None = None
    status: int | None = None
    count: int | None = 1
    skip: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    delay: float = 0.0
    lost_answer: bool = False
    cut: bool = False
    html: bool = False

    @property
    def answers(self) -> bool:
        return self.status is not None or self.html


@dataclass
class _Armed:
    fault: Fault
    met: int = 0

    @property
    def spent(self) -> bool:
        return self.fault.count is not None and self.met >= self.fault.skip + self.fault.count


class Faults:
    """`templates` are the routes there are; the application tells them when it is put together."""

    def __init__(self) -> None:
        self.templates: frozenset[str] = frozenset()
        self._armed: list[_Armed] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._armed.append(_Armed(fault))

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()

    def take(self, method: str, template: str, path: str) -> Fault | None:
        """The first fault that meets this request, used up by one."""
        with self._lock:
            for armed in self._armed:
                if self._meets(armed.fault, method, template, path) and not armed.spent:
                    armed.met += 1
                    if armed.met > armed.fault.skip:
                        return armed.fault
            return None

    def _meets(self, fault: Fault, method: str, template: str, path: str) -> bool:
        if fault.method not in (None, method):
            return False
        if fault.route in self.templates:
            return fault.route == template
        return template.startswith(fault.route) or path.startswith(fault.route)


def parse(facts: Mapping[str, Any]) -> Fault:
    """Raises Refusal (422) that names what is not understood."""
    known = set(Fault.__dataclass_fields__)
    if unknown := sorted(set(facts) - known):
        raise Refusal(422, f"Unknown in a fault: {', '.join(unknown)} (known: {', '.join(sorted(known))})")
    if not isinstance(facts.get("route"), str):
        raise Refusal(422, "A fault needs a route")
    return Fault(**facts)
