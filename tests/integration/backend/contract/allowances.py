"""What Schemathesis cannot see in a schema. It loads this file by its name in schemathesis.toml."""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis.openapi.checks import RejectedPositiveData


@schemathesis.hook
def filter_failure(
    context: schemathesis.HookContext,
    failure: Exception,
    case: schemathesis.Case[Any],
    response: schemathesis.Response,
) -> bool:
    """Whether it is one: not when what was refused as invalid is nothing but what Schemathesis cannot make."""
    if not isinstance(failure, RejectedPositiveData):
        return True
    refused = {problem["field"] for problem in response.json().get("errors", [])}
    return not refused or not refused <= _beyond_it(case)


def _beyond_it(case: schemathesis.Case[Any]) -> set[str]:
    """A cursor is text that only the list itself can write. And in the coverage phase every header is made of letters
    and digits alone, also where its pattern asks for quotes."""
    plain = {f"header.{name.lower()}" for name, value in (case.headers or {}).items() if str(value).isalnum()}
    return plain | {"query.cursor"}
