"""The end of a log, as a message repeats it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from deploy.wording import counted

_VARIES = re.compile(r"[0-9a-f-]*\d[0-9a-f-]*", re.IGNORECASE)
"""Times, ports, and ids of requests."""


def end_of(lines: Iterable[str], most: int) -> tuple[str, ...]:
    """The last `most` lines; of neighbours that differ in numbers and ids only, the first, and how many follow.

    Whoever waits for an app asks its health path again and again. Without this, those lines are all that is seen.
    """
    return tuple(_folded(lines))[-most:]


def _folded(lines: Iterable[str]) -> Iterator[str]:
    for _, alike in groupby(lines, lambda line: _VARIES.sub("0", line)):
        first, *others = alike
        yield first
        if others:
            yield f"… {counted(len(others), 'more line')} like it"
