"""Docker's SDK, imported when an engine is first asked.

Its errors, and those of the HTTP client below it, leave here as EngineUnavailable.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from deploy.image.faults import unavailable


def sdk() -> Any:
    """`docker`, which takes as long to import as all of a command that needs no engine."""
    import docker.errors

    return docker


def faults() -> tuple[type[Exception], ...]:
    """What the SDK raises: requests' exceptions are OSErrors, and urllib3's come through when a stream is cut."""
    import urllib3.exceptions

    return sdk().errors.DockerException, urllib3.exceptions.HTTPError, OSError


@contextmanager
def translated(doing: str) -> Iterator[None]:
    try:
        yield
    except faults() as error:
        raise unavailable(doing, error) from error


@contextmanager
def already_gone() -> Iterator[None]:
    """Gone (404), not running (304), or held by another, which removes it or uses it (409): all as it should be."""
    try:
        yield
    except sdk().errors.APIError as error:
        if error.status_code not in (304, 404, 409):
            raise
