"""What tests may need of the machine. Missing means skipped with the reason, or failed where REQUIRE lists it.

`REQUIRE=docker,postgres,redis,browser,mutation ./dev test` takes no excuse.
"""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

KNOWN = {"docker", "index", "postgres", "redis", "browser", "mutation"}


def required() -> set[str]:
    """What REQUIRE lists. Raises UsageError for a name that no test knows, which would excuse everything."""
    listed = {name.strip() for name in os.environ.get("REQUIRE", "").split(",")} - {""}
    if listed - KNOWN:
        raise pytest.UsageError(f"REQUIRE lists {sorted(listed - KNOWN)}; tests know {sorted(KNOWN)}")
    return listed


def missing(need: str, reason: str) -> NoReturn:
    """End the test: skipped, or failed where REQUIRE lists the need."""
    if need in required():
        pytest.fail(f"{need} is required and missing: {reason}", pytrace=False)
    pytest.skip(f"needs {need}: {reason}")
