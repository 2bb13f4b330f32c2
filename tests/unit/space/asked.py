"""What a Hub in memory was asked, what it was told to fail at, and its clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
H = TypeVar("H", bound="Asked")
EPOCH = datetime(2026, 11, 22, 20, tzinfo=UTC)
_WRITES = {"create", "commit", "restart"}


@dataclass
class Fault:
    """An error in place of an answer. `lost`: what was asked is done all the same."""

    error: BaseException
    lost: bool = False


@dataclass
class HubTraffic:
    """The Hub's clock, which a test moves, and no counts."""

    now: datetime = EPOCH
    counts: Counter[str] = field(default_factory=Counter)

    def hub_time(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(kw_only=True)
class Asked:
    """`faults` by the name of the call, used up one by one (None: none), and by the call's place in the order of all.

    `asked` are the names of the calls so far.
    """

    faults: dict[str, list[Fault | None]] = field(default_factory=dict)
    faults_at: dict[int, Fault] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def writes(self) -> list[str]:
        """The calls that change something."""
        return [name for name in self.asked if name in _WRITES or name.startswith(("set_", "delete_", "create_"))]

    def fail(self, call: str, *errors: BaseException | None, lost: bool = False) -> None:
        """The next times that `call` is made; None is a good answer in between."""
        self.faults.setdefault(call, []).extend(Fault(error, lost) if error else None for error in errors)


def answering(method: Callable[Concatenate[H, P], R]) -> Callable[Concatenate[H, P], R]:
    """Notes the call, and fails as the test said."""

    @wraps(method)
    def answer(hub: H, /, *args: P.args, **kwargs: P.kwargs) -> R:
        hub.asked.append(method.__name__)
        queue = hub.faults.get(method.__name__)
        fault = queue.pop(0) if queue else hub.faults_at.get(len(hub.asked))
        if fault and not fault.lost:
            raise fault.error
        result = method(hub, *args, **kwargs)
        if fault:
            raise fault.error
        return result

    return answer
