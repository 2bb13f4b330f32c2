"""Reading secrets and variables from requests: their names' rule, and one way for both."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from deploy.localhub.answers import Refusal
from deploy.localhub.spaces import StoredSecret, Variable
from deploy.secret import Secret

_KEY = re.compile(r"[a-zA-Z][_a-zA-Z0-9]*")
"""The Hub's OpenAPI description."""


def key_of(item: Mapping[str, Any]) -> str:
    """Raises Refusal (400) for a name that the Hub does not take."""
    key = item.get("key")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise Refusal(400, "Invalid key: it must start with a letter and hold letters, digits and underscores only")
    return key


def variable(item: Mapping[str, Any], now: str) -> Variable:
    return Variable(value=_value(item), updated=now, description=_description(item))


def secret(item: Mapping[str, Any], now: str) -> StoredSecret:
    return StoredSecret(value=Secret(_value(item)), updated=now, description=_description(item))


def listed(document: Mapping[str, Any], name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The items that a request to make a Space carries under `name`, with their keys."""
    for item in document.get(name) or ():
        if not isinstance(item, dict):
            raise Refusal(400, f'"{name}" must be a list of objects with a key and a value')
        yield key_of(item), item


def _value(item: Mapping[str, Any]) -> str:
    value = item.get("value")
    if not isinstance(value, str):
        # The value itself stays out of the message.
        raise Refusal(400, f'"value" of {item.get("key")} must be a string')
    return value


def _description(item: Mapping[str, Any]) -> str | None:
    description = item.get("description")
    return description if isinstance(description, str) and description else None
