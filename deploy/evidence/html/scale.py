"""Where values stand between the left and the right edge of a chart, in per cent, and which of them are marked."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_STEPS = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, kw_only=True)
class Scale:
    """`at` gives per cent, 0 to 100; `ticks` are the values that are marked, edges among them."""

    at: Callable[[float], float]
    ticks: tuple[float, ...]


def logarithmic(values: Iterable[float]) -> Scale:
    """Whole powers of ten around the positive values; others stand at the left edge."""
    positive = [value for value in values if value > 0] or [1.0]
    low, high = math.floor(math.log10(min(positive))), math.ceil(math.log10(max(positive)))
    high = max(high, low + 1)

    def at(value: float) -> float:
        share = (math.log10(value) - low) / (high - low) if value > 0 else 0.0
        return 100 * min(1.0, max(0.0, share))

    return Scale(at=at, ticks=tuple(10.0**power for power in range(low, high + 1)))


def linear(longest: float) -> Scale:
    """From 0 to the first round value that is not below `longest`, in at most six steps."""
    longest = longest if longest > 0 else 1.0
    power = 10.0 ** math.floor(math.log10(longest / 6))
    step = next(size * power for size in _STEPS if size * power * 6 >= longest)
    count = math.ceil(longest / step - 1e-9)
    end = step * count
    return Scale(
        at=lambda value: 100 * min(1.0, max(0.0, value / end)), ticks=tuple(step * index for index in range(count + 1))
    )
