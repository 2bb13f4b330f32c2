"""A task's ETag, which is its version in quotes, and the preconditions on it (RFC 9110, section 13.1)."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Annotated, Any

from fastapi import Header, Response
from pydantic import StringConstraints, WithJsonSchema

_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_TAGS = rf"^(?:\*|{_TAG}(?:[ \t]*,[ \t]*{_TAG})*)$"
_VERSION = re.compile(r'(W/)?"(0|[1-9][0-9]{0,18})"')

# A header is sent or not, but never null.
Tags = Annotated[str | None, StringConstraints(pattern=_TAGS), WithJsonSchema({"type": "string", "pattern": _TAGS})]
IfMatch = Annotated[Tags, Header(description="Do it only if the task's ETag is one of these, or `*`: 412 otherwise")]
IfNoneMatch = Annotated[Tags, Header(description="Send the task only if its ETag is none of these: 304 otherwise")]

HEADER: dict[str, Any] = {
    "ETag": {"description": "The task's version", "schema": {"type": "string", "examples": ['"3"']}}
}


def tag(response: Response, version: int) -> None:
    response.headers["ETag"] = f'"{version}"'


def expected(if_match: str | None) -> Collection[int] | None:
    """The versions that If-Match lets pass, None for any. A weak tag matches nothing (strong comparison)."""
    if if_match in {None, "*"}:
        return None
    return {int(version) for weak, version in _VERSION.findall(str(if_match)) if not weak}


def is_known(if_none_match: str | None, version: int) -> bool:
    """Whether If-None-Match names the version, strongly or weakly."""
    if if_none_match in {None, "*"}:
        return if_none_match == "*"
    return version in {int(known) for _, known in _VERSION.findall(str(if_none_match))}
